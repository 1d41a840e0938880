import type { WireBody, WireMessage } from '../../src/chat/room/wire.ts';
import { refKey } from '../../src/domain/post.ts';
import { RoomMember } from '../support/room.ts';
import { acceptanceScenarios } from './scenarios.ts';
import { plantedFolder, type Sight, type Stage, type StageMember, startStageBot } from './stage.ts';

function textOf(body: WireBody): string {
  const { title, text, snippet, songs = [], fields = [], progress } = body;
  const cards = [...(snippet ? [snippet] : []), ...songs].map((card) =>
    [card.title, card.artists.join(', '), ...(card.emotions ?? []).map(({ name }) => name), card.why].join(
      ' ',
    ),
  );
  const facts = fields.map(({ name, value }) => `${name} ${value}`);
  return [title, text, ...cards, ...facts, progress?.label].filter((part) => part !== undefined).join('\n');
}

acceptanceScenarios('the room', async (): Promise<Stage> => {
  const stateDir = await plantedFolder();
  const people = new Map<string, RoomMember>();

  async function person(name: string): Promise<RoomMember> {
    const member = people.get(name) ?? new RoomMember(app.url);
    people.set(name, member);
    if (!member.connected) await member.connects();
    if (member.self.name !== name) await member.asks({ kind: 'rename', name });
    return member;
  }

  function sight(name: string, message: WireMessage): Sight & { id: string } {
    const now = () => people.get(name)?.messages.get(message.id) ?? message;
    return {
      id: message.id,
      text: () => textOf(now().body),
      buttons: () => (now().body.buttons ?? []).map(({ label }) => label),
      private: message.onlyYou,
    };
  }

  async function member(name: string): Promise<StageMember> {
    const first = await person(name);
    return {
      identity: `room:${first.self.id}`,
      async types(command, options = {}) {
        const me = await person(name);
        await me.asks({ kind: 'command', command, options });
        return sight(name, await me.answerTo(me.lastRequest));
      },
      async presses(shown, label) {
        const me = await person(name);
        const message = await me.until(() => me.messages.get((shown as unknown as { id: string }).id));
        return sight(name, await me.presses(message, label));
      },
      async reacts(post, emoji, present = true) {
        await (await person(name)).reacts({ id: post.message.message }, emoji, present);
      },
      async completes(command, option, typed) {
        return (await (await person(name)).completes(command, option, typed)).map((choice) => choice.name);
      },
      async reads() {
        const me = await person(name);
        return [...me.messages.values()]
          .sort((one, other) => Number(one.id) - Number(other.id))
          .map((message) => sight(name, message));
      },
    };
  }

  let app = await startStageBot(stateDir);
  // Browsers come back to the address they know.
  const { port } = new URL(app.url);

  return {
    bot: () => app,
    member,
    async moderator(name) {
      const me = await person(name);
      if (!me.self.moderator) await me.claims(app.room!.claimUrl());
      await me.until(() => me.self.moderator);
      return member(name);
    },
    outlivesBot: false,
    async choosesChannel() {
      return undefined;
    },
    async seeds(post) {
      const mo = await person('mo');
      return mo.until(() => {
        const seeds = mo.messages.get(post.message.message)?.seeds ?? [];
        return refKey(post.message) === post.id && seeds.length > 1 && seeds;
      });
    },
    async stops() {
      await app.stop();
      for (const one of people.values()) await one.drops();
    },
    async starts() {
      app = await startStageBot(stateDir, { PORT: port });
    },
  };
});
