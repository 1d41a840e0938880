import type { GroupedVotes } from './aggregate.ts';
import { type Dirichlet, fitDirichlet, improveDirichlet, logSymmetricMarginal } from './dirichlet.ts';

export interface HonestOptions {
  /** At most this many rounds. Default 100. */
  readonly iterations?: number;
  /** Stop when members' weights move by no more on average. Default 1e-4. */
  readonly tolerance?: number;
}

/** Who listens, and what songs are like before anybody votes. */
export interface HonestVotes {
  /** Per member the probability of listening, 0..1, to three decimals: the weight of the member's votes. */
  readonly weights: Float64Array;
  /** From which every song's distribution over the emotions is drawn. */
  readonly songPrior: Dirichlet;
  /** Part of the members who listen, 0..1. */
  readonly honestPart: number;
  readonly iterations: number;
}

/** Members are presumed to listen: the part who do has a Beta(4, 1) prior. */
const LISTENERS_BEFORE = 4;
const SPAMMERS_BEFORE = 1;
/**
 * Ways not to listen, by the concentration of a symmetric Dirichlet per emotion: from "always the same emoji" to
 * "any emoji". How common each way is comes from the data.
 */
const SPAM_KINDS = [0.1, 1, 10, 100];

/** From this weight on a member surely listens. */
const SURE = 0.9;

/** Rounds to what is stored with a model, so that a label updated from the store equals the training run's. */
export function roundWeight(weight: number): number {
  return Math.round(weight * 1000) / 1000;
}

/**
 * Soft counts: songs × emotions, each vote counting its voice times its member's weight, imported counts added.
 * Overwrites `counts`.
 */
export function weighVotes(
  votes: GroupedVotes,
  weights: ArrayLike<number>,
  emotionCount: number,
  prior: Float32Array | undefined,
  counts: Float64Array,
): void {
  const { offsets, members, emotions, voices } = votes;
  if (prior === undefined) counts.fill(0);
  else counts.set(prior);
  for (let s = 0; s + 1 < offsets.length; s++) {
    const row = s * emotionCount;
    for (let v = offsets[s]; v < offsets[s + 1]; v++) {
      counts[row + emotions[v]] += (voices === undefined ? 1 : voices[v]) * weights[members[v]];
    }
  }
}

/**
 * ln P(a member's votes | the member listens), per member: each vote is a draw from its song's distribution, known
 * from the other members' weighted votes and the songs' prior.
 */
function listenerLogs(
  votes: GroupedVotes,
  weights: Float64Array,
  counts: Float64Array,
  { mean, concentration }: Dirichlet,
  logs: Float64Array,
): void {
  const { offsets, members, emotions, voices } = votes;
  const c = mean.length;
  logs.fill(0);
  for (let s = 0; s + 1 < offsets.length; s++) {
    const row = s * c;
    let total = concentration;
    for (let e = 0; e < c; e++) total += counts[row + e];
    const end = offsets[s + 1];
    for (let v = offsets[s]; v < end; ) {
      const member = members[v];
      const weight = weights[member];
      let own = 0;
      let next = v;
      for (; next < end && members[next] === member; next++) own += voices === undefined ? 1 : voices[next];
      const others = total - own * weight;
      for (; v < next; v++) {
        const e = emotions[v];
        const voice = voices === undefined ? 1 : voices[v];
        // Subtracting what was added leaves rounding errors, which must not make a probability negative.
        const seen = Math.max(0, counts[row + e] - voice * weight) + concentration * mean[e];
        logs[member] += voice * Math.log(seen / others);
      }
    }
  }
}

/** ln P(a member's votes | not listening in the k-th way), members × kinds. */
function spamLogs(votes: GroupedVotes, memberCount: number, c: number): Float64Array {
  const own = new Float64Array(memberCount * c);
  for (let v = 0; v < votes.members.length; v++) {
    own[votes.members[v] * c + votes.emotions[v]] += votes.voices === undefined ? 1 : votes.voices[v];
  }
  const logs = new Float64Array(memberCount * SPAM_KINDS.length);
  for (let m = 0; m < memberCount; m++) {
    for (let k = 0; k < SPAM_KINDS.length; k++) {
      logs[m * SPAM_KINDS.length + k] = logSymmetricMarginal(own, m * c, c, SPAM_KINDS[k] * c);
    }
  }
  return logs;
}

/** ln of the mixture over the ways not to listen, per member; then moves `mix` towards how common each is. */
function mixSpam(kinds: Float64Array, mix: Float64Array, weights: Float64Array, logs: Float64Array): void {
  const size = mix.length;
  const found = new Float64Array(size).fill(1);
  const parts = new Float64Array(size);
  let all = size;
  for (let m = 0; m < logs.length; m++) {
    let top = -Infinity;
    for (let k = 0; k < size; k++) top = Math.max(top, kinds[m * size + k]);
    let sum = 0;
    for (let k = 0; k < size; k++) {
      parts[k] = mix[k] * Math.exp(kinds[m * size + k] - top);
      sum += parts[k];
    }
    logs[m] = top + Math.log(sum);
    for (let k = 0; k < size; k++) found[k] += ((1 - weights[m]) * parts[k]) / sum;
    all += 1 - weights[m];
  }
  for (let k = 0; k < size; k++) mix[k] = found[k] / all;
}

/**
 * 1 for the members whose votes tell what songs are like, 0 for all others: those who surely listen or, where these
 * cast less than half of what counts, those who rather do. Whole votes or none, because half the vote of a spammer is
 * still disagreement, and the Dirichlet-multinomial takes parts of votes for songs being flat.
 */
