import { topProbability } from './favourite.ts';

/** Votes as three columns: row r says that `members[r]` voted `emotions[r]` for `songs[r]` (all indices). */
export interface VoteTable {
  readonly songs: Int32Array;
  readonly members: Int32Array;
  readonly emotions: Int32Array;
  readonly songCount: number;
  readonly memberCount: number;
  readonly emotionCount: number;
  /** songCount × emotionCount: votes that came as soft counts, e.g. labels of an imported table. */
  readonly prior?: Float32Array;
}

/** What the votes on each song amount to. */
export interface LabelTable {
  readonly songCount: number;
  readonly emotionCount: number;
  /** songCount × emotionCount; a row sums to 1, or is all 0 where nobody voted. */
  readonly shares: Float32Array;
  /** Votes per song, without the prior's soft counts. */
  readonly votes: Int32Array;
  /** Different members per song. */
  readonly voters: Int32Array;
  /** The emotion with the largest share (of equals the one more common over all songs); -1 without votes. */
  readonly primary: Int32Array;
  /** The runner-up where it is close, else -1. See {@link SECONDARY_RATIO}. */
  readonly secondary: Int32Array;
  /** 0..1, how sure the primary emotion is; 0 without votes. */
  readonly confidence: Float32Array;
}

/** A runner-up is named when it has at least this part of the primary's share … */
export const SECONDARY_RATIO = 0.75;
/** … and at least this share of all votes. */
export const SECONDARY_SHARE = 0.2;

/** Votes in order of song, then member, then emotion, each once, with where each song's votes begin. */
export interface GroupedVotes {
  /** songCount + 1. */
  readonly offsets: Int32Array;
  readonly members: Int32Array;
  readonly emotions: Int32Array;
  /** What each vote counts; absent = 1 each. Below 1 where accounts are in step (see `in-step.ts`). */
  readonly voices?: Float64Array;
}

function checkIndices(name: string, values: Int32Array, rows: number, size: number): void {
  if (values.length !== rows) throw new RangeError(`${name} has ${values.length} rows, songs has ${rows}`);
  for (let r = 0; r < rows; r++) {
    const value = values[r];
    if (value < 0 || value >= size) throw new RangeError(`${name}[${r}] is ${value}, not in 0..${size - 1}`);
  }
}

/**
 * Checks and groups votes. A vote is there or not, so equal rows count once. Linear in the votes.
 * @throws RangeError on an index outside its range or a prior that is not finite and ≥ 0
 */
export function groupVotes(table: VoteTable): GroupedVotes {
  const rows = table.songs.length;
  checkIndices('songs', table.songs, rows, table.songCount);
  checkIndices('members', table.members, rows, table.memberCount);
  checkIndices('emotions', table.emotions, rows, table.emotionCount);
  if (table.prior !== undefined) {
    const expected = table.songCount * table.emotionCount;
    if (table.prior.length !== expected) {
      throw new RangeError(`prior has ${table.prior.length} values, expected ${expected}`);
    }
    for (const value of table.prior) {
      if (!(value >= 0 && value < Infinity)) throw new RangeError(`prior holds ${value}: counts are ≥ 0`);
    }
  }
  const { songs, songCount, emotionCount } = table;
  const offsets = new Int32Array(songCount + 1);
  for (let r = 0; r < rows; r++) offsets[songs[r] + 1]++;
  for (let s = 0; s < songCount; s++) offsets[s + 1] += offsets[s];
  // Member and emotion as one number, exact in 64 bits, so that sorting them sorts by member, then emotion.
  const keys = new Float64Array(rows);
  const next = offsets.slice();
  for (let r = 0; r < rows; r++) keys[next[songs[r]]++] = table.members[r] * emotionCount + table.emotions[r];
  const members = new Int32Array(rows);
  const emotions = new Int32Array(rows);
  let kept = 0;
  let begin = 0;
  for (let s = 0; s < songCount; s++) {
    const end = offsets[s + 1];
    sortRange(keys, begin, end);
    for (let at = begin; at < end; at++) {
      if (at > begin && keys[at] === keys[at - 1]) continue;
      const member = Math.floor(keys[at] / emotionCount);
      members[kept] = member;
      emotions[kept++] = keys[at] - member * emotionCount;
    }
    begin = end;
    offsets[s + 1] = kept;
  }
  return { offsets, members: members.subarray(0, kept), emotions: emotions.subarray(0, kept) };
}

/** Songs have few votes as a rule, and then inserting beats the call of a sort. */
const INSERTION_LIMIT = 24;

