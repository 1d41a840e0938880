import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { App, HTTPReceiver, SocketModeReceiver } from '@slack/bolt';
import { clientOptions } from '../../src/chat/slack/api.ts';
import { boltLogger } from '../../src/chat/slack/log.ts';
import { createSlack } from '../../src/chat/slack/slack.ts';
import { taxonomy } from '../playlists/planted-model.ts';
import { openSlack } from '../support/slack/slack.ts';
import { middleAndTail, percentile } from './percentile.ts';
import type { BenchRow } from './row.ts';
import { catchingUp } from './slack-catch-up.ts';
import {
  adapterOptions,
  emojis,
  entrance,
  startSlackServer,
  TRANSPORTS,
  type Transport,
} from './slack-server.ts';
import { acknowledging } from './slack-under-training.ts';
import { openVotingBot, silent } from './voting-bot.ts';

const nameOf = new Map(taxonomy.emotions.map(({ emoji, slack }) => [emoji, slack]));

/**
 * A crowd reacts on a Slack in another process; how long each reaction took to be a vote on the disk.
 * @param known the bot has seen everybody before, so that it need not ask who they are
 */
async function reacted(
  transport: Transport,
  people: number,
  { perSecond, known = false }: { perSecond?: number; known?: boolean } = {},
) {
  const server = await startSlackServer();
  const { where } = server;
  const { mode, open, close } = await entrance(server, transport);
  const bot = await openVotingBot(createSlack({ ...adapterOptions, mode, apiUrl: where.api }));
  await open();
  const place = { communityId: `slack:${where.team}`, channel: where.channel };
  const { message } = await bot.post(place, false);
  const durableAt = new Map<string, number>();
  bot.whenTaken(({ identity, emoji }) => {
    durableAt.set(`${identity} ${nameOf.get(emoji)}`, performance.timeOrigin + performance.now());
  });
  const seen = known ? people : 0;
  if (known) {
    await server.react({ message: message.message, people, emojis: ['pizza'] });
    await bot.untilTaken(people);
  }
  const before = process.cpuUsage();
  const sent = server.react({ message: message.message, people, emojis, ...(perSecond && { perSecond }) });
  await bot.untilTaken(seen + people * emojis.length);
  const ended = performance.timeOrigin + performance.now();
  const { user, system } = process.cpuUsage(before);
  const { sentAt } = await sent;
  const { votes } = await bot.store.totals();
  await bot.close();
  await close();
  server.close();
  const starts = Object.values(sentAt);
  const began = Math.min(...starts);
  return {
    votes,
    sendingMs: Math.max(...starts) - began,
    seconds: (ended - began) / 1_000,
    cpuMs: (user + system) / 1_000,
    delays: Object.entries(sentAt)
      .map(([key, at]) => (durableAt.get(key) ?? ended) - at)
      .sort((a, b) => a - b),
  };
}

/** The library alone, whose listener only counts: how many events it takes in a second. */
async function boltAlone(transport: Transport, people: number): Promise<number> {
  const server = await startSlackServer();
  const { api, token, appToken, signingSecret } = server.where;
  const logger = boltLogger(silent);
  const options = clientOptions(api, silent);
  const receiver =
    transport === 'http'
      ? new HTTPReceiver({ signingSecret, logger })
      : new SocketModeReceiver({ appToken, logger, installerOptions: { clientOptions: options } });
  const app = new App({ token, receiver, logger, clientOptions: options });
  let counted = 0;
  app.event('reaction_added', async () => void counted++);
  const listening = await app.start(0);
  if (transport === 'http') {
    const { port } = (listening as unknown as { address(): AddressInfo }).address();
    await server.postsTo(`http://127.0.0.1:${port}/slack/events`);
  }
  const { ts = '' } = await app.client.chat.postMessage({ channel: server.where.channel, text: 'react!' });
  const sent = server.react({ message: ts, people, emojis });
  while (counted < people * emojis.length) await wait(1);
  const ended = performance.timeOrigin + performance.now();
  const { sentAt } = await sent;
  await app.stop();
  server.close();
  return counted / ((ended - Math.min(...Object.values(sentAt))) / 1_000);
}

