import type { Job } from '../../ml/crew.ts';

/** What a thread of a crew gets. */
export interface CrewMessage {
  readonly job: Job;
  /** Per part how it stands, in shared memory. */
  readonly states: Int32Array;
  /** From 1 on; the calling thread is 0. */
  readonly thread: number;
}

export const FREE = 0;
const TAKEN = 1;
export const DONE = 2;

/** Does parts that nobody has taken until there are none. A part that fails here is free again. */
export function takeParts(states: Int32Array, open: () => (part: number) => void): void {
  let work: ((part: number) => void) | undefined;
  for (let part = 0; part < states.length; part++) {
    if (Atomics.compareExchange(states, part, FREE, TAKEN) !== FREE) continue;
    let state = FREE;
    try {
      work ??= open();
      work(part);
      state = DONE;
    } finally {
      Atomics.store(states, part, state);
      Atomics.notify(states, part);
    }
  }
}

/** Until a part that another thread took is done, or free again, or that thread must have ended. */
export function awaitPart(states: Int32Array, part: number, milliseconds: number): void {
  Atomics.wait(states, part, TAKEN, milliseconds);
}
