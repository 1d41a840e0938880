import { chosen, grouped, stepping } from '../../ml/row-groups.ts';
import type { CastTable } from '../domain/member.ts';
import type { SongId } from '../domain/song.ts';

/** By how much a count of all votes is too high, because some do not count. */
export interface Uncounted {
  readonly votes: number;
  /** Members with votes of whom none counts. */
  readonly voters: number;
  /** Songs with votes of which none counts. */
  readonly songs: number;
  /** Per song how many members have votes on it of which none counts; songs without such members are not in it. */
  readonly votersOn: ReadonlyMap<SongId, number>;
}

/** A number that two votes on one song share if they are the same vote: of a member, with an emotion. */
export function voteOf({ members, emotions, names }: CastTable, row: number): number {
  return members[row] * names.emotions.length + emotions[row];
}

/** Rows song by song. */
function* bySong(
  { songs, names }: CastTable,
  rows: Int32Array,
): Generator<void, { song: number; here: Int32Array }[]> {
  const { starts, rows: sorted } = yield* grouped(rows, names.songs.length, songs);
  const groups: { song: number; here: Int32Array }[] = [];
  for (let from = 0; from < sorted.length; ) {
    const song = songs[sorted[from]];
    groups.push({ song, here: sorted.subarray(from, starts[song + 1]) });
    from = starts[song + 1];
  }
  return groups;
}

/** Marks of all votes on a song, all 0. Not sets: those of very many stand still for long whenever they grow. */
const marksOf = ({ names }: CastTable) => new Uint8Array(names.members.length * names.emotions.length);

/** How many different votes rows are. */
export function* distinctVotes(table: CastTable, rows: Int32Array): Generator<void, number> {
  const isSeen = marksOf(table);
  let votes = 0;
  for (const { here } of yield* bySong(table, rows)) {
    yield* stepping(here.length, (from, to) => {
      for (let i = from; i < to; i++) {
        const vote = voteOf(table, here[i]);
        votes += 1 - isSeen[vote];
        isSeen[vote] = 1;
      }
    });
    yield* stepping(here.length, (from, to) => {
      for (let i = from; i < to; i++) isSeen[voteOf(table, here[i])] = 0;
    });
  }
  return votes;
}

/** How many of the members whose rows do not count have no other. */
function* votersWithout({ members, names }: CastTable, out: Uint8Array): Generator<void, number> {
  const isIn = new Uint8Array(names.members.length);
  const isOut = new Uint8Array(names.members.length);
  yield* stepping(out.length, (from, to) => {
    for (let row = from; row < to; row++) (out[row] === 1 ? isOut : isIn)[members[row]] = 1;
  });
  const without = yield* chosen(isOut.length, (member) => isOut[member] === 1 && isIn[member] === 0);
  return without.length;
}

/**
 * What rows that do not count speak for, less what others speak for that count.
 * @param out 1 for rows that do not count
 */
export function* countUncounted(table: CastTable, out: Uint8Array): Generator<void, Uncounted> {
  const { members, songs, names } = table;
  const votersOn = new Map<SongId, number>();
  const isTouched = new Uint8Array(names.songs.length);
  for (const row of yield* chosen(out.length, (row) => out[row] === 1)) isTouched[songs[row]] = 1;
  const touching = yield* chosen(out.length, (row) => isTouched[songs[row]] === 1);
  if (touching.length === 0) return { votes: 0, voters: 0, songs: 0, votersOn };
  /** 1 for what only rows that do not count speak for. */
  const [lone, loneMembers] = [marksOf(table), new Uint8Array(names.members.length)];
  let [votes, withoutAny] = [0, 0];
  for (const { song, here } of yield* bySong(table, touching)) {
    let [counting, voters] = [0, 0];
    const mark = (isOut: 0 | 1) => (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        if (out[here[i]] !== isOut) continue;
        lone[voteOf(table, here[i])] = isOut;
        loneMembers[members[here[i]]] = isOut;
        counting += 1 - isOut;
      }
    };
    yield* stepping(here.length, mark(1));
    yield* stepping(here.length, mark(0));
    yield* stepping(here.length, (from, to) => {
      for (let i = from; i < to; i++) {
        const [vote, member] = [voteOf(table, here[i]), members[here[i]]];
        votes += lone[vote];
        voters += loneMembers[member];
        lone[vote] = 0;
        loneMembers[member] = 0;
      }
    });
    if (counting === 0) withoutAny++;
    if (voters > 0) votersOn.set(names.songs[song], voters);
  }
  return { votes, voters: yield* votersWithout(table, out), songs: withoutAny, votersOn };
}
