import { countVotes, type GroupedVotes, groupVotes, type LabelTable, type VoteTable } from './aggregate.ts';
import { dawidSkene } from './dawid-skene.ts';
import { type Dirichlet, fitDirichlet } from './dirichlet.ts';
import { findHonest, weighVotes } from './honest-votes.ts';
import { countAsOne, findInStep } from './in-step.ts';
import type { Random } from './random.ts';
import { labelFromCounts } from './song-label.ts';
import { FACT_POOLING, FACT_SMOOTHING, recogniseTask, type TaskEvidence } from './task-kind.ts';

/** What the votes say of their members and of songs in general. */
interface Judgement {
  /** Per member the probability of listening, 0..1: what the member's votes weigh. */
  readonly weights: Float64Array;
  /** Per member the first member it votes in step with, itself where with nobody. */
  readonly leaders: Int32Array;
  /** Part of the members who listen. */
  readonly honestPart: number;
  /** What songs are like before anybody votes: with it one song's label can be updated (`song-label.ts`). */
  readonly songPrior: Dirichlet;
  /** Of the EM that told listeners from spammers. */
  readonly iterations: number;
}

/** Labels of songs that may be several emotions at once, with what they rest on. */
export interface FeelingLabels extends LabelTable, Judgement {}

/** Labels of the shell's default method, which looks at what kind of question was asked. */
export interface HonestLabels extends FeelingLabels {
  readonly task: TaskEvidence;
}

/** @returns also the votes in which accounts in step count as one */
function judge(
  { songCount, memberCount, emotionCount: c, prior }: VoteTable,
  grouped: GroupedVotes,
): Judgement & { readonly merged: GroupedVotes } {
  const counts = new Float64Array(songCount * c);
  weighVotes(grouped, new Float64Array(memberCount).fill(1), c, prior, counts);
  const leaders = findInStep(grouped, memberCount, fitDirichlet(counts, c));
  const merged = countAsOne(grouped, leaders);
  const { weights, ...found } = findHonest(merged, memberCount, c, prior);
  for (let m = 0; m < memberCount; m++) weights[m] = weights[leaders[m]];
  return { ...found, weights, leaders, merged };
}

function labelFeelings(
  { songCount, emotionCount: c, prior }: VoteTable,
  grouped: GroupedVotes,
  { merged, ...judged }: ReturnType<typeof judge>,
): FeelingLabels {
  const counts = new Float64Array(songCount * c);
  weighVotes(merged, judged.weights, c, prior, counts);
  const shares = new Float32Array(songCount * c);
  const primary = new Int32Array(songCount).fill(-1);
  const secondary = new Int32Array(songCount).fill(-1);
  const confidence = new Float32Array(songCount);
  for (let s = 0; s < songCount; s++) {
    const label = labelFromCounts(counts.subarray(s * c, (s + 1) * c), judged.songPrior);
    shares.set(label.shares, s * c);
    primary[s] = label.primary;
    secondary[s] = label.secondary;
    confidence[s] = label.confidence;
  }
  return {
    songCount,
    emotionCount: c,
    shares,
    ...countVotes(grouped),
    primary,
    secondary,
    confidence,
    ...judged,
  };
}

/**
 * The bot's way from votes to labels. Accounts in step count as one ({@link findInStep}); members who do not listen
 * count little or nothing ({@link findHonest}); each song's shares are the posterior mean of its distribution, with
 * a prior fitted to all songs, so that honest disagreement stays in the label ({@link labelFromCounts}). What a song
 * feels like is never a question with one right answer, however well its first listeners agree.
 * @throws RangeError see {@link groupVotes}
 */
export function feelingLabels(table: VoteTable, grouped: GroupedVotes = groupVotes(table)): FeelingLabels {
  return labelFeelings(table, grouped, judge(table, grouped));
}

/**
 * {@link feelingLabels} for a table of votes about anything: where they turn out to be about facts
 * ({@link recogniseTask}), shares and confidence are the posterior of the one right answer by pooled Dawid–Skene.
 * @throws RangeError see {@link groupVotes}
 */
export function honestLabels(
  table: VoteTable,
  random: Random,
  grouped: GroupedVotes = groupVotes(table),
): HonestLabels {
  const judgement = judge(table, grouped);
  const { merged, ...judged } = judgement;
  const task = recogniseTask(merged, judged.weights, table.emotionCount, random);
  if (task.kind === 'feeling') return { ...labelFeelings(table, grouped, judgement), task };
  const options = { smoothing: FACT_SMOOTHING, pooling: FACT_POOLING, iterations: 100 };
  return { ...dawidSkene(table, options, merged), ...countVotes(grouped), ...judged, task };
}
