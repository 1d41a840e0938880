import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { JSONFilePreset } from 'lowdb/node';
import { pino } from 'pino';
import type { ReactionFact } from '../../src/domain/post.ts';
import { foldInThread } from '../../src/store/lowdb/fold-in-thread.ts';
import { type LowdbStoreOptions, openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import type { BenchRow } from './row.ts';

const MILLION = 1_000_000;
const SONGS = 28_352;
const EMOTIONS = ['happy', 'energetic', 'angry', 'tense', 'sad', 'nostalgic', 'calm', 'tender'];

/** The n-th of a million different votes: 5,000 members on 28,352 songs. */
function vote(n: number): ReactionFact {
  const song = (n * 7_919) % SONGS;
  const member = Math.floor(n / SONGS) * 131 + (n % 131);
  return {
    postId: `discord:81384788765712384/1043201/${song}`,
    songId: `6f807x0ima9a1j3VP${song}`,
    identity: `discord:80351110224678${member}`,
    meaning: { kind: 'emotion', emotion: EMOTIONS[(n * 31 + member) % EMOTIONS.length] },
    present: true,
    at: 1_790_000_000_000 + n,
  };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

function open(dir: string, more: Partial<LowdbStoreOptions> = {}) {
  return openLowdbStore({ dir, log: pino({ level: 'silent' }), now: Date.now, ...more });
}

/** Time from call to durable, in ms and ascending, for votes that arrive one by one at a steady rate. */
async function atRate(perSecond: number, seconds: number, write: (n: number) => Promise<unknown>) {
  const times: number[] = [];
  const writes: Promise<void>[] = [];
  const started = performance.now();
  for (let n = 0; n < perSecond * seconds; ) {
    const due = Math.floor(((performance.now() - started) / 1_000) * perSecond);
    for (; n <= due && n < perSecond * seconds; n++) {
      const from = performance.now();
      writes.push(write(n).then(() => void times.push(performance.now() - from)));
    }
    await wait(1);
  }
  await Promise.all(writes);
  return times.sort((a, b) => a - b);
}

async function latency(dir: string): Promise<BenchRow> {
  const store = await open(dir);
  const times = await atRate(500, 4, (n) => store.setReaction(vote(n)));
  await store.close();
  // The way lowdb is commonly used: the whole file for every vote, here with only 20,000 votes in it.
  const low = await JSONFilePreset<{ votes: ReactionFact[] }>(path.join(dir, 'plain.json'), {
    votes: Array.from({ length: 20_000 }, (_, n) => vote(n)),
  });
  const plain: number[] = [];
  for (let n = 0; n < 15; n++) {
    const from = performance.now();
    await low.update(({ votes }) => votes.push(vote(20_000 + n)));
    plain.push(performance.now() - from);
  }
  plain.sort((a, b) => a - b);
  const p99 = percentile(times, 0.99);
  return {
    what: 'vote → durable at 500 votes/s, p50 / p99',
    measured: `${ms(percentile(times, 0.5))} / ${ms(p99)}`,
    reference: `lowdb, whole file of 20,000 votes per vote, not even synced: ${ms(percentile(plain, 0.5))}`,
    budget: 'p99 ≤ 50 ms',
    withinBudget: p99 <= 50,
  };
}

async function throughput(dir: string): Promise<BenchRow> {
  const store = await open(dir);
  const votes = 60_000;
  let next = 0;
  const from = performance.now();
  // 500 members who each wait for their vote to be confirmed before the next.
  const members = Array.from({ length: 500 }, async () => {
    while (next < votes) await store.setReaction(vote(next++));
  });
  await Promise.all(members);
  const perSecond = votes / ((performance.now() - from) / 1_000);
  await store.close();
  return {
    what: 'votes confirmed per second, 500 at a time',
    measured: `${Math.round(perSecond).toLocaleString('en')} votes/s`,
    budget: '≥ 5,000 votes/s',
    withinBudget: perSecond >= 5_000,
  };
}

/** One million votes, one line of journal each. */
async function fill(dir: string): Promise<void> {
  const store = await open(dir, { compactAtBytes: Number.POSITIVE_INFINITY });
  for (let n = 0; n < MILLION; n += 2_000) {
    await Promise.all(Array.from({ length: 2_000 }, (_, i) => store.setReaction(vote(n + i))));
  }
  await store.close();
}

async function million(dir: string): Promise<BenchRow[]> {
  await fill(dir);
  const before = process.memoryUsage().rss;
  const replayFrom = performance.now();
  const store = await open(dir, { compactAtBytes: Number.POSITIVE_INFINITY });
  const replay = performance.now() - replayFrom;
  const memory = (process.memoryUsage().rss - before) / 2 ** 20;
  await store.close();

  let folding = 0;
  let folded = false;
  const again = await open(dir, {
    compactAtBytes: 1,
    fold: async (task) => {
      const from = performance.now();
      const result = await foldInThread(task);
      folding ||= performance.now() - from;
      folded = true;
      return result;
    },
  });
  const idle = monitorEventLoopDelay({ resolution: 1 });
  idle.enable();
  await wait(1_000);
  idle.disable();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const times: number[] = [];
  for (let n = MILLION; !folded; ) {
    times.push(...(await atRate(500, 0.5, () => again.setReaction(vote(n++)))));
  }
  delay.disable();
  times.sort((a, b) => a - b);
  await again.close();

  const loadFrom = performance.now();
  const loaded = await open(dir);
  const load = performance.now() - loadFrom;
  const { votes } = await loaded.totals();
  let read = 0;
  const readFrom = performance.now();
  for await (const batch of loaded.votes()) read += batch.length;
  const reading = performance.now() - readFrom;
  if (votes < MILLION || read !== votes) throw new Error(`votes were lost: ${votes} counted, ${read} read`);
  await loaded.close();
  const size = (await stat(path.join(dir, 'store.json'))).size / 2 ** 20;
  const p99 = delay.percentile(99) / 1e6;
  return [
    {
      what: 'event loop delay while 1,000,000 votes are folded, p99 / longest',
      measured: `${ms(p99)} / ${ms(delay.max / 1e6)} (fold takes ${ms(folding)}; votes meanwhile p99 ${ms(percentile(times, 0.99))})`,
      reference: `idle: ${ms(idle.percentile(99) / 1e6)} / ${ms(idle.max / 1e6)}`,
      budget: 'p99 ≤ 20 ms',
      withinBudget: p99 <= 20,
    },
    {
      what: 'start with 1,000,000 votes in the journal',
      measured: `${ms(replay)} (${Math.round(memory)} MiB more resident memory)`,
      reference: `the same votes in a snapshot of ${Math.round(size)} MiB: ${ms(load)}`,
    },
    { what: 'stream 1,000,000 votes for a training run', measured: ms(reading) },
  ];
}

export async function rows(): Promise<BenchRow[]> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-bench-'));
  try {
    return [
      await latency(path.join(dir, 'latency')),
      await throughput(path.join(dir, 'throughput')),
      ...(await million(path.join(dir, 'million'))),
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
