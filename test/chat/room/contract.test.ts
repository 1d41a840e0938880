import { isLink } from '../../../src/chat/buttons.ts';
import type { WireMessage } from '../../../src/chat/room/wire.ts';
import { openRoom, type RoomMember } from '../../support/room.ts';
import { type ContractSight, describeChatPlatform } from '../platform-contract.ts';

const all = (member: RoomMember) =>
  [...member.messages.values()].sort((one, other) => Number(one.id) - Number(other.id));

function look(member: RoomMember, { id, body }: WireMessage): ContractSight {
  const links = (body.buttons ?? []).filter(isLink).map(({ label, url }) => ({ label, url }));
  return {
    text: body.text,
    links,
    async presses(what) {
      // The browser opens it and tells nobody.
      if (links.some(({ label }) => label === what)) return;
      await member.asks({ kind: 'action', message: id, action: what });
    },
  };
}

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
      reads: async () => all(member).map((message) => message.body.text),
      sees: async () =>
        all(member)
          .filter(({ onlyYou }) => !onlyYou)
          .map((message) => look(member, message)),
      alone: async () =>
        all(member)
          .filter(({ onlyYou }) => onlyYou)
          .map((message) => look(member, message)),
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
    async outOfReach() {
      const { identity } = act(await running.member('zoe'));
      await room.forget(identity);
      return identity;
    },
    close: () => running.remove(),
  };
});
