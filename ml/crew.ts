/** Work in parts. Plain data, so that another thread can have it. */
export interface Job {
  /** Which of the `JOBS` it is. */
  readonly kind: string;
  readonly parts: number;
}

/** How a thread of this number does the parts of a job, each of which writes to a place of its own in shared memory. */
export type OpenJob<J extends Job> = (job: J, thread: number) => (part: number) => void;

/** The threads that share the work of one call. The result is the same however many there are. */
export interface Crew {
  readonly threads: number;
  /**
   * @param meanwhile what the calling thread does before it joins in
   * @returns what that returned, when every part is done
   */
  run<J extends Job, T>(job: J, open: OpenJob<J>, meanwhile: () => T): T;
}

/** The calling thread by itself. */
export const ALONE: Crew = {
  threads: 1,
  run(job, open, meanwhile) {
    const result = meanwhile();
    const work = open(job, 0);
    for (let part = 0; part < job.parts; part++) work(part);
    return result;
  },
};
