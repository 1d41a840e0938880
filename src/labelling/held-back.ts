import { DECISION, findBursts } from '../../ml/bursts.ts';
import { grouped, sortedByTime } from '../../ml/row-groups.ts';
import type { BurstDecision, CastWithin } from '../domain/burst.ts';
import type { CastTable, CastVote, CommunityId, Vote } from '../domain/member.ts';
import type { SongId } from '../domain/song.ts';
import type { Store } from '../store/store.ts';
import {
  decidedOn,
  inSteps,
  type PlacedVotes,
  ROWS_PER_STEP,
  readPlacedVotes,
  voteNumber,
} from './placed-votes.ts';

/** Votes of new members in a sudden burst that wait for a moderator of their community. Says nothing about who. */
export interface HeldBurst {
  readonly communityId: CommunityId;
  /** Times of the first and the last of these votes, ms. */
  readonly from: number;
  readonly to: number;
  /** What a decision is about. */
  readonly parts: readonly CastWithin[];
  /** A vote is counted once, however often it was cast. */
  readonly votes: number;
  readonly members: number;
  /** Those with most of the votes first. */
  readonly songs: readonly SongId[];
}

export type Doubt = 'held' | 'left-out';

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

/** Which votes count and which do not at one moment. */
export interface HeldBack {
  /** Of a community, oldest first; what came within an hour of each other is one. */
  bursts(communityId: CommunityId): readonly HeldBurst[];
  /** Votes that wait for a moderator, in all communities. */
  readonly votes: number;
  /** All that waits in a community and was cast between two times (both included), as one; undefined for nothing. */
  within(communityId: CommunityId, from: number, to: number): Promise<HeldBurst | undefined>;
  /** For each vote that does not count, by {@link castKey}. */
  readonly doubts: ReadonlyMap<string, Doubt>;
  readonly uncounted: Uncounted;
  /** All votes that count, once each, as the models learn from them, in small batches. */
  counted(): AsyncGenerator<readonly Vote[]>;
}

const TOGETHER_MS = 3_600_000;
const BATCH = 2_000;

export function castKey({
  postId,
  songId,
  identity,
  emotion,
}: Pick<CastVote, 'postId' | 'songId' | 'identity' | 'emotion'>) {
  return `${postId}\n${songId}\n${identity}\n${emotion}`;
}

function keyOfRow({ posts, songs, identities, emotions, names }: CastTable, row: number): string {
  return castKey({
    postId: names.posts[posts[row]],
    songId: names.songs[songs[row]],
    identity: names.identities[identities[row]],
    emotion: names.emotions[emotions[row]],
  });
}

/** What was found, on the rows of a table. */
interface Found {
  readonly votes: PlacedVotes;
  readonly burstOf: Int32Array;
  /** Whether a burst is on one song, by its number. */
  isOnSong(burst: number): boolean;
  readonly doubts: ReadonlyMap<string, Doubt>;
  /** Rows that wait in each community, by time. */
  readonly waiting: ReadonlyMap<CommunityId, Int32Array>;
  readonly uncounted: Uncounted;
  /** 1 for rows that do not count. */
  readonly out: Uint8Array;
}

