import { parentPort } from 'node:worker_threads';
import type { Job, OpenJob } from '../../ml/crew.ts';
import { JOBS } from '../../ml/jobs.ts';
import { type CrewMessage, takeParts } from './crew-message.ts';

// A thread that helps another one with its numerics.

parentPort?.on('message', ({ job, states, thread }: CrewMessage) => {
  const open = JOBS[job.kind as keyof typeof JOBS] as OpenJob<Job>;
  try {
    takeParts(states, () => open(job, thread));
  } catch {
    // The part is free again: the calling thread meets the same error, and can say so.
  }
});
