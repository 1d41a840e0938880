import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { createRandom } from '../../ml/random.ts';
import type { ReactionFact } from '../../src/domain/post.ts';
import { findHeldBack } from '../../src/labelling/held-back.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import { taxonomy } from '../playlists/planted-model.ts';
import { idleDelay } from './idle-delay.ts';
import type { BenchRow } from './row.ts';
import { silent } from './voting-bot.ts';

const VOTES = 1_100_000;
const SONGS = 28_352;
const MEMBERS = 20_000;
const DAYS = 60;
const ATTACKERS = 5_000;
const LOOKS = 5;
const DAY = 86_400_000;
const START = Date.UTC(2026, 8, 1);
const PER_WRITE = 2_000;

const fact = (place: number, song: number, who: string, emotion: string, at: number): ReactionFact => ({
  postId: `discord:${place}/1043201/${song}`,
  songId: `6f807x0ima9a1j3VP${song}`,
  identity: `discord:80351110224678${who}`,
  meaning: { kind: 'emotion', emotion },
  present: true,
  at,
});

/** A large server and 200 small ones over two months, to which new members come all the time; no burst. */
async function fill(store: Store): Promise<void> {
  const random = createRandom(1);
  for (let n = 0; n < VOTES; n += PER_WRITE) {
    await store.setReactions(
      Array.from({ length: PER_WRITE }, (_, i) => {
        const part = (n + i) / VOTES;
        const place = random.integer(10) < 7 ? 0 : 1 + random.integer(200);
        const member = random.integer(Math.max(50, Math.floor(part * MEMBERS)));
        const { key } = taxonomy.emotions[random.integer(taxonomy.emotions.length)];
        const at = START + Math.floor(part * DAYS * DAY) + random.integer(60_000);
        return fact(place, random.integer(SONGS), String(member), key, at);
      }),
    );
  }
}

/** New accounts that vote on twenty songs each, within a few minutes. */
async function attack(store: Store): Promise<void> {
  const at = START + DAYS * DAY;
  for (let from = 0; from < ATTACKERS; from += PER_WRITE / 20) {
    await store.setReactions(
      Array.from({ length: PER_WRITE }, (_, i) =>
        fact(0, i % 20, `x${from + Math.floor(i / 20)}`, 'angry', at + 20 * from + i),
      ),
    );
  }
}

async function looks(store: Store, what: string, idle: number): Promise<BenchRow[]> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const took: number[] = [];
  const cpu = process.cpuUsage();
  let held = 0;
  delay.enable();
  for (let look = 0; look < LOOKS; look++) {
    const from = performance.now();
    held = (await findHeldBack(store)).votes;
    took.push(performance.now() - from);
  }
  delay.disable();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = took.sort((a, b) => a - b)[LOOKS >> 1] / 1_000;
  const p99 = delay.percentile(99) / 1e6;
  return [
    {
      what: `looking for bursts in ${VOTES.toLocaleString('en')} votes, ${what}: ${held.toLocaleString('en')} held`,
      measured: `${seconds.toFixed(1)} s (processor time ${((user + system) / 1e6 / LOOKS).toFixed(1)} s)`,
    },
    {
      what: "event loop delay meanwhile, p99 / longest (timer's own 1 ms included)",
      measured: `${p99.toFixed(0)} / ${(delay.max / 1e6).toFixed(0)} ms`,
      reference: `with nothing to do ${idle.toFixed(0)} ms`,
      budget: 'p99 ≤ 20 ms',
      withinBudget: p99 <= 20,
    },
  ];
}

/** How long a look at all votes takes, and what others notice of it. */
export async function rows(): Promise<BenchRow[]> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-bench-bursts-'));
  const store = await openLowdbStore({
    dir,
    log: silent,
    now: Date.now,
    compactAtBytes: Number.POSITIVE_INFINITY,
  });
  try {
    await fill(store);
    const idle = await idleDelay();
    const calm = await looks(store, 'without a burst', idle);
    await attack(store);
    return [...calm, ...(await looks(store, `${ATTACKERS.toLocaleString('en')} new accounts`, idle))];
  } finally {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  }
}
