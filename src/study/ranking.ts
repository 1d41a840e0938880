import { createHash } from 'node:crypto';
import { z } from 'zod';
import { topK } from '../../ml/evaluate.ts';
import { interactionsFromLists, songsOf } from '../../ml/interactions.ts';
import { coverage, ndcgAt, recallAt } from '../../ml/metrics.ts';
import type { Interactions, Matrix, Recommender, RecommenderData, SongGroups } from '../../ml/recommender.ts';
import { type FeatureSet, recommenderData } from '../cli/methods.ts';
import type { StudyContext } from './context.ts';
import { programMark } from './files.ts';
import type { Protocol, Split } from './song-world.ts';

/** How a method took the emotion profiles that it was given. */
const USES = ['itself', 'columns', 'nothing'] as const;

const setVariety = z.object({
  recall: z.number(),
  density: z.number(),
  coverage: z.number(),
  spread: z.number(),
});

const rankingSchema = z.object({
  listeners: z.array(z.string()),
  ndcg10: z.array(z.number()),
  recall50: z.array(z.number()),
  /** Share of the catalogue that is in somebody's top 10. */
  coverage: z.number(),
  /** Of the scores of a few listeners: equal scores, equal fingerprint. */
  fingerprint: z.string(),
  uses: z.enum(USES).optional(),
  /** What a method that trains reports of its training, step by step. */
  curve: z.array(z.record(z.string(), z.number())).optional(),
  /** How varied the songs are that it generates, if it does (`ml/gan/variety.ts`). */
  variety: z.object({ listeners: z.number(), generated: setVariety, own: setVariety }).optional(),
});

/** How well one method ranks, listener by listener. */
export type Ranking = z.infer<typeof rankingSchema>;

/** One thing to measure. */
export interface RankingTask {
  readonly protocol: Protocol;
  readonly features: FeatureSet;
  readonly method: string;
  readonly seed: number;
  /** Emotion profiles of all songs; without it a method knows nothing of emotions. */
  readonly emotions?: {
    readonly name: string;
    readonly hash: string;
    readonly profiles: () => Promise<Matrix>;
  };
  /** Rank these songs only, and learn from them only; indices, ascending. */
  readonly only?: { readonly name: string; readonly songs: Int32Array };
}

const LISTENERS_IN_FINGERPRINT = 3;

