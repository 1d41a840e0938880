/** Rows worked on between two steps of a generator: about a millisecond at most. */
export const PER_STEP = 1_000;

/**
 * Works on 0 … count−1 in steps of {@link PER_STEP}. The loops are in `work`, a plain function: in a generator they are
 * not compiled as well.
 * @param work takes those from `from` up to, but not including, `to`
 */
export function* stepping(count: number, work: (from: number, to: number) => void): Generator<void> {
  for (let from = 0; from < count; from += PER_STEP) {
    if (from > 0) yield;
    work(from, Math.min(count, from + PER_STEP));
  }
}

/** Runs a generator's steps to the end, for whoever need not let others run. */
export function finish<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
