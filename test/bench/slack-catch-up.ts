import { App } from '@slack/bolt';
import { boltLogger } from '../../src/chat/slack/log.ts';
import { createSlack } from '../../src/chat/slack/slack.ts';
import { postMessage, react } from '../support/slack/conversation.ts';
import type { Workspace } from '../support/slack/people/workspace.ts';
import { openSlack, type Slack } from '../support/slack/slack.ts';
import type { Message } from '../support/slack/world.ts';
import type { BenchRow } from './row.ts';
import { adapterOptions, emojis } from './slack-server.ts';
import { openVotingBot, silent, silentHandlers } from './voting-bot.ts';

const POSTS = 200;
const PEOPLE = 50;
/** `reactions.get` is of tier 3: fifty a minute, and no more than that at once. */
const PER_MINUTE = 50;

/** Posts of the bot's with fifty reactions each; nobody hears of them. */
function reactedPosts(slack: Slack, ws: Workspace): Message[] {
  const { world } = slack;
  const crowd = Array.from({ length: PEOPLE }, (_, i) => ws.member(`listener${i}`));
  return Array.from({ length: POSTS }, () => {
    const message = postMessage(world, { channel: ws.channel('songs'), user: ws.bot, text: 'react!' });
    for (const [i, { user }] of crowd.entries()) react(world, message, user, emojis[i % emojis.length]);
    return message;
  });
}

/** The same with the library's own client as it comes: all at once, and it waits when Slack says so. */
async function asItComes(slack: Slack, token: string, posts: readonly Message[]): Promise<number> {
  const { client } = new App({
    token,
    signingSecret: 'none',
    logger: boltLogger(silent),
    clientOptions: { slackApiUrl: slack.api },
  });
  const from = performance.now();
  await Promise.all(
    posts.map(({ channel, ts }) => client.reactions.get({ channel: channel.id, timestamp: ts, full: true })),
  );
  return (performance.now() - from) / 1_000;
}

/** In real time, with Slack's limits on; beside it, in a workspace of its own, the library's client. */
export async function catchingUp(): Promise<BenchRow[]> {
  const slack = await openSlack({ limits: 'on', reference: false });
  const [ws, other] = ['Bench', 'Other'].map((name) => slack.workspace({ name, channels: ['songs'] }));
  const platform = createSlack({
    ...adapterOptions,
    apiUrl: slack.api,
    mode: { kind: 'socket', botToken: ws.token, appToken: slack.app.appToken },
  });
  const bot = await openVotingBot(platform);
  await platform.stop();
  for (const { channel, ts } of reactedPosts(slack, ws)) {
    const communityId = `slack:${ws.id}`;
    await bot.takesVotes(communityId, { platform: 'slack', communityId, channel: channel.id, message: ts });
  }
  const others = reactedPosts(slack, other);
  await platform.start(silentHandlers);
  const before = slack.requests.length;
  const from = performance.now();
  const library = asItComes(slack, other.token, others);
  const missed = await bot.reactions.catchUp(platform);
  const seconds = (performance.now() - from) / 1_000;
  const librarySeconds = await library;
  const calls = slack.requests.slice(before);
  const of = (team: string) => calls.filter((call) => call.team === team);
  const refused = (team: string) => of(team).filter(({ status }) => status === 429).length;
  await bot.close();
  await slack.close();
  const least = ((POSTS - PER_MINUTE) / PER_MINUTE) * 60;
  return [
    {
      what: `catching up on ${POSTS} posts × ${PEOPLE} reactions (${missed.toLocaleString('en')} missed) within Slack's limits`,
      measured: `${seconds.toFixed(0)} s, ${of(ws.id).length} calls, ${refused(ws.id)} of them refused`,
      reference: `least possible: ${least} s, ${POSTS} calls; the library's client as it comes: ${librarySeconds.toFixed(0)} s, ${of(other.id).length} calls, ${refused(other.id)} of them refused`,
    },
  ];
}
