import { DECISION, findBursts } from '../../ml/bursts.ts';
import { chosen, filtered, grouped, sortedByTime, stepping } from '../../ml/row-groups.ts';
import type { BurstDecision, CastWithin } from '../domain/burst.ts';
import type { CastTable, CommunityId, Vote } from '../domain/member.ts';
import type { SongId } from '../domain/song.ts';
import type { Store } from '../store/store.ts';
import { castKey, Doubts } from './doubts.ts';
import { inSteps } from './in-steps.ts';
import { decidedOn, type PlacedVotes, readPlacedVotes } from './placed-votes.ts';
import { countUncounted, distinctVotes, type Uncounted, voteOf } from './uncounted.ts';

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

/** Which votes count and which do not at one moment. */
export interface HeldBack {
  /** Of a community, oldest first; what came within an hour of each other is one. */
  bursts(communityId: CommunityId): readonly HeldBurst[];
  /** Votes that wait for a moderator, in all communities. */
  readonly votes: number;
  /** All that waits in a community and was cast between two times (both included), as one; undefined for nothing. */
  within(communityId: CommunityId, from: number, to: number): Promise<HeldBurst | undefined>;
  /** For each vote that does not count, by {@link castKey}. */
  readonly doubts: Pick<Doubts, 'get' | 'size'>;
  readonly uncounted: Uncounted;
  /** All votes that count, once each, as the models learn from them, in small batches. */
  counted(): AsyncGenerator<readonly Vote[]>;
}

const TOGETHER_MS = 3_600_000;
const BATCH = 2_000;

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
  readonly doubts: Pick<Doubts, 'get' | 'size'>;
  /** Rows that wait in each community, by time. */
  readonly waiting: ReadonlyMap<CommunityId, Int32Array>;
  readonly uncounted: Uncounted;
  /** 1 for rows that do not count. */
  readonly out: Uint8Array;
}

function* find(votes: PlacedVotes, decisions: readonly BurstDecision[]): Generator<void, Found> {
  const { table, places, times, communities } = votes;
  const { decided, trustedFrom } = yield* decidedOn(votes, decisions);
  const { list, burstOf, held } = yield* findBursts(votes, decided, trustedFrom);
  const out = new Uint8Array(held.length);
  const doubts = new Doubts();
  yield* stepping(held.length, (from, to) => {
    for (let row = from; row < to; row++) {
      if (held[row] === 0 && decided[row] !== DECISION.leftOut) continue;
      out[row] = 1;
      doubts.set(keyOfRow(table, row), held[row] === 1 ? 'held' : 'left-out');
    }
  });
  const heldRows = yield* chosen(held.length, (row) => held[row] === 1);
  const { starts, rows } = yield* grouped(heldRows, communities.length, places);
  const waiting = new Map<CommunityId, Int32Array>();
  for (const [place, community] of communities.entries()) {
    const here = rows.subarray(starts[place], starts[place + 1]);
    if (here.length > 0) waiting.set(community, yield* sortedByTime(here, times));
  }
  const uncounted = yield* countUncounted(table, out);
  return { votes, burstOf, isOnSong: (burst) => list[burst].song >= 0, doubts, waiting, uncounted, out };
}

/** @param rows held votes of one place, at least one, by time */
function* asOne({ votes, burstOf, isOnSong }: Found, rows: Int32Array): Generator<void, HeldBurst> {
  const { table, times, members, songs, places } = votes;
  const voters = new Set<number>();
  const onSong = new Map<number, number>();
  const parts = new Map<number, { songId?: SongId; from: number; to: number }>();
  yield* stepping(rows.length, (begin, end) => {
    for (let i = begin; i < end; i++) {
      const row = rows[i];
      const at = times[row];
      const song = songs[row];
      const part = parts.get(burstOf[row]);
      if (part) part.to = at;
      else {
        const songId = isOnSong(burstOf[row]) && { songId: table.names.songs[song] };
        parts.set(burstOf[row], { ...songId, from: at, to: at });
      }
      voters.add(members[row]);
      onSong.set(song, (onSong.get(song) ?? 0) + 1);
    }
  });
  return {
    communityId: votes.communities[places[rows[0]]],
    from: times[rows[0]],
    to: times[rows[rows.length - 1]],
    parts: [...parts.values()],
    votes: yield* distinctVotes(table, rows),
    members: voters.size,
    songs: [...onSong].sort(([, a], [, b]) => b - a).map(([song]) => table.names.songs[song]),
  };
}

/** Where the rows that came within an hour of each other end. */
function togetherUntil(rows: Int32Array, times: Float64Array, from: number): number {
  let to = from + 1;
  while (to < rows.length && times[rows[to]] - times[rows[to - 1]] <= TOGETHER_MS) to++;
  return to;
}

function* allBursts(found: Found): Generator<void, Map<CommunityId, HeldBurst[]>> {
  const { waiting, votes } = found;
  const bursts = new Map<CommunityId, HeldBurst[]>();
  for (const [community, rows] of waiting) {
    const here: HeldBurst[] = [];
    for (let from = 0; from < rows.length; ) {
      const to = togetherUntil(rows, votes.times, from);
      here.push(yield* asOne(found, rows.subarray(from, to)));
      from = to;
    }
    bursts.set(community, here);
  }
  return bursts;
}

/** Each vote that counts once, in small batches; as the models learn from them. */
async function* countedIn({ votes, out }: Found): AsyncGenerator<readonly Vote[]> {
  const { table, songs, songCount } = votes;
  const { names, members, emotions } = table;
  const counting = await inSteps(chosen(out.length, (row) => out[row] === 0));
  const { starts, rows } = await inSteps(grouped(counting, songCount, songs));
  let batch: Vote[] = [];
  for (let song = 0; song < songCount; song++) {
    const seen = new Set<number>();
    for (const row of rows.subarray(starts[song], starts[song + 1])) {
      const number = voteOf(table, row);
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
      const all = found.waiting.get(communityId) ?? new Int32Array(0);
      const isWithin = (row: number) => from <= votes.times[row] && votes.times[row] <= to;
      const rows = await inSteps(filtered(all, isWithin));
      return rows.length === 0 ? undefined : await inSteps(asOne(found, rows));
    },
    doubts: found.doubts,
    uncounted: found.uncounted,
    counted: () => countedIn(found),
  };
}
