/** What a measurement of a process says. */
export interface Spread {
  readonly seconds: number;
  /** Of all threads: what a busy machine does not stretch as much. */
  readonly processorSeconds: number;
  /** Of these, for the neighbour graph. */
  readonly graphSeconds: number;
  /** Peak resident memory. */
  readonly mib: number;
}

export const NEIGHBOURS = 10;
export const EMOTIONS = 4;
