import type { EmotionKey } from './emotion.ts';
import type { Vote } from './member.ts';
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

/** What the votes on one song amount to at this moment. */
export interface LabelNow {
  /** Over `Model.emotions`, sums to 1; all 0 without votes. */
  readonly distribution: Float32Array;
  /** One or two primary emotions; none without votes. */
  readonly primary: readonly EmotionKey[];
  /** 0..1. */
  readonly confidence: number;
  /** No more votes are needed. */
  readonly clear: boolean;
  /** About how many more are needed until it is clear, 0 when it is; absent when that would be very many. */
  readonly votesNeeded?: number;
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
  /**
   * A song's label from its votes as they are now, each weighed as in this model's run.
   * @param imported soft counts of a label that came with the catalogue, by emotion
   * @returns undefined from a model of an older version, which kept no weights
   */
  label(
    votes: readonly Pick<Vote, 'memberId' | 'emotion'>[],
    imported?: Readonly<Record<EmotionKey, number>>,
  ): LabelNow | undefined;
}
