import { stepping } from '../../ml/steps.ts';
import type { BurstDecision } from '../domain/burst.ts';
import type { CastTable, CommunityId } from '../domain/member.ts';
import { communityOfPost } from '../domain/post.ts';
import type { SongId } from '../domain/song.ts';
import type { Store } from '../store/store.ts';
import { inSteps } from './in-steps.ts';
import type { JudgeTask } from './judge-thread.ts';
import type { NumberedDecision } from './judge-votes.ts';

/** All votes of a store at one moment with what was decided about them, and what the numbers stand for. */
interface ReadVotes extends JudgeTask {
  readonly names: CastTable['names'];
  /** Per row. */
  readonly posts: Int32Array;
  readonly identities: Int32Array;
  readonly communities: readonly CommunityId[];
}

export async function readPlacedVotes(store: Store): Promise<ReadVotes> {
  return inSteps(placed(await store.castTable(), await store.burstDecisions()));
}

/** Decisions as numbers; of parts on songs that nobody has voted on there is nothing to decide. */
function* numbered(
  decisions: readonly BurstDecision[],
  names: CastTable['names'],
  communities: readonly CommunityId[],
): Generator<void, NumberedDecision[]> {
  const songNumbers = new Map<SongId, number>();
  if (decisions.length === 0) return [];
  yield* stepping(names.songs.length, (from, to) => {
    for (let song = from; song < to; song++) songNumbers.set(names.songs[song], song);
  });
  return decisions.map(({ communityId, parts, counts, at }) => ({
    place: communities.indexOf(communityId),
    parts: parts.flatMap(({ songId, from, to }) => {
      const song = songId === undefined ? -1 : songNumbers.get(songId);
      return song === undefined ? [] : [{ song, from, to }];
    }),
    counts,
    at,
  }));
}

function* placed(table: CastTable, decisions: readonly BurstDecision[]): Generator<void, ReadVotes> {
  const { names, times, members, songs, posts, identities, emotions } = table;
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
  const communities = [...numbers.keys()];
  return {
    votes: {
      times,
      members,
      songs,
      emotions,
      places,
      memberCount: names.members.length,
      songCount: names.songs.length,
      emotionCount: names.emotions.length,
      placeCount: communities.length,
    },
    decisions: yield* numbered(decisions, names, communities),
    names,
    posts,
    identities,
    communities,
  };
}
