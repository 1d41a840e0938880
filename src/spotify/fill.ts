import type { SongId } from '../domain/song.ts';
import { SpotifyError } from './problem.ts';
import { MOST_ITEMS_PER_CALL, type WebApi } from './web-api.ts';

/** A song of the catalogue and where it is in Spotify. */
export interface PlacedSong {
  readonly songId: SongId;
  readonly uri: string;
}

/** What filling asks of Spotify, with somebody's token. */
export interface Filling {
  replace(uris: readonly string[]): ReturnType<WebApi['replaceItems']>;
  add(uris: readonly string[], position: number): ReturnType<WebApi['addItems']>;
  /** Told before what is left out is known to be complete, so that it need not be found again after a crash. */
  onGone(songs: readonly PlacedSong[]): Promise<void>;
}

const isGoneSong = (error: unknown) =>
  error instanceof SpotifyError && error.problem.kind === 'gone' && error.problem.what === 'song';

/**
 * Puts songs into a playlist in place of whatever is in it, so that doing it again after a doubt does no harm: the
 * first hundred replace, the others follow at their position. One song that Spotify no longer has spoils a call; such
 * songs are found by halving and left out.
 */
export async function fill(
  songs: readonly PlacedSong[],
  filling: Filling,
): Promise<{ readonly gone: readonly PlacedSong[] }> {
  let wanted = songs;
  const gone: PlacedSong[] = [];
  while (wanted.length > 0) {
    const bad = await tryToFill(wanted, filling);
    if (bad.length === 0) break;
    gone.push(...bad);
    await filling.onGone(bad);
    wanted = wanted.filter((song) => !bad.includes(song));
  }
  return { gone };
}

/** Returns the songs of one call that Spotify does not have; none when all are in. */
async function tryToFill(songs: readonly PlacedSong[], filling: Filling): Promise<readonly PlacedSong[]> {
  for (let from = 0; from < songs.length; from += MOST_ITEMS_PER_CALL) {
    const part = songs.slice(from, from + MOST_ITEMS_PER_CALL);
    const uris = part.map(({ uri }) => uri);
    try {
      await (from === 0 ? filling.replace(uris) : filling.add(uris, from));
    } catch (error) {
      if (!isGoneSong(error)) throw error;
      return goneIn(part, filling);
    }
  }
  return [];
}

/** Of songs one of which at least is not there: which. What is in the playlist meanwhile is replaced afterwards. */
async function goneIn(songs: readonly PlacedSong[], filling: Filling): Promise<readonly PlacedSong[]> {
  if (songs.length === 1) return songs;
  const half = Math.ceil(songs.length / 2);
  const [first, second] = [songs.slice(0, half), songs.slice(half)];
  const inFirst = (await isGoneIn(first, filling)) ? await goneIn(first, filling) : [];
  // None in the first half: then it is in the second, which need not be asked.
  if (inFirst.length > 0 && !(await isGoneIn(second, filling))) return inFirst;
  return [...inFirst, ...(await goneIn(second, filling))];
}

async function isGoneIn(songs: readonly PlacedSong[], filling: Filling): Promise<boolean> {
  try {
    await filling.replace(songs.map(({ uri }) => uri));
    return false;
  } catch (error) {
    if (isGoneSong(error)) return true;
    throw error;
  }
}
