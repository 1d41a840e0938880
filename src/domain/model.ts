import type { EmotionKey } from './emotion.ts';
import type { SongId } from './song.ts';
import type { TrainingMetrics } from './training.ts';

/** What a model says of one song. */
export interface EmotionProfile {
  /** Over `Model.emotions`, sums to 1. */
  readonly distribution: Float32Array;
  /** 0..1. */
  readonly confidence: number;
  readonly voted: boolean;
}

/** The published artefact as the bot's main thread sees it; the recommender's weights live in the ranking thread. */
export interface Model {
  readonly id: string;
  readonly createdAt: number;
  readonly catalogueVersion: string;
  readonly emotions: readonly EmotionKey[];
  readonly metrics: TrainingMetrics;
  /** Undefined for a song that the model has not seen (imported later). */
  profile(id: SongId): EmotionProfile | undefined;
}