/** @param out 1 for rows that do not count; `some` says whether there is any */
function* countUncounted({ table }: PlacedVotes, out: Uint8Array, some: boolean): Generator<void, Uncounted> {
  const { members, songs, names } = table;
  // Everything that a row which does not count speaks for, less what another row speaks for that counts.
  const votes = new Set<number>();
  const voters = new Set<number>();
  const votedSongs = new Set<number>();
  const pairs = new Map<number, number>();
  for (let row = 0; some && row < out.length; row++) {
    if (row % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield;
    if (out[row] === 0) continue;
    votes.add(voteNumber(table, row));
    voters.add(members[row]);
    votedSongs.add(songs[row]);
    pairs.set(songs[row] * names.members.length + members[row], songs[row]);
  }
  for (let row = 0; some && row < out.length; row++) {
    if (row % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield;
    if (out[row] === 1) continue;
    votes.delete(voteNumber(table, row));
    voters.delete(members[row]);
    votedSongs.delete(songs[row]);
    pairs.delete(songs[row] * names.members.length + members[row]);
  }
  const votersOn = new Map<SongId, number>();
  for (const song of pairs.values()) {
    votersOn.set(names.songs[song], (votersOn.get(names.songs[song]) ?? 0) + 1);
  }
  return { votes: votes.size, voters: voters.size, songs: votedSongs.size, votersOn };
}

function* find(votes: PlacedVotes, decisions: readonly BurstDecision[]): Generator<void, Found> {
  const { decided, trustedFrom } = yield* decidedOn(votes, decisions);
  const { list, burstOf, held } = yield* findBursts(votes, decided, trustedFrom);
  const out = new Uint8Array(held.length);
  const doubts = new Map<string, Doubt>();
  const rowsOf = new Map<number, number[]>();
  for (let row = 0; row < held.length; row++) {
    if (row % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield;
    if (held[row] === 0 && decided[row] !== DECISION.leftOut) continue;
    out[row] = 1;
    doubts.set(keyOfRow(votes.table, row), held[row] === 1 ? 'held' : 'left-out');
    if (held[row] === 0) continue;
    const rows = rowsOf.get(votes.places[row]);
    if (rows === undefined) rowsOf.set(votes.places[row], [row]);
    else rows.push(row);
  }
  const waiting = new Map<CommunityId, Int32Array>();
  for (const [place, rows] of rowsOf) {
    waiting.set(votes.communities[place], yield* sortedByTime(Int32Array.from(rows), votes.times));
  }
  const uncounted = yield* countUncounted(votes, out, doubts.size > 0);
  return { votes, burstOf, isOnSong: (burst) => list[burst].song >= 0, doubts, waiting, uncounted, out };
}

/** @param rows held votes of one place, at least one, by time */
function* asOne({ votes, burstOf, isOnSong }: Found, rows: Int32Array): Generator<void, HeldBurst> {
  const { table, times, members, songs, places } = votes;
  const voters = new Set<number>();
  const distinct = new Set<number>();
  const onSong = new Map<number, number>();
  const parts = new Map<number, { songId?: SongId; from: number; to: number }>();
  for (const [i, row] of rows.entries()) {
    if (i % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield;
    const at = times[row];
    const burst = burstOf[row];
    const part = parts.get(burst);
    if (part) part.to = at;
    else
      parts.set(burst, {
        ...(isOnSong(burst) && { songId: table.names.songs[songs[row]] }),
        from: at,
        to: at,
      });
    voters.add(members[row]);
    distinct.add(voteNumber(table, row));
    onSong.set(songs[row], (onSong.get(songs[row]) ?? 0) + 1);
  }
  return {
    communityId: votes.communities[places[rows[0]]],
    from: times[rows[0]],
    to: times[rows[rows.length - 1]],
    parts: [...parts.values()],
    votes: distinct.size,
    members: voters.size,
    songs: [...onSong].sort(([, a], [, b]) => b - a).map(([song]) => table.names.songs[song]),
  };
}

function* allBursts(found: Found): Generator<void, Map<CommunityId, HeldBurst[]>> {
  const { waiting, votes } = found;
  const { times } = votes;
  const bursts = new Map<CommunityId, HeldBurst[]>();
  for (const [community, rows] of waiting) {
    const here: HeldBurst[] = [];
    for (let from = 0, to = 1; from < rows.length; from = to++) {
      while (to < rows.length && times[rows[to]] - times[rows[to - 1]] <= TOGETHER_MS) to++;
      here.push(yield* asOne(found, rows.subarray(from, to)));
    }
    bursts.set(community, here);
  }
  return bursts;
}

/** Each vote that counts once, in small batches; as the models learn from them. */
async function* countedIn({ votes, out }: Found): AsyncGenerator<readonly Vote[]> {
  const { table, songs, songCount } = votes;
  const { names, members, emotions } = table;
  const { starts, rows } = await inSteps(grouped(out.length, songCount, songs, (row) => out[row] === 0));
  let batch: Vote[] = [];
  for (let song = 0; song < songCount; song++) {
    const seen = new Set<number>();
    for (const row of rows.subarray(starts[song], starts[song + 1])) {
      const number = voteNumber(table, row);
      if (seen.has(number)) continue;
      seen.add(number);
      const [memberId, emotion] = [names.members[members[row]], names.emotions[emotions[row]]];
      batch.push({ songId: names.songs[song], memberId, emotion });
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** Looks at all votes for sudden bursts by new members. Gives way to the event loop every few milliseconds. */
export async function findHeldBack(store: Store): Promise<HeldBack> {
  const votes = await readPlacedVotes(store);
  const found = await inSteps(find(votes, await store.burstDecisions()));
  const bursts = await inSteps(allBursts(found));
  return {
    bursts: (communityId) => bursts.get(communityId) ?? [],
    votes: [...bursts.values()].flat().reduce((sum, one) => sum + one.votes, 0),
    async within(communityId, from, to) {
      const all = found.waiting.get(communityId);
      const rows = all?.filter((row) => from <= votes.times[row] && votes.times[row] <= to);
      return rows === undefined || rows.length === 0 ? undefined : await inSteps(asOne(found, rows));
    },
    doubts: found.doubts,
    uncounted: found.uncounted,
    counted: () => countedIn(found),
  };
}
