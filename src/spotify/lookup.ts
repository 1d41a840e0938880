import type { Song, SongId } from '../domain/song.ts';
import type { StoredSongLink } from '../domain/spotify.ts';
import type { Store } from '../store/store.ts';
import { mainArtist, pickSameSong, titleForSearch } from './same-song.ts';
import { createSlots } from './slots.ts';
import type { WebApi } from './web-api.ts';

/** What was not found is looked for again after this: Spotify gets new songs every day. */
const MISS_LASTS_MS = 30 * 86_400_000;
const AT_ONCE = 3;
const TRACK = /^spotify:track:[0-9A-Za-z]{22}$/;

/** Runs with somebody's access token. */
export type UseToken = <T>(run: (accessToken: string) => Promise<T>) => Promise<T>;

/** Finds songs of the catalogue in Spotify. */
export interface SongLookup {
  /**
   * Addresses by song; what is not in Spotify is missing. What was found before a request fails is remembered.
   * @throws SpotifyError
   */
  find(songs: readonly Song[], use: UseToken): Promise<ReadonlyMap<SongId, string>>;
}

export function createSongLookup({
  store,
  api,
  now,
}: {
  readonly store: Pick<Store, 'songLink' | 'saveSongLinks'>;
  readonly api: Pick<WebApi, 'searchTracks'>;
  now(): number;
}): SongLookup {
  /** What is known without asking: an address, that there is none, or undefined. */
  async function known(song: Song): Promise<StoredSongLink | undefined> {
    const link = await store.songLink(song.id);
    // Also of songs with an address of their own: it may have led nowhere.
    if (link !== undefined && (link.uri !== undefined || now() - link.at < MISS_LASTS_MS)) return link;
    const uri = song.spotifyUri;
    return uri !== undefined && TRACK.test(uri) ? { songId: song.id, uri, at: now() } : undefined;
  }

  async function search(song: Song, use: UseToken): Promise<StoredSongLink> {
    const query = `track:"${titleForSearch(song.title)}" artist:"${mainArtist(song).replace(/"/g, ' ')}"`;
    const found = await use((token) => api.searchTracks(token, query));
    const { title, artists, album, features } = song;
    const wanted = { title, artists, ...(album !== undefined && { album }), durationMs: features.durationMs };
    const track = pickSameSong(wanted, found);
    return { songId: song.id, ...(track !== undefined && { uri: track.uri }), at: now() };
  }

  return {
    async find(songs, use) {
      const addresses = new Map<SongId, string>();
      const unknown: Song[] = [];
      for (const song of songs) {
        const link = await known(song);
        if (link === undefined) unknown.push(song);
        else if (link.uri !== undefined) addresses.set(song.id, link.uri);
      }
      const slots = createSlots(AT_ONCE);
      const failures: unknown[] = [];
      await Promise.all(
        unknown.map((song) =>
          slots.run(async () => {
            // One that fails tells what would become of the others.
            if (failures.length > 0) return;
            try {
              // Nobody can be sure of a song without an artist.
              const link: StoredSongLink =
                mainArtist(song) === '' ? { songId: song.id, at: now() } : await search(song, use);
              await store.saveSongLinks([link]);
              if (link.uri !== undefined) addresses.set(song.id, link.uri);
            } catch (error) {
              failures.push(error);
            }
          }),
        ),
      );
      if (failures.length > 0) throw failures[0];
      return addresses;
    },
  };
}
