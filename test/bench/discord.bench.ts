import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { createDiscord } from '../../src/chat/discord/discord.ts';
import type { ChatHandlers, ReactionEvent } from '../../src/chat/platform.ts';
import type { SnippetPost } from '../../src/domain/post.ts';
import { refKey } from '../../src/domain/post.ts';
import { createReactions } from '../../src/labelling/reactions.ts';
import { snippetMessage } from '../../src/labelling/service.ts';
import { builtEntry } from '../../src/paths.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { taxonomy } from '../playlists/planted-model.ts';
import { type Discord, type DiscordOptions, openDiscord } from '../support/discord/discord.ts';
import type { BenchRow } from './row.ts';

const log = pino({ level: 'silent' });
const DAY = 86_400_000;

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Our adapter with labelling and the store behind it, against a Discord in the same process: both share its thread. */
async function openBot(options: DiscordOptions) {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'reactune-bench-discord-'));
  const discord = await openDiscord({ openApi: false, ...options });
  const guild = discord.guild({ name: 'Bench', channels: ['songs'] });
  const store = await openLowdbStore({ dir, log, now: Date.now });
  const reactions = createReactions({ store, taxonomy, log, now: Date.now });
  const platform = createDiscord({
    token: discord.token,
    apiUrl: discord.api,
    log,
    now: Date.now,
    audio: async () => undefined,
  });
  let taken = 0;
  let onTaken: (event: ReactionEvent) => void = () => {};
  const quiet = async () => {};
  const handlers: ChatHandlers = {
    async reaction(event) {
      await reactions.handle(event);
      taken += 1;
      onTaken(event);
    },
    cleared: quiet,
    removed: quiet,
    missed: quiet,
    joined: quiet,
    left: quiet,
    command: quiet,
    action: quiet,
    complete: async () => [],
  };
  await platform.start(handlers);
  const place = { communityId: `discord:${guild.id}`, channel: guild.channel('songs').id };
  const song = {
    id: 's1',
    title: 'Paper Lanterns',
    artists: ['Ivo'],
    features: {},
    snippet: { kind: 'none' },
  } as const;

  async function post(seeded: boolean): Promise<SnippetPost> {
    const message = await platform.post(place, snippetMessage(song, { kind: 'none' }));
    if (seeded) await platform.seedReactions(message, taxonomy.invitation);
    const at = Date.now();
    const snippet: SnippetPost = {
      id: refKey(message),
      communityId: place.communityId,
      message,
      songId: `song-${message.message}`,
      postedAt: at,
      closesAt: at + DAY,
      postedBy: 'command',
      chosenBy: 'policy',
    };
    await store.savePost(snippet);
    return snippet;
  }

  return {
    discord,
    guild,
    store,
    platform,
    reactions,
    post,
    taken: () => taken,
    whenTaken(listener: (event: ReactionEvent) => void) {
      onTaken = listener;
    },
    async close() {
      await platform.stop();
      await store.close();
      await discord.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

type Bot = Awaited<ReturnType<typeof openBot>>;

async function untilTaken(bot: Bot, count: number): Promise<void> {
  while (bot.taken() < count) await wait(1);
}

async function throughput(): Promise<BenchRow> {
  const bot = await openBot({});
  const post = await bot.post(false);
  const people = Array.from({ length: 2_500 }, (_, i) => bot.guild.member(`listener${i}`));
  const emojis = taxonomy.emotions.slice(0, 8).map(({ emoji }) => emoji);
  const from = performance.now();
  for (const emoji of emojis) {
    for (const person of people) await person.reacts(post.message.message, emoji);
    // The sockets have their turn, as between two machines.
    await wait(0);
  }
  const sent = performance.now();
  await untilTaken(bot, people.length * emojis.length);
  const seconds = (performance.now() - from) / 1_000;
  const votes = (await bot.store.totals()).votes;
  await bot.close();
  const perSecond = Math.round(votes / seconds);
  return {
    what: `reactions from Discord's gateway to durable votes, sustained (${votes.toLocaleString('en')} at once)`,
    measured: `${perSecond.toLocaleString('en')}/s`,
    reference: `the test's Discord alone needs ${Math.round(sent - from)} ms of ${Math.round(seconds * 1000)} ms in the same thread`,
    budget: '≥ 5,000/s for the store alone',
  };
}

async function latency(): Promise<BenchRow> {
  const bot = await openBot({});
  const post = await bot.post(false);
  const began = new Map<string, number>();
  const times: number[] = [];
  bot.whenTaken(({ identity, emoji }) => times.push(performance.now() - began.get(identity + emoji)!));
  const people = Array.from({ length: 250 }, (_, i) => bot.guild.member(`listener${i}`));
  const all = taxonomy.emotions.flatMap(({ emoji }) => people.map((person) => ({ person, emoji })));
  const from = performance.now();
  for (let n = 0; n < all.length; ) {
    const due = Math.floor(((performance.now() - from) / 1_000) * 500);
    for (; n <= due && n < all.length; n++) {
      const { person, emoji } = all[n];
      began.set(`discord:${person.id}${emoji}`, performance.now());
      await person.reacts(post.message.message, emoji);
    }
    await wait(1);
  }
  await untilTaken(bot, all.length);
  await bot.close();
  times.sort((a, b) => a - b);
  const p99 = percentile(times, 0.99);
  return {
    what: 'reaction on Discord → durable vote at 500/s, p50 / p99',
    measured: `${percentile(times, 0.5).toFixed(1)} / ${p99.toFixed(1)} ms`,
    budget: 'p99 ≤ 50 ms',
    withinBudget: p99 <= 50,
  };
}

async function callsPerSnippet(): Promise<BenchRow> {
  const bot = await openBot({});
  const before = bot.discord.requests.length;
  await bot.post(true);
  const calls = bot.discord.requests.length - before;
  await bot.close();
  return {
    what: 'REST calls per snippet post (message and its emoji)',
    measured: String(calls),
    reference: `least possible: ${1 + taxonomy.invitation.length}`,
  };
}

/** Discord's limits over windows that are so many times as short; the time that counts is as many times as long. */
const SPEED = 50;

async function catchingUp(): Promise<BenchRow> {
  const bot = await openBot({ limits: { speed: SPEED } });
  const POSTS = 200;
  const people = Array.from({ length: 50 }, (_, i) => bot.guild.member(`listener${i}`));
  await bot.platform.stop();
  const posts: SnippetPost[] = [];
  await bot.platform.start(silentHandlers);
  for (let i = 0; i < POSTS; i++) posts.push(await bot.post(false));
  for (const { message } of posts) {
    for (const [i, person] of people.entries()) {
      await person.reacts(message.message, taxonomy.emotions[i % taxonomy.emotions.length].emoji);
    }
  }
  const before = bot.discord.requests.length;
  const from = performance.now();
  const missed = await bot.reactions.catchUp(bot.platform);
  const seconds = ((performance.now() - from) / 1_000) * SPEED;
  const asked = bot.discord.requests.slice(before);
  const refused = asked.filter(({ status }) => status === 429).length;
  await bot.close();
  return {
    what: `catching up on ${POSTS} posts × 50 reactions within Discord's limits (${missed.toLocaleString('en')} missed)`,
    measured: `${Math.round(seconds)} s of Discord's time, ${asked.length} requests, ${refused} refused`,
    reference: `at 50 requests a second ${Math.round(asked.length / 50)} s are the least`,
  };
}

const silentHandlers: ChatHandlers = {
  reaction: async () => {},
  cleared: async () => {},
  removed: async () => {},
  missed: async () => {},
  joined: async () => {},
  left: async () => {},
  command: async () => {},
  action: async () => {},
  complete: async () => [],
};

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
