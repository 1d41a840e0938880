import { SECONDARY_RATIO, SECONDARY_SHARE } from './aggregate.ts';
import type { Dirichlet } from './dirichlet.ts';
import { topProbability } from './favourite.ts';

/** One vote on a song, as the last training run weighs its voter. */
export interface WeighedVote {
  /** Index of the emotion. */
  readonly emotion: number;
  /** Tells the song's voters apart; any number. */
  readonly member: number;
  /** 0..1: how far the member listens. 1 for a member whom the last training run did not know. */
  readonly weight: number;
  /** Accounts that vote in step share a group and count as one. */
  readonly group?: number;
}

/** What the votes on one song amount to. */
export interface SongLabel {
  /** Per emotion the votes' weights, imported labels included. */
  readonly counts: Float64Array;
  /** Per emotion, sums to 1; all 0 without votes. */
  readonly shares: Float64Array;
  /** -1 without votes. */
  readonly primary: number;
  /** A runner-up that is close, else -1. */
  readonly secondary: number;
  /** 0..1: probability that the primary emotion is the true favourite; 0 without votes. */
  readonly confidence: number;
  /** Sum of the counts: how many full votes the label rests on. */
  readonly mass: number;
}

/** A label is clear from this confidence on. */
export const CLEAR_CONFIDENCE = 0.8;
/** However well they agree, so many full votes are needed. */
export const CLEAR_MASS = 3;
/** A song of two emotions is clear when one of the two is the favourite with this probability … */
export const CLEAR_PAIR_CONFIDENCE = 0.95;
/** … and so many full votes say so: fewer can be a tie by chance. */
export const CLEAR_PAIR_MASS = 8;

/** Parameters of the posterior Dirichlet of a song's distribution. */
function posterior(counts: ArrayLike<number>, { mean, concentration }: Dirichlet): Float64Array {
  const parameters = new Float64Array(mean.length);
  for (let e = 0; e < mean.length; e++) parameters[e] = counts[e] + concentration * mean[e];
  return parameters;
}

/**
 * The label that soft counts give: the mean of the posterior Dirichlet(counts + concentration · mean), so that few
 * votes stay near the mean of all songs. Of equal shares the emotion that is more common over all songs is first.
 * @param counts a row of soft counts ≥ 0, one per emotion
 * @param prior from which the songs' distributions are drawn
 */
export function labelFromCounts(counts: ArrayLike<number>, prior: Dirichlet): SongLabel {
  const size = prior.mean.length;
  const own = new Float64Array(size);
  let mass = 0;
  for (let e = 0; e < size; e++) {
    own[e] = counts[e];
    mass += own[e];
  }
  if (!(mass > 0)) {
    return {
      counts: own,
      shares: new Float64Array(size),
      primary: -1,
      secondary: -1,
      confidence: 0,
      mass: 0,
    };
  }
  const values = posterior(own, prior);
  let primary = -1;
  let secondary = -1;
  const before = (a: number, b: number) =>
    b < 0 || values[a] > values[b] || (values[a] === values[b] && prior.mean[a] > prior.mean[b]);
  for (let e = 0; e < size; e++) {
    if (before(e, primary)) {
      secondary = primary;
      primary = e;
    } else if (before(e, secondary)) secondary = e;
  }
  const shares = new Float64Array(size);
  for (let e = 0; e < size; e++) shares[e] = values[e] / (mass + prior.concentration);
  if (secondary >= 0 && !isClose(shares[secondary], shares[primary])) secondary = -1;
  const confidence = topProbability(values, 0, size, primary);
  return { counts: own, shares, primary, secondary, confidence, mass };
}

/** Whether a runner-up is named beside the primary emotion. */
function isClose(share: number, first: number): boolean {
  return share >= SECONDARY_SHARE && share >= SECONDARY_RATIO * first;
}

/** Soft counts of one song's votes: each counts its weight, and k accounts in step a k-th of it each. */
function countsOf(votes: readonly WeighedVote[], size: number, imported?: ArrayLike<number>): Float64Array {
  const counts = new Float64Array(size);
  if (imported !== undefined) for (let e = 0; e < size; e++) counts[e] += imported[e];
  const groups = new Map<number, Set<number>>();
  for (const { emotion, weight, member, group } of votes) {
    if (!Number.isInteger(emotion) || emotion < 0 || emotion >= size) {
      throw new RangeError(`emotion ${emotion} is not in 0..${size - 1}`);
    }
    if (!(weight >= 0 && weight <= 1)) throw new RangeError(`a vote weighs ${weight}: it must be in 0..1`);
    if (group === undefined) continue;
    const voters = groups.get(group) ?? new Set();
    groups.set(group, voters.add(member));
  }
  for (const { emotion, weight, group } of votes) {
    const accounts = group === undefined ? 1 : (groups.get(group)?.size ?? 1);
    counts[emotion] += weight / accounts;
  }
  return counts;
}

/**
 * One song's label from its votes, at once: with the members' weights and the songs' prior as they were in the last
 * training run. It is exactly what that run's last step gives for the same votes. Pure; linear in the song's votes.
 * @param imported soft counts of an imported label, one per emotion
 * @throws RangeError on an emotion or a weight outside its range
 */
export function labelSong(
  votes: readonly WeighedVote[],
  prior: Dirichlet,
  imported?: ArrayLike<number>,
): SongLabel {
  return labelFromCounts(countsOf(votes, prior.mean.length, imported), prior);
}

/**
 * Whether a song needs no more votes: its primary emotion is the favourite with {@link CLEAR_CONFIDENCE}, or it has
 * two emotions that are close, and one of the two is with {@link CLEAR_PAIR_CONFIDENCE}.
 */
export function isClear(label: SongLabel, prior: Dirichlet): boolean {
  const { counts, primary, secondary, confidence, mass } = label;
  if (primary < 0 || mass < CLEAR_MASS) return false;
  if (confidence >= CLEAR_CONFIDENCE) return true;
  if (secondary < 0 || mass < CLEAR_PAIR_MASS) return false;
  const second = topProbability(posterior(counts, prior), 0, counts.length, secondary);
  return confidence + second >= CLEAR_PAIR_CONFIDENCE;
}

/** What the next vote on a song is likely to be, given the soft counts so far: a probability per emotion. */
export function nextVote(counts: ArrayLike<number>, prior: Dirichlet): Float64Array {
  const values = posterior(counts, prior);
  const sum = values.reduce((a, b) => a + b);
  return values.map((value) => value / sum);
}
