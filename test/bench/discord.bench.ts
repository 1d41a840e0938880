import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createDiscord } from '../../src/chat/discord/discord.ts';
import { builtEntry } from '../../src/paths.ts';
import { taxonomy } from '../playlists/planted-model.ts';
import { type Discord, openDiscord } from '../support/discord/discord.ts';
import type { GuildHandle } from '../support/discord/guild-handle.ts';
import type { Crowd, FromServer } from './discord-server-child.ts';
import { middleAndTail, percentile } from './percentile.ts';
import type { BenchRow } from './row.ts';
import { openVotingBot, type Place, silent, silentHandlers } from './voting-bot.ts';

interface Where {
  readonly api: string;
  readonly token: string;
}

const openBotAt = ({ api, token }: Where) =>
  openVotingBot(
    createDiscord({ token, apiUrl: api, log: silent, now: Date.now, audio: async () => undefined }),
  );

const placeIn = (guild: GuildHandle): Place => ({
  communityId: `discord:${guild.id}`,
  channel: guild.channel('songs').id,
});

/** The same, against a Discord in this process: both share its thread. */
async function openBot() {
  const discord = await openDiscord({ openApi: false });
  const guild = discord.guild({ name: 'Bench', channels: ['songs'] });
  const bot = await openBotAt(discord);
  return {
    ...bot,
    discord,
    guild,
    async close() {
      await bot.close();
      await discord.close();
    },
  };
}

const emojis = taxonomy.emotions.map(({ emoji }) => emoji);

/** A crowd reacts on a Discord in another process; how long each reaction took to be a vote on the disk. */
async function reacted(people: number, perSecond?: number) {
  const server = fork(builtEntry('discord-server-child'), { stdio: 'inherit' });
  const told = async <T extends FromServer>() => (await once(server, 'message'))[0] as T;
  const where = await told<Extract<FromServer, { api: string }>>();
  const bot = await openBotAt(where);
  const { message } = await bot.post(
    { communityId: `discord:${where.guild}`, channel: where.channel },
    false,
  );
  const durableAt = new Map<string, number>();
  bot.whenTaken(({ identity, emoji }) => {
    durableAt.set(`${identity} ${emoji}`, performance.timeOrigin + performance.now());
  });
  const sent = told<Extract<FromServer, { sentAt: object }>>();
  const before = process.cpuUsage();
  const crowd: Crowd = { message: message.message, people, emojis, ...(perSecond && { perSecond }) };
  server.send(crowd);
  await bot.untilTaken(people * emojis.length);
  const { user, system } = process.cpuUsage(before);
  const { sentAt } = await sent;
  const { votes } = await bot.store.totals();
  await bot.close();
  server.disconnect();
  const starts = Object.values(sentAt);
  const began = Math.min(...starts);
  return {
    votes,
    sendingMs: Math.max(...starts) - began,
    seconds: (Math.max(...durableAt.values()) - began) / 1_000,
    cpuMs: (user + system) / 1_000,
    delays: Object.entries(sentAt)
      .map(([key, at]) => durableAt.get(key)! - at)
      .sort((a, b) => a - b),
  };
}

async function throughput(): Promise<BenchRow> {
  const { votes, seconds, cpuMs, sendingMs } = await reacted(2_500);
  const ms = (value: number) => `${Math.round(value).toLocaleString('en')} ms`;
  return {
    what: `reactions from Discord's gateway to durable votes, sustained (${votes.toLocaleString('en')} at once)`,
    measured: `${Math.round(votes / seconds).toLocaleString('en')}/s`,
    reference: `${ms(seconds * 1_000)}, of which the bot computes ${ms(cpuMs)}; the test's Discord, a process of its own, takes ${ms(sendingMs)} to send`,
    budget: '≥ 5,000/s for the store alone',
  };
}

async function latency(): Promise<BenchRow> {
  const { delays } = await reacted(250, 500);
  const p99 = percentile(delays, 0.99);
  return {
    what: 'reaction on Discord → durable vote at 500/s, p50 / p99',
    measured: middleAndTail(delays),
    budget: 'p99 ≤ 50 ms',
    withinBudget: p99 <= 50,
  };
}

