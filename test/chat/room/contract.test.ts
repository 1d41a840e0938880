import { openRoom, type RoomMember } from '../../support/room.ts';
import { describeChatPlatform } from '../platform-contract.ts';

describeChatPlatform('the room', async () => {
  const running = await openRoom({ start: false });
  const { room } = running;

  function act(member: RoomMember) {
    return {
      identity: `room:${member.self.id}`,
      reacts: (ref: { message: string }, emoji: string, present: boolean) =>
        member.reacts({ id: ref.message }, emoji, present),
      async commands(command: string, options: Readonly<Record<string, string | number | boolean>>) {
        await member.asks({ kind: 'command', command, options });
      },
      async presses(ref: { message: string }, action: string) {
        await member.asks({ kind: 'action', message: ref.message, action });
      },
      completes: (command: string, option: string, typed: string) => member.completes(command, option, typed),
      reads: async () =>
        [...member.messages.values()]
          .sort((one, other) => Number(one.id) - Number(other.id))
          .map((message) => message.body.text),
    };
  }

  return {
    platform: room,
    place: { communityId: 'room:main', channel: 'main' },
    member: async (name) => act(await running.member(name)),
    async makeModerator(name) {
      const member = await running.member(name);
      await member.claims(room.claimUrl());
      await member.until(() => member.self.moderator);
    },
    close: () => running.remove(),
  };
});
