import type { TrainingMetrics, TrainingStage } from '../domain/training.ts';

/**
 * What a run came to. The child writes a model in both cases and the bot puts it in use; with `keep` it holds the
 * recommender in use, which proved better, and the new emotion profiles.
 */
export interface RunDecision {
  readonly decision: 'publish' | 'keep';
  /** For people: why the new recommender is in use, or why the old one stays. */
  readonly reason: string;
  readonly modelId: string;
  readonly metrics: TrainingMetrics;
  /** Stages that had to fall back, in words for people. */
  readonly notes: readonly string[];
}

/** From the training child to the bot. */
export type ChildMessage =
  | {
      readonly type: 'progress';
      readonly stage: TrainingStage;
      readonly fraction: number;
      readonly detail?: string;
    }
  | { readonly type: 'done'; readonly result: RunDecision }
  | { readonly type: 'failed'; readonly reason: string; readonly detail?: string };
