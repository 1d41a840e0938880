import type { Random } from './random.ts';
import { stepping } from './steps.ts';

/** Songs as points whose columns are all spread evenly: the place of each value among the catalogue's, 0..255. */
export interface SongPlaces {
  readonly size: number;
  readonly columns: number;
  /** size × columns, row-major. */
  readonly ranks: Uint8Array;
}

/** Values per column that ranks are read from; more would not change a rank by one in 256. */
const SAMPLE = 4_096;
const MIDDLE = 128;
/** Mean difference of rank, as a part of the whole range, at which likeness has fallen to 1/e. */
const REACH = 0.12;

/**
 * Ranks of raw features, so that a long tail or an odd unit weighs no more than any other column. Equal values get
 * the middle of their ranks, and missing ones (NaN, ±Infinity) the middle of all. Works in steps, so that a caller on
 * the bot's own thread can let others run.
 * @param features size × width, row-major, any scale
 * @param use the columns that count; default all
 * @throws RangeError on a wrong length
 */
export function* placeSongs(
  features: Float32Array,
  size: number,
  width: number,
  use: readonly number[] = Array.from({ length: width }, (_, c) => c),
): Generator<void, SongPlaces> {
  if (features.length !== size * width) {
    throw new RangeError(`${features.length} values are not ${size} songs × ${width} columns`);
  }
  const columns = use.length;
  const ranks = new Uint8Array(size * columns).fill(MIDDLE);
  const stride = Math.max(1, Math.floor(size / SAMPLE));
  for (const [c, source] of use.entries()) {
    const seen: number[] = [];
    for (let s = 0; s < size; s += stride) {
      const value = features[s * width + source];
      if (Number.isFinite(value)) seen.push(value);
    }
    const sorted = Float32Array.from(seen).sort();
    yield* stepping(size, (from, to) => {
      for (let s = from; s < to; s++) {
        const value = features[s * width + source];
        if (!Number.isFinite(value) || sorted.length === 0) continue;
        const below = position(sorted, value, false);
        const upTo = sorted[below] === value ? position(sorted, value, true) : below;
        ranks[s * columns + c] = Math.min(255, Math.floor((128 * (below + upTo)) / sorted.length));
      }
    });
  }
  return { size, columns, ranks };
}

/** How many of the sorted values are below `value`, or at most `value` when `inclusive`. */
function position(sorted: Float32Array, value: number, inclusive: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value || (inclusive && sorted[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * How alike two songs sound, 0..1: the Laplacian kernel exp(−m/0.12) of m, their mean difference of rank as a part of
 * the whole range. 1 for a song and itself, and for any two where there are no columns.
 */
export function likeness(places: SongPlaces, a: number, b: number): number {
  const { columns, ranks } = places;
  let difference = 0;
  for (let c = 0; c < columns; c++) difference += Math.abs(ranks[a * columns + c] - ranks[b * columns + c]);
  return likenessAt(difference, columns);
}

function likenessAt(difference: number, columns: number): number {
  return Math.exp(-difference / (256 * Math.max(1, columns) * REACH));
}

/** Songs that a song is compared with: so many drawn at random stand for more of them. */
const COMPARED = 1_024;
/** Pairs worked on between two steps. */
const PAIRS_PER_STEP = 1 << 15;

/**
 * For each of some songs the sum of weight × likeness over others; the song itself counts when it is one of them.
 * Exact for up to 1,024 others; of more, that many drawn at random stand for all. In steps.
 * @param songs whose sums are wanted
 * @param among the songs to sum over; absent = all
 * @param weightOf the weight of one of them, ≥ 0; absent = 1
 * @returns one sum for each of `songs`
 */
export function* crowding(
  places: SongPlaces,
  songs: Int32Array,
  random: Random,
  among?: Int32Array,
  weightOf?: (song: number) => number,
): Generator<void, Float32Array> {
  const { columns, ranks } = places;
  const sums = new Float32Array(songs.length);
  const total = among?.length ?? places.size;
  const compared = drawSome(total, COMPARED, random).map((at) => among?.[at] ?? at);
  const count = compared.length;
  if (count === 0) return sums;
  const weights = Float64Array.from(compared, (s) => (weightOf?.(s) ?? 1) * (total / count));
  const points = new Uint8Array(count * columns);
  for (let i = 0; i < count; i++) {
    points.set(ranks.subarray(compared[i] * columns, (compared[i] + 1) * columns), i * columns);
  }
  // Every likeness that two songs can have: no pair takes an exponential.
  const alike = Float64Array.from({ length: 255 * columns + 1 }, (_, at) => likenessAt(at, columns));
  const step = Math.max(1, Math.floor(PAIRS_PER_STEP / count));
  for (let from = 0; from < songs.length; from += step) {
    if (from > 0) yield;
    sums.set(sumsAround(places, songs.subarray(from, from + step), points, weights, alike), from);
  }
  return sums;
}

/** Apart from the generator, in which loops are not compiled as well. */
function sumsAround(
  { columns, ranks }: SongPlaces,
  songs: Int32Array,
  points: Uint8Array,
  weights: Float64Array,
  alike: Float64Array,
): Float32Array {
  const sums = new Float32Array(songs.length);
  const song = new Int32Array(columns);
  for (let s = 0; s < songs.length; s++) {
    for (let c = 0; c < columns; c++) song[c] = ranks[songs[s] * columns + c];
    let sum = 0;
    for (let i = 0, at = 0; i < weights.length; i++) {
      let difference = 0;
      for (let c = 0; c < columns; c++, at++) difference += Math.abs(song[c] - points[at]);
      sum += weights[i] * alike[difference];
    }
    sums[s] = sum;
  }
  return sums;
}

/** All numbers below `size`, or `count` of them drawn without repetition (Floyd's algorithm, Bentley & Floyd 1987). */
export function drawSome(size: number, count: number, random: Random): Int32Array {
  if (size <= count) return Int32Array.from({ length: size }, (_, i) => i);
  const drawn = new Set<number>();
  for (let i = size - count; i < size; i++) {
    const one = random.integer(i + 1);
    drawn.add(drawn.has(one) ? i : one);
  }
  return Int32Array.from(drawn);
}
