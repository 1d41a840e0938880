import {
  countVotes,
  type GroupedVotes,
  groupVotes,
  type LabelTable,
  primaryEmotions,
  type VoteTable,
} from './aggregate.ts';

export interface DawidSkeneOptions {
  /** At most this many rounds. Default 30. */
  readonly iterations?: number;
  /** Stop when no posterior moves by more. Default 1e-3. */
  readonly tolerance?: number;
  /** Pseudo-votes added to every cell of a confusion matrix. Default 0.5; must be > 0. */
  readonly smoothing?: number;
  /**
   * Pseudo-votes per true emotion that draw each member's matrix towards the one of all members. Default 0: every
   * member stands alone, as in the paper. With few votes a member, a few dozen keep the matrices from being noise.
   */
  readonly pooling?: number;
}

export interface DawidSkeneLabels extends LabelTable {
  /** memberCount × truth × voted: how often a member votes `voted` when the song is `truth`; rows sum to 1. */
  readonly confusion: Float32Array;
  /** How common each emotion is. */
  readonly classPrior: Float32Array;
  readonly iterations: number;
}

/**
 * Dawid & Skene (1979), "Maximum likelihood estimation of observer error-rates using the EM algorithm": every
 * song has one true emotion and every member a confusion matrix; EM finds both. A member who votes several
 * emotions for a song gives several observations. The prior's soft counts are the votes of one more member.
 * `shares` are the posteriors and `confidence` the posterior of the primary emotion. Works on logarithms, and
 * smooths the matrices by `smoothing` pseudo-votes so that nobody is ever certain.
 * @throws RangeError see {@link groupVotes}
 */
export function dawidSkene(
  table: VoteTable,
  options: DawidSkeneOptions = {},
  grouped: GroupedVotes = groupVotes(table),
): DawidSkeneLabels {
  const { iterations: rounds = 30, tolerance = 1e-3, smoothing = 0.5, pooling = 0 } = options;
  if (!(smoothing > 0)) throw new RangeError(`smoothing is ${smoothing}: it must be above 0`);
  if (!(pooling >= 0 && pooling < Infinity))
    throw new RangeError(`pooling is ${pooling}: it must be 0 or more`);
  const { songCount, memberCount, emotionCount: c } = table;
  const posteriors = firstGuess(table, grouped);
  const known = new Uint8Array(songCount);
  for (let s = 0; s < songCount; s++) {
    for (let e = 0; e < c; e++) if (posteriors[s * c + e] > 0) known[s] = 1;
  }
  const matrices = new Float32Array((memberCount + 1) * c * c);
  const pooled = new Float32Array(c * c);
  const classPrior = new Float32Array(c);
  const model: Model = { matrices, pooled, classPrior };
  let iterations = 0;
  while (iterations < rounds) {
    iterations++;
    countMatrices(table, grouped, known, posteriors, smoothing, model);
    poolMatrices(matrices, pooled, c, smoothing, pooling);
    toLogProbabilities(matrices, c);
    if (believe(table, grouped, known, model, posteriors) <= tolerance) break;
  }
  const { primary, secondary } = primaryEmotions(posteriors, c);
  const confidence = new Float32Array(songCount);
  for (let s = 0; s < songCount; s++) if (primary[s] >= 0) confidence[s] = posteriors[s * c + primary[s]];
  return {
    songCount,
    emotionCount: c,
    shares: posteriors,
    ...countVotes(grouped),
    primary,
    secondary,
    confidence,
    confusion: confusionOf(matrices, memberCount, c),
    classPrior,
    iterations,
  };
}

interface Model {
  /**
   * [member][voted][truth], so that one vote reads and writes one contiguous run; the last "member" is the prior.
   * Counts after the M step, ln P(voted | truth) in the E step.
   */
  readonly matrices: Float32Array;
  /** [voted][truth], columns sum to 1. */
  readonly pooled: Float32Array;
  readonly classPrior: Float32Array;
}

/** M step: matrices of counts and the class prior from the posteriors. */
function countMatrices(
  { songCount, memberCount, emotionCount: c, prior }: VoteTable,
  { offsets, members, emotions, voices }: GroupedVotes,
  known: Uint8Array,
  posteriors: Float32Array,
  smoothing: number,
  { matrices, classPrior }: Model,
): void {
  matrices.fill(smoothing);
  classPrior.fill(smoothing);
  for (let s = 0; s < songCount; s++) {
    if (known[s] === 0) continue;
    const row = s * c;
    for (let e = 0; e < c; e++) classPrior[e] += posteriors[row + e];
    for (let v = offsets[s]; v < offsets[s + 1]; v++) {
      const at = (members[v] * c + emotions[v]) * c;
      const voice = voices === undefined ? 1 : voices[v];
      for (let e = 0; e < c; e++) matrices[at + e] += voice * posteriors[row + e];
    }
    if (prior === undefined) continue;
    for (let voted = 0; voted < c; voted++) {
      const weight = prior[row + voted];
      if (weight === 0) continue;
      const at = (memberCount * c + voted) * c;
      for (let e = 0; e < c; e++) matrices[at + e] += weight * posteriors[row + e];
    }
  }
  let total = 0;
  for (const value of classPrior) total += value;
  for (let e = 0; e < c; e++) classPrior[e] /= total;
}

