import { z } from 'zod';
import { type Library, parseJson, type RawAnswer } from './library.ts';
import { apiProblem, networkProblem, SpotifyError } from './problem.ts';

/** Somebody's account, as far as we want to know it. */
export interface SpotifyProfile {
  /** The same for ever, unlike the user id (changes of May 2026). */
  readonly accountId: string;
  readonly name: string;
}

export interface SpotifyPlaylist {
  readonly id: string;
  readonly url: string;
  readonly name: string;
  readonly description: string;
  readonly songs: number;
  readonly snapshotId: string;
}

export interface SpotifyTrack {
  readonly uri: string;
  readonly title: string;
  readonly artists: readonly string[];
  readonly album: string;
  readonly durationMs: number;
  readonly isrc?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
  /** Where the next page begins; undefined on the last one. */
  readonly nextOffset?: number;
}

export interface PlaylistText {
  readonly name: string;
  readonly description: string;
}

/** Exactly what Reactune asks of Spotify. Every failure is a SpotifyError. */
export interface WebApi {
  me(accessToken: string): Promise<SpotifyProfile>;
  /** Always private: Spotify makes it public unless told otherwise. */
  createPlaylist(accessToken: string, text: PlaylistText): Promise<SpotifyPlaylist>;
  changeDetails(accessToken: string, playlistId: string, text: Partial<PlaylistText>): Promise<void>;
  /** JPEG, at most `MOST_COVER_BYTES`. */
  uploadCover(accessToken: string, playlistId: string, jpeg: Uint8Array): Promise<void>;
  /** Addresses in order; undefined for what is no longer there. 50 a page. */
  playlistItems(accessToken: string, playlistId: string, offset?: number): Promise<Page<string | undefined>>;
  /** 1 to 100 at a time, at a position or the end; the new snapshot id. */
  addItems(
    accessToken: string,
    playlistId: string,
    uris: readonly string[],
    position?: number,
  ): Promise<string>;
  /** What is in the playlist, at most 100, in place of what was in it. Doing it twice does no harm. */
  replaceItems(accessToken: string, playlistId: string, uris: readonly string[]): Promise<string>;
  /** Newest first, 50 a page. */
  myPlaylists(accessToken: string, offset?: number): Promise<Page<SpotifyPlaylist>>;
  /** At most ten. */
  searchTracks(accessToken: string, query: string, limit?: number): Promise<readonly SpotifyTrack[]>;
  savedTracks(accessToken: string, offset?: number): Promise<Page<SpotifyTrack>>;
  topTracks(accessToken: string, range: TimeRange, offset?: number): Promise<Page<SpotifyTrack>>;
}

export type TimeRange = 'short_term' | 'medium_term' | 'long_term';

export const MOST_ITEMS_PER_CALL = 100;
export const MOST_SEARCH_RESULTS = 10;
/** 256 KB are for the base64 that is sent, a third longer than the picture. */
export const MOST_COVER_BYTES = 192 * 1024;
const PAGE = 50;

const trackSchema = z.object({
  uri: z.string(),
  name: z.string(),
  artists: z.array(z.object({ name: z.string() })),
  album: z.object({ name: z.string() }),
  duration_ms: z.number(),
  external_ids: z.object({ isrc: z.string().optional() }).optional(),
});
const playlistSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullish(),
  external_urls: z.object({ spotify: z.string() }),
  snapshot_id: z.string(),
  items: z.object({ total: z.number() }).optional(),
});
const profileSchema = z.object({
  id: z.string(),
  account_id: z.string().optional(),
  display_name: z.string().nullish(),
});
const snapshotSchema = z.object({ snapshot_id: z.string() });
const pageOf = <T>(item: z.ZodType<T>) =>
  z.object({ items: z.array(item), total: z.number(), offset: z.number(), next: z.string().nullable() });
const itemSchema = z.object({ item: z.object({ uri: z.string() }).nullish() });

