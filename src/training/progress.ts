import { TRAINING_STAGES, type TrainingProgress, type TrainingStage } from '../domain/training.ts';

/** Seconds per stage to expect of the first run, before there is a run to learn from (33,000 songs, two cores). */
const FIRST_GUESS: Readonly<Record<TrainingStage, number>> = {
  prepare: 2,
  aggregate: 0.5,
  propagate: 5,
  train: 35,
  evaluate: 15,
  publish: 0.5,
};

/** Below this many expected seconds the pace so far says little about the rest. */
const PACE_AFTER = 3;

export interface ProgressMeter {
  current(): TrainingProgress;
  /** `fraction` of the stage, 0..1. Never goes back, whatever it is told. */
  report(stage: TrainingStage, fraction: number, detail?: string): TrainingProgress;
}

/**
 * Percent and seconds left of a whole run from the fraction of a stage. Stages weigh what they took last time.
 * @param previous seconds per stage of an earlier run
 * @param now milliseconds
 */
export function createProgressMeter(
  previous: Readonly<Record<string, number>> | undefined,
  now: () => number,
): ProgressMeter {
  const expected = TRAINING_STAGES.map((stage) => {
    const seconds = previous?.[stage];
    return seconds !== undefined && Number.isFinite(seconds) ? Math.max(0.05, seconds) : FIRST_GUESS[stage];
  });
  const total = expected.reduce((sum, seconds) => sum + seconds, 0);
  const started = now();
  let latest: TrainingProgress = { stage: 'prepare', percent: 0 };
  let reached = 0;

  return {
    current: () => latest,
    report(stage, fraction, detail) {
      const position = TRAINING_STAGES.indexOf(stage);
      const within = Math.min(1, Math.max(0, Number.isFinite(fraction) ? fraction : 0));
      let done = 0;
      for (let i = 0; i < position; i++) done += expected[i] ?? 0;
      done += within * (expected[position] ?? 0);
      const later = TRAINING_STAGES.indexOf(latest.stage) <= position;
      reached = Math.max(reached, done);
      const elapsed = (now() - started) / 1000;
      // With no earlier run, nothing is promised until this one shows its own pace.
      const pace = reached >= PACE_AFTER ? elapsed / reached : previous === undefined ? undefined : 1;
      const secondsLeft = pace === undefined ? undefined : Math.max(0, Math.round((total - reached) * pace));
      latest = {
        stage: later ? stage : latest.stage,
        // 100 is said by the run itself, once the outcome is known.
        percent: Math.min(99, (100 * reached) / total),
        ...(secondsLeft === undefined ? {} : { secondsLeft }),
        ...(detail === undefined ? {} : { detail }),
      };
      return latest;
    },
  };
}
