import type { Random } from './random.ts';

/** Position of the largest value of a row of `size` values (the first of equals). */
export function argmax(values: ArrayLike<number>, offset: number, size: number): number {
  let best = 0;
  for (let e = 1; e < size; e++) if (values[offset + e] > values[offset + best]) best = e;
  return best;
}

function sameLength(a: ArrayLike<unknown>, b: ArrayLike<unknown>): void {
  if (a.length !== b.length) throw new RangeError(`${a.length} predictions for ${b.length} truths`);
}

/** Share of equal entries, 0..1; NaN for none. */
export function accuracy(predicted: ArrayLike<number>, truth: ArrayLike<number>): number {
  sameLength(predicted, truth);
  let right = 0;
  for (let i = 0; i < truth.length; i++) if (predicted[i] === truth[i]) right++;
  return right / truth.length;
}

/** Mean over the classes that occur in either list of F1 = 2·TP / (2·TP + FP + FN); NaN for none. */
export function macroF1(predicted: ArrayLike<number>, truth: ArrayLike<number>, classes: number): number {
  sameLength(predicted, truth);
  const both = new Float64Array(classes);
  const either = new Float64Array(classes);
  for (let i = 0; i < truth.length; i++) {
    if (predicted[i] === truth[i]) both[truth[i]] += 2;
    either[truth[i]]++;
    either[predicted[i]]++;
  }
  let sum = 0;
  let present = 0;
  for (let e = 0; e < classes; e++) {
    if (either[e] === 0) continue;
    sum += both[e] / either[e];
    present++;
  }
  return sum / present;
}

/**
 * Expected calibration error (Naeini, Cooper & Hauskrecht 2015) over ten equal bins: how far a stated
 * confidence is from the rate at which it is right. NaN for none.
 * @param confidence of each prediction, 0..1
 * @param right 1 where the prediction was right
 */
export function calibrationError(
  confidence: ArrayLike<number>,
  right: ArrayLike<number | boolean>,
  bins = 10,
): number {
  sameLength(confidence, right);
  const stated = new Float64Array(bins);
  const rate = new Float64Array(bins);
  for (let i = 0; i < confidence.length; i++) {
    const bin = Math.max(0, Math.min(bins - 1, Math.floor(confidence[i] * bins)));
    stated[bin] += confidence[i];
    rate[bin] += Number(right[i]);
  }
  let sum = 0;
  for (let b = 0; b < bins; b++) sum += Math.abs(stated[b] - rate[b]);
  return sum / confidence.length;
}

/** Mean absolute difference of two tables of shares. */
export function shareError(shares: ArrayLike<number>, truth: ArrayLike<number>): number {
  sameLength(shares, truth);
  let sum = 0;
  for (let i = 0; i < truth.length; i++) sum += Math.abs(shares[i] - truth[i]);
  return sum / truth.length;
}

/** Ranked songs of one listener, best first, and the songs that should be among them. */
export interface Ranked {
  readonly ranking: ArrayLike<number>;
  readonly wanted: ReadonlySet<number>;
}

function hits({ ranking, wanted }: Ranked, k: number): number {
  let count = 0;
  for (let i = 0; i < Math.min(k, ranking.length); i++) if (wanted.has(ranking[i])) count++;
  return count;
}

/** NDCG@k with binary relevance (Järvelin & Kekäläinen 2002); the ideal has min(k, wanted) hits first. */
export function ndcgAt(ranked: Ranked, k: number): number {
  let gain = 0;
  let ideal = 0;
  for (let i = 0; i < k; i++) {
    const discount = 1 / Math.log2(i + 2);
    if (i < ranked.ranking.length && ranked.wanted.has(ranked.ranking[i])) gain += discount;
    if (i < ranked.wanted.size) ideal += discount;
  }
  return ideal === 0 ? 0 : gain / ideal;
}

/** Share of the wanted songs among the first k. */
export function recallAt(ranked: Ranked, k: number): number {
  return ranked.wanted.size === 0 ? 0 : hits(ranked, k) / ranked.wanted.size;
}

/** Share of the first k that is wanted; a list shorter than k still counts as k. */
export function precisionAt(ranked: Ranked, k: number): number {
  return hits(ranked, k) / k;
}

/** Share of all songs that are among somebody's first k. */
export function coverage(rankings: Iterable<ArrayLike<number>>, k: number, songCount: number): number {
  const seen = new Set<number>();
  for (const ranking of rankings) for (let i = 0; i < Math.min(k, ranking.length); i++) seen.add(ranking[i]);
  return seen.size / songCount;
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

export interface Interval {
  /** mean(a) − mean(b). */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Percentile bootstrap (Efron 1979) of the mean difference of two methods measured on the same listeners;
 * pairs are drawn together. An interval that excludes 0 is a difference that will hold for other listeners.
 */
export function pairedBootstrap(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  random: Random,
  { rounds = 2000, level = 0.95 } = {},
): Interval {
  sameLength(a, b);
  const n = a.length;
  if (n === 0) return { difference: 0, low: 0, high: 0 };
  const differences = Float64Array.from({ length: n }, (_, i) => a[i] - b[i]);
  const means = new Float64Array(rounds);
  for (let r = 0; r < rounds; r++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += differences[random.integer(n)];
    means[r] = sum / n;
  }
  means.sort();
  const at = (quantile: number): number => means[Math.round(quantile * (rounds - 1))];
  return { difference: mean(differences), low: at((1 - level) / 2), high: at((1 + level) / 2) };
}
