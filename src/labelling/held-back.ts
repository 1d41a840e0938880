import { DECISION, findBursts } from '../../ml/bursts.ts';
import { sortedByTime } from '../../ml/row-groups.ts';
import type { BurstDecision, CastWithin } from '../domain/burst.ts';
import type { CastVote, CommunityId, Vote } from '../domain/member.ts';
import type { SongId } from '../domain/song.ts';
import type { Store } from '../store/store.ts';
import { type CastTable, decidedOn, inSteps, ROWS_PER_STEP, readCastTable } from './cast-table.ts';

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

/** What was found, on the rows of a table. */
interface Found {
  readonly table: CastTable;
  readonly burstOf: Int32Array;
  /** Whether a burst is on one song, by its number. */
  isOnSong(burst: number): boolean;
  readonly doubts: ReadonlyMap<string, Doubt>;
  /** Rows that wait in each community, by time. */
  readonly waiting: ReadonlyMap<CommunityId, Int32Array>;
  /** 1 for rows that do not count. */
  readonly out: Uint8Array;
}

function* find(table: CastTable, decisions: readonly BurstDecision[]): Generator<void, Found> {
  const { decided, trustedFrom } = yield* decidedOn(table, decisions);
  const { list, burstOf, held } = yield* findBursts(table, decided, trustedFrom);
  const out = new Uint8Array(held.length);
  const doubts = new Map<string, Doubt>();
  const rowsOf = new Map<number, number[]>();
  for (let row = 0; row < held.length; row++) {
    if (row % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield;
    if (held[row] === 0 && decided[row] !== DECISION.leftOut) continue;
    out[row] = 1;
    doubts.set(castKey(table.row(row)), held[row] === 1 ? 'held' : 'left-out');
    if (held[row] === 0) continue;
    const rows = rowsOf.get(table.places[row]);
    if (rows === undefined) rowsOf.set(table.places[row], [row]);
    else rows.push(row);
  }
  const waiting = new Map<CommunityId, Int32Array>();
  for (const [place, rows] of rowsOf) {
    waiting.set(table.place(place), yield* sortedByTime(Int32Array.from(rows), table.times));
  }
  return { table, burstOf, isOnSong: (burst) => list[burst].song >= 0, doubts, waiting, out };
}

/** @param rows held votes of one place, at least one, by time */
function* asOne({ table, burstOf, isOnSong }: Found, rows: Int32Array): Generator<void, HeldBurst> {
  const members = new Set<number>();
  const votes = new Set<number>();
  const onSong = new Map<SongId, number>();
  const parts = new Map<number, { songId?: SongId; from: number; to: number }>();
  for (const [i, row] of rows.entries()) {
    if (i % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield;
    const { songId, at } = table.row(row);
    const part = parts.get(burstOf[row]);
    if (part) part.to = at;
    else parts.set(burstOf[row], { ...(isOnSong(burstOf[row]) && { songId }), from: at, to: at });
    members.add(table.members[row]);
    votes.add(table.voteKey(row));
    onSong.set(songId, (onSong.get(songId) ?? 0) + 1);
  }
  return {
    communityId: table.place(table.places[rows[0]]),
    from: table.times[rows[0]],
    to: table.times[rows[rows.length - 1]],
    parts: [...parts.values()],
    votes: votes.size,
    members: members.size,
    songs: [...onSong].sort(([, a], [, b]) => b - a).map(([songId]) => songId),
  };
}

function* allBursts(found: Found): Generator<void, Map<CommunityId, HeldBurst[]>> {
  const { waiting, table } = found;
  const bursts = new Map<CommunityId, HeldBurst[]>();
  for (const [community, rows] of waiting) {
    const here: HeldBurst[] = [];
    for (let from = 0, to = 1; from < rows.length; from = to++) {
      while (to < rows.length && table.times[rows[to]] - table.times[rows[to - 1]] <= TOGETHER_MS) to++;
      here.push(yield* asOne(found, rows.subarray(from, to)));
    }
    bursts.set(community, here);
  }
  return bursts;
}

/** Looks at all votes for sudden bursts by new members. Gives way to the event loop every few milliseconds. */
export async function findHeldBack(store: Store): Promise<HeldBack> {
  const table = await readCastTable(store);
  const found = await inSteps(find(table, await store.burstDecisions()));
  const bursts = await inSteps(allBursts(found));
  return {
    bursts: (communityId) => bursts.get(communityId) ?? [],
    votes: [...bursts.values()].flat().reduce((sum, { votes }) => sum + votes, 0),
    async within(communityId, from, to) {
      const all = found.waiting.get(communityId);
      const rows = all?.filter((row) => from <= table.times[row] && table.times[row] <= to);
      return rows === undefined || rows.length === 0 ? undefined : await inSteps(asOne(found, rows));
    },
    doubts: found.doubts,
    async *counted() {
      let batch: Vote[] = [];
      let song = -1;
      const seen = new Set<number>();
      for (let row = 0; row < found.out.length; row++) {
        if (table.songs[row] !== song) {
          song = table.songs[row];
          seen.clear();
        }
        const key = table.voteKey(row);
        if (found.out[row] === 1 || seen.has(key)) continue;
        seen.add(key);
        const { songId, memberId, emotion } = table.row(row);
        batch.push({ songId, memberId, emotion });
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    },
  };
}
