import { z } from 'zod';
import { refuse } from '../errors.ts';
import { playlistItemPayload, simplePlaylistPayload } from '../payloads.ts';
import { snapshotOf } from '../world.ts';
import { demandDescription, demandName } from './me.ts';
import {
  type ApiRequest,
  checkUris,
  demandScope,
  findOwnPlaylist,
  findPlaylist,
  integer,
  ok,
  page,
  parseBody,
  type Route,
} from './route.ts';

/** A playlist holds no more: WritheM/IntelliMerge#27. */
const MOST_ITEMS = 10_000;

const MODIFY = ['playlist-modify-public', 'playlist-modify-private'];

const detailsSchema = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  public: z.boolean().optional(),
  collaborative: z.boolean().optional(),
});

const addSchema = z.strictObject({ uris: z.array(z.string()), position: z.int().min(0).optional() });

const updateSchema = z.union([
  z.strictObject({ uris: z.array(z.string()) }),
  z.strictObject({
    range_start: z.int().min(0),
    insert_before: z.int().min(0),
    range_length: z.int().min(1).optional(),
    snapshot_id: z.string().optional(),
  }),
]);

const removeSchema = z.strictObject({
  items: z.array(z.strictObject({ uri: z.string() })).min(1),
  snapshot_id: z.string().optional(),
});

/** Songs may be named in the query as well; both at once is a mistake here. */
function fromQuery(request: ApiRequest): { uris: string[]; position?: number } | undefined {
  const uris = request.query.get('uris');
  if (uris === null) return undefined;
  if (request.body !== undefined) refuse(400, 'uris are in the query and in the body');
  const position = request.query.get('position');
  return {
    uris: uris.split(',').filter((uri) => uri !== ''),
    ...(position !== null && {
      position: integer(request, 'position', { default: 0, min: 0, max: MOST_ITEMS }),
    }),
  };
}

function demandSnapshot(request: ApiRequest, snapshot: string | undefined): void {
  if (snapshot === undefined) return;
  const playlist = findPlaylist(request);
  for (let version = 1; version <= playlist.version; version++)
    if (snapshotOf(playlist, version) === snapshot) return;
  refuse(400, 'Invalid snapshot id');
}

function addItems(request: ApiRequest) {
  const playlist = findOwnPlaylist(request);
  const { uris, position } = fromQuery(request) ?? parseBody(addSchema, request.body);
  if (uris.length === 0) refuse(400, 'No uris provided');
  checkUris(request, uris);
  if (playlist.items.length + uris.length > MOST_ITEMS) refuse(400, 'Playlist size limit reached');
  const at = position ?? playlist.items.length;
  if (at > playlist.items.length) refuse(400, 'Index out of bounds');
  const now = request.world.clock.now();
  playlist.items.splice(at, 0, ...uris.map((uri) => ({ uri, at: now })));
  return { status: 201, body: { snapshot_id: request.world.touch(playlist) } };
}

function updateItems(request: ApiRequest) {
  const playlist = findOwnPlaylist(request);
  const form = fromQuery(request) ?? parseBody(updateSchema, request.body);
  if ('uris' in form) {
    checkUris(request, form.uris);
    const now = request.world.clock.now();
    playlist.items = form.uris.map((uri) => ({ uri, at: now }));
    return ok({ snapshot_id: request.world.touch(playlist) });
  }
  demandSnapshot(request, form.snapshot_id);
  const { range_start: start, insert_before: before, range_length: length = 1 } = form;
  if (start + length > playlist.items.length || before > playlist.items.length)
    refuse(400, 'Index out of bounds');
  const moved = playlist.items.splice(start, length);
  playlist.items.splice(before > start ? Math.max(start, before - length) : before, 0, ...moved);
  return ok({ snapshot_id: request.world.touch(playlist) });
}

