import { PER_STEP, stepping } from './steps.ts';

/** Those of 0 … count−1 that `take` accepts, in their order. */
export function* chosen(count: number, take: (row: number) => boolean): Generator<void, Int32Array> {
  const taken = new Int32Array(count);
  let found = 0;
  yield* stepping(count, (from, to) => {
    for (let row = from; row < to; row++) if (take(row)) taken[found++] = row;
  });
  return taken.subarray(0, found);
}

/** The rows that `take` accepts, in their order. */
export function* filtered(rows: Int32Array, take: (row: number) => boolean): Generator<void, Int32Array> {
  const places = yield* chosen(rows.length, (i) => take(rows[i]));
  yield* stepping(places.length, (from, to) => {
    for (let i = from; i < to; i++) places[i] = rows[places[i]];
  });
  return places;
}

/** Rows by their key (0 … keys−1): those of key k from `starts[k]` to `starts[k + 1]`, in the order that they had. */
export function* grouped(
  rows: Int32Array,
  keys: number,
  keyOf: Int32Array,
): Generator<void, { starts: Int32Array; rows: Int32Array }> {
  const starts = new Int32Array(keys + 1);
  yield* stepping(rows.length, (from, to) => {
    for (let i = from; i < to; i++) starts[keyOf[rows[i]] + 1]++;
  });
  for (let key = 0; key < keys; key++) starts[key + 1] += starts[key];
  const at = starts.slice();
  const sorted = new Int32Array(rows.length);
  yield* stepping(rows.length, (from, to) => {
    for (let i = from; i < to; i++) sorted[at[keyOf[rows[i]]]++] = rows[i];
  });
  return { starts, rows: sorted };
}

/** Where the upper half of a 64-bit number lies on this machine. */
const UPPER = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;
const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;

/**
 * Rows in the order of their time, in the order that they had where times are equal. Few are compared; many are sorted
 * by the digits of their times (LSD radix sort), whose 64 bits are ordered as the numbers are once a negative one's are
 * all turned round, and a positive one's first.
 * @param times of all rows; no NaN among those of `rows`
 */
export function* sortedByTime(rows: Int32Array, times: Float64Array): Generator<void, Int32Array> {
  if (rows.length <= PER_STEP) return rows.slice().sort((a, b) => times[a] - times[b]);
  const words = new Uint32Array(times.buffer, times.byteOffset, 2 * times.length);
  const digitOf = (row: number, digit: number): number => {
    const upper = words[2 * row + UPPER];
    const word = digit < 2 ? words[2 * row + 1 - UPPER] : upper;
    const turned = upper >>> 31 === 1 ? ~word : digit < 2 ? word : word ^ 0x8000_0000;
    return (turned >>> (DIGIT_BITS * (digit & 1))) & (DIGITS - 1);
  };
  let [sorted, next] = [rows.slice(), new Int32Array(rows.length)];
  for (let digit = 0; digit < 4; digit++) {
    const ends = new Int32Array(DIGITS + 1);
    yield* stepping(rows.length, (from, to) => {
      for (let i = from; i < to; i++) ends[digitOf(sorted[i], digit) + 1]++;
    });
    // Times of a few months have their first digit in common.
    if (ends.includes(rows.length)) continue;
    for (let value = 0; value < DIGITS; value++) ends[value + 1] += ends[value];
    yield* stepping(rows.length, (from, to) => {
      for (let i = from; i < to; i++) next[ends[digitOf(sorted[i], digit)]++] = sorted[i];
    });
    [sorted, next] = [next, sorted];
  }
  return sorted;
}
