import type { MessageRef } from '../../../src/domain/post.ts';
import type { Person } from '../../support/discord/person.ts';
import type { SeenMessage } from '../../support/discord/seen.ts';
import { type ContractSight, describeChatPlatform } from '../platform-contract.ts';
import { openBot, wordsOf } from './bot.ts';

function look(person: Person, message: SeenMessage): ContractSight {
  const { buttons } = message;
  const links = buttons.flatMap(({ label, url }) => (url === undefined ? [] : [{ label, url }]));
  return {
    text: wordsOf(message),
    links,
    async presses(what) {
      // The client opens it and tells nobody.
      if (links.some(({ label }) => label === what)) return;
      const button = buttons.find(({ customId }) => customId?.endsWith(what));
      await person.clicks(message, button?.customId ?? what).acknowledged();
    },
  };
}

describeChatPlatform('Discord', async () => {
  const { platform, choir, songs, discord, close } = await openBot({ start: false });

  return {
    platform,
    place: songs,
    async member(name) {
      const person = choir.member(name);
      return {
        identity: `discord:${person.id}`,
        async reacts(ref: MessageRef, emoji: string, present: boolean) {
          await (present ? person.reacts(ref.message, emoji) : person.unreacts(ref.message, emoji));
        },
        async commands(command: string, options: Readonly<Record<string, string | number | boolean>>) {
          await person.types('songs', command, options).acknowledged();
        },
        async presses(ref: MessageRef, action: string) {
          await person.clicks(ref.message, action).acknowledged();
        },
        completes: async (command: string, option: string, typed: string) =>
          (await person.completes('songs', command, option, typed)).map(({ name: shown, value }) => ({
            name: shown,
            value: String(value),
          })),
        reads: async () => person.sees('songs').map(wordsOf),
        sees: async () => person.sees('songs').map((message) => look(person, message)),
        alone: async () => person.dms().map((message) => look(person, message)),
      };
    },
    async makeModerator(name) {
      choir.gives(choir.member(name), choir.role('moderators', ['ManageGuild']).name);
    },
    async outOfReach() {
      const person = choir.member('zoe');
      person.acceptsDms(false);
      return `discord:${person.id}`;
    },
    async clears(ref, emoji) {
      await choir.moderator('mo').clearsReactions(ref.message, emoji);
    },
    async joins(name) {
      return `discord:${discord.guild({ name }).id}`;
    },
    async leaves() {
      discord.kicks(choir);
    },
    close,
  };
});
