import { type GroupedVotes, groupVotes, type VoteTable } from './aggregate.ts';

/**
 * Krippendorff's alpha for nominal data (Krippendorff 2004, "Content Analysis", ch. 11): 1 = all votes on a
 * song agree, 0 = no more than by chance. Every vote is one value of its song. NaN when no song has two votes
 * or all votes name one emotion.
 */
export function krippendorffAlpha(table: VoteTable, grouped: GroupedVotes = groupVotes(table)): number {
  const { songCount, emotionCount } = table;
  const totals = new Float64Array(emotionCount);
  const counts = new Float64Array(emotionCount);
  let agreeing = 0;
  let pairable = 0;
  for (let s = 0; s < songCount; s++) {
    const votes = grouped.offsets[s + 1] - grouped.offsets[s];
    if (votes < 2) continue;
    counts.fill(0);
    for (let v = grouped.offsets[s]; v < grouped.offsets[s + 1]; v++) counts[grouped.emotions[v]]++;
    for (let e = 0; e < emotionCount; e++) {
      agreeing += (counts[e] * (counts[e] - 1)) / (votes - 1);
      totals[e] += counts[e];
    }
    pairable += votes;
  }
  let expected = 0;
  for (const total of totals) expected += total * (total - 1);
  expected /= pairable - 1;
  return (agreeing - expected) / (pairable - expected);
}

/**
 * Krippendorff's alpha of every emotion by itself: whoever voted on a song said yes or no to it. 1 = all say the
 * same of each song, 0 = no more than by chance, NaN where all say the same of all songs or no song has two voters.
 * @returns one value per emotion
 */
export function emotionAlphas(table: VoteTable, grouped: GroupedVotes = groupVotes(table)): Float64Array {
  const { songCount, emotionCount } = table;
  const { offsets, members, emotions } = grouped;
  const yes = new Float64Array(emotionCount);
  // Per emotion over all songs with two voters: yeses, and voters' pairs that differ, over voters less one.
  const allYes = new Float64Array(emotionCount);
  const differing = new Float64Array(emotionCount);
  let values = 0;
  for (let s = 0; s < songCount; s++) {
    let voters = 0;
    yes.fill(0);
    for (let v = offsets[s]; v < offsets[s + 1]; v++) {
      if (v === offsets[s] || members[v] !== members[v - 1]) voters++;
      yes[emotions[v]]++;
    }
    if (voters < 2) continue;
    values += voters;
    for (let e = 0; e < emotionCount; e++) {
      allYes[e] += yes[e];
      differing[e] += (2 * yes[e] * (voters - yes[e])) / (voters - 1);
    }
  }
  return allYes.map((count, e) => 1 - (differing[e] * (values - 1)) / (2 * count * (values - count)));
}