/** Posteriors below this are 0: they count for nothing, and arithmetic on denormal numbers is many times slower. */
const NOTHING = 1e-20;

/**
 * E step: posteriors from matrices and class prior.
 * @returns how far the posterior that moved most has moved
 */
function believe(
  { songCount, memberCount, emotionCount: c, prior }: VoteTable,
  { offsets, members, emotions, voices }: GroupedVotes,
  known: Uint8Array,
  { matrices, classPrior }: Model,
  posteriors: Float32Array,
): number {
  const logPrior = Float64Array.from(classPrior, Math.log);
  const logs = new Float64Array(c);
  let moved = 0;
  for (let s = 0; s < songCount; s++) {
    if (known[s] === 0) continue;
    const row = s * c;
    logs.set(logPrior);
    for (let v = offsets[s]; v < offsets[s + 1]; v++) {
      const at = (members[v] * c + emotions[v]) * c;
      const voice = voices === undefined ? 1 : voices[v];
      for (let e = 0; e < c; e++) logs[e] += voice * matrices[at + e];
    }
    for (let voted = 0; prior !== undefined && voted < c; voted++) {
      const weight = prior[row + voted];
      if (weight === 0) continue;
      const at = (memberCount * c + voted) * c;
      for (let e = 0; e < c; e++) logs[e] += weight * matrices[at + e];
    }
    let top = -Infinity;
    for (let e = 0; e < c; e++) if (logs[e] > top) top = logs[e];
    let sum = 0;
    for (let e = 0; e < c; e++) {
      logs[e] = Math.exp(logs[e] - top);
      sum += logs[e];
    }
    for (let e = 0; e < c; e++) {
      const value = logs[e] < NOTHING ? 0 : logs[e] / sum;
      const move = Math.abs(value - posteriors[row + e]);
      if (move > moved) moved = move;
      posteriors[row + e] = value;
    }
  }
  return moved;
}

/** Shares of votes, the usual start of the EM. */
function firstGuess(table: VoteTable, grouped: GroupedVotes): Float32Array {
  const { songCount, emotionCount: c } = table;
  const shares = table.prior ? Float32Array.from(table.prior) : new Float32Array(songCount * c);
  for (let s = 0; s < songCount; s++) {
    for (let v = grouped.offsets[s]; v < grouped.offsets[s + 1]; v++) {
      shares[s * c + grouped.emotions[v]] += grouped.voices === undefined ? 1 : grouped.voices[v];
    }
    let total = 0;
    for (let e = 0; e < c; e++) total += shares[s * c + e];
    if (total > 0) for (let e = 0; e < c; e++) shares[s * c + e] /= total;
  }
  return shares;
}

/**
 * Sums all members' matrices into `pooled` ([voted][truth], columns sum to 1) and adds `pooling` votes of it to
 * each of them: an empirical prior, as in Kim & Ghahramani (2012), "Bayesian classifier combination".
 */
function poolMatrices(
  matrices: Float32Array,
  pooled: Float32Array,
  c: number,
  smoothing: number,
  pooling: number,
): void {
  const sums = new Float64Array(c * c).fill(smoothing);
  // Every matrix begins with the smoothing, which is nobody's vote.
  for (let at = 0; at < matrices.length; at += c * c) {
    for (let cell = 0; cell < c * c; cell++) sums[cell] += matrices[at + cell] - smoothing;
  }
  for (let truth = 0; truth < c; truth++) {
    let total = 0;
    for (let voted = 0; voted < c; voted++) total += sums[voted * c + truth];
    for (let voted = 0; voted < c; voted++) pooled[voted * c + truth] = sums[voted * c + truth] / total;
  }
  if (pooling === 0) return;
  for (let at = 0; at < matrices.length; at += c * c) {
    for (let cell = 0; cell < c * c; cell++) matrices[at + cell] += pooling * pooled[cell];
  }
}

/** Turns counts [member][voted][truth] into log P(voted | truth), in place. */
function toLogProbabilities(matrices: Float32Array, c: number): void {
  for (let at = 0; at < matrices.length; at += c * c) {
    for (let truth = 0; truth < c; truth++) {
      let total = 0;
      for (let voted = 0; voted < c; voted++) total += matrices[at + voted * c + truth];
      const log = Math.log(total);
      for (let voted = 0; voted < c; voted++) {
        const cell = at + voted * c + truth;
        matrices[cell] = Math.log(matrices[cell]) - log;
      }
    }
  }
}

function confusionOf(logMatrices: Float32Array, memberCount: number, c: number): Float32Array {
  const confusion = new Float32Array(memberCount * c * c);
  for (let m = 0; m < memberCount; m++) {
    for (let voted = 0; voted < c; voted++) {
      for (let truth = 0; truth < c; truth++) {
        confusion[(m * c + truth) * c + voted] = Math.exp(logMatrices[(m * c + voted) * c + truth]);
      }
    }
  }
  return confusion;
}
