import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { createRandom, type Random } from '../../ml/random.ts';
import { chooseNext, type NextSong } from '../../ml/select-next.ts';
import { buildCatalogue } from '../../src/catalogue/catalogue.ts';
import type { Catalogue } from '../../src/domain/catalogue.ts';
import type { Model } from '../../src/domain/model.ts';
import type { SnippetPost } from '../../src/domain/post.ts';
import type { SongId } from '../../src/domain/song.ts';
import { candidatesOf, readPlan, readTraits } from '../../src/labelling/candidates.ts';
import { METRICS, taxonomy } from '../playlists/planted-model.ts';
import { idleDelay } from './idle-delay.ts';
import type { BenchRow } from './row.ts';
import { syntheticSongs } from './synthetic-songs.ts';

const SIZES = [32_833, Number(process.env.BENCH_SONGS ?? 1_200_000)];
const POSTS = 100;
const DAY = 86_400_000;

/** A tenth of the songs has votes; the model knows all. */
function world(size: number) {
  const random = createRandom(1);
  const catalogue = buildCatalogue({
    name: 'Bench',
    demo: false,
    songs: syntheticSongs(size, random),
    listeners: [],
    labels: [],
  });
  const voters = new Map<SongId, number>();
  for (let i = 0; i < size / 10; i++)
    voters.set(catalogue.idAt(random.integer(size)), 1 + random.integer(12));
  const emotions = taxonomy.emotions.map(({ key }) => key);
  const profiles = Array.from({ length: 1_000 }, () => {
    const distribution = Float32Array.from(emotions, () => random.next() ** 3);
    const sum = distribution.reduce((total, share) => total + share, 0);
    return { distribution: distribution.map((share) => share / sum), confidence: 0.5, voted: false };
  });
  const model: Model = {
    id: 'bench',
    createdAt: 0,
    catalogueVersion: catalogue.version,
    emotions,
    metrics: METRICS,
    profile: (id) => profiles[Number(id.slice(4)) % profiles.length],
    label: () => undefined,
  };
  return { catalogue, voters, model };
}

function postOf(songId: SongId, postedAt: number): SnippetPost {
  const communityId = 'room:bench';
  const message = { platform: 'room' as const, communityId, channel: 'room', message: String(postedAt) };
  const id = String(postedAt);
  const closesAt = postedAt + 7 * DAY;
  return { id, communityId, message, songId, postedAt, closesAt, postedBy: 'schedule', chosenBy: 'policy' };
}

/** How songs were chosen before: every song is looked at for every post, each by itself. */
function chooseAsBefore(
  catalogue: Catalogue,
  voters: ReadonlyMap<SongId, number>,
  confidence: Float32Array,
  posts: readonly SnippetPost[],
  now: number,
  random: Random,
): NextSong {
  const votersOf = new Int32Array(catalogue.size);
  for (const [id, count] of voters) votersOf[catalogue.indexOf(id)] = count;
  const daysAgo = new Float32Array(catalogue.size).fill(Number.POSITIVE_INFINITY);
  for (const post of posts) daysAgo[catalogue.indexOf(post.songId)] = (now - post.postedAt) / DAY;
  let song = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let s = 0; s < votersOf.length; s++) {
    if (daysAgo[s] < 14) continue;
    const missing = Math.max(0, 1 - votersOf[s] / 10);
    const score =
      missing +
      (votersOf[s] > 0 && missing > 0 ? 0.15 : 0) +
      0.7 * (1 - confidence[s]) +
      0.05 * random.next();
    if (score <= most) continue;
    most = score;
    song = s;
  }
  return { song, chosenBy: 'policy' };
}

const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;

/** Posts one song after another and says how long choosing took, and its processor time, which other work spares. */
function time(catalogue: Catalogue, choose: (posts: readonly SnippetPost[], now: number) => NextSong) {
  const posts: SnippetPost[] = [];
  const took: number[] = [];
  const cpu = process.cpuUsage();
  for (let i = 0; i < POSTS; i++) {
    const now = i * 6 * 3_600_000;
    const started = performance.now();
    const { song } = choose(posts, now);
    took.push(performance.now() - started);
    posts.unshift(postOf(catalogue.idAt(song), now));
  }
  took.sort((a, b) => a - b);
  const { user, system } = process.cpuUsage(cpu);
  return { median: took[POSTS >> 1], worst: took[POSTS - 2], cpu: (user + system) / 1000 / POSTS };
}

async function rowsFor(size: number): Promise<BenchRow[]> {
  const { catalogue, voters, model } = world(size);
  const label = `${size.toLocaleString('en')} songs`;
  const idle = await idleDelay();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let started = performance.now();
  delay.enable();
  const traits = await readTraits(catalogue);
  const traitsTook = performance.now() - started;
  started = performance.now();
  const plan = await readPlan(catalogue, traits, model, voters, createRandom(2));
  delay.disable();
  const planTook = performance.now() - started;
  const random = createRandom(3);
  const policy = (randomShare?: number) =>
    time(catalogue, (posts, now) => {
      const next = chooseNext(candidatesOf(catalogue, traits, plan, 0, voters, posts, now), random, {
        randomShare,
      });
      if (next === undefined) throw new Error('no song can be posted');
      return next;
    });
  const ours = policy();
  const byChance = policy(1);
  const confidence = Float32Array.from({ length: size }, () => random.next());
  const before = time(catalogue, (posts, now) =>
    chooseAsBefore(catalogue, voters, confidence, posts, now, random),
  );
  const p99 = delay.percentile(99) / 1e6;
  return [
    {
      what: `choosing the next snippet, ${label}, median (worst but one of ${POSTS}; processor time)`,
      measured: `${milliseconds(ours.median)} (${milliseconds(ours.worst)}; ${milliseconds(ours.cpu)})`,
      reference: `at random ${milliseconds(byChance.median)}; the former policy ${milliseconds(before.median)}`,
      budget: '≤ 5 ms',
      withinBudget: ours.median <= 5,
    },
    {
      what: `its plan, once per model, ${label} (once per catalogue besides: ${(traitsTook / 1000).toFixed(1)} s)`,
      measured: `${(planTook / 1000).toFixed(2)} s`,
    },
    {
      what: `event loop delay meanwhile, ${label}, p99 (timer's own 1 ms included)`,
      measured: milliseconds(p99),
      reference: `with nothing to do ${milliseconds(idle)}`,
      budget: '≤ 20 ms',
      withinBudget: p99 <= 20,
    },
  ];
}

/** How long it takes to choose the next song to ask about. How well it chooses: `ml/evaluate-policy.ts`. */
export async function rows(): Promise<BenchRow[]> {
  const all: BenchRow[] = [];
  for (const size of SIZES) all.push(...(await rowsFor(size)));
  return all;
}
