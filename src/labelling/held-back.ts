import { filtered } from '../../ml/row-groups.ts';
import { stepping } from '../../ml/steps.ts';
import type { CastWithin } from '../domain/burst.ts';
import type { CommunityId, Vote } from '../domain/member.ts';
import type { SongId } from '../domain/song.ts';
import type { Store } from '../store/store.ts';
import { castKey, Doubts } from './doubts.ts';
import { inSteps } from './in-steps.ts';
import { judge } from './judge-thread.ts';
import type { JudgedVotes, PlacedVotes } from './judge-votes.ts';
import { readPlacedVotes } from './placed-votes.ts';
import { distinctRows, type UncountedNumbers } from './uncounted.ts';

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

/** By how much a count of all votes is too high, because some do not count; see {@link UncountedNumbers}. */
export interface Uncounted extends Omit<UncountedNumbers, 'votersOn'> {
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
  readonly doubts: Pick<Doubts, 'get' | 'size'>;
  readonly uncounted: Uncounted;
  /** All votes that count, once each, as the models learn from them, in small batches. */
  counted(): AsyncGenerator<readonly Vote[]>;
}

const TOGETHER_MS = 3_600_000;
const BATCH = 2_000;

/** What was found, and what the numbers stand for. */
interface Found
  extends Pick<
    Awaited<ReturnType<typeof readPlacedVotes>>,
    'names' | 'posts' | 'identities' | 'communities'
  > {
  readonly votes: PlacedVotes;
  readonly judged: JudgedVotes;
}

function* doubtsOf({ names, posts, identities, votes, judged }: Found): Generator<void, Doubts> {
  const { songs, emotions } = votes;
  const doubts = new Doubts();
  const lists = [
    ['held', judged.waiting.rows],
    ['left-out', judged.leftOut],
  ] as const;
  for (const [doubt, rows] of lists) {
    yield* stepping(rows.length, (from, to) => {
      for (const row of rows.subarray(from, to)) {
        const vote = {
          postId: names.posts[posts[row]],
          songId: names.songs[songs[row]],
          identity: names.identities[identities[row]],
          emotion: names.emotions[emotions[row]],
        };
        doubts.set(castKey(vote), doubt);
      }
    });
  }
  return doubts;
}

/** @param waiting positions among the rows that wait, all of one place, at least one, by time */
function* asOne(
  { votes, names, judged, communities }: Found,
  waiting: Int32Array,
): Generator<void, HeldBurst> {
  const { times, members, songs, places } = votes;
  const { isOnSong } = judged;
  const rows = waiting.map((at) => judged.waiting.rows[at]);
  const voters = new Set<number>();
  const onSong = new Map<number, number>();
  const parts = new Map<number, { songId?: SongId; from: number; to: number }>();
  yield* stepping(rows.length, (begin, end) => {
    for (let i = begin; i < end; i++) {
      const [row, burst] = [rows[i], judged.waiting.bursts[waiting[i]]];
      const [at, song] = [times[row], songs[row]];
      const part = parts.get(burst);
      if (part) part.to = at;
      else {
        const songId = isOnSong[burst] === 1 && { songId: names.songs[song] };
        parts.set(burst, { ...songId, from: at, to: at });
      }
      voters.add(members[row]);
      onSong.set(song, (onSong.get(song) ?? 0) + 1);
    }
  });
  return {
    communityId: communities[places[rows[0]]],
    from: times[rows[0]],
    to: times[rows[rows.length - 1]],
    parts: [...parts.values()],
    votes: (yield* distinctRows(votes, rows)).length,
    members: voters.size,
    songs: [...onSong].sort(([, a], [, b]) => b - a).map(([song]) => names.songs[song]),
  };
}

/** Positions from … to−1. */
const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);

/** Where the rows that came within an hour of each other end. */
function togetherUntil({ votes, judged }: Found, from: number, end: number): number {
  const { rows } = judged.waiting;
  let to = from + 1;
  while (to < end && votes.times[rows[to]] - votes.times[rows[to - 1]] <= TOGETHER_MS) to++;
  return to;
}

function* allBursts(found: Found): Generator<void, Map<CommunityId, HeldBurst[]>> {
  const { starts } = found.judged.waiting;
  const bursts = new Map<CommunityId, HeldBurst[]>();
  for (const [place, community] of found.communities.entries()) {
    const here: HeldBurst[] = [];
    for (let from = starts[place]; from < starts[place + 1]; ) {
      const to = togetherUntil(found, from, starts[place + 1]);
      here.push(yield* asOne(found, range(from, to)));
      from = to;
    }
    if (here.length > 0) bursts.set(community, here);
  }
  return bursts;
}

/** Each vote that counts once, in small batches; as the models learn from them. */
async function* countedIn({ names, votes, judged }: Found): AsyncGenerator<readonly Vote[]> {
  const { songs, members, emotions } = votes;
  for (let from = 0; from < judged.counting.length; from += BATCH) {
    yield Array.from(judged.counting.subarray(from, from + BATCH), (row) => ({
      songId: names.songs[songs[row]],
      memberId: names.members[members[row]],
      emotion: names.emotions[emotions[row]],
    }));
  }
}

/** Looks at all votes for sudden bursts by new members. Keeps the event loop for a few milliseconds at most. */
export async function findHeldBack(store: Store): Promise<HeldBack> {
  const { votes: unjudged, decisions, ...read } = await readPlacedVotes(store);
  const found: Found = { ...read, ...(await judge({ votes: unjudged, decisions })) };
  const { names, communities, votes, judged } = found;
  const { waiting, uncounted } = judged;
  const doubts = await inSteps(doubtsOf(found));
  const bursts = await inSteps(allBursts(found));
  const votersOn = new Map([...uncounted.votersOn].map(([song, voters]) => [names.songs[song], voters]));
  return {
    bursts: (communityId) => bursts.get(communityId) ?? [],
    votes: [...bursts.values()].flat().reduce((sum, one) => sum + one.votes, 0),
    async within(communityId, from, to) {
      const place = communities.indexOf(communityId);
      if (place < 0) return undefined;
      const isWithin = (at: number) => {
        const time = votes.times[waiting.rows[at]];
        return from <= time && time <= to;
      };
      const here = range(waiting.starts[place], waiting.starts[place + 1]);
      const rows = await inSteps(filtered(here, isWithin));
      return rows.length === 0 ? undefined : await inSteps(asOne(found, rows));
    },
    doubts,
    uncounted: { ...uncounted, votersOn },
    counted: () => countedIn(found),
  };
}
