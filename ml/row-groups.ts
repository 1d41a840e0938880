import { dayOf } from './burst-windows.ts';

/** Rows worked on between two steps of a generator: some milliseconds at most. */
export const PER_STEP = 5_000;

/** Rows that `take` accepts by `keyOf` (0 … keys−1), as the row numbers of key k from `starts[k]` to `starts[k + 1]`. */
export function* grouped(
  count: number,
  keys: number,
  keyOf: Int32Array,
  take: (row: number) => boolean,
): Generator<void, { starts: Int32Array; rows: Int32Array }> {
  const starts = new Int32Array(keys + 1);
  for (let row = 0; row < count; row++) {
    if (row % PER_STEP === PER_STEP - 1) yield;
    if (take(row)) starts[keyOf[row] + 1]++;
  }
  for (let key = 0; key < keys; key++) starts[key + 1] += starts[key];
  const at = starts.slice();
  const rows = new Int32Array(starts[keys]);
  for (let row = 0; row < count; row++) {
    if (row % PER_STEP === PER_STEP - 1) yield;
    if (take(row)) rows[at[keyOf[row]]++] = row;
  }
  return { starts, rows };
}

/** Rows in the order of their time, a day at a time. */
export function* sortedByTime(rows: Int32Array, times: Float64Array): Generator<void, Int32Array> {
  const days = new Map<number, number[]>();
  for (const [i, row] of rows.entries()) {
    if (i % PER_STEP === PER_STEP - 1) yield;
    const day = dayOf(times[row]);
    const list = days.get(day);
    if (list === undefined) days.set(day, [row]);
    else list.push(row);
  }
  let filled = 0;
  const sorted = new Int32Array(rows.length);
  for (const day of [...days.keys()].sort((a, b) => a - b)) {
    const list = days.get(day)!.sort((a, b) => times[a] - times[b]);
    sorted.set(list, filled);
    filled += list.length;
    yield;
  }
  return sorted;
}
