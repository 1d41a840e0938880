import type { RankingEvaluation } from '../../ml/evaluate.ts';
import { pairedBootstrap } from '../../ml/metrics.ts';
import type { Random } from '../../ml/random.ts';

/** The recommender in use, measured on the same listeners and the same emotion profiles as the new one. */
export interface Champion {
  readonly catalogueVersion: string;
  readonly evaluation: RankingEvaluation;
}

export interface Decision {
  /** False: the recommender in use stays. */
  readonly replace: boolean;
  /** For people. */
  readonly reason: string;
}

const show = (value: number): string => value.toFixed(4);

/**
 * Champion against challenger: the new recommender replaces the one in use unless it is worse on the hidden songs,
 * which it is when the whole 95 % interval of the difference in NDCG@10 (paired bootstrap over listeners) is below 0.
 * @param champion undefined when there is none, or none that can be compared
 */
export function decide(
  challenger: RankingEvaluation,
  champion: Champion | undefined,
  catalogueVersion: string,
  random: Random,
): Decision {
  if (champion === undefined) return { replace: true, reason: 'it is the first one.' };
  if (champion.catalogueVersion !== catalogueVersion) {
    return { replace: true, reason: 'the catalogue has changed since the one before it.' };
  }
  if (challenger.listeners.length === 0) {
    return { replace: true, reason: 'there are too few listeners to compare it with the one before it.' };
  }
  const { difference, low, high } = pairedBootstrap(
    challenger.ndcg10,
    champion.evaluation.ndcg10,
    random.fork('decide'),
  );
  const figures =
    `NDCG@10 ${show(challenger.meanNdcg10)} against ${show(champion.evaluation.meanNdcg10)} on the hidden songs of ` +
    `${challenger.listeners.length} listeners (difference ${show(difference)}, 95 % between ${show(low)} and ` +
    `${show(high)})`;
  if (high < 0) return { replace: false, reason: `it ranks worse than the one in use: ${figures}.` };
  return {
    replace: true,
    reason: low > 0 ? `it ranks better: ${figures}.` : `it ranks no worse: ${figures}.`,
  };
}