async function throughput(transport: Transport): Promise<BenchRow> {
  const PEOPLE = 2_500;
  const { votes, seconds, cpuMs, sendingMs } = await reacted(transport, PEOPLE);
  const alone = await boltAlone(transport, PEOPLE);
  const ms = (value: number) => `${Math.round(value).toLocaleString('en')} ms`;
  return {
    what: `reactions over ${TRANSPORTS[transport]} to durable votes, sustained (${votes.toLocaleString('en')} of ${PEOPLE.toLocaleString('en')} new people at once)`,
    measured: `${Math.round(votes / seconds).toLocaleString('en')}/s`,
    reference: `Bolt alone, counting: ${Math.round(alone).toLocaleString('en')}/s; the bot computes ${ms(cpuMs)} of ${ms(seconds * 1_000)}, the test's Slack, a process of its own, takes ${ms(sendingMs)} to send`,
    budget: '≥ 5,000/s for the store alone; Slack itself sends 30,000 an hour and workspace at most',
  };
}

async function latency(transport: Transport): Promise<BenchRow> {
  const { delays } = await reacted(transport, 250, { perSecond: 500, known: true });
  const { delays: ofNew } = await reacted(transport, 250, { perSecond: 500 });
  const p99 = percentile(delays, 0.99);
  return {
    what: `reaction on Slack → durable vote at 500/s over ${TRANSPORTS[transport]}, p50 / p99`,
    measured: middleAndTail(delays),
    reference: `of people whom the bot has to ask Slack about first: ${middleAndTail(ofNew)}`,
    budget: 'p99 ≤ 50 ms',
    withinBudget: p99 <= 50,
  };
}

/** A snippet that is a link, and one whose sound the bot brings along. */
async function callsPerSnippet(): Promise<BenchRow[]> {
  const slack = await openSlack();
  const ws = slack.workspace({ channels: ['songs'] });
  const dir = mkdtempSync(path.join(os.tmpdir(), 'reactune-bench-slack-'));
  const file = path.join(dir, 'song.mp3');
  writeFileSync(file, Buffer.alloc(1_000));
  const bot = await openVotingBot(
    createSlack({
      ...adapterOptions,
      otherEmojis: [{ emoji: '❤️', slack: 'heart' }],
      audio: async () => ({ path: file, mediaType: 'audio/mpeg' }),
      mode: { kind: 'socket', botToken: ws.token, appToken: slack.app.appToken },
      apiUrl: slack.api,
    }),
  );
  const place = { communityId: `slack:${ws.id}`, channel: ws.channel('songs').id };
  async function callsFor(sound: Parameters<typeof bot.post>[2]): Promise<number> {
    const before = slack.requests.length;
    await bot.post(place, true, sound);
    return slack.requests.length - before;
  }
  const link = await callsFor({ kind: 'spotify', uri: 'spotify:track:4444444444444444444444' });
  const own = await callsFor({ kind: 'own', seconds: 20 });
  await bot.close();
  await slack.close();
  rmSync(dir, { recursive: true, force: true });
  const least = 1 + taxonomy.invitation.length;
  return [
    {
      what: 'Web API calls per snippet post (message and its emoji), a link',
      measured: String(link),
      reference: `least possible: ${least}`,
    },
    {
      what: 'the same with the sound as a file',
      measured: String(own),
      reference: `least possible: ${least + 2} (Slack takes a file in two calls)`,
    },
  ];
}

/** What it takes to be on Slack, against the tests' Slack. */
export async function rows(): Promise<BenchRow[]> {
  return [
    await throughput('sockets'),
    await throughput('http'),
    await latency('sockets'),
    await latency('http'),
    ...(await callsPerSnippet()),
    ...(await acknowledging()),
    ...(await catchingUp()),
  ];
}
