/** @param sorted ascending */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** `1.2 / 3.4 ms`: the middle, and what one in a hundred takes longer than. */
export function middleAndTail(sorted: readonly number[]): string {
  return `${percentile(sorted, 0.5).toFixed(1)} / ${percentile(sorted, 0.99).toFixed(1)} ms`;
}
