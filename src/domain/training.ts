import type { Variety } from '../../ml/gan/variety.ts';
import type { CommunityId, IdentityId } from './member.ts';

export const TRAINING_STAGES = ['prepare', 'aggregate', 'propagate', 'train', 'evaluate', 'publish'] as const;
export type TrainingStage = (typeof TRAINING_STAGES)[number];

export type TrainingTrigger =
  | { readonly kind: 'schedule'; readonly communityId: CommunityId }
  | { readonly kind: 'moderator'; readonly identity: IdentityId; readonly name: string }
  | { readonly kind: 'first-start' }
  | { readonly kind: 'catalogue' }
  /** The model in use was made by a version of the program that built its networks otherwise. */
  | { readonly kind: 'renewal' }
  | { readonly kind: 'shell' };

export interface TrainingProgress {
  readonly stage: TrainingStage;
  /** Of the whole run, 0..100. */
  readonly percent: number;
  readonly secondsLeft?: number;
  /** One short sentence for people, e.g. `epoch 3 of 20`. */
  readonly detail?: string;
}

/** How a finished run ended. `kept` = the new model was worse, the old one stays. */
export type TrainingOutcome = 'published' | 'kept' | 'failed' | 'cancelled' | 'timed-out';

/** How well the emotions of labelled songs were inferred while their labels were hidden. */
export interface EmotionMetrics {
  readonly accuracy: number;
  readonly macroF1: number;
  /** Expected calibration error; absent in models of earlier versions. */
  readonly calibrationError?: number;
  readonly heldOutSongs: number;
}

/** The new recommender against the one that was in use, both measured on the same hidden songs. */
export interface RankingComparison {
  /** Listeners that both were measured on. */
  readonly listeners: number;
  /** Mean NDCG@10 of the new one, and of the one before it. */
  readonly ndcg10: number;
  readonly before: number;
  /** `ndcg10 - before`, with its 95 % interval (paired bootstrap over listeners). */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/** Figures of a run, also stored beside the model. All rates 0..1. */
export interface TrainingMetrics {
  readonly seconds: Readonly<Record<string, number>>;
  readonly peakMemoryMiB: number;
  readonly backend: string;
  readonly songs: number;
  readonly votes: number;
  readonly voters: number;
  /** Votes of new members that came in a sudden burst and were not learned from. */
  readonly heldBackVotes?: number;
  readonly labelledSongs: number;
  readonly listeners: number;
  /** By cross-validation over all labelled songs. */
  readonly emotions?: EmotionMetrics;
  /** The same over the songs that were posted at random. */
  readonly emotionsAtRandom?: EmotionMetrics;
  /** NDCG@10 and recall@50 per method on held-out interactions. */
  readonly ranking?: readonly {
    readonly method: string;
    readonly ndcg10: number;
    readonly recall50: number;
  }[];
  readonly rankingListeners?: number;
  /** Absent when there was nothing to compare with, and in models of earlier versions. */
  readonly comparison?: RankingComparison;
  readonly gan?: {
    readonly steps: number;
    readonly generatorLoss: number;
    readonly discriminatorLoss: number;
    /** The paper's objective ½ E[1 − D(x)] + E[D(G(z))] at the end. */
    readonly paperObjective: number;
    /** Mean D on the listener's real songs and on generated ones, at the end. */
    readonly dReal: number;
    readonly dFake: number;
    /** The same where only "own" and "generated" are possible; models of earlier versions have none. */
    readonly dRealOfTwo?: number;
    readonly dFakeOfTwo?: number;
    /** How varied generated songs are; models of earlier versions have none. */
    readonly variety?: Variety;
  };
}

export interface TrainingRun {
  readonly id: string;
  readonly trigger: TrainingTrigger;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly outcome?: TrainingOutcome;
  /** For people: why it failed, or why the old model stays. */
  readonly reason?: string;
  readonly modelId?: string;
  readonly catalogueVersion: string;
  readonly metrics?: TrainingMetrics;
}
