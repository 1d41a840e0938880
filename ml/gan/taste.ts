import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';

/** Columns are looked at within ±LIMIT deviations, in BINS equal steps. */
const LIMIT = 4;
const BINS = 40;
/** Numbers per column of `Taste.ratios`. */
export const tasteBins = BINS;
const STEP = (2 * LIMIT) / BINS;
/** Deviation of the Gaussian that smooths a histogram. */
const BANDWIDTH = 0.35;
/** A listener's histogram counts like this many songs of the catalogue more, so that few songs say little. */
const PRIOR_SONGS = 5;
/** A listener's deviation in a column counts like this many songs of deviation 1 more. */
const PRIOR_SPREAD = 3;
/** Farther from the listener's mean than this many deviations is simply far. */
const FAR = 5;
/** Kept in every bin of the catalogue, so that no logarithm is infinite. */
const FLOOR = 1e-6;

/** Rows are bins: how much of a song in a bin falls into each bin, rows sum to 1. */
const KERNEL = (() => {
  const kernel = new Float32Array(BINS * BINS);
  for (let a = 0; a < BINS; a++) {
    let sum = 0;
    for (let b = 0; b < BINS; b++) {
      const distance = ((a - b) * STEP) / BANDWIDTH;
      kernel[a * BINS + b] = Math.exp(-0.5 * distance * distance);
      sum += kernel[a * BINS + b]!;
    }
    for (let b = 0; b < BINS; b++) kernel[a * BINS + b]! /= sum;
  }
  return kernel;
})();

/** The step in which a value of a column lies, 0..tasteBins-1. */
export function binOf(value: number): number {
  const bin = Math.floor((value + LIMIT) / STEP);
  return bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin;
}

/** Smoothed histograms of each column, width × BINS; all 0 without rows. */
function histograms(values: Float32Array, rows: ArrayLike<number>, width: number): Float32Array {
  const counts = new Float32Array(width * BINS);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * width;
    for (let c = 0; c < width; c++) counts[c * BINS + binOf(values[from + c]!)]!++;
  }
  const smooth = new Float32Array(width * BINS);
  for (let at = 0; at < counts.length; at++) {
    const count = counts[at]! / Math.max(1, rows.length);
    if (count === 0) continue;
    const column = at - (at % BINS);
    const kernel = (at % BINS) * BINS;
    for (let b = 0; b < BINS; b++) smooth[column + b]! += count * KERNEL[kernel + b]!;
  }
  return smooth;
}

/** How the songs of a whole catalogue are spread over each column: width × BINS. */
export type Background = Float32Array;

export function backgroundOf(values: Float32Array, count: number, width: number): Background {
  const all = Int32Array.from({ length: count }, (_, song) => song);
  return histograms(values, all, width).map((share) => share + FLOOR);
}

/** What is typical of the songs that a listener likes, column by column. Does not depend on their order. */
export interface Taste {
  /** width × BINS: the log of how much likelier a value is among the listener's songs than in the catalogue. */
  readonly ratios: Float32Array;
  readonly means: Float32Array;
  /** One by the deviation of each column. */
  readonly sharpness: Float32Array;
  /** log(1 + songs), scaled to about 1. */
  readonly known: number;
}

/** @param liked rows of `values` (songs × width) */
export function tasteOf(
  values: Float32Array,
  width: number,
  liked: ArrayLike<number>,
  background: Background,
): Taste {
  const n = liked.length;
  const ratios = histograms(values, liked, width);
  for (let at = 0; at < ratios.length; at++) {
    const base = background[at]!;
    ratios[at] = Math.log((n * ratios[at]! + PRIOR_SONGS * base) / ((n + PRIOR_SONGS) * base));
  }
  const means = new Float32Array(width);
  const sharpness = new Float32Array(width);
  for (let c = 0; c < width; c++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[liked[i]! * width + c]!;
    const mean = n === 0 ? 0 : sum / n;
    let squares = 0;
    for (let i = 0; i < n; i++) squares += (values[liked[i]! * width + c]! - mean) ** 2;
    means[c] = mean;
    sharpness[c] = 1 / Math.sqrt((squares + PRIOR_SPREAD) / (n + PRIOR_SPREAD));
  }
  return { ratios, means, sharpness, known: Math.log1p(n) / Math.log1p(32) };
}

