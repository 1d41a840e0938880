import type { MessageRef } from '../../../src/domain/post.ts';
import { describeChatPlatform } from '../platform-contract.ts';
import { openBot, wordsOf } from './bot.ts';

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
      };
    },
    async makeModerator(name) {
      choir.gives(choir.member(name), choir.role('moderators', ['ManageGuild']).name);
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
