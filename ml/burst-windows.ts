const DAY_MS = 86_400_000;

/** The day (UTC) of a time in ms since the epoch. */
export const dayOf = (time: number): number => Math.floor(time / DAY_MS);

/** Counts the distinct members within the last `ms` of a series that is walked from front to back. */
export interface SlidingWindow {
  /** Takes position `i` in (0, 1, 2 … in turn); returns the distinct members from `first()` to `i`. */
  step(i: number): number;
  first(): number;
  /** Lets go of everything so far: what comes next belongs to another group. The counter is all zero again. */
  empty(): void;
}

/**
 * @param times of a series, ascending within a group
 * @param members of the same
 * @param seen a counter per member, all zero; used until the window is emptied
 */
export function slidingWindow(
  times: Float64Array,
  members: Int32Array,
  ms: number,
  seen: Int32Array,
): SlidingWindow {
  let first = 0;
  let next = 0;
  let distinct = 0;
  const leave = () => {
    if (--seen[members[first++]] === 0) distinct--;
  };
  return {
    step(i) {
      next = i + 1;
      if (seen[members[i]]++ === 0) distinct++;
      while (times[i] - times[first] > ms) leave();
      return distinct;
    },
    first: () => first,
    empty() {
      while (first < next) leave();
    },
  };
}

/** For each day: the most new members that any window ending on it held. */
export class DailyPeaks {
  private readonly peaks = new Map<number, number>();

  note(day: number, count: number): void {
    if (count > (this.peaks.get(day) ?? 0)) this.peaks.set(day, count);
  }

  /**
   * What a window must hold on a day to be far more than usual. Usual is the median of the peaks on the latest days
   * with votes before it, a day without new members counting as 0; median and MAD (Hampel 1974) are not moved by a
   * few days on which there was a burst as well.
   * @param days days with votes by anybody, ascending
   * @param factor times the usual, and this many robust standard deviations (1.4826 MAD) above it
   */
  threshold(day: number, days: Int32Array, span: number, factor: number, floor: number): number {
    let end = lowerBound(days, day);
    const counts: number[] = [];
    while (end > 0 && counts.length < span) counts.push(this.peaks.get(days[--end]) ?? 0);
    if (counts.length === 0) return floor;
    const usual = median(counts);
    const spread = 1.4826 * median(counts.map((count) => Math.abs(count - usual)));
    return Math.max(floor, factor * usual, usual + factor * spread);
  }
}

/** How many of the ascending `values` are below `value`. */
function lowerBound(values: Int32Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The lower one of the two in the middle where there are two. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1];
}
