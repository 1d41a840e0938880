import { spotifyId } from './ids.ts';
import {
  type Account,
  type Playlist,
  type PlaylistItem,
  snapshotOf,
  type Track,
  type World,
} from './world.ts';

const iso = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

const external = (kind: string, id: string) => ({ spotify: `https://open.spotify.com/${kind}/${id}` });

function userPayload(account: Account, origin: string) {
  return {
    external_urls: external('user', account.id),
    href: `${origin}/v1/users/${account.id}`,
    id: account.id,
    type: 'user',
    uri: `spotify:user:${account.id}`,
  };
}

/** `GET /me`: without country, email, product and followers, which February 2026 took away. */
export function profilePayload(account: Account, origin: string, extended: boolean) {
  return {
    ...userPayload(account, origin),
    account_id: account.accountId,
    display_name: account.name,
    images: [],
    ...(extended && {
      country: account.country,
      product: account.premium ? 'premium' : 'free',
      followers: { href: null, total: 0 },
    }),
  };
}

function artistPayload(name: string, origin: string) {
  const id = spotifyId(`artist ${name}`);
  return {
    external_urls: external('artist', id),
    href: `${origin}/v1/artists/${id}`,
    id,
    name,
    type: 'artist',
    uri: `spotify:artist:${id}`,
  };
}

/** A track as somebody in a market sees it; unplayable there, it says so. */
export function trackPayload(track: Track, origin: string, market: string | undefined) {
  const artists = track.artists.map((name) => artistPayload(name, origin));
  const playable = market === undefined || (track.markets?.includes(market) ?? true);
  return {
    album: {
      album_type: 'album',
      artists,
      external_urls: external('album', track.id),
      href: `${origin}/v1/albums/${track.id}`,
      id: track.id,
      images: [],
      name: track.album,
      release_date: '2020',
      release_date_precision: 'year',
      total_tracks: 1,
      type: 'album',
      uri: `spotify:album:${track.id}`,
    },
    artists,
    disc_number: 1,
    duration_ms: track.durationMs,
    explicit: false,
    external_ids: track.isrc === undefined ? {} : { isrc: track.isrc },
    external_urls: external('track', track.id),
    href: `${origin}/v1/tracks/${track.id}`,
    id: track.id,
    is_local: false,
    ...(market !== undefined && { is_playable: playable }),
    ...(!playable && { restrictions: { reason: 'market' } }),
    name: track.title,
    preview_url: null,
    track_number: 1,
    type: 'track',
    uri: track.uri,
  };
}

export function playlistItemPayload(
  { uri, at }: PlaylistItem,
  playlist: Playlist,
  world: World,
  origin: string,
  market: string | undefined,
) {
  const track = world.tracks.get(uri);
  return {
    added_at: iso(at),
    added_by: userPayload(playlist.owner, origin),
    is_local: false,
    // A track that was taken down stays in the list as nothing: spotify/web-api#214.
    ...(track !== undefined && !track.gone ? { item: trackPayload(track, origin, market) } : { item: null }),
  };
}

/** As in lists: the items are a count and a link. */
export function simplePlaylistPayload(playlist: Playlist, origin: string) {
  const { id } = playlist;
  return {
    collaborative: playlist.collaborative,
    description: playlist.description,
    external_urls: external('playlist', id),
    href: `${origin}/v1/playlists/${id}`,
    id,
    images:
      playlist.cover === undefined ? [] : [{ url: `${origin}/covers/${id}.jpg`, height: null, width: null }],
    name: playlist.name,
    owner: { ...userPayload(playlist.owner, origin), display_name: playlist.owner.name },
    public: playlist.public,
    snapshot_id: snapshotOf(playlist),
    items: { href: `${origin}/v1/playlists/${id}/items`, total: playlist.items.length },
    type: 'playlist',
    uri: playlist.uri,
  };
}

export function savedTrackPayload(track: Track, at: number, origin: string, market?: string) {
  return { added_at: iso(at), track: trackPayload(track, origin, market) };
}