async function callsPerSnippet(): Promise<BenchRow> {
  const bot = await openBot();
  const before = bot.discord.requests.length;
  await bot.post(placeIn(bot.guild), true);
  const calls = bot.discord.requests.length - before;
  await bot.close();
  return {
    what: 'REST calls per snippet post (message and its emoji)',
    measured: String(calls),
    reference: `least possible: ${1 + taxonomy.invitation.length}`,
  };
}

/** The server makes nobody wait here; the time is what Discord's limits leave at the least for the requests that were made. */
async function catchingUp(): Promise<BenchRow> {
  const bot = await openBot();
  const { guild } = bot;
  const POSTS = 200;
  await bot.platform.stop();
  await bot.platform.start(silentHandlers);
  for (let n = 0; n < POSTS; n++) {
    const { message } = await bot.post(placeIn(guild), false);
    for (let i = 0; i < 50; i++) {
      const { emoji } = taxonomy.emotions[i % taxonomy.emotions.length];
      await guild.member(`listener${i}`).reacts(message.message, emoji);
    }
  }
  const before = bot.discord.requests.length;
  const from = performance.now();
  const missed = await bot.reactions.catchUp(bot.platform);
  const seconds = (performance.now() - from) / 1_000;
  const { ms, bottleneck } = bot.discord.leastTime(before);
  const calls = bot.discord.requests.length - before;
  await bot.close();
  const [bucket] = bottleneck.split(' ');
  return {
    what: `catching up on ${POSTS} posts × 50 reactions in one channel (${missed.toLocaleString('en')} missed)`,
    measured: `${calls.toLocaleString('en')} calls, ${Math.round(ms / 1_000)} s within Discord's limits (bottleneck: ${bucket})`,
    reference: `${seconds.toFixed(1)} s as measured, discord.js making 50 calls a second at most`,
  };
}

/** Resident memory of the built bot, in MiB, once it is ready. */
async function residentMiB(env: Record<string, string>): Promise<{ mib: number; seconds: number }> {
  const began = performance.now();
  const bot = spawn(process.execPath, [builtEntry('main')], {
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    let printed = '';
    bot.once('exit', () => reject(new Error(printed)));
    bot.stdout.on('data', (data) => {
      printed += data;
      if (printed.includes('Press Ctrl-C')) resolve();
    });
  });
  const seconds = (performance.now() - began) / 1_000;
  await wait(2_000);
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${bot.pid}/status`, 'utf8'))?.[1];
  const ended = new Promise((resolve) => bot.once('exit', resolve));
  bot.kill('SIGINT');
  await ended;
  return { mib: Number(kib) / 1024, seconds };
}

function populate(discord: Discord, guilds: number): void {
  for (let i = 0; i < guilds; i++) {
    const channels = Array.from({ length: 12 }, (_, c) => `channel-${c}`);
    const guild = discord.guild({ name: `Server ${i}`, channels });
    for (let r = 0; r < 6; r++) guild.role(`role ${r}`);
  }
}

async function memory(): Promise<BenchRow[]> {
  if (process.platform !== 'linux') return [];
  const stateDir = mkdtempSync(path.join(os.tmpdir(), 'reactune-bench-discord-'));
  try {
    const alone = await residentMiB({ STATE_DIR: stateDir, ROOM: 'off' });
    const again = await residentMiB({ STATE_DIR: stateDir, ROOM: 'off' });
    const discord = await openDiscord({ openApi: false, shards: 3 });
    populate(discord, 2_500);
    const env = {
      STATE_DIR: stateDir,
      ROOM: 'off',
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.api,
    };
    const many = await residentMiB(env);
    const rejoined = await residentMiB(env);
    await discord.close();
    return [
      {
        what: 'memory with 2,500 servers of 12 channels and 6 roles, 3 shards',
        measured: `${Math.round(rejoined.mib)} MiB`,
        reference: `${Math.round(Math.min(alone.mib, again.mib))} MiB without Discord`,
      },
      {
        what: 'start with 2,500 servers, 3 shards: first (greets each) / later',
        measured: `${many.seconds.toFixed(1)} / ${rejoined.seconds.toFixed(1)} s`,
        reference: `${again.seconds.toFixed(1)} s without Discord`,
      },
    ];
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** What it takes to be on Discord, against the tests' Discord. */
export async function rows(): Promise<BenchRow[]> {
  return [
    await throughput(),
    await latency(),
    await callsPerSnippet(),
    await catchingUp(),
    ...(await memory()),
  ];
}
