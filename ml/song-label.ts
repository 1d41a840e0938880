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

/**
 * What the last training run knows of all songs. `feeling`: a song's distribution is a draw from a Dirichlet. `fact`:
 * a song has one true emotion, of which `classPrior` says how common it is, and `pooled` (truth × voted, rows sum
 * to 1) what members vote then.
 */
export type SongModel =
  | { readonly kind: 'feeling'; readonly prior: Dirichlet }
  | { readonly kind: 'fact'; readonly classPrior: ArrayLike<number>; readonly pooled: ArrayLike<number> };

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

/** How many emotions a model knows. */
export function emotionsOf(model: SongModel): number {
  return model.kind === 'feeling' ? model.prior.mean.length : model.classPrior.length;
}

/** Parameters of the posterior Dirichlet of a song's distribution. */
function posterior(counts: ArrayLike<number>, { mean, concentration }: Dirichlet): Float64Array {
  return Float64Array.from(mean, (value, e) => counts[e] + concentration * value);
}

/** Posterior of the true emotion, every vote being cast by a member like all members together. */
function truthPosterior(
  counts: ArrayLike<number>,
  { classPrior, pooled }: SongModel & { kind: 'fact' },
): Float64Array {
  const size = classPrior.length;
  const logs = Float64Array.from(classPrior, Math.log);
  for (let truth = 0; truth < size; truth++) {
    for (let e = 0; e < size; e++) {
      if (counts[e] > 0) logs[truth] += counts[e] * Math.log(pooled[truth * size + e]);
    }
  }
  const top = logs.reduce((a, b) => Math.max(a, b));
  const odds = logs.map((log) => Math.exp(log - top));
  const sum = odds.reduce((a, b) => a + b);
  return odds.map((value) => value / sum);
}

/**
 * The label that soft counts give. Of a feeling: the mean of the posterior Dirichlet(counts + concentration · mean),
 * so that few votes stay near the mean of all songs. Of a fact: the posterior of the true emotion. Of equal shares
 * the emotion that is more common over all songs is first.
 * @param counts a row of soft counts ≥ 0, one per emotion
 */
export function labelFromCounts(counts: ArrayLike<number>, model: SongModel): SongLabel {
  const size = emotionsOf(model);
  const own = Float64Array.from({ length: size }, (_, e) => counts[e]);
  let mass = 0;
  for (const count of own) mass += count;
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
  const common = model.kind === 'feeling' ? model.prior.mean : model.classPrior;
  const values = model.kind === 'feeling' ? posterior(own, model.prior) : truthPosterior(own, model);
  const total = model.kind === 'feeling' ? mass + model.prior.concentration : 1;
  let primary = -1;
  let secondary = -1;
  const before = (a: number, b: number) =>
    b < 0 || values[a] > values[b] || (values[a] === values[b] && common[a] > common[b]);
  for (let e = 0; e < size; e++) {
    if (before(e, primary)) {
      secondary = primary;
      primary = e;
    } else if (before(e, secondary)) secondary = e;
  }
  const shares = values.map((value) => value / total);
  if (secondary >= 0 && !isClose(shares[secondary], shares[primary])) secondary = -1;
  const confidence = model.kind === 'feeling' ? topProbability(values, 0, size, primary) : shares[primary];
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
 * One song's label from its votes, at once: with the members' weights and the songs' model as they were in the last
 * training run. Of a feeling it is exactly what that run's last step gives for the same votes; of a fact it is near
 * it, the run knowing each member's confusion matrix. Pure; linear in the song's votes.
 * @param imported soft counts of an imported label, one per emotion
 * @throws RangeError on an emotion or a weight outside its range
 */
export function labelSong(
  votes: readonly WeighedVote[],
  model: SongModel,
  imported?: ArrayLike<number>,
): SongLabel {
  return labelFromCounts(countsOf(votes, emotionsOf(model), imported), model);
}

/**
 * Whether a song needs no more votes: its primary emotion is the favourite with {@link CLEAR_CONFIDENCE}, or it has
 * two emotions that are close, and one of the two is with {@link CLEAR_PAIR_CONFIDENCE}.
 */
export function isClear(label: SongLabel, model: SongModel): boolean {
  const { counts, primary, secondary, confidence, mass } = label;
  if (primary < 0 || mass < CLEAR_MASS) return false;
  if (confidence >= CLEAR_CONFIDENCE) return true;
  if (model.kind === 'fact' || secondary < 0 || mass < CLEAR_PAIR_MASS) return false;
  const second = topProbability(posterior(counts, model.prior), 0, counts.length, secondary);
  return confidence + second >= CLEAR_PAIR_CONFIDENCE;
}

/** What the next vote on a song is likely to be, given the soft counts so far: a probability per emotion. */
export function nextVote(counts: ArrayLike<number>, model: SongModel): Float64Array {
  if (model.kind === 'feeling') {
    const values = posterior(counts, model.prior);
    const sum = values.reduce((a, b) => a + b);
    return values.map((value) => value / sum);
  }
  const truth = truthPosterior(counts, model);
  return truth.map((_, e) =>
    truth.reduce((sum, belief, t) => sum + belief * model.pooled[t * truth.length + e], 0),
  );
}
