import { type SearchJob, searchPart } from './nearest.ts';

/** Work in parts that write to places of their own in shared memory. Plain data, so that another thread can have it. */
export type Job = SearchJob;

/** What does the parts of a job: the result is the same whoever does them. */
export interface Crew {
  readonly threads: number;
  /** Returns when every part is done. */
  run(job: Job): void;
}

/** @returns does one part on the thread of this number */
export function openJob(job: Job, thread: number): (part: number) => void {
  return searchPart(job, thread);
}

/** The calling thread by itself. */
export const ALONE: Crew = {
  threads: 1,
  run(job) {
    const work = openJob(job, 0);
    for (let part = 0; part < job.parts; part++) work(part);
  },
};
