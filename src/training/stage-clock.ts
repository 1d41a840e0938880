import { TRAINING_STAGES, type TrainingStage } from '../domain/training.ts';

/** Told how far a stage is, 0..1. */
export type ReportStage = (stage: TrainingStage, fraction: number, detail?: string) => void;

export interface StageClock {
  /** Does the work of a stage and adds its time to that stage's. */
  run<T>(
    stage: TrainingStage,
    work: (progress: (fraction: number, detail?: string) => void) => T | Promise<T>,
  ): Promise<T>;
  /** Seconds per stage so far. */
  seconds(): Record<TrainingStage, number>;
}

/** At most this many progress messages a second; the first of a stage always. */
const MIN_GAP_MS = 100;

/** Measures what stages take and passes on their progress. */
export function createStageClock(report: ReportStage): StageClock {
  const seconds = Object.fromEntries(TRAINING_STAGES.map((stage) => [stage, 0])) as Record<
    TrainingStage,
    number
  >;
  return {
    seconds: () => ({ ...seconds }),
    async run(stage, work) {
      const started = performance.now();
      let told = started;
      report(stage, 0);
      // Lets the message out before the stage takes the thread.
      await new Promise(setImmediate);
      const result = await work((fraction, detail) => {
        const now = performance.now();
        if (now - told < MIN_GAP_MS) return;
        told = now;
        report(stage, fraction, detail);
      });
      seconds[stage] += (performance.now() - started) / 1000;
      return result;
    },
  };
}
