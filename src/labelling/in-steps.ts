/** Work on the event loop between two of its turns takes little more than this, ms. */
const TURN_MS = 4;

/** Lets timers, sockets and disks have their turn. */
export const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Runs work that comes in steps of about a millisecond or less, and lets the event loop have its turn whenever
 * {@link TURN_MS} are used up.
 */
export async function inSteps<T>(steps: Generator<void, T>): Promise<T> {
  for (let began = performance.now(); ; ) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - began < TURN_MS) continue;
    await pause();
    began = performance.now();
  }
}
