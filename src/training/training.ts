import type { Model } from '../domain/model.ts';
import type { TrainingProgress, TrainingRun, TrainingTrigger } from '../domain/training.ts';

/** A run under way, as everybody who waits for it sees it. */
export interface RunHandle {
  readonly run: TrainingRun;
  progress(): TrainingProgress;
  /** Calls back at every progress message; returns how to stop listening. */
  onProgress(listener: (progress: TrainingProgress) => void): () => void;
  /** Never rejects: failures are outcomes. */
  readonly finished: Promise<TrainingRun>;
}

/** Starts training runs, one at a time, and holds the model in use. */
export interface Training {
  /** Starts a run, or hands out the one under way. */
  start(trigger: TrainingTrigger): Promise<{ readonly started: boolean; readonly handle: RunHandle }>;
  current(): RunHandle | undefined;
  /** Ends the run under way as `cancelled`; false when there is none. */
  cancel(byWhom: string): boolean;
  /** The model in use; undefined before the first run has published. */
  model(): Model | undefined;
  /** Calls back after a new model is in use; returns how to stop listening. */
  onPublished(listener: (model: Model) => void): () => void;
  /** Cancels what runs and waits for the child to be gone. */
  stop(): Promise<void>;
}
