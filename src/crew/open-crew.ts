import os from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Crew } from '../../ml/crew.ts';
import { builtEntry } from '../paths.ts';
import { awaitPart, type CrewMessage, DONE, takeParts } from './crew-message.ts';

/** More threads than this wait for memory, not for work. */
const MOST_THREADS = 8;
/** A part takes far less than a second: a thread that has been silent for so long has ended. */
const PATIENCE_MS = 60_000;

export interface OpenCrew extends Crew {
  /** Ends its threads. */
  close(): Promise<void>;
}

/**
 * Threads that share the work of numerics while the calling thread waits for them (so never the bot's own thread).
 * Where a thread cannot start or ends early, the calling thread does the work alone.
 * @param threads the calling one included; as many as there are processors if absent
 */
export function openCrew(threads = Math.min(MOST_THREADS, os.availableParallelism())): OpenCrew {
  const workers: Worker[] = [];
  for (let thread = 1; thread < threads; thread++) {
    try {
      const worker = new Worker(builtEntry('crew-worker'), { name: `crew ${thread}`, execArgv: [] });
      // What it did not do is done by the calling thread.
      worker.on('error', () => undefined);
      worker.unref();
      workers.push(worker);
    } catch {
      break;
    }
  }
  return {
    threads: workers.length + 1,
    run(job, open, meanwhile) {
      const states = new Int32Array(new SharedArrayBuffer(4 * job.parts));
      workers.forEach((worker, i) => {
        worker.postMessage({ job, states, thread: i + 1 } satisfies CrewMessage);
      });
      const result = meanwhile();
      const work = open(job, 0);
      takeParts(states, () => work);
      for (let part = 0; part < job.parts; part++) {
        awaitPart(states, part, PATIENCE_MS);
        if (Atomics.load(states, part) === DONE) continue;
        work(part);
        Atomics.store(states, part, DONE);
      }
      return result;
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
