import type { RankingEvaluation } from '../../ml/evaluate.ts';
import { pairedBootstrap } from '../../ml/metrics.ts';
import type { Random } from '../../ml/random.ts';
import type { RankingComparison } from '../domain/training.ts';

/** The recommender in use, measured on the same listeners and the same emotion profiles as the new one. */
export interface Champion {
  readonly catalogueVersion: string;
  readonly evaluation: RankingEvaluation;
}

/** There is a model in use, but nothing that the new recommender could be measured against; the notes say why. */
export const INCOMPARABLE = 'incomparable';

export interface Decision {
  /** False: the recommender in use stays. */
  readonly replace: boolean;
  /** For people: a clause about the new recommender, "it", that ends with a full stop. */
  readonly reason: string;
  /** Absent when the two were not compared. */
  readonly comparison?: RankingComparison;
}

/**
 * With fewer, not even a difference that all of them agree on is beyond chance (two-sided sign test, 2 · ½⁵ = 0.06),
 * while a bootstrap of so few pairs would call it certain.
 */
export const LEAST_COMPARED = 6;

/** NDCG, and differences of it, without a minus before nothing. */
const show = (value: number): string => value.toFixed(4).replace(/^-(?=0\.0+$)/, '');

/**
 * Champion against challenger: the new recommender replaces the one in use unless it is worse on the hidden songs,
 * which it is when the whole 95 % interval of the difference in NDCG@10 (paired bootstrap over listeners) is below 0.
 * @param champion undefined when there is none
 */
export function decide(
  challenger: RankingEvaluation,
  champion: Champion | typeof INCOMPARABLE | undefined,
  catalogueVersion: string,
  random: Random,
): Decision {
  if (champion === undefined) return { replace: true, reason: 'it is the first one.' };
  if (champion === INCOMPARABLE) {
    return { replace: true, reason: 'it could not be compared with the one before it.' };
  }
  if (champion.catalogueVersion !== catalogueVersion) {
    return { replace: true, reason: 'the catalogue has changed since the one before it.' };
  }
  const listeners = challenger.listeners.length;
  if (listeners < LEAST_COMPARED) {
    return {
      replace: true,
      reason:
        `there are too few listeners to compare it with the one before it (${listeners} with hidden songs, ` +
        `${LEAST_COMPARED} are needed).`,
    };
  }
  const interval = pairedBootstrap(challenger.ndcg10, champion.evaluation.ndcg10, random.fork('decide'));
  const comparison: RankingComparison = {
    listeners,
    ndcg10: challenger.meanNdcg10,
    before: champion.evaluation.meanNdcg10,
    ...interval,
  };
  const { difference, low, high } = interval;
  const figures =
    `NDCG@10 ${show(comparison.ndcg10)} against ${show(comparison.before)} on the hidden songs of ` +
    `${listeners} listeners (difference ${show(difference)}, 95 % between ${show(low)} and ${show(high)})`;
  if (high < 0) {
    return { replace: false, reason: `it ranks worse than the one in use: ${figures}.`, comparison };
  }
  const verdict = low > 0 ? 'it ranks better' : 'it ranks no worse';
  return { replace: true, reason: `${verdict}: ${figures}.`, comparison };
}
