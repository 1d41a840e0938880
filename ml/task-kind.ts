import { type GroupedVotes, groupVotes, type VoteTable } from './aggregate.ts';
import { dawidSkene } from './dawid-skene.ts';
import { fitDirichlet } from './dirichlet.ts';
import { listenersOf, votesPerMember, weighVotes } from './honest-votes.ts';
import type { Random } from './random.ts';

/** `feeling`: a song is a distribution over the emotions. `fact`: it has one true emotion, which some get wrong. */
export type TaskKind = 'feeling' | 'fact';

/** How well either view predicts votes that it has not seen. */
export interface TaskEvidence {
  readonly kind: TaskKind;
  /** Mean ln P(held-out vote) when songs are distributions; NaN with too few votes to hold out. */
  readonly asFeeling: number;
  /** The same when songs have one true emotion. */
  readonly asFact: number;
  /** The difference in standard errors, above 0 for facts. */
  readonly z: number;
  readonly heldOut: number;
}

/** Pseudo-votes that hold a member's confusion matrix near that of all members; 10 to 1000 do nearly the same. */
export const FACT_POOLING = 20;
/** Pseudo-votes in every cell; small, because the pooling does what smoothing is for. */
export const FACT_SMOOTHING = 0.1;

const FOLDS = 10;
/** Standard errors by which facts must predict better. Emotions are feelings until shown otherwise. */
const DECISIVE = 2.5;
/**
 * Powers that the posterior of the truth is tried at; the best one counts. Dawid–Skene takes a song's votes for
 * independent given the truth, and so is too sure on songs that many get wrong together: that must not decide.
 */
const TEMPERS = [1, 0.6, 0.4];
/** Members with fewer votes among those stand together as one: nothing can be said of each. */
const MIN_VOTES = 5;
/** Fewer songs than this decide nothing. */
const MIN_SONGS = 20;
/** Votes that are looked at; more only cost time. */
const MAX_VOTES = 6000;

/**
 * A table of the votes of members who surely listen, on evenly spaced songs with two such votes or more, at most about
 * {@link MAX_VOTES} votes.
 * Songs and members are numbered anew, in the order they come.
 */
function sampleVotes(grouped: GroupedVotes, weights: Float64Array, emotionCount: number): VoteTable {
  const { offsets } = grouped;
  const listeners = listenersOf(votesPerMember(grouped, weights.length), weights);
  const stride = Math.max(1, Math.ceil(grouped.members.length / MAX_VOTES));
  const songs: number[] = [];
  const members: number[] = [];
  const emotions: number[] = [];
  const cast = new Map<number, number>();
  let songCount = 0;
  for (let s = 0; s + 1 < offsets.length; s += stride) {
    const heard: number[] = [];
    for (let v = offsets[s]; v < offsets[s + 1]; v++) if (listeners[grouped.members[v]] > 0) heard.push(v);
    if (heard.length < 2) continue;
    for (const v of heard) {
      const member = grouped.members[v];
      cast.set(member, (cast.get(member) ?? 0) + 1);
      songs.push(songCount);
      members.push(member);
      emotions.push(grouped.emotions[v]);
    }
    songCount++;
  }
  const numbers = new Map<number, number>();
  for (const [member, votes] of cast) if (votes >= MIN_VOTES) numbers.set(member, numbers.size);
  return {
    songs: Int32Array.from(songs),
    members: Int32Array.from(members, (member) => numbers.get(member) ?? numbers.size),
    emotions: Int32Array.from(emotions),
    songCount,
    memberCount: numbers.size + 1,
    emotionCount,
  };
}

/**
 * ln P(vote) of the votes of one fold, by either model fitted to all other votes.
 * @param fold of every row of the table
 */