/** The scores of the first listeners as one short text. */
function fingerprintOf(recommender: Recommender, train: Interactions, seed: number): string {
  const hash = createHash('sha256');
  let seen = 0;
  for (let listener = 0; listener < train.listenerCount && seen < LISTENERS_IN_FINGERPRINT; listener++) {
    const liked = songsOf(train, listener);
    if (liked.length === 0) continue;
    seen++;
    const scores = recommender.score(liked, { seed });
    hash.update(new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Ranks for every listener and compares with what was hidden. */
export function measureRanking(recommender: Recommender, split: Split, seed: number): Ranking {
  const { train, test, listeners, exclude } = split;
  const result: Ranking = {
    listeners: [],
    ndcg10: [],
    recall50: [],
    coverage: 0,
    fingerprint: fingerprintOf(recommender, train, seed),
  };
  const tops: Int32Array[] = [];
  for (let listener = 0; listener < train.listenerCount; listener++) {
    const liked = songsOf(train, listener);
    const scores = Float32Array.from(recommender.score(liked, { seed }));
    for (const song of exclude?.(listener) ?? []) scores[song] = Number.NEGATIVE_INFINITY;
    const ranking = topK(scores, 50, liked);
    tops.push(ranking.slice(0, 10));
    const wanted = new Set(songsOf(test, listener));
    if (wanted.size === 0) continue;
    result.listeners.push(listeners[listener]!);
    result.ndcg10.push(ndcgAt({ ranking, wanted }, 10));
    result.recall50.push(recallAt({ ranking, wanted }, 50));
  }
  return { ...result, coverage: coverage(tops, 10, train.songCount) };
}

/** Rows of a matrix. */
function rowsOf({ columns, values }: Matrix, rows: Int32Array): Matrix {
  const taken = new Float32Array(rows.length * columns);
  for (const [to, from] of rows.entries()) {
    taken.set(values.subarray(from * columns, (from + 1) * columns), to * columns);
  }
  return { rows: rows.length, columns, values: taken };
}

/** Artists, albums and titles of some of the songs. */
function groupsOf(groups: SongGroups, songs: Int32Array): SongGroups {
  const taken = (of: Int32Array) => songs.map((song) => of[song]!);
  return { artists: taken(groups.artists), albums: taken(groups.albums), titles: taken(groups.titles) };
}

/** Interactions with some of the songs, which are numbered anew. */
function withOnly(interactions: Interactions, songs: Int32Array): Interactions {
  const place = new Map([...songs].map((song, at) => [song, at]));
  const lists = Array.from({ length: interactions.listenerCount }, (_, listener) =>
    [...songsOf(interactions, listener)].flatMap((song) => place.get(song) ?? []),
  );
  return interactionsFromLists(songs.length, lists);
}

/** Two matrices side by side; the second one brought to mean 0 and deviation 1 per column, like item vectors are. */
export function besideEachOther(items: Matrix, profiles: Matrix): Matrix {
  const [a, b] = [items.columns, profiles.columns];
  const values = new Float32Array(items.rows * (a + b));
  for (let row = 0; row < items.rows; row++)
    values.set(items.values.subarray(row * a, (row + 1) * a), row * (a + b));
  for (let c = 0; c < b; c++) {
    let [sum, squares] = [0, 0];
    for (let row = 0; row < profiles.rows; row++) {
      const value = profiles.values[row * b + c]!;
      sum += value;
      squares += value * value;
    }
    const mean = sum / profiles.rows;
    const deviation = Math.sqrt(Math.max(0, squares / profiles.rows - mean * mean));
    for (let row = 0; row < items.rows; row++) {
      const scaled = deviation > 1e-6 ? (profiles.values[row * b + c]! - mean) / deviation : 0;
      values[row * (a + b) + a + c] = scaled;
    }
  }
  return { rows: items.rows, columns: a + b, values };
}

/** What a trained method reports of its training, if it does. */
function reportedBy(recommender: Recommender): Pick<Ranking, 'curve' | 'variety'> {
  const { curve, variety } = rankingSchema.shape;
  const reported = z.object({ metrics: z.object({ curve: curve.unwrap(), variety }) }).safeParse(recommender);
  return reported.success ? reported.data.metrics : {};
}

/** Why a method could not be measured. */
export interface Failed {
  readonly failed: string;
}

/**
 * Fits a method and measures it, or takes what was measured before. A method that breaks down does not end the
 * study: it is named, and tried again next time.
 *
 * With emotions, a method that looks at profiles by itself gets them so. One whose scores stay exactly the same gets
 * them as further columns of the songs, and one whose scores are the same even then has no use for what is known of
 * songs.
 */
export async function rank(context: StudyContext, task: RankingTask): Promise<Ranking | Failed> {
  const { protocol, features, method, seed, emotions, only } = task;
  const world = await context.songs();
  const split = await world.split(protocol, seed);
  const key = {
    kind: 'ranking',
    protocol,
    features,
    method,
    seed,
    backend: context.backend,
    data: split.hash,
    emotions: emotions === undefined ? 'none' : `${emotions.name} ${emotions.hash}`,
    songs: only?.name ?? 'all',
    program: programMark(),
  };
  const name = [protocol, features, method, emotions && `${emotions.name} emotions`, `seed ${seed}`];
  const base = emotions === undefined ? undefined : await rank(context, { ...task, emotions: undefined });
  if (base !== undefined && 'failed' in base) return base;
  try {
    return await context.results.get(key, rankingSchema, async () => {
      context.tell(name.filter((word) => word !== undefined).join(', '));
      const part: Split = only
        ? { ...split, train: withOnly(split.train, only.songs), test: withOnly(split.test, only.songs) }
        : split;
      const whole = await recommenderData(world.catalogue, split.train, features, undefined);
      const given: RecommenderData = {
        ...whole,
        interactions: part.train,
        profiles: (await emotions?.profiles()) ?? whole.profiles,
      };
      const data: RecommenderData = only
        ? {
            ...given,
            items: rowsOf(given.items, only.songs),
            profiles: rowsOf(given.profiles, only.songs),
            groups: given.groups && groupsOf(given.groups, only.songs),
          }
        : given;
      return await fitAndMeasure(context, task, data, part, base);
    });
  } catch (error) {
    const failed = (error as Error).message.split('\n')[0]!.slice(0, 200);
    context.tell(`${name.join(', ')} broke down: ${failed}`);
    return { failed };
  }
}

async function fitAndMeasure(
  context: StudyContext,
  { method, seed }: RankingTask,
  data: RecommenderData,
  split: Split,
  base: Ranking | undefined,
): Promise<Ranking> {
  const measured = async (
    own: RecommenderData,
    uses?: (typeof USES)[number],
  ): Promise<Ranking | undefined> => {
    const recommender = await context.fit(method, own, seed);
    try {
      const same = base !== undefined && fingerprintOf(recommender, split.train, seed) === base.fingerprint;
      return same
        ? undefined
        : { ...measureRanking(recommender, split, seed), uses, ...reportedBy(recommender) };
    } finally {
      recommender.dispose?.();
    }
  };
  if (base === undefined) return (await measured(data))!;
  return (
    (await measured(data, 'itself')) ??
    (await measured({ ...data, items: besideEachOther(data.items, data.profiles) }, 'columns')) ?? {
      ...base,
      uses: 'nothing',
    }
  );
}

/** Value per listener, the mean over the seeds. */
export function perListener(rankings: readonly Ranking[], what: 'ndcg10' | 'recall50'): Map<string, number> {
  const lists = new Map<string, number[]>();
  for (const ranking of rankings) {
    for (const [i, id] of ranking.listeners.entries()) {
      const list = lists.get(id) ?? [];
      lists.set(id, list);
      list.push(ranking[what][i]!);
    }
  }
  return new Map(
    [...lists].map(([id, list]) => [id, list.reduce((sum, value) => sum + value, 0) / list.length]),
  );
}

/** All seeds of a task, or why one failed. */
export async function rankSeeds(
  context: StudyContext,
  task: Omit<RankingTask, 'seed'>,
): Promise<readonly Ranking[] | Failed> {
  const rankings: Ranking[] = [];
  for (const seed of context.seeds) {
    const one = await rank(context, { ...task, seed });
    if ('failed' in one) return one;
    rankings.push(one);
  }
  return rankings;
}