function removeItems(request: ApiRequest) {
  const playlist = findOwnPlaylist(request);
  const form = parseBody(removeSchema, request.body);
  if (form.items.length > 100) refuse(400, 'Too many items');
  demandSnapshot(request, form.snapshot_id);
  const gone = new Set(form.items.map(({ uri }) => uri));
  playlist.items = playlist.items.filter(({ uri }) => !gone.has(uri));
  return ok({ snapshot_id: request.world.touch(playlist) });
}

function changeDetails(request: ApiRequest) {
  const playlist = findOwnPlaylist(request);
  const form = parseBody(detailsSchema, request.body);
  if (Object.keys(form).length === 0) refuse(400, 'No details to change');
  if (form.name !== undefined) demandName(form.name);
  // An empty description cannot be set: spotify/web-api#1011.
  if (form.description === '') refuse(400, 'Attribute description is empty');
  if (form.description !== undefined) demandDescription(form.description);
  if (form.public === true) demandScope(request, 'playlist-modify-public');
  const isPublic = form.public ?? playlist.public;
  if ((form.collaborative ?? playlist.collaborative) && isPublic)
    refuse(400, 'Collaborative playlists can only be private.');
  Object.assign(playlist, form);
  request.world.touch(playlist);
  return { status: 200 };
}

function listItems(request: ApiRequest, limits?: { default: number; max: number }) {
  const { world, origin, query } = request;
  const playlist = findPlaylist(request);
  const market = query.get('market') ?? undefined;
  return page(
    request,
    `/playlists/${playlist.id}/items`,
    playlist.items.map((item) => playlistItemPayload(item, playlist, world, origin, market)),
    limits,
  );
}

/** JPEG data begins so and ends so. */
function isJpeg(data: Buffer): boolean {
  return data.length > 4 && data.readUInt16BE(0) === 0xffd8 && data.readUInt16BE(data.length - 2) === 0xffd9;
}

function uploadCover(request: ApiRequest) {
  const playlist = findOwnPlaylist(request);
  demandScope(request, 'ugc-image-upload');
  const text = Buffer.isBuffer(request.body) ? request.body.toString('latin1') : '';
  // The limit holds for what is sent, which base64 makes a third larger than the picture.
  if (text.length > 256 * 1024) refuse(413, 'Image too large');
  if (text === '' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    refuse(400, 'Invalid image');
  const data = Buffer.from(text, 'base64');
  if (!isJpeg(data)) refuse(400, 'Invalid image');
  playlist.cover = data;
  return { status: 202 };
}

export const playlistRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/playlists/{playlist_id}',
    handle(request) {
      const playlist = findPlaylist(request);
      const own = playlist.owner === request.account;
      if (!playlist.public && !own) refuse(404, 'Resource not found');
      if (!playlist.public) demandScope(request, 'playlist-read-private');
      const { items: _items, ...rest } = simplePlaylistPayload(playlist, request.origin);
      const first = { ...request, query: new URLSearchParams() };
      // Since February 2026 strangers see no items.
      return ok({ ...rest, ...(own && { items: listItems(first, { default: 100, max: 100 }) }) });
    },
  },
  { method: 'PUT', path: '/playlists/{playlist_id}', scopes: MODIFY, handle: changeDetails },
  {
    method: 'GET',
    path: '/playlists/{playlist_id}/items',
    scopes: ['playlist-read-private'],
    handle(request) {
      if (findPlaylist(request).owner !== request.account) refuse(403, 'Forbidden');
      return ok(listItems(request));
    },
  },
  { method: 'POST', path: '/playlists/{playlist_id}/items', scopes: MODIFY, handle: addItems },
  { method: 'PUT', path: '/playlists/{playlist_id}/items', scopes: MODIFY, handle: updateItems },
  { method: 'DELETE', path: '/playlists/{playlist_id}/items', scopes: MODIFY, handle: removeItems },
  {
    method: 'PUT',
    path: '/playlists/{playlist_id}/images',
    takes: 'image/jpeg',
    scopes: ['ugc-image-upload'],
    handle: uploadCover,
  },
  {
    method: 'GET',
    path: '/playlists/{playlist_id}/images',
    handle: (request) => ok(simplePlaylistPayload(findPlaylist(request), request.origin).images),
  },
];
