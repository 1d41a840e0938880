import { expect, onTestFinished } from 'vitest';
import { refKey } from '../../src/domain/post.ts';
import { typed, wordsOf } from '../chat/slack/bot.ts';
import { taxonomy } from '../playlists/planted-model.ts';
import type { Interaction } from '../support/slack/people/interact.ts';
import type { Person } from '../support/slack/people/person.ts';
import type { Sight as Seen } from '../support/slack/people/sight.ts';
import { openSlack } from '../support/slack/slack.ts';
import { acceptanceScenarios } from './scenarios.ts';
import {
  eventually,
  plantedFolder,
  type Sight,
  type Stage,
  type StageMember,
  startStageBot,
} from './stage.ts';

const nameOf = (emoji: string) =>
  taxonomy.emotions.find((emotion) => emotion.emoji === emoji)?.slack ?? (emoji === '🍕' ? 'pizza' : 'heart');
const emojiOf = (name: string) => taxonomy.emotions.find(({ slack }) => slack === name)?.emoji ?? '❤️';

type Transport = 'Socket Mode' | 'HTTP';

/** The whole bot on a Slack of our own, connected the one way or the other. */
async function openStage(transport: Transport): Promise<Stage> {
  const stateDir = await plantedFolder();
  const slack = await openSlack();
  onTestFinished(() => slack.close());
  const ws = slack.workspace({ name: 'Choir', channels: ['songs', 'general'] });
  const channel = ws.channel('songs');
  const env = {
    ROOM: 'off',
    SLACK_BOT_TOKEN: ws.token,
    SLACK_API_URL: slack.api,
    ...(transport === 'HTTP'
      ? { SLACK_SIGNING_SECRET: slack.app.signingSecret }
      : { SLACK_APP_TOKEN: slack.app.appToken }),
  };

  async function start() {
    const started = await startStageBot(stateDir, env);
    if (transport === 'HTTP') expect(await slack.postsTo(`${started.url}/slack/events`)).toBe(true);
    return started;
  }

  let app = await start();
  // The word of welcome, which answers nobody.
  await slack.until(() => [...channel.messages.values()].some(({ user }) => user === ws.bot));

  /** What somebody sees for what they did. News of it is another message: what only they see cannot be changed. */
  function sight(seen: Seen, news: () => Seen = () => seen): Sight & { seen: Seen } {
    return {
      seen,
      text: () => wordsOf(news()),
      buttons: () => seen.buttons,
      private: seen.private,
    };
  }

  /** Its first answer: through the interaction's own address, or as a message of the bot's in the channel. */
  async function firstAnswer(person: Person, before: number, run: Interaction): Promise<Sight> {
    const posted = () =>
      person.sees(channel).filter(({ author, ts }) => Number(ts) > before && author === ws.bot.name);
    const seen = await eventually(
      () => run.sights()[0] ?? posted().find((one) => !one.text.includes('feel to you')),
    );
    return sight(seen, () => run.sights().at(-1) ?? seen);
  }

  /** The time of the latest message: what comes later is an answer. */
  const latest = () => Math.max(0, ...[...channel.messages.keys()].map(Number));

  function member(name: string, person = ws.member(name)): StageMember {
    return {
      identity: `slack:${ws.id}:${person.id}`,
      async types(command, options = {}) {
        const before = latest();
        return firstAnswer(person, before, await person.types(`/${command}`, typed(options), channel));
      },
      async presses(shown, label) {
        const before = latest();
        const { seen } = shown as unknown as { seen: Seen };
        return firstAnswer(person, before, await person.clicks(seen, label));
      },
      async reacts(post, emoji, present = true) {
        const message = slack.message(post.message.channel, post.message.message)!;
        if (present) person.reacts(message, nameOf(emoji));
        else person.unreacts(message, nameOf(emoji));
      },
      async completes(command, option, written) {
        await person.types(`/${command}`, '', channel);
        const form = await slack.until(() => person.modal);
        return (await person.searches(form, `complete:${command}:${option}`, written)).slice();
      },
      reads: async () => person.sees(channel).map((seen) => sight(seen)),
    };
  }

  return {
    bot: () => app,
    member: async (name) => member(name),
    moderator: async (name) => member(name, ws.admin(name)),
    outlivesBot: true,
    choosesChannel: (moderator) => moderator.types('settings', { channel: `<#${channel.id}|songs>` }),
    async seeds(post) {
      return eventually(() => {
        const message = slack.message(post.message.channel, post.message.message);
        const seeds = [...(message?.reactions ?? [])].flatMap(([name, users]) =>
          users.has(ws.bot.id) ? [emojiOf(name)] : [],
        );
        return refKey(post.message) === post.id && seeds.length >= 9 && seeds;
      });
    },
    stops: () => app.stop(),
    async starts() {
      app = await start();
    },
  };
}

for (const transport of ['Socket Mode', 'HTTP'] as const) {
  acceptanceScenarios(`Slack over ${transport}`, () => openStage(transport));
}
