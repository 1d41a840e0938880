import { refuse, WORDS } from '../errors.ts';
import { isSpotifyId } from '../ids.ts';
import { trackPayload } from '../payloads.ts';
import type { Track } from '../world.ts';
import { type ApiRequest, ok, page, param, type Route } from './route.ts';

const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

const words = (text: string): string[] => plain(text).match(/[\p{L}\p{N}]+/gu) ?? [];

const FILTER = /\b(album|artist|track|year|upc|isrc|genre|tag):(?:"([^"]*)"|(\S+))/g;

/** Field filters narrow down, every other word has to occur somewhere. */
function matches(track: Track, query: string): boolean {
  const rest = query.replace(FILTER, ' ');
  for (const [, field, quoted, bare] of query.matchAll(FILTER)) {
    const wanted = quoted ?? bare ?? '';
    const text =
      field === 'artist'
        ? track.artists.join(' ')
        : field === 'album'
          ? track.album
          : field === 'track'
            ? track.title
            : undefined;
    if (field === 'isrc') {
      if (track.isrc?.toLowerCase() !== wanted.toLowerCase()) return false;
    } else if (text === undefined || !contains(text, wanted)) return false;
  }
  return contains(`${track.title} ${track.artists.join(' ')} ${track.album}`, rest);
}

function contains(text: string, wanted: string): boolean {
  const there = new Set(words(text));
  return words(wanted).every((word) => there.has(word));
}

/** Whether somebody in the account's country finds it. */
function available(request: ApiRequest, track: Track): boolean {
  const market = request.query.get('market') ?? request.account.country;
  return !track.gone && (track.markets?.includes(market) ?? true);
}

const KINDS = ['album', 'artist', 'playlist', 'track', 'show', 'episode', 'audiobook'];

function search(request: ApiRequest) {
  const { query, world, origin } = request;
  const wanted = query.get('q') ?? '';
  if (wanted.trim() === '') refuse(400, 'No search query');
  const kinds = (query.get('type') ?? '').split(',');
  if (!kinds.every((kind) => KINDS.includes(kind))) refuse(400, 'Bad search type field');
  const found = [...world.tracks.values()].filter(
    (track) => available(request, track) && matches(track, wanted),
  );
  const results = (kind: string) =>
    kind === 'track' ? found.map((track) => trackPayload(track, origin, request.account.country)) : [];
  // February 2026: at most ten, five unless asked for more.
  return ok(
    Object.fromEntries(
      kinds.map((kind) => [`${kind}s`, page(request, '/search', results(kind), { default: 5, max: 10 })]),
    ),
  );
}

const LIBRARY_KINDS = /^spotify:(track|album|episode|show|audiobook|artist|user|playlist):([^:]+)$/;

function libraryUris(request: ApiRequest): string[] {
  const uris = (request.query.get('uris') ?? '').split(',');
  if (uris.length > 40) refuse(400, 'Too many uris');
  for (const uri of uris) if (!LIBRARY_KINDS.test(uri)) refuse(400, `Invalid uri: ${uri}`);
  return uris;
}

/** Which scope a kind of thing asks for. */
function demandLibraryScope(request: ApiRequest, uris: readonly string[], write: boolean): void {
  for (const uri of uris) {
    const kind = LIBRARY_KINDS.exec(uri)?.[1] ?? '';
    const scope =
      kind === 'playlist'
        ? write
          ? 'playlist-modify-public'
          : 'playlist-read-private'
        : kind === 'artist' || kind === 'user'
          ? `user-follow-${write ? 'modify' : 'read'}`
          : `user-library-${write ? 'modify' : 'read'}`;
    if (!request.grant.scopes.has(scope)) refuse(403, WORDS.scope);
  }
}

function isInLibrary({ account }: ApiRequest, uri: string): boolean {
  return account.saved.some((one) => one.uri === uri) || account.playlists.some((one) => one.uri === uri);
}

function changeLibrary(request: ApiRequest, add: boolean) {
  const { account, world } = request;
  const uris = libraryUris(request);
  demandLibraryScope(request, uris, true);
  for (const uri of uris) {
    const playlist = [...world.playlists.values()].find((one) => one.uri === uri);
    if (playlist !== undefined) {
      const at = account.playlists.indexOf(playlist);
      if (add && at < 0) account.playlists.unshift(playlist);
      if (!add && at >= 0) account.playlists.splice(at, 1);
      continue;
    }
    const at = account.saved.findIndex((one) => one.uri === uri);
    if (add && at < 0) account.saved.unshift({ uri, at: world.clock.now() });
    if (!add && at >= 0) account.saved.splice(at, 1);
  }
  return { status: 200 };
}

export const songRoutes: readonly Route[] = [
  { method: 'GET', path: '/search', handle: search },
  {
    method: 'GET',
    path: '/tracks/{id}',
    handle(request) {
      const id = param(request, 'id');
      if (!isSpotifyId(id)) return refuse(400, 'Invalid base62 id');
      const track = request.world.tracks.get(`spotify:track:${id}`);
      if (track === undefined || track.gone) return refuse(404, WORDS.notFound);
      const market = request.query.get('market') ?? request.account.country;
      return ok(trackPayload(track, request.origin, market));
    },
  },
  { method: 'PUT', path: '/me/library', handle: (request) => changeLibrary(request, true) },
  { method: 'DELETE', path: '/me/library', handle: (request) => changeLibrary(request, false) },
  {
    method: 'GET',
    path: '/me/library/contains',
    handle(request) {
      const uris = libraryUris(request);
      demandLibraryScope(request, uris, false);
      return ok(uris.map((uri) => isInLibrary(request, uri)));
    },
  },
];
