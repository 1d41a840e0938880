import { interactionsFromLists, songsOf } from './interactions.ts';
import { mean, ndcgAt, recallAt } from './metrics.ts';
import type { Interactions, Recommender } from './recommender.ts';
import { createTop } from './top.ts';

/** FNV-1a over both keys, then murmur's finaliser, as a number in [0, 1). */
export function hashFraction(listener: string, song: string, seed: number): number {
  let h = (0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1)) >>> 0;
  for (const text of [listener, '\u0000', song]) {
    for (let i = 0; i < text.length; i++) {
      h ^= text.charCodeAt(i);
      h = Math.imul(h, 0x01000193);
    }
  }
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return (h >>> 0) / 4294967296;
}

export interface HoldOutOptions {
  /** Share of the interactions that is held out, 0..1. */
  readonly fraction: number;
  readonly seed?: number;
  /** Names that stay the same over runs and catalogue versions. */
  readonly listenerKey: (listener: number) => string;
  readonly songKey: (song: number) => string;
}

/**
 * Splits interactions for measuring. Whether one is held out depends on nothing but its two keys and the
 * seed, so an interaction that was ever held out is never trained on by a later run, whatever else changes.
 */
export function holdOut(
  interactions: Interactions,
  { fraction, seed = 1, listenerKey, songKey }: HoldOutOptions,
): { train: Interactions; test: Interactions } {
  const train: number[][] = [];
  const test: number[][] = [];
  for (let listener = 0; listener < interactions.listenerCount; listener++) {
    const key = listenerKey(listener);
    const kept: number[] = [];
    const held: number[] = [];
    for (const song of songsOf(interactions, listener)) {
      if (hashFraction(key, songKey(song), seed) < fraction) held.push(song);
      else kept.push(song);
    }
    train.push(kept);
    test.push(held);
  }
  const { songCount } = interactions;
  return { train: interactionsFromLists(songCount, train), test: interactionsFromLists(songCount, test) };
}

/**
 * The k best-scored indices, best first (the lower index of equals), without those in `exclude` and without
 * scores that are NaN or -Infinity. A heap of k, so linear in the songs.
 */
export function topK(scores: Float32Array, k: number, exclude?: ArrayLike<number>): Int32Array {
  const out = exclude === undefined ? undefined : new Uint8Array(scores.length);
  if (out !== undefined) for (let i = 0; i < exclude!.length; i++) out[exclude![i]] = 1;
  const top = createTop(Math.min(k, scores.length));
  let worst = top.worst();
  for (let s = 0; s < scores.length; s++) {
    if (!(scores[s] > worst) || out?.[s] === 1) continue;
    top.offer(s, scores[s]);
    worst = top.worst();
  }
  return top.take();
}

export interface RankingEvaluation {
  /** The listeners that had something held out, in the order of the two lists below. */
  readonly listeners: Int32Array;
  readonly ndcg10: Float64Array;
  readonly recall50: Float64Array;
  /** Means over those listeners; 0 when there are none. */
  readonly meanNdcg10: number;
  readonly meanRecall50: number;
}

export interface EvaluateOptions {
  /** Evaluate only these listeners; default all. */
  readonly listeners?: ArrayLike<number>;
  readonly seed?: number;
  /** Songs that must not be ranked for a listener, besides the listener's training songs. */
  readonly exclude?: (listener: number) => ArrayLike<number>;
  /** Called after each listener; awaited, so that the caller can let others run. */
  readonly onProgress?: (fraction: number) => void | Promise<void>;
}

/**
 * Ranks all songs for every listener, leaves out the listener's training songs, and compares the top with
 * what was held out.
 */
export async function evaluateRanking(
  recommender: Recommender,
  train: Interactions,
  test: Interactions,
  { listeners, seed = 1, exclude, onProgress }: EvaluateOptions = {},
): Promise<RankingEvaluation> {
  const asked = listeners ?? Int32Array.from({ length: test.listenerCount }, (_, i) => i);
  const measured: number[] = [];
  const ndcg: number[] = [];
  const recall: number[] = [];
  for (let i = 0; i < asked.length; i++) {
    const listener = asked[i];
    const wanted = new Set(songsOf(test, listener));
    if (wanted.size === 0) continue;
    const liked = songsOf(train, listener);
    const scores = Float32Array.from(recommender.score(liked, { seed }));
    if (exclude !== undefined) {
      const more = exclude(listener);
      for (let j = 0; j < more.length; j++) scores[more[j]] = Number.NEGATIVE_INFINITY;
    }
    const ranking = topK(scores, 50, liked);
    measured.push(listener);
    ndcg.push(ndcgAt({ ranking, wanted }, 10));
    recall.push(recallAt({ ranking, wanted }, 50));
    await onProgress?.((i + 1) / asked.length);
  }
  return {
    listeners: Int32Array.from(measured),
    ndcg10: Float64Array.from(ndcg),
    recall50: Float64Array.from(recall),
    meanNdcg10: measured.length === 0 ? 0 : mean(ndcg),
    meanRecall50: measured.length === 0 ? 0 : mean(recall),
  };
}
