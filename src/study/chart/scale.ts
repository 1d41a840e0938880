/** Nothing that is measured here is larger; such a number would leave no pixel for the others. */
const LARGEST = 1e12;
const SMALLEST_STEP = 1e-12;

/** Numbers that have a place on an axis. */
export const drawable = (value: number | undefined): value is number =>
  value !== undefined && Math.abs(value) <= LARGEST;

/** From data to pixels along one axis. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly at: (value: number) => number;
}

/**
 * A scale onto pixels `from`..`to`. A domain without extent, or with an end that is no number, is widened, so that
 * whatever comes is drawn somewhere.
 */
export function linearScale(low: number, high: number, from: number, to: number): Scale {
  const bottom = drawable(low) ? low : 0;
  let top = drawable(high) ? high : bottom + 1;
  if (!(top - bottom > SMALLEST_STEP)) top = bottom + (Math.abs(bottom) > 1e-6 ? Math.abs(bottom) * 0.1 : 1);
  return { low: bottom, high: top, at: (value) => from + ((value - bottom) / (top - bottom)) * (to - from) };
}

/** The same by logarithm; everything below the smallest positive number of the domain lies on it. */
export function logScale(low: number, high: number, from: number, to: number): Scale {
  const bottom = low > SMALLEST_STEP && drawable(low) ? low : 1;
  const inner = linearScale(Math.log(bottom), Math.log(Math.max(high, bottom)), from, to);
  return {
    low: bottom,
    high: Math.exp(inner.high),
    at: (value) => inner.at(Math.log(Math.max(value, bottom))),
  };
}

/** Round numbers (1, 2 or 5 times a power of ten) that divide a domain into about `count` parts. */
export function niceTicks(low: number, high: number, count = 5): number[] {
  if (!(high - low > SMALLEST_STEP) || !drawable(low) || !drawable(high)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.99) ?? 10 * power;
  const first = Math.ceil(low / step - 1e-9);
  // Counted, because far from zero the next multiple may be the same number.
  const steps = Math.min(2 * count + 1, Math.floor((high - first * step) / step + 1e-9));
  const ticks: number[] = [];
  for (let i = 0; i <= steps; i++) ticks.push((first + i) * step);
  return ticks;
}

/** As many decimals as it takes to tell the ticks apart. */
export function tickText(value: number, ticks: readonly number[]): string {
  const step = ticks.length > 1 ? Math.abs(ticks[1]! - ticks[0]!) : Math.abs(value);
  const digits = step > 0 && step < 1 ? Math.min(6, Math.ceil(-Math.log10(step) - 1e-9)) : 0;
  const text = (Object.is(value, -0) ? 0 : value).toFixed(digits);
  // U+2212: a hyphen is hardly seen at this size.
  return text.startsWith('-') ? `−${text.slice(1)}` : text;
}

/** The smallest and largest of the numbers that can be drawn; undefined without any. */
export function extent(values: Iterable<number>): readonly [number, number] | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!drawable(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : undefined;
}
