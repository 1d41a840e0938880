import type { Names } from './names.ts';
import type { Reactions } from './reactions.ts';

/**
 * Standing reactions as columns: names once, and per fact its numbers in base64 of little-endian arrays. A million
 * facts are some 30 MB and parse in a fraction of the time that a million JSON objects take.
 */
export interface ReactionsJson {
  readonly count: number;
  readonly posts: readonly string[];
  readonly songs: readonly string[];
  readonly identities: readonly string[];
  readonly emotions: readonly string[];
  /** Int32 */
  readonly post: string;
  /** Int32 */
  readonly song: string;
  /** Int32 */
  readonly identity: string;
  /** Uint16; 0 = ❤️, else number in `emotions` + 1 */
  readonly meaning: string;
  /** Float64, ms since epoch */
  readonly at: string;
}

function base64(numbers: Int32Array | Uint16Array | Float64Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');
}

function bytesOf(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, 'base64');
  // A copy that begins where a typed array may begin.
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

/** Numbers names anew, so that those which nothing stands for any more are left out. */
function renumber(from: Names): { readonly names: string[]; readonly of: (index: number) => number } {
  const names: string[] = [];
  const numbers = new Int32Array(from.length).fill(-1);
  const of = (index: number) => {
    if (numbers[index] === -1) numbers[index] = names.push(from.name(index)) - 1;
    return numbers[index];
  };
  return { names, of };
}

export function reactionsToJson(reactions: Reactions): ReactionsJson {
  const count = reactions.standing;
  const post = new Int32Array(count);
  const song = new Int32Array(count);
  const identity = new Int32Array(count);
  const meaning = new Uint16Array(count);
  const at = new Float64Array(count);
  const posts = renumber(reactions.posts);
  const songs = renumber(reactions.songs);
  const identities = renumber(reactions.identities);
  let i = 0;
  for (let row = 0; row < reactions.rows; row++) {
    if (!reactions.isPresent(row)) continue;
    post[i] = posts.of(reactions.postOf(row));
    song[i] = songs.of(reactions.songOf(row));
    identity[i] = identities.of(reactions.identityOf(row));
    meaning[i] = reactions.meaningOf(row);
    at[i] = reactions.atOf(row);
    i++;
  }
  const emotions = Array.from({ length: reactions.emotions.length }, (_, e) => reactions.emotions.name(e));
  return {
    count,
    posts: posts.names,
    songs: songs.names,
    identities: identities.names,
    emotions,
    post: base64(post),
    song: base64(song),
    identity: base64(identity),
    meaning: base64(meaning),
    at: base64(at),
  };
}

/** Calls back with the numbers of each fact, in the reactions' own name tables, which are filled first. */
export function readReactions(
  json: ReactionsJson,
  into: Reactions,
  set: (post: number, song: number, identity: number, meaning: number, at: number) => void,
): void {
  const number = (names: readonly string[], table: Names) =>
    Int32Array.from(names, (name) => table.intern(name));
  const posts = number(json.posts, into.posts);
  const songs = number(json.songs, into.songs);
  const identities = number(json.identities, into.identities);
  const emotions = number(json.emotions, into.emotions);
  const post = new Int32Array(bytesOf(json.post));
  const song = new Int32Array(bytesOf(json.song));
  const identity = new Int32Array(bytesOf(json.identity));
  const meaning = new Uint16Array(bytesOf(json.meaning));
  const at = new Float64Array(bytesOf(json.at));
  for (let i = 0; i < json.count; i++) {
    const means = meaning[i] === 0 ? 0 : emotions[meaning[i] - 1] + 1;
    set(posts[post[i]], songs[song[i]], identities[identity[i]], means, at[i]);
  }
}
