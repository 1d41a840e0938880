import { z } from 'zod';
import { RefusedRequest, refuse, WORDS } from '../errors.ts';
import { isSpotifyId } from '../ids.ts';
import type { Account, Grant, Playlist, World } from '../world.ts';

export interface ApiRequest {
  readonly world: World;
  /** Where the API is reached: links in answers lead there. */
  readonly origin: string;
  readonly grant: Grant;
  readonly account: Account;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON; the bytes as they came where the route wants no JSON; undefined without a body. */
  readonly body: unknown;
  /** Playlists younger than this are not listed yet. */
  readonly listLagMs: number;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body?: unknown;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As in Spotify's OpenAPI document. */
  readonly path: string;
  /** The only type of body that it takes; JSON by default. */
  readonly takes?: 'image/jpeg';
  /** Scopes of which at least one is needed; more precise rules are in the route. */
  readonly scopes?: readonly string[];
  handle(request: ApiRequest): ApiAnswer;
}

export function ok(body?: unknown): ApiAnswer {
  return { status: 200, body };
}

export function param(request: ApiRequest, name: string): string {
  const value = request.params[name];
  if (value === undefined) throw new Error(`the route has no parameter ${name}`);
  return value;
}

/** Needs every one of these. */
export function demandScope(request: ApiRequest, ...scopes: readonly string[]): void {
  if (!scopes.every((scope) => request.grant.scopes.has(scope))) refuse(403, WORDS.scope);
}

/** Parses a body; a field that Spotify would silently ignore, as it does a misspelt one, is refused here. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  if (body === undefined) refuse(400, 'Error parsing JSON.');
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new UnknownForm(z.prettifyError(parsed.error));
}

/** A body that the document would let pass and this server does not. */
export class UnknownForm extends RefusedRequest {
  constructor(message: string) {
    super(400, message);
    this.name = 'UnknownForm';
  }
}

export function integer(
  request: ApiRequest,
  name: string,
  bounds: { readonly default: number; readonly min: number; readonly max: number },
): number {
  const given = request.query.get(name);
  if (given === null) return bounds.default;
  const value = Number(given);
  if (!Number.isInteger(value) || value < bounds.min || value > bounds.max)
    return refuse(400, `Invalid ${name}`);
  return value;
}

/** One page of a list, with the links that Spotify puts beside it. */
export function page<T>(
  request: ApiRequest,
  path: string,
  all: readonly T[],
  limits: { readonly default: number; readonly max: number } = { default: 20, max: 50 },
): {
  href: string;
  items: T[];
  limit: number;
  next: string | null;
  offset: number;
  previous: string | null;
  total: number;
} {
  const limit = integer(request, 'limit', { default: limits.default, min: 1, max: limits.max });
  const offset = integer(request, 'offset', { default: 0, min: 0, max: 100_000 });
  const href = (from: number) => {
    const query = new URLSearchParams(request.query);
    query.set('offset', String(from));
    query.set('limit', String(limit));
    return `${request.origin}/v1${path}?${query}`;
  };
  return {
    href: href(offset),
    items: all.slice(offset, offset + limit),
    limit,
    next: offset + limit < all.length ? href(offset + limit) : null,
    offset,
    previous: offset > 0 ? href(Math.max(0, offset - limit)) : null,
    total: all.length,
  };
}

export function findPlaylist(request: ApiRequest): Playlist {
  const id = param(request, 'playlist_id');
  if (!isSpotifyId(id)) return refuse(400, 'Invalid base62 id');
  const playlist = request.world.playlists.get(id);
  if (playlist === undefined || playlist.owner.closed) return refuse(404, WORDS.notFound);
  return playlist;
}

/** A playlist that this person may change, with the scope that its visibility asks for. */
export function findOwnPlaylist(request: ApiRequest): Playlist {
  const playlist = findPlaylist(request);
  if (playlist.owner !== request.account) return refuse(403, 'You cannot modify this playlist');
  demandScope(request, playlist.public ? 'playlist-modify-public' : 'playlist-modify-private');
  return playlist;
}

/** The songs behind `spotify:track:…` addresses; any that is malformed or missing spoils the whole request. */
export function checkUris(request: ApiRequest, uris: readonly string[]): void {
  if (uris.length > 100) refuse(400, 'You can add a maximum of 100 tracks per request.');
  for (const uri of uris) {
    const id = /^spotify:(?:track|episode):([^:]+)$/.exec(uri)?.[1];
    if (id === undefined || !isSpotifyId(id)) refuse(400, `Invalid track uri: ${uri}`);
  }
  for (const uri of uris) {
    const track = request.world.tracks.get(uri);
    if (track === undefined || track.gone) refuse(400, WORDS.missingTrack);
  }
}
