import { onTestFinished } from 'vitest';
import { deployCommands } from '../../src/cli/discord-deploy.ts';
import { refKey } from '../../src/domain/post.ts';
import { wordsOf } from '../chat/discord/bot.ts';
import type { Answer } from '../support/discord/answer.ts';
import { openDiscord } from '../support/discord/discord.ts';
import type { Person } from '../support/discord/person.ts';
import type { SeenMessage } from '../support/discord/seen.ts';
import { acceptanceScenarios } from './scenarios.ts';
import {
  eventually,
  plantedFolder,
  type Sight,
  type Stage,
  type StageMember,
  startStageBot,
} from './stage.ts';

const CHANNEL = 'songs';

acceptanceScenarios('Discord', async (): Promise<Stage> => {
  const stateDir = await plantedFolder();
  const discord = await openDiscord();
  onTestFinished(() => discord.close());
  const guild = discord.guild({ name: 'Choir', channels: [CHANNEL, 'general'] });
  const env = { ROOM: 'off', DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.api };
  await deployCommands({ token: discord.token, apiUrl: discord.api, say: () => {} });
  let app = await startStageBot(stateDir, env);

  function sight(person: Person, message: SeenMessage): Sight & { id: string } {
    const now = () => person.sees(CHANNEL).find(({ id }) => id === message.id) ?? message;
    return {
      id: message.id,
      text: () => wordsOf(now()).replaceAll('**', ''),
      buttons: () => now().buttons.map(({ label }) => label),
      private: message.ephemeral,
    };
  }

  /** The first thing the bot says in answer: a public answer takes the place of the private one that was announced. */
  async function firstAnswer(person: Person, answer: Answer): Promise<Sight> {
    await answer.acknowledged();
    const message = await eventually(() => {
      const { now } = answer;
      return now && !now.thinking ? now : answer.followUps[0];
    });
    return sight(person, message);
  }

  async function member(name: string, person = guild.member(name)): Promise<StageMember> {
    return {
      identity: `discord:${person.id}`,
      types: async (command, options = {}) => firstAnswer(person, person.types(CHANNEL, command, options)),
      presses: async (shown, label) =>
        firstAnswer(person, person.clicks((shown as unknown as { id: string }).id, label)),
      async reacts(post, emoji, present = true) {
        await (present
          ? person.reacts(post.message.message, emoji)
          : person.unreacts(post.message.message, emoji));
      },
      async completes(command, option, typed) {
        return (await person.completes(CHANNEL, command, option, typed)).map((choice) => choice.name);
      },
      reads: async () => person.sees(CHANNEL).map((message) => sight(person, message)),
    };
  }

  return {
    bot: () => app,
    member,
    moderator: (name) => member(name, guild.moderator(name)),
    outlivesBot: true,
    choosesChannel: (moderator) => moderator.types('settings', { channel: CHANNEL }),
    async seeds(post) {
      const mo = guild.moderator('mo');
      return eventually(() => {
        const message = mo.sees(CHANNEL).find(({ id }) => id === post.message.message);
        const seeds = message?.reactions.map(({ emoji }) => emoji) ?? [];
        return refKey(post.message) === post.id && seeds.length >= 9 && seeds;
      });
    },
    stops: () => app.stop(),
    async starts() {
      app = await startStageBot(stateDir, env);
    },
  };
});