/** @param now for `Retry-After` with a date */
export function createWebApi(library: Library, now: () => number = Date.now): WebApi {
  async function ask<T>(asked: string, send: () => Promise<RawAnswer>, schema: z.ZodType<T>): Promise<T> {
    let answer: RawAnswer;
    try {
      answer = await send();
    } catch (error) {
      throw new SpotifyError(asked, networkProblem(error));
    }
    const { status } = answer;
    if (status < 200 || status >= 300) throw new SpotifyError(asked, apiProblem(answer, now()));
    const parsed = schema.safeParse(parseJson(answer.text));
    if (parsed.success) return parsed.data;
    // It said yes and something that cannot be read: a proxy's page, half an answer, a change of the API.
    throw new SpotifyError(asked, { kind: 'unavailable', maybeDone: true, status });
  }

  const items = (
    accessToken: string,
    method: 'get' | 'post' | 'put',
    playlistId: string,
    ask: { readonly query?: Record<string, number>; readonly body?: object },
  ) =>
    library.webApi(accessToken, method, (builder) => {
      builder.withPath(`/v1/playlists/${idOf(playlistId)}/items`);
      if (ask.query !== undefined) builder.withQueryParameters(ask.query);
      if (ask.body !== undefined)
        builder.withHeaders({ 'Content-Type': 'application/json' }).withBodyParameters(ask.body);
      return builder;
    });

  return {
    async me(token) {
      const profile = await ask('GET /v1/me', () => library.call(token, (api) => api.getMe()), profileSchema);
      return {
        accountId: profile.account_id ?? `user:${profile.id}`,
        name: profile.display_name ?? profile.id,
      };
    },

    async createPlaylist(token, text) {
      const { name, description } = fitting(text);
      const options = { public: false, ...(description !== undefined && { description }) };
      const send = () => library.call(token, (api) => api.createPlaylist(name ?? 'Reactune', options));
      return toPlaylist(await ask('POST /v1/me/playlists', send, playlistSchema));
    },

    async changeDetails(token, playlistId, text) {
      const details = fitting(text);
      if (Object.keys(details).length === 0) return;
      const send = () => library.call(token, (api) => api.changePlaylistDetails(idOf(playlistId), details));
      await ask('PUT /v1/playlists/{id}', send, z.unknown());
    },

    async uploadCover(token, playlistId, jpeg) {
      if (jpeg.length > MOST_COVER_BYTES)
        throw new RangeError(`a cover of ${jpeg.length} bytes is too large`);
      const base64 = Buffer.from(jpeg).toString('base64');
      const send = () =>
        library.call(token, (api) => api.uploadCustomPlaylistCoverImage(idOf(playlistId), base64));
      await ask('PUT /v1/playlists/{id}/images', send, z.unknown());
    },

    async playlistItems(token, playlistId, offset = 0) {
      const send = () => items(token, 'get', playlistId, { query: { limit: PAGE, offset } });
      const page = await ask('GET /v1/playlists/{id}/items', send, pageOf(itemSchema));
      return toPage(page, ({ item }) => item?.uri);
    },

    async addItems(token, playlistId, uris, position) {
      if (uris.length === 0) throw new RangeError('there is nothing to add');
      const body = { uris: atMostOneCall(uris), ...(position !== undefined && { position }) };
      const send = () => items(token, 'post', playlistId, { body });
      return (await ask('POST /v1/playlists/{id}/items', send, snapshotSchema)).snapshot_id;
    },

    async replaceItems(token, playlistId, uris) {
      const send = () => items(token, 'put', playlistId, { body: { uris: atMostOneCall(uris) } });
      return (await ask('PUT /v1/playlists/{id}/items', send, snapshotSchema)).snapshot_id;
    },

    async myPlaylists(token, offset = 0) {
      const send = () => library.call(token, (api) => api.getUserPlaylists({ limit: PAGE, offset }));
      return toPage(await ask('GET /v1/me/playlists', send, pageOf(playlistSchema)), toPlaylist);
    },

    async searchTracks(token, query, limit = MOST_SEARCH_RESULTS) {
      if (limit > MOST_SEARCH_RESULTS) throw new RangeError(`Spotify finds ${MOST_SEARCH_RESULTS} at most`);
      const send = () => library.call(token, (api) => api.searchTracks(query, { limit }));
      const found = await ask('GET /v1/search', send, z.object({ tracks: pageOf(trackSchema) }));
      return found.tracks.items.map(toTrack);
    },

    async savedTracks(token, offset = 0) {
      const send = () => library.call(token, (api) => api.getMySavedTracks({ limit: PAGE, offset }));
      const page = await ask('GET /v1/me/tracks', send, pageOf(z.object({ track: trackSchema })));
      return toPage(page, ({ track }) => toTrack(track));
    },

    async topTracks(token, range, offset = 0) {
      const send = () =>
        library.call(token, (api) => api.getMyTopTracks({ limit: PAGE, offset, time_range: range }));
      return toPage(await ask('GET /v1/me/top/tracks', send, pageOf(trackSchema)), toTrack);
    },
  };
}

function toTrack(track: z.infer<typeof trackSchema>): SpotifyTrack {
  const isrc = track.external_ids?.isrc;
  return {
    uri: track.uri,
    title: track.name,
    artists: track.artists.map(({ name }) => name),
    album: track.album.name,
    durationMs: track.duration_ms,
    ...(isrc !== undefined && { isrc }),
  };
}

function toPlaylist(playlist: z.infer<typeof playlistSchema>): SpotifyPlaylist {
  return {
    id: playlist.id,
    url: playlist.external_urls.spotify,
    name: playlist.name,
    description: playlist.description ?? '',
    songs: playlist.items?.total ?? 0,
    snapshotId: playlist.snapshot_id,
  };
}

function toPage<T, U>(
  page: { items: T[]; total: number; offset: number; next: string | null },
  convert: (item: T) => U,
): Page<U> {
  return {
    items: page.items.map(convert),
    total: page.total,
    ...(page.next !== null && { nextOffset: page.offset + page.items.length }),
  };
}

/** Ids stand in paths, which the library does not encode. */
function idOf(playlistId: string): string {
  if (!/^[0-9A-Za-z]+$/.test(playlistId)) throw new TypeError('not the id of a Spotify playlist');
  return playlistId;
}

function atMostOneCall(uris: readonly string[]): readonly string[] {
  if (uris.length > MOST_ITEMS_PER_CALL)
    throw new RangeError(`Spotify takes ${MOST_ITEMS_PER_CALL} songs a call, not ${uris.length}`);
  return uris;
}

/**
 * A line break or more than 300 characters in a description are answered with 500
 * (metabrainz/troi-recommendation-playground#155), an empty one with 400 (spotify/web-api#1011): it is left out.
 */
function fitting({ name, description }: Partial<PlaylistText>): { name?: string; description?: string } {
  const title = oneLine(name, 100);
  const text = oneLine(description, 300);
  return { ...(title !== '' && { name: title }), ...(text !== '' && { description: text }) };
}

function oneLine(text: string | undefined, most: number): string {
  const line = (text ?? '').replace(/\s+/g, ' ').trim();
  if (line.length <= most) return line;
  // Cutting a surrogate pair in two would leave half a character.
  return `${line.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
