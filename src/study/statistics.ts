import { mean, pairedBootstrap } from '../../ml/metrics.ts';
import type { Random } from '../../ml/random.ts';

/** The finite numbers of a list, ascending. */
function sorted(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).filter(Number.isFinite).sort();
}

/** A quantile (0..1) with linear interpolation between the neighbours, over the finite numbers; NaN without any. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const list = sorted(values);
  if (list.length === 0) return Number.NaN;
  const at = share * (list.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, list.length - 1);
  return list[low]! + (list[high]! - list[low]!) * (at - low);
}

export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

/** The straight line that fits best by least squares, and how well. */
export interface Fit {
  readonly intercept: number;
  readonly slope: number;
  /** Pearson's correlation, -1..1. */
  readonly r: number;
  /** Pairs of two finite numbers. */
  readonly pairs: number;
}

/** Least squares of y on x over the pairs that are both finite. r is NaN where either is constant. */
export function fitLine(x: ArrayLike<number>, y: ArrayLike<number>): Fit {
  let [n, mx, my, sxx, syy, sxy] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) continue;
    n++;
    // Welford 1962: no cancellation far from zero.
    const dx = x[i]! - mx;
    const dy = y[i]! - my;
    mx += dx / n;
    my += dy / n;
    sxx += dx * (x[i]! - mx);
    syy += dy * (y[i]! - my);
    sxy += dx * (y[i]! - my);
  }
  const slope = sxx > 0 ? sxy / sxx : Number.NaN;
  const r = sxx > 0 && syy > 0 ? sxy / (Math.sqrt(sxx) * Math.sqrt(syy)) : Number.NaN;
  // Rounding may carry a perfect correlation past 1.
  return { intercept: my - slope * mx, slope, r: Math.max(-1, Math.min(1, r)), pairs: n };
}

/** The median of y in each of `bins` equal steps of x; steps with fewer than `least` songs are left out. */
export function runningMedian(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  bins = 20,
  least = 20,
): [number, number][] {
  const [low, high] = [quantile(x, 0), quantile(x, 1)];
  if (!(high > low)) return [];
  const lists = Array.from({ length: bins }, () => [] as number[]);
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const bin = Math.min(bins - 1, Math.floor(((x[i]! - low) / (high - low)) * bins));
    if (Number.isFinite(y[i])) lists[bin]?.push(y[i]!);
  }
  return lists.flatMap((list, bin): [number, number][] =>
    list.length < least ? [] : [[low + ((bin + 0.5) / bins) * (high - low), median(list)]],
  );
}

/** A mean and where it would lie for other seeds or listeners. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** What it is the mean of. */
  readonly count: number;
}

/** Mean with its 95 % percentile bootstrap interval; NaN for none. */
export function estimate(values: ArrayLike<number>, random: Random): Estimate {
  if (values.length === 0) return { value: Number.NaN, low: Number.NaN, high: Number.NaN, count: 0 };
  const { low, high } = pairedBootstrap(values, new Float64Array(values.length), random);
  return { value: mean(values), low, high, count: values.length };
}

/**
 * Mean of a − b over those that both measured, with its 95 % paired bootstrap interval.
 * @param a value per listener
 */
export function difference(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
  random: Random,
): Estimate {
  const both = [...a.keys()].filter((key) => b.has(key));
  return estimate(
    both.map((key) => a.get(key)! - b.get(key)!),
    random,
  );
}