function predict(
  table: VoteTable,
  fold: Int32Array,
  held: number,
  found: (row: number, asFeeling: number, asFact: Float64Array) => void,
): void {
  const { songCount, memberCount, emotionCount: c } = table;
  const rows = Array.from(fold.keys()).filter((row) => fold[row] !== held);
  const pick = (column: Int32Array) => Int32Array.from(rows, (row) => column[row]);
  const seen: VoteTable = {
    ...table,
    songs: pick(table.songs),
    members: pick(table.members),
    emotions: pick(table.emotions),
  };
  const grouped = groupVotes(seen);
  const fact = dawidSkene(
    seen,
    { smoothing: FACT_SMOOTHING, pooling: FACT_POOLING, iterations: 30 },
    grouped,
  );
  const counts = new Float64Array(songCount * c);
  weighVotes(grouped, new Float64Array(memberCount).fill(1), c, undefined, counts);
  const { mean, concentration } = fitDirichlet(counts, c);
  const asFact = new Float64Array(TEMPERS.length);
  for (let row = 0; row < fold.length; row++) {
    if (fold[row] !== held) continue;
    const [song, member, emotion] = [table.songs[row], table.members[row], table.emotions[row]];
    let mass = concentration;
    for (let e = 0; e < c; e++) mass += counts[song * c + e];
    const asFeeling = (counts[song * c + emotion] + concentration * mean[emotion]) / mass;
    for (const [t, temper] of TEMPERS.entries()) {
      let right = 0;
      let sum = 0;
      for (let truth = 0; truth < c; truth++) {
        const rate = fact.classPrior[truth];
        const belief = fact.votes[song] === 0 ? rate : fact.shares[song * c + truth];
        const tempered = belief ** temper * rate ** (1 - temper);
        sum += tempered;
        right += tempered * fact.confusion[(member * c + truth) * c + emotion];
      }
      asFact[t] = Math.log(right / sum);
    }
    found(row, Math.log(asFeeling), asFact);
  }
}

/**
 * Tells feelings from facts by which model predicts held-out votes better: songs as distributions (a Dirichlet
 * prior fitted to them), or songs with one truth behind members' confusion matrices (pooled Dawid–Skene).
 * Ten-fold cross-validation over the votes; the mean difference of the log-likelihoods is held against its standard
 * error, songs being the independent units. Only votes of members who surely listen are looked at: what the others do
 * says nothing of the task. Facts need to win clearly; with little data it is a feeling.
 * @param weights of the members, from `findHonest`
 */
export function recogniseTask(
  grouped: GroupedVotes,
  weights: Float64Array,
  emotionCount: number,
  random: Random,
): TaskEvidence {
  const table = sampleVotes(grouped, weights, emotionCount);
  const heldOut = table.songs.length;
  const none: TaskEvidence = { kind: 'feeling', asFeeling: Number.NaN, asFact: Number.NaN, z: 0, heldOut: 0 };
  if (table.songCount < MIN_SONGS || emotionCount < 2) return none;
  // A song's votes fall into different folds as far as there are folds.
  const fold = new Int32Array(heldOut);
  let turn = 0;
  for (let row = 0; row < heldOut; row++) {
    if (row === 0 || table.songs[row] !== table.songs[row - 1]) turn = random.integer(FOLDS);
    fold[row] = turn++ % FOLDS;
  }
  const differences = TEMPERS.map(() => new Float64Array(table.songCount));
  let feeling = 0;
  const facts = TEMPERS.map(() => 0);
  for (let held = 0; held < FOLDS; held++) {
    predict(table, fold, held, (row, asFeeling, asFact) => {
      feeling += asFeeling;
      for (const [t, log] of asFact.entries()) {
        facts[t] += log;
        differences[t][table.songs[row]] += log - asFeeling;
      }
    });
  }
  const fact = Math.max(...facts);
  const best = differences[facts.indexOf(fact)];
  const mean = (fact - feeling) / table.songCount;
  let squares = 0;
  for (const difference of best) squares += (difference - mean) ** 2;
  const error = Math.sqrt(squares / (table.songCount - 1) / table.songCount);
  const z = error > 0 ? mean / error : 0;
  return {
    kind: z >= DECISIVE ? 'fact' : 'feeling',
    asFeeling: feeling / heldOut,
    asFact: fact / heldOut,
    z,
    heldOut,
  };
}
