import { type CastVotes, castWhileNew, DECISION, firstVotes } from '../../ml/bursts.ts';
import type { BurstDecision } from '../domain/burst.ts';
import type { CastVote, CommunityId } from '../domain/member.ts';
import { communityOfPost } from '../domain/post.ts';
import type { Store } from '../store/store.ts';

/** Rows looked at in one step. */
export const ROWS_PER_STEP = 5_000;

const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Runs work that comes in steps of a few milliseconds, and lets the event loop have its turn between them. */
export async function inSteps<T>(steps: Generator<void, T>): Promise<T> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value;
    await breathe();
  }
}

/** Texts as numbers, and back. */
class Numbering {
  readonly texts: string[] = [];
  private readonly numbers = new Map<string, number>();

  of(text: string): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    this.numbers.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }

  find(text: string): number {
    return this.numbers.get(text) ?? -1;
  }
}

/** All votes of a store at one moment as columns, with what it takes to name them again. */
export interface CastTable extends CastVotes {
  readonly placeOf: (id: CommunityId) => number;
  readonly place: (number: number) => CommunityId;
  readonly songOf: (id: string) => number;
  row(row: number): CastVote;
  /** A number that two rows share if they are the same vote: member, song and emotion. */
  voteKey(row: number): number;
}

/** Gives way to the event loop between batches. */
export async function readCastTable(store: Store): Promise<CastTable> {
  const [members, songs, places, posts, identities, emotions] = Array.from(
    { length: 6 },
    () => new Numbering(),
  );
  let room = 4_096;
  let count = 0;
  let times = new Float64Array(room);
  // member, song, place, post, identity, emotion
  let numbers = Array.from({ length: 6 }, () => new Int32Array(room));
  for await (const batch of store.castVotes()) {
    if (count + batch.length > room) {
      room = Math.max(2 * room, count + batch.length);
      const larger = new Float64Array(room);
      larger.set(times);
      times = larger;
      numbers = numbers.map((column) => {
        const wider = new Int32Array(room);
        wider.set(column);
        return wider;
      });
    }
    for (const cast of batch) {
      const community = communityOfPost(cast.postId);
      times[count] = cast.at;
      numbers[0][count] = members.of(cast.memberId);
      numbers[1][count] = songs.of(cast.songId);
      numbers[2][count] = community === undefined ? -1 : places.of(community);
      numbers[3][count] = posts.of(cast.postId);
      numbers[4][count] = identities.of(cast.identity);
      numbers[5][count] = emotions.of(cast.emotion);
      count++;
    }
  }
  const [member, song, place, post, identity, emotion] = numbers.map((column) => column.subarray(0, count));
  return {
    times: times.subarray(0, count),
    members: member,
    songs: song,
    places: place,
    memberCount: members.texts.length,
    songCount: songs.texts.length,
    placeCount: places.texts.length,
    placeOf: (id) => places.find(id),
    place: (number) => places.texts[number],
    songOf: (id) => songs.find(id),
    voteKey: (row) => (member[row] * songs.texts.length + song[row]) * emotions.texts.length + emotion[row],
    row: (row) => ({
      memberId: members.texts[member[row]],
      songId: songs.texts[song[row]],
      emotion: emotions.texts[emotion[row]],
      postId: posts.texts[post[row]],
      identity: identities.texts[identity[row]],
      at: times[row],
    }),
  };
}

/** What was decided about each vote, and from when on members are trusted because somebody let their votes count. */
export interface Decided {
  readonly decided: Uint8Array;
  readonly trustedFrom: Float64Array;
}

/** Looks up for every vote the latest decision that is about it. */
export function* decidedOn(table: CastTable, decisions: readonly BurstDecision[]): Generator<void, Decided> {
  const decided = new Uint8Array(table.times.length);
  const trustedFrom = new Float64Array(table.memberCount).fill(Number.POSITIVE_INFINITY);
  if (decisions.length === 0) return { decided, trustedFrom };
  /** By place, then by song, -1 for all of them; the latest first. */
  const parts = new Map<string, { from: number; to: number; decision: BurstDecision; turn: number }[]>();
  for (const [turn, decision] of decisions.entries()) {
    for (const { songId, from, to } of decision.parts) {
      const song = songId === undefined ? -1 : table.songOf(songId);
      if (songId !== undefined && song < 0) continue;
      const key = `${table.placeOf(decision.communityId)} ${song}`;
      const list = parts.get(key) ?? [];
      parts.set(key, list);
      list.unshift({ from, to, decision, turn });
    }
  }
  const first = firstVotes(table);
  for (let row = 0; row < decided.length; row++) {
    if (row % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield;
    if (!castWhileNew(table, row, first)) continue;
    const at = table.times[row];
    const place = table.places[row];
    const about = [`${place} ${table.songs[row]}`, `${place} -1`].flatMap(
      (key) => parts.get(key)?.find(({ from, to }) => from <= at && at <= to) ?? [],
    );
    if (about.length === 0) continue;
    const { decision } = about.reduce((one, other) => (other.turn > one.turn ? other : one));
    decided[row] = decision.counts ? DECISION.counts : DECISION.leftOut;
    const member = table.members[row];
    if (decision.counts) trustedFrom[member] = Math.min(trustedFrom[member], decision.at);
  }
  return { decided, trustedFrom };
}
