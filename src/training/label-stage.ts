import { groupVotes, type LabelTable, shareOfVotes, type VoteTable } from '../../ml/aggregate.ts';
import { dawidSkene } from '../../ml/dawid-skene.ts';

/** Plain shares, which the models use, and how far Dawid–Skene's labels are from them. */
export interface Aggregation {
  readonly labels: LabelTable;
  readonly dawidSkene?: {
    /** Part of the voted songs whose top emotion is the same, 0..1. */
    readonly sameTop: number;
    /** Mean absolute difference of the shares. */
    readonly shareDifference: number;
    readonly iterations: number;
  };
}

/** Votes → labels, by share of votes; Dawid–Skene beside it for the report. */
export function aggregate(table: VoteTable): Aggregation {
  const grouped = groupVotes(table);
  const labels = shareOfVotes(table, grouped);
  if (grouped.members.length === 0) return { labels };
  const other = dawidSkene(table, {}, grouped);
  let same = 0;
  let voted = 0;
  let difference = 0;
  for (let song = 0; song < labels.songCount; song++) {
    if (labels.primary[song] < 0) continue;
    voted++;
    if (labels.primary[song] === other.primary[song]) same++;
    for (let e = 0; e < labels.emotionCount; e++) {
      const at = song * labels.emotionCount + e;
      difference += Math.abs(labels.shares[at] - other.shares[at]);
    }
  }
  return {
    labels,
    dawidSkene: {
      sameTop: same / voted,
      shareDifference: difference / (voted * labels.emotionCount),
      iterations: other.iterations,
    },
  };
}
