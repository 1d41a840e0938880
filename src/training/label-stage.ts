import { groupVotes, shareOfVotes, type VoteTable } from '../../ml/aggregate.ts';
import { emotionAlphas, krippendorffAlpha } from '../../ml/agreement.ts';
import { type FeelingLabels, feelingLabels } from '../../ml/label-votes.ts';

/** Votes of a member with a lower weight count for little. */
const LITTLE = 0.5;

/** What a report may tell of the votes: counts and rates, and nothing of any one member. */
export interface VoteFacts {
  /** Krippendorff's alpha over all emotions; NaN where no song has two votes. */
  readonly agreement: number;
  /** The same per emotion, in their order: whoever voted on a song said yes or no to each. */
  readonly agreementPerEmotion: Float64Array;
  readonly members: {
    readonly all: number;
    /** Whose votes count less than half. */
    readonly little: number;
    /** Accounts in step, and as how many they count. */
    readonly inStep: number;
    readonly inStepGroups: number;
  };
  /** Against plain shares of votes. */
  readonly plainShares: {
    /** Part of the songs with a label whose top emotion is the same, 0..1. */
    readonly sameTop: number;
    /** Mean absolute difference of the shares. */
    readonly shareDifference: number;
  };
}

export interface Aggregation {
  readonly labels: FeelingLabels;
  /** Absent without votes of members. */
  readonly facts?: VoteFacts;
}

/** Accounts in step and their groups, from {@link FeelingLabels.leaders}. */
export function countInStep(leaders: Int32Array): { inStep: number; inStepGroups: number } {
  const groups = new Set<number>();
  let followers = 0;
  for (const [member, leader] of leaders.entries()) {
    if (leader === member) continue;
    followers++;
    groups.add(leader);
  }
  return { inStep: followers + groups.size, inStepGroups: groups.size };
}

/** Votes → labels as feelings, with what the report tells of them. */
export function aggregate(table: VoteTable): Aggregation {
  const grouped = groupVotes(table);
  const labels = feelingLabels(table, grouped);
  if (grouped.members.length === 0) return { labels };
  const plain = shareOfVotes(table, grouped);
  let same = 0;
  let labelled = 0;
  let difference = 0;
  for (let song = 0; song < labels.songCount; song++) {
    if (labels.primary[song] < 0) continue;
    labelled++;
    if (labels.primary[song] === plain.primary[song]) same++;
    for (let e = 0; e < labels.emotionCount; e++) {
      const at = song * labels.emotionCount + e;
      difference += Math.abs(labels.shares[at] - plain.shares[at]);
    }
  }
  const all = new Set(grouped.members);
  let little = 0;
  for (const member of all) if (labels.weights[member] < LITTLE) little++;
  return {
    labels,
    facts: {
      agreement: krippendorffAlpha(table, grouped),
      agreementPerEmotion: emotionAlphas(table, grouped),
      members: { all: all.size, little, ...countInStep(labels.leaders) },
      plainShares: {
        sameTop: same / Math.max(1, labelled),
        shareDifference: difference / Math.max(1, labelled * labels.emotionCount),
      },
    },
  };
}
