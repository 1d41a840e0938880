import { countVotes, type GroupedVotes, groupVotes, type LabelTable, type VoteTable } from './aggregate.ts';
import { dawidSkene } from './dawid-skene.ts';
import { type Dirichlet, fitDirichlet } from './dirichlet.ts';
import { findHonest, weighVotes } from './honest-votes.ts';
import { countAsOne, findInStep } from './in-step.ts';
import type { Random } from './random.ts';
import { labelFromCounts, type SongModel } from './song-label.ts';
import { FACT_POOLING, FACT_SMOOTHING, recogniseTask, type TaskEvidence } from './task-kind.ts';

/** Labels of the default method, with what they rest on. */
export interface HonestLabels extends LabelTable {
  readonly task: TaskEvidence;
  /** Per member the probability of listening, 0..1: what the member's votes weigh. */
  readonly weights: Float64Array;
  /** Per member the first member it votes in step with, itself where with nobody. */
  readonly leaders: Int32Array;
  /** Part of the members who listen. */
  readonly honestPart: number;
  /** What songs are like before anybody votes. */
  readonly songPrior: Dirichlet;
  /** With which one song's label can be updated: see `song-label.ts`. */
  readonly songModel: SongModel;
  /** Of the EM that told listeners from spammers. */
  readonly iterations: number;
}

/**
 * The default way from votes to labels. Accounts in step count as one ({@link findInStep}); members who do not listen
 * count little or nothing ({@link findHonest}); each song's shares are the posterior mean of its distribution, with
 * a prior fitted to all songs, so that honest disagreement stays in the label ({@link labelFromCounts}). Where the
 * votes turn out to be about facts instead ({@link recogniseTask}), shares and confidence are the posterior of the
 * one true emotion by pooled Dawid–Skene.
 * @throws RangeError see {@link groupVotes}
 */
export function honestLabels(
  table: VoteTable,
  random: Random,
  grouped: GroupedVotes = groupVotes(table),
): HonestLabels {
  const { songCount, memberCount, emotionCount: c, prior } = table;
  const counts = new Float64Array(songCount * c);
  weighVotes(grouped, new Float64Array(memberCount).fill(1), c, prior, counts);
  const leaders = findInStep(grouped, memberCount, fitDirichlet(counts, c));
  const merged = countAsOne(grouped, leaders);
  const { weights, songPrior, honestPart, iterations } = findHonest(merged, memberCount, c, prior);
  const task = recogniseTask(merged, weights, c, random);
  for (let m = 0; m < memberCount; m++) weights[m] = weights[leaders[m]];
  const judged = { task, weights, leaders, honestPart, songPrior, iterations };
  if (task.kind === 'fact') {
    const options = { smoothing: FACT_SMOOTHING, pooling: FACT_POOLING, iterations: 100 };
    const labels = dawidSkene(table, options, merged);
    const { classPrior, pooled } = labels;
    return { ...labels, ...countVotes(grouped), ...judged, songModel: { kind: 'fact', classPrior, pooled } };
  }
  weighVotes(merged, weights, c, prior, counts);
  const songModel: SongModel = { kind: 'feeling', prior: songPrior };
  const shares = new Float32Array(songCount * c);
  const primary = new Int32Array(songCount).fill(-1);
  const secondary = new Int32Array(songCount).fill(-1);
  const confidence = new Float32Array(songCount);
  for (let s = 0; s < songCount; s++) {
    const label = labelFromCounts(counts.subarray(s * c, (s + 1) * c), songModel);
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
    songModel,
  };
}