export function listenersOf(votesOf: ArrayLike<number>, weights: Float64Array): Float64Array {
  let all = 0;
  let sure = 0;
  for (let m = 0; m < weights.length; m++) {
    all += votesOf[m] * weights[m];
    if (weights[m] >= SURE) sure += votesOf[m] * weights[m];
  }
  const least = sure >= all / 2 ? SURE : 0.5;
  return weights.map((weight) => (weight >= least ? 1 : 0));
}

/** Votes per member. */
export function votesPerMember({ members }: GroupedVotes, memberCount: number): Int32Array {
  const votes = new Int32Array(memberCount);
  for (let v = 0; v < members.length; v++) votes[members[v]]++;
  return votes;
}

/** Songs enough to know what songs are like; more only cost time. */
const MAX_SONGS = 5000;

/** The votes and imported counts of at most about {@link MAX_SONGS} evenly spaced songs. */
function sampleSongs(
  votes: GroupedVotes,
  emotionCount: number,
  prior: Float32Array | undefined,
): { votes: GroupedVotes; prior: Float32Array | undefined } {
  const songCount = votes.offsets.length - 1;
  const stride = Math.ceil(songCount / MAX_SONGS);
  if (stride <= 1) return { votes, prior };
  const songs = Array.from({ length: Math.ceil(songCount / stride) }, (_, i) => i * stride);
  const offsets = new Int32Array(songs.length + 1);
  for (const [i, s] of songs.entries()) offsets[i + 1] = offsets[i] + votes.offsets[s + 1] - votes.offsets[s];
  const rows = new Int32Array(offsets[songs.length]);
  for (const [i, s] of songs.entries()) {
    for (let at = offsets[i]; at < offsets[i + 1]; at++) rows[at] = votes.offsets[s] + at - offsets[i];
  }
  const { voices } = votes;
  const sampled: GroupedVotes = {
    offsets,
    members: rows.map((row) => votes.members[row]),
    emotions: rows.map((row) => votes.emotions[row]),
    ...(voices === undefined ? {} : { voices: Float64Array.from(rows, (row) => voices[row]) }),
  };
  if (prior === undefined) return { votes: sampled, prior };
  const counts = new Float32Array(songs.length * emotionCount);
  for (const [i, s] of songs.entries()) {
    counts.set(prior.subarray(s * emotionCount, (s + 1) * emotionCount), i * emotionCount);
  }
  return { votes: sampled, prior: counts };
}

/**
 * Tells listeners from spammers. A listener's vote on a song is drawn from the song's own distribution, which is a
 * draw from a Dirichlet shared by all songs; a spammer's from a fixed distribution of the spammer's own, whatever
 * the song. EM (in the manner of Raykar & Yu 2012, "Eliminating spammers and ranking annotators", but without one
 * true answer per song) finds every member's probability of listening, and the Dirichlet by maximum marginal
 * likelihood. Who disagrees with others on ambiguous songs loses little; who votes alike on all songs loses all.
 * @param votes in order of song; a song's votes of one member stand together
 * @param prior songs × emotions: imported soft counts, which are trusted
 */
export function findHonest(
  votes: GroupedVotes,
  memberCount: number,
  emotionCount: number,
  prior?: Float32Array,
  options: HonestOptions = {},
): HonestVotes {
  const { iterations: rounds = 100, tolerance = 1e-4 } = options;
  const songCount = votes.offsets.length - 1;
  const kinds = spamLogs(votes, memberCount, emotionCount);
  const mix = new Float64Array(SPAM_KINDS.length).fill(1 / SPAM_KINDS.length);
  const cast = votesPerMember(votes, memberCount);
  const voted = Uint8Array.from(cast, (n) => Math.min(1, n));
  const people = voted.reduce((sum, one) => sum + one, 0);
  const weights = Float64Array.from(voted);
  const asListener = new Float64Array(memberCount);
  const asSpammer = new Float64Array(memberCount);
  const counts = new Float64Array(songCount * emotionCount);
  const sample = sampleSongs(votes, emotionCount, prior);
  const sampleCounts = new Float64Array((sample.votes.offsets.length - 1) * emotionCount);
  let songPrior: Dirichlet = {
    mean: new Float64Array(emotionCount).fill(1 / emotionCount),
    concentration: 1,
  };
  let honestPart = LISTENERS_BEFORE / (LISTENERS_BEFORE + SPAMMERS_BEFORE);
  let iterations = 0;
  while (iterations < rounds) {
    iterations++;
    weighVotes(sample.votes, listenersOf(cast, weights), emotionCount, sample.prior, sampleCounts);
    songPrior =
      songPrior === undefined
        ? fitDirichlet(sampleCounts, emotionCount)
        : improveDirichlet(sampleCounts, improveDirichlet(sampleCounts, songPrior));
    weighVotes(votes, weights, emotionCount, prior, counts);
    listenerLogs(votes, weights, counts, songPrior, asListener);
    mixSpam(kinds, mix, weights, asSpammer);
    const odds = Math.log(honestPart / (1 - honestPart));
    let moved = 0;
    let listeners = LISTENERS_BEFORE;
    for (let m = 0; m < memberCount; m++) {
      if (voted[m] === 0) continue;
      const weight = 1 / (1 + Math.exp(asSpammer[m] - asListener[m] - odds));
      moved += Math.abs(weight - weights[m]);
      weights[m] = weight;
      listeners += weight;
    }
    honestPart = listeners / (people + LISTENERS_BEFORE + SPAMMERS_BEFORE);
    if (moved <= tolerance * people) break;
  }
  for (let m = 0; m < memberCount; m++) weights[m] = voted[m] === 0 ? honestPart : roundWeight(weights[m]);
  return { weights, songPrior: songPrior ?? fitDirichlet(counts, emotionCount), honestPart, iterations };
}
