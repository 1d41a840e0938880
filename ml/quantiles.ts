/** For each column the values of a reference group and how much of the group lies below each. JSON-able. */
export interface QuantileScale {
  /** Per column, ascending, no duplicates; empty for a column without values. */
  readonly values: readonly (readonly number[])[];
  /** Per column: share of the group below the value, its own duplicates counted half. */
  readonly ranks: readonly (readonly number[])[];
}

/** More steps than this tell no more about a column. */
const MOST_KNOTS = 512;

/**
 * Learns from some rows how common each value is. Missing values (NaN, ±Infinity) do not count.
 * @param values row-major, any number of rows × columns
 * @param rows which of them are the reference group
 */
export function fitQuantiles(values: Float32Array, columns: number, rows: Int32Array): QuantileScale {
  const knots: number[][] = [];
  const ranks: number[][] = [];
  for (let c = 0; c < columns; c++) {
    const sorted = Float32Array.from(rows, (row) => values[row * columns + c])
      .filter((value) => Number.isFinite(value))
      .sort();
    const own: number[] = [];
    const share: number[] = [];
    const step = sorted.length / MOST_KNOTS;
    let next = 0;
    for (let i = 0; i < sorted.length; ) {
      let end = i + 1;
      while (end < sorted.length && sorted[end] === sorted[i]) end++;
      if (i >= next || end === sorted.length) {
        own.push(sorted[i]);
        share.push((i + end) / 2 / sorted.length);
        next = i + step;
      }
      i = end;
    }
    knots.push(own);
    ranks.push(share);
  }
  return { values: knots, ranks };
}

/**
 * Each value → the share of the reference group below it, 0..1, straight lines between known values, so that a
 * column's scale follows how common its values are and neither its unit nor its tail. Missing values lie in the
 * middle, 0.5; a column that is constant in the group is 0.5 for all.
 * @returns a new matrix of the same shape
 */
export function applyQuantiles(values: Float32Array, scale: QuantileScale): Float32Array {
  const columns = scale.values.length;
  const result = new Float32Array(values.length).fill(0.5);
  for (let c = 0; c < columns; c++) {
    const knots = Float64Array.from(scale.values[c]);
    const ranks = Float64Array.from(scale.ranks[c]);
    const last = knots.length - 1;
    if (last < 1) continue;
    for (let at = c; at < values.length; at += columns) {
      const value = values[at];
      if (!Number.isFinite(value)) continue;
      if (value <= knots[0]) result[at] = ranks[0];
      else if (value >= knots[last]) result[at] = ranks[last];
      else {
        let low = 0;
        let high = last;
        while (high - low > 1) {
          const middle = (low + high) >> 1;
          if (knots[middle] <= value) low = middle;
          else high = middle;
        }
        const part = (value - knots[low]) / (knots[high] - knots[low]);
        result[at] = ranks[low] + part * (ranks[high] - ranks[low]);
      }
    }
  }
  return result;
}