function sortRange(keys: Float64Array, begin: number, end: number): void {
  if (end - begin > INSERTION_LIMIT) {
    keys.subarray(begin, end).sort();
    return;
  }
  for (let i = begin + 1; i < end; i++) {
    const key = keys[i];
    let at = i;
    while (at > begin && keys[at - 1] > key) {
      keys[at] = keys[at - 1];
      at--;
    }
    keys[at] = key;
  }
}

/** Votes and different members per song. */
export function countVotes(grouped: GroupedVotes): { votes: Int32Array; voters: Int32Array } {
  const songCount = grouped.offsets.length - 1;
  const votes = new Int32Array(songCount);
  const voters = new Int32Array(songCount);
  for (let s = 0; s < songCount; s++) {
    const begin = grouped.offsets[s];
    const end = grouped.offsets[s + 1];
    votes[s] = end - begin;
    for (let v = begin; v < end; v++) {
      if (v === begin || grouped.members[v] !== grouped.members[v - 1]) voters[s]++;
    }
  }
  return { votes, voters };
}

/**
 * Primary and secondary emotion of each row of shares. Of equal shares the emotion that is more common over all
 * songs comes first: it is the likelier truth. A row of zeros has neither.
 */
export function primaryEmotions(
  shares: Float32Array,
  emotionCount: number,
): { primary: Int32Array; secondary: Int32Array } {
  const songCount = emotionCount === 0 ? 0 : shares.length / emotionCount;
  const primary = new Int32Array(songCount).fill(-1);
  const secondary = new Int32Array(songCount).fill(-1);
  const common = new Float64Array(emotionCount);
  for (let at = 0; at < shares.length; at++) common[at % emotionCount] += shares[at];
  const byFrequency = Array.from(common, (_, e) => e).sort((a, b) => common[b] - common[a]);
  for (let s = 0; s < songCount; s++) {
    let first = -1;
    let second = -1;
    for (const e of byFrequency) {
      const share = shares[s * emotionCount + e];
      if (share <= 0) continue;
      if (first < 0 || share > shares[s * emotionCount + first]) {
        second = first;
        first = e;
      } else if (second < 0 || share > shares[s * emotionCount + second]) second = e;
    }
    primary[s] = first;
    if (second < 0) continue;
    const share = shares[s * emotionCount + second];
    if (share >= SECONDARY_SHARE && share >= SECONDARY_RATIO * shares[s * emotionCount + first]) {
      secondary[s] = second;
    }
  }
  return { primary, secondary };
}

/**
 * The reference rule: the share of votes that each emotion got, every vote counting once and the prior's
 * soft counts added. Confidence is the probability that the primary emotion is the true favourite given how
 * many votes there are ({@link topProbability}): one vote among eight emotions gives about 0.3, ten equal
 * votes nearly 1.
 * @throws RangeError see {@link groupVotes}
 */
export function shareOfVotes(table: VoteTable, grouped: GroupedVotes = groupVotes(table)): LabelTable {
  const { songCount, emotionCount } = table;
  const counts = table.prior ? Float32Array.from(table.prior) : new Float32Array(songCount * emotionCount);
  for (let s = 0; s < songCount; s++) {
    for (let v = grouped.offsets[s]; v < grouped.offsets[s + 1]; v++) {
      counts[s * emotionCount + grouped.emotions[v]]++;
    }
  }
  const shares = new Float32Array(counts.length);
  for (let s = 0; s < songCount; s++) {
    let total = 0;
    for (let e = 0; e < emotionCount; e++) total += counts[s * emotionCount + e];
    if (total > 0) {
      for (let e = 0; e < emotionCount; e++)
        shares[s * emotionCount + e] = counts[s * emotionCount + e] / total;
    }
  }
  const { primary, secondary } = primaryEmotions(shares, emotionCount);
  const confidence = new Float32Array(songCount);
  const known = new Map<string, number>();
  const parameters = new Float64Array(emotionCount);
  for (let s = 0; s < songCount; s++) {
    if (primary[s] < 0) continue;
    // Songs with few votes repeat the same few counts, so most integrals are done once.
    const row = counts.subarray(s * emotionCount, (s + 1) * emotionCount);
    const key = Array.from(row).sort().join();
    let value = known.get(key);
    if (value === undefined) {
      // A uniform Dirichlet prior: one more of each.
      for (let e = 0; e < emotionCount; e++) parameters[e] = row[e] + 1;
      value = topProbability(parameters, 0, emotionCount, primary[s]);
      if (known.size < 100_000) known.set(key, value);
    }
    confidence[s] = value;
  }
  return { songCount, emotionCount, shares, ...countVotes(grouped), primary, secondary, confidence };
}
