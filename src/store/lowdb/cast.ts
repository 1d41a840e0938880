import type { CastTable, CastVote } from '../../domain/member.ts';
import type { SongId } from '../../domain/song.ts';
import { LIKE } from './reactions.ts';
import type { StoreState } from './state.ts';
import { breathe } from './voters.ts';

/** Rows read without letting the event loop breathe. */
const ROWS_PER_TURN = 10_000;

export function castOn({ reactions, voters, people }: StoreState, songId: SongId): readonly CastVote[] {
  const votes: CastVote[] = [];
  for (const row of reactions.onSong(reactions.songs.find(songId))) {
    if (reactions.meaningOf(row) === LIKE) continue;
    const identity = reactions.identityOf(row);
    votes.push({
      songId,
      memberId: people.numbers.name(voters.memberBehind(identity)),
      emotion: reactions.emotion(reactions.meaningOf(row)),
      postId: reactions.posts.name(reactions.postOf(row)),
      identity: reactions.identities.name(identity),
      at: reactions.atOf(row),
    });
  }
  return votes;
}

/** Reads the rows as they lie: no text is looked at, and there is no jumping from song to song. */
export async function readCastTable({ reactions, voters, people }: StoreState): Promise<CastTable> {
  // More than are there now is not read: what comes in meanwhile is for the next time.
  const { rows } = reactions;
  const times = new Float64Array(rows);
  const [members, songs, posts, identities, emotions] = Array.from({ length: 5 }, () => new Int32Array(rows));
  let count = 0;
  for (let row = 0; row < rows; row++) {
    if (row % ROWS_PER_TURN === ROWS_PER_TURN - 1) await breathe();
    if (!reactions.isPresent(row) || reactions.meaningOf(row) === LIKE) continue;
    times[count] = reactions.atOf(row);
    songs[count] = reactions.songOf(row);
    posts[count] = reactions.postOf(row);
    identities[count] = reactions.identityOf(row);
    emotions[count] = reactions.meaningOf(row) - 1;
    count++;
  }
  const names = {
    members: people.numbers.list(),
    songs: reactions.songs.list(),
    posts: reactions.posts.list(),
    identities: reactions.identities.list(),
    emotions: reactions.emotions.list(),
  };
  // Whoever was deleted since the reading began has no votes any more; who was joined is one person. As of one moment:
  // the names above are of this turn of the event loop too.
  const memberOf = voters.membersBehind(reactions.identities.length);
  let kept = 0;
  for (let row = 0; row < count; row++) {
    if (row % ROWS_PER_TURN === ROWS_PER_TURN - 1) await breathe();
    const member = memberOf[identities[row]];
    if (member < 0) continue;
    times[kept] = times[row];
    members[kept] = member;
    songs[kept] = songs[row];
    posts[kept] = posts[row];
    identities[kept] = identities[row];
    emotions[kept] = emotions[row];
    kept++;
  }
  return {
    times: times.subarray(0, kept),
    members: members.subarray(0, kept),
    songs: songs.subarray(0, kept),
    posts: posts.subarray(0, kept),
    identities: identities.subarray(0, kept),
    emotions: emotions.subarray(0, kept),
    names,
  };
}