/** Numbers that compare one song with one taste: three per column and how much is known of the listener. */
export function comparisonWidth(width: number): number {
  return 3 * width + 1;
}

/** The log ratio at a value, linear between the middles of the bins, and its slope. */
function ratioAt(ratios: Float32Array, column: number, value: number): { ratio: number; slope: number } {
  const place = (value + LIMIT) / STEP - 0.5;
  const from = column * BINS;
  if (!(place > 0)) return { ratio: ratios[from]!, slope: 0 };
  if (place >= BINS - 1) return { ratio: ratios[from + BINS - 1]!, slope: 0 };
  const bin = Math.floor(place);
  const [low, high] = [ratios[from + bin]!, ratios[from + bin + 1]!];
  return { ratio: low + (place - bin) * (high - low), slope: (high - low) / STEP };
}

/**
 * Compares one song with a taste: per column the log likelihood ratio of its value, its distance from the listener's
 * mean in deviations, and the value itself.
 * @param song where the song begins in `values`
 * @param out filled from `at` with {@link comparisonWidth} numbers
 */
export function compareSong(
  values: Float32Array,
  song: number,
  { ratios, means, sharpness, known }: Taste,
  out: Float32Array,
  at: number,
): void {
  const width = means.length;
  for (let c = 0; c < width; c++) {
    const value = values[song + c]!;
    // As `ratioAt`, without an object per number: this runs for every song of a catalogue.
    const place = (value + LIMIT) / STEP - 0.5;
    const bounded = place > 0 ? (place < BINS - 1 ? place : BINS - 1) : 0;
    const bin = bounded < BINS - 1 ? bounded | 0 : BINS - 2;
    const low = ratios[c * BINS + bin]!;
    out[at + c] = low + (bounded - bin) * (ratios[c * BINS + bin + 1]! - low);
    const distance = Math.abs(value - means[c]!) * sharpness[c]!;
    out[at + width + c] = distance < FAR ? distance : FAR;
    out[at + 2 * width + c] = value;
  }
  out[at + 3 * width] = known;
}

/**
 * {@link compareSong} for many songs as one operation with its derivative by the songs (a generator learns through
 * it; tastes are data).
 * @param songs batch × rows × width, or 1 × rows × width for the same songs with every taste
 * @param tastes one per batch
 * @returns batch × rows × comparison width
 */
export function compare(tf: Tf, songs: Tensor3D, tastes: readonly Taste[]): Tensor3D {
  const [own, rows, width] = songs.shape;
  const batch = tastes.length;
  const size = comparisonWidth(width);
  const songOf = (b: number, r: number) => ((own === 1 ? 0 : b * rows) + r) * width;
  const operation = tf.customGrad((...args) => {
    const [x, save] = args as unknown as [Tensor3D, (tensors: Tensor[]) => void];
    const values = x.dataSync() as Float32Array;
    const out = new Float32Array(batch * rows * size);
    tastes.forEach((taste, b) => {
      for (let r = 0; r < rows; r++) compareSong(values, songOf(b, r), taste, out, (b * rows + r) * size);
    });
    save([x]);
    return {
      value: tf.tensor3d(out, [batch, rows, size]),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const values = saved[0]!.dataSync() as Float32Array;
        const d = dy.dataSync();
        const dx = new Float32Array(values.length);
        tastes.forEach(({ ratios, means, sharpness }, b) => {
          for (let r = 0; r < rows; r++) {
            const song = songOf(b, r);
            const at = (b * rows + r) * size;
            for (let c = 0; c < width; c++) {
              const value = values[song + c]!;
              const off = (value - means[c]!) * sharpness[c]!;
              const turn = Math.abs(off) < FAR ? Math.sign(off) * sharpness[c]! : 0;
              dx[song + c]! +=
                d[at + c]! * ratioAt(ratios, c, value).slope +
                d[at + width + c]! * turn +
                d[at + 2 * width + c]!;
            }
          }
        });
        return tf.tensor(dx, songs.shape);
      },
    };
  });
  return operation(songs) as Tensor3D;
}
