import { chosen, grouped } from '../../ml/row-groups.ts';
import { stepping } from '../../ml/steps.ts';

/** Votes as numbers. */
interface NumberedVotes {
  readonly members: Int32Array;
  readonly songs: Int32Array;
  readonly emotions: Int32Array;
  readonly memberCount: number;
  readonly songCount: number;
  readonly emotionCount: number;
}

/** By how much a count of all votes is too high, because some do not count. */
export interface UncountedNumbers {
  readonly votes: number;
  /** Members with votes of whom none counts. */
  readonly voters: number;
  /** Songs with votes of which none counts. */
  readonly songs: number;
  /** Per song how many members have votes on it of which none counts; songs without such members are not in it. */
  readonly votersOn: ReadonlyMap<number, number>;
}

/** A number that two votes on one song share if they are the same vote: of a member, with an emotion. */
const voteOf = ({ members, emotions, emotionCount }: NumberedVotes, row: number) =>
  members[row] * emotionCount + emotions[row];

/** Rows song by song. */
function* bySong(
  { songs, songCount }: NumberedVotes,
  rows: Int32Array,
): Generator<void, { song: number; here: Int32Array }[]> {
  const { starts, rows: sorted } = yield* grouped(rows, songCount, songs);
  const groups: { song: number; here: Int32Array }[] = [];
  for (let from = 0; from < sorted.length; ) {
    const song = songs[sorted[from]];
    groups.push({ song, here: sorted.subarray(from, starts[song + 1]) });
    from = starts[song + 1];
  }
  return groups;
}

/** Marks of all votes on a song, all 0. Not sets: those of very many stand still for long whenever they grow. */
const marksOf = ({ memberCount, emotionCount }: NumberedVotes) => new Uint8Array(memberCount * emotionCount);

/** Of rows that are the same vote only the first, song by song. */
export function* distinctRows(votes: NumberedVotes, rows: Int32Array): Generator<void, Int32Array> {
  const isSeen = marksOf(votes);
  const distinct = new Int32Array(rows.length);
  let count = 0;
  for (const { here } of yield* bySong(votes, rows)) {
    yield* stepping(here.length, (from, to) => {
      for (let i = from; i < to; i++) {
        const vote = voteOf(votes, here[i]);
        if (isSeen[vote] === 0) distinct[count++] = here[i];
        isSeen[vote] = 1;
      }
    });
    yield* stepping(here.length, (from, to) => {
      for (let i = from; i < to; i++) isSeen[voteOf(votes, here[i])] = 0;
    });
  }
  return distinct.subarray(0, count);
}

/** How many of the members whose rows do not count have no other. */
function* votersWithout({ members, memberCount }: NumberedVotes, out: Uint8Array): Generator<void, number> {
  const isIn = new Uint8Array(memberCount);
  const isOut = new Uint8Array(memberCount);
  yield* stepping(out.length, (from, to) => {
    for (let row = from; row < to; row++) (out[row] === 1 ? isOut : isIn)[members[row]] = 1;
  });
  const without = yield* chosen(memberCount, (member) => isOut[member] === 1 && isIn[member] === 0);
  return without.length;
}

/**
 * What rows that do not count speak for, less what others speak for that count.
 * @param out 1 for rows that do not count
 */
export function* countUncounted(votes: NumberedVotes, out: Uint8Array): Generator<void, UncountedNumbers> {
  const { members, songs } = votes;
  const votersOn = new Map<number, number>();
  const isTouched = new Uint8Array(votes.songCount);
  for (const row of yield* chosen(out.length, (row) => out[row] === 1)) isTouched[songs[row]] = 1;
  const touching = yield* chosen(out.length, (row) => isTouched[songs[row]] === 1);
  if (touching.length === 0) return { votes: 0, voters: 0, songs: 0, votersOn };
  /** 1 for what only rows that do not count speak for. */
  const [lone, loneMembers] = [marksOf(votes), new Uint8Array(votes.memberCount)];
  let [withoutVotes, withoutAny] = [0, 0];
  for (const { song, here } of yield* bySong(votes, touching)) {
    let [counting, voters] = [0, 0];
    const mark = (isOut: 0 | 1) => (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        if (out[here[i]] !== isOut) continue;
        lone[voteOf(votes, here[i])] = isOut;
        loneMembers[members[here[i]]] = isOut;
        counting += 1 - isOut;
      }
    };
    yield* stepping(here.length, mark(1));
    yield* stepping(here.length, mark(0));
    yield* stepping(here.length, (from, to) => {
      for (let i = from; i < to; i++) {
        const [vote, member] = [voteOf(votes, here[i]), members[here[i]]];
        withoutVotes += lone[vote];
        voters += loneMembers[member];
        lone[vote] = 0;
        loneMembers[member] = 0;
      }
    });
    if (counting === 0) withoutAny++;
    if (voters > 0) votersOn.set(song, voters);
  }
  return { votes: withoutVotes, voters: yield* votersWithout(votes, out), songs: withoutAny, votersOn };
}
