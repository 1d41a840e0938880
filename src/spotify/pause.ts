import { setTimeout as sleep } from 'node:timers/promises';

/** Waits; ends early, without an error, when the signal says so. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<void>;

/** What a timer of Node's can hold: some 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** On the clock of this machine. Keeps no process alive. */
export const waitFor: Wait = async (ms, signal) => {
  if (signal?.aborted) return;
  try {
    await sleep(Math.min(Math.max(0, ms), LONGEST_MS), undefined, { ref: false, ...(signal && { signal }) });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
};
