/** How a column is brought near to a bell shape before it is standardised. */
export type Transform = 'none' | 'log' | 'root';

/** How to bring raw columns to mean 0 and deviation 1. Plain data, so that it can be stored as JSON. */
export interface Standardizer {
  readonly means: readonly number[];
  /** 0 for a column that is constant or has no values; it becomes all zeros. */
  readonly deviations: readonly number[];
}

/** Below this deviation, relative to the mean's size, a column is constant but for rounding. */
const CONSTANT = 1e-6;

/**
 * Means and (population) deviations per column; missing values (NaN, ±Infinity) do not count.
 * @param values rows × columns, row-major
 */
export function fitStandardizer(values: Float32Array, rows: number, columns: number): Standardizer {
  const means = new Array<number>(columns).fill(0);
  const deviations = new Array<number>(columns).fill(0);
  for (let c = 0; c < columns; c++) {
    let count = 0;
    let mean = 0;
    let squares = 0;
    for (let r = 0; r < rows; r++) {
      const value = values[r * columns + c];
      if (!Number.isFinite(value)) continue;
      // Welford 1962: no cancellation for columns far from zero.
      count++;
      const delta = value - mean;
      mean += delta / count;
      squares += delta * (value - mean);
    }
    const deviation = count === 0 ? 0 : Math.sqrt(squares / count);
    means[c] = mean;
    deviations[c] = deviation > CONSTANT * Math.max(1, Math.abs(mean)) ? deviation : 0;
  }
  return { means, deviations };
}

/** Farther out than this many deviations a value says no more than "extreme". */
const CLIP = 6;

/** In place: (value − mean) / deviation within ±6, and 0 where a value is missing or its column constant. */
export function applyStandardizer(values: Float32Array, rows: number, standardizer: Standardizer): void {
  const { means, deviations } = standardizer;
  const columns = means.length;
  if (values.length !== rows * columns) {
    throw new RangeError(`${values.length} values are not ${rows} rows of ${columns} columns`);
  }
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const at = r * columns + c;
      const scaled = deviations[c] === 0 ? 0 : (values[at] - means[c]) / deviations[c];
      values[at] = Number.isNaN(scaled) ? 0 : Math.max(-CLIP, Math.min(CLIP, scaled));
    }
  }
}

/** A copy of `values` (rows × columns) with mean 0 and deviation 1 per column; missing values become 0. */
export function standardize(values: Float32Array, rows: number, columns: number): Float32Array {
  const copy = Float32Array.from(values);
  applyStandardizer(copy, rows, fitStandardizer(copy, rows, columns));
  return copy;
}

/** How each known column is transformed: long-tailed ones by logarithm or root, the rest as they are. */
const TRANSFORMS: Readonly<Record<string, { readonly transform: Transform; readonly floor: number }>> = {
  speechiness: { transform: 'log', floor: 0.02 },
  liveness: { transform: 'log', floor: 0.02 },
  tempo: { transform: 'log', floor: 20 },
  durationMs: { transform: 'log', floor: 5000 },
  acousticness: { transform: 'root', floor: 0 },
  instrumentalness: { transform: 'root', floor: 0 },
};

/** Applies the transform that suits a named column; NaN for a missing or impossible value. */
export function transformFeature(name: string, value: number): number {
  if (!Number.isFinite(value)) return Number.NaN;
  const { transform, floor } = TRANSFORMS[name] ?? { transform: 'none', floor: 0 };
  if (transform === 'none') return value;
  if (value < 0) return Number.NaN;
  // A tempo or length of 0 means "not found" in Spotify's tables.
  if (value === 0 && (name === 'tempo' || name === 'durationMs')) return Number.NaN;
  return transform === 'log' ? Math.log(Math.max(value, floor)) : Math.sqrt(value);
}
