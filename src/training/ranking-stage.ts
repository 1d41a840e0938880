import type { Backend } from '../../ml/backend.ts';
import { fitEase, fitItemKnn, fitPopularity, fitRandom } from '../../ml/baselines.ts';
import { evaluateRanking, hashFraction, holdOut, type RankingEvaluation } from '../../ml/evaluate.ts';
import { fitGan, type GanRecommender } from '../../ml/gan/gan.ts';
import { interactionsFromLists, songsOf } from '../../ml/interactions.ts';
import type { Random } from '../../ml/random.ts';
import type { FitRecommender, Interactions, Recommender, RecommenderData } from '../../ml/recommender.ts';
import type { TrainingData } from './training-data.ts';

/** Part of every listener's songs that is hidden to measure with. */
const HELD_OUT = 0.2;
/** A listener with fewer known songs says too little about a taste. */
const MIN_SONGS = 3;
/** The GAN learns from how listeners differ; below this many there is nothing to learn from. */
export const MIN_LISTENERS = 10;
/** Measuring on more listeners than this costs time and changes little. */
const MAX_MEASURED = 150;

/** The same seed for ever: an interaction once hidden is hidden in every later run, whoever trains. */
const SPLIT_SEED = 20261122;

export interface Split {
  readonly train: Interactions;
  readonly test: Interactions;
  /** Listeners that methods are measured on. */
  readonly measured: Int32Array;
  /** Listeners with enough songs to learn from. */
  readonly usable: number;
}

/** Hides a part of each listener's songs, the same part in every run, and picks whom to measure on. */
export function splitListeners({ interactions, listenerIds, catalogue }: TrainingData): Split {
  const { train, test } = holdOut(interactions, {
    fraction: HELD_OUT,
    seed: SPLIT_SEED,
    listenerKey: (listener) => listenerIds[listener],
    songKey: (song) => catalogue.idAt(song),
  });
  const size = (part: Interactions, listener: number) => part.offsets[listener + 1] - part.offsets[listener];
  const measured: number[] = [];
  let usable = 0;
  for (let listener = 0; listener < train.listenerCount; listener++) {
    if (size(train, listener) < MIN_SONGS) continue;
    usable++;
    if (size(test, listener) > 0) measured.push(listener);
  }
  const draw = (listener: number) => hashFraction(listenerIds[listener], '', SPLIT_SEED + 1);
  const sample =
    measured.length > MAX_MEASURED
      ? measured.sort((a, b) => draw(a) - draw(b)).slice(0, MAX_MEASURED)
      : measured;
  return { train, test, measured: Int32Array.from(sample).sort(), usable };
}

/**
 * The listeners whose lists are there again when a model is loaded: those that came with the catalogue. What members
 * like is not kept with a model.
 */
export function companionsOf({ listenerIds, catalogue }: TrainingData, train: Interactions): Interactions {
  const members = listenerIds.length - catalogue.listeners.filter(({ songs }) => songs.length > 0).length;
  return interactionsFromLists(
    train.songCount,
    listenerIds.map((_, listener) => (listener < members ? [] : songsOf(train, listener))),
  );
}

export interface Measured {
  readonly method: string;
  readonly evaluation: RankingEvaluation;
}

/** Measures one fitted method on the hidden songs; lets the event loop turn now and then. */
export async function measure(
  recommender: Recommender,
  split: Split,
  onProgress?: (fraction: number) => void,
): Promise<Measured> {
  const evaluation = await evaluateRanking(recommender, split.train, split.test, {
    listeners: split.measured,
    async onProgress(fraction) {
      onProgress?.(fraction);
      await new Promise(setImmediate);
    },
  });
  return { method: recommender.name, evaluation };
}

/** What the GAN is always shown next to. */
export const BASELINES: Readonly<Record<string, () => FitRecommender>> = {
  random: () => fitRandom,
  popularity: () => fitPopularity,
  'item-knn': () => fitItemKnn(),
  ease: () => fitEase(),
};

/** Fits the baselines and measures each. */
export async function measureBaselines(
  data: RecommenderData,
  split: Split,
  random: Random,
  onProgress: (fraction: number, detail: string) => void,
): Promise<Measured[]> {
  const names = Object.keys(BASELINES);
  const results: Measured[] = [];
  for (const [number, name] of names.entries()) {
    onProgress(number / names.length, `measuring ${name}`);
    const recommender = await BASELINES[name]()(data, random.fork(name));
    results.push(
      await measure(recommender, split, (fraction) =>
        onProgress((number + fraction) / names.length, `measuring ${name}`),
      ),
    );
    recommender.dispose?.();
  }
  return results;
}

/** Scores that a list could be made of: finite, and not the same for every song. */
function usableScores(scores: Float32Array): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const score of scores) {
    if (!Number.isFinite(score)) return false;
    low = Math.min(low, score);
    high = Math.max(high, score);
  }
  return scores.length < 2 || high > low;
}

/** Trains the GAN on the train part. */
export async function trainGan(
  data: RecommenderData,
  random: Random,
  backend: Backend,
  steps: number | undefined,
  onProgress: (fraction: number, detail?: string) => void,
): Promise<GanRecommender> {
  return await fitGan(steps === undefined ? {} : { steps }, backend)(data, random.fork('gan'), onProgress);
}

/** Why a trained GAN must not be published, or undefined. Losses or scores that are not numbers, or no ranking. */
export function whatIsBroken(gan: GanRecommender, split: Split): string | undefined {
  const { generatorLoss, discriminatorLoss } = gan.metrics;
  if (!Number.isFinite(generatorLoss) || !Number.isFinite(discriminatorLoss)) {
    return 'the GAN did not converge (its loss is not a number)';
  }
  const listener = split.measured[0] ?? 0;
  const liked = split.train.songs.subarray(split.train.offsets[listener], split.train.offsets[listener + 1]);
  if (!usableScores(gan.score(liked, { seed: 1 }))) return 'the GAN ranks all songs the same, or not at all';
  return undefined;
}
