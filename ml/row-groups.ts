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

/** Rows in the order of their time: those of a day, of a part of it and so on, until few enough are sorted at once. */
export function* sortedByTime(rows: Int32Array, times: Float64Array): Generator<void, Int32Array> {
  const sorted = new Int32Array(rows.length);
  let filled = 0;
  function* put(some: Int32Array | number[], width: number): Generator<void> {
    if (some.length <= PER_STEP || width < 1) {
      sorted.set(
        some.sort((a, b) => times[a] - times[b]),
        filled,
      );
      filled += some.length;
      yield;
      return;
    }
    const parts = new Map<number, number[]>();
    for (const [i, row] of some.entries()) {
      if (i % PER_STEP === PER_STEP - 1) yield;
      const part = Math.floor(times[row] / width);
      const list = parts.get(part);
      if (list === undefined) parts.set(part, [row]);
      else list.push(row);
    }
    for (const part of [...parts.keys()].sort((a, b) => a - b)) yield* put(parts.get(part)!, width / 32);
  }
  yield* put(rows.slice(), 86_400_000);
  return sorted;
}
