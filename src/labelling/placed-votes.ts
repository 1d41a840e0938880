import { type CastVotes, castWhileNew, DECISION, firstVotes } from '../../ml/bursts.ts';
import { stepping } from '../../ml/row-groups.ts';
import type { BurstDecision } from '../domain/burst.ts';
import type { CastTable, CommunityId } from '../domain/member.ts';
import { communityOfPost } from '../domain/post.ts';
import type { SongId } from '../domain/song.ts';
import type { Store } from '../store/store.ts';
import { inSteps } from './in-steps.ts';

/** All votes of a store at one moment, with the number of each one's community. */
export interface PlacedVotes extends CastVotes {
  readonly table: CastTable;
  readonly communities: readonly CommunityId[];
}

export async function readPlacedVotes(store: Store): Promise<PlacedVotes> {
  return inSteps(placed(await store.castTable()));
}

function* placed(table: CastTable): Generator<void, PlacedVotes> {
  const { names, times, members, songs, posts } = table;
  const numbers = new Map<CommunityId, number>();
  const placeOfPost = new Int32Array(names.posts.length).fill(-1);
  yield* stepping(names.posts.length, (from, to) => {
    for (let post = from; post < to; post++) {
      const community = communityOfPost(names.posts[post]);
      if (community === undefined) continue;
      const number = numbers.get(community) ?? numbers.size;
      numbers.set(community, number);
      placeOfPost[post] = number;
    }
  });
  const places = new Int32Array(posts.length);
  yield* stepping(posts.length, (from, to) => {
    for (let row = from; row < to; row++) places[row] = placeOfPost[posts[row]];
  });
  return {
    times,
    members,
    songs,
    places,
    memberCount: names.members.length,
    songCount: names.songs.length,
    placeCount: numbers.size,
    table,
    communities: [...numbers.keys()],
  };
}

/** What was decided about each vote, and from when on members are trusted because somebody let their votes count. */
export interface Decided {
  readonly decided: Uint8Array;
  readonly trustedFrom: Float64Array;
}

/** Looks up for every vote the latest decision that is about it. */
export function* decidedOn(
  votes: PlacedVotes,
  decisions: readonly BurstDecision[],
): Generator<void, Decided> {
  const { times, members, songs, places, memberCount, communities, table } = votes;
  const decided = new Uint8Array(times.length);
  const trustedFrom = new Float64Array(memberCount).fill(Number.POSITIVE_INFINITY);
  if (decisions.length === 0) return { decided, trustedFrom };
  const songNumbers = new Map<SongId, number>();
  yield* stepping(table.names.songs.length, (from, to) => {
    for (let song = from; song < to; song++) songNumbers.set(table.names.songs[song], song);
  });
  /** By place, then by song, -1 for all of them; the latest first. */
  const parts = new Map<string, { from: number; to: number; decision: BurstDecision; turn: number }[]>();
  for (const [turn, decision] of decisions.entries()) {
    for (const { songId, from, to } of decision.parts) {
      const song = songId === undefined ? -1 : (songNumbers.get(songId) ?? Number.NaN);
      const key = `${communities.indexOf(decision.communityId)} ${song}`;
      const list = parts.get(key) ?? [];
      parts.set(key, list);
      list.unshift({ from, to, decision, turn });
    }
  }
  const first = yield* firstVotes(votes);
  yield* stepping(decided.length, (begin, end) => {
    for (let row = begin; row < end; row++) {
      if (!castWhileNew(votes, row, first)) continue;
      const at = times[row];
      const about = [`${places[row]} ${songs[row]}`, `${places[row]} -1`].flatMap(
        (key) => parts.get(key)?.find(({ from, to }) => from <= at && at <= to) ?? [],
      );
      if (about.length === 0) continue;
      const { decision } = about.reduce((one, other) => (other.turn > one.turn ? other : one));
      decided[row] = decision.counts ? DECISION.counts : DECISION.leftOut;
      const member = members[row];
      if (decision.counts) trustedFrom[member] = Math.min(trustedFrom[member], decision.at);
    }
  });
  return { decided, trustedFrom };
}
