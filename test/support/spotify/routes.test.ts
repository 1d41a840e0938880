import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRemoved } from './api/removed.ts';
import { ROUTES } from './api/server.ts';
import { type Asked, ask, signIn } from './ask.ts';
import { readDocument } from './openapi.ts';
import { openSpotify, type Spotify } from './spotify.ts';

const document = readDocument();

let spotify: Spotify;
let token: string;

beforeEach(async () => {
  spotify = await openSpotify();
  token = (await signIn(spotify, spotify.account('ana'))).access;
});

afterEach(async () => {
  await spotify.close().catch(() => {});
});

const api = (method: string, path: string, body?: unknown): Promise<Asked> =>
  ask(spotify, token, method, path, body);

describe.skipIf(document === undefined)('Spotify’s own document', () => {
  const operations = Object.entries(document?.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) =>
      typeof operation === 'object' && operation !== null && 'operationId' in operation
        ? [{ path, method: method.toUpperCase(), deprecated: 'deprecated' in operation }]
        : [],
    ),
  );

  it('knows every route of this server, and calls none of them deprecated', () => {
    const alive = operations
      .filter(({ deprecated }) => !deprecated)
      .map(({ method, path }) => `${method} ${path}`);
    expect(
      ROUTES.map(({ route }) => `${route.method} ${route.path}`).filter((name) => !alive.includes(name)),
    ).toEqual([]);
  });

  it('calls deprecated what this server calls removed, and nothing else', () => {
    const example = (path: string) => path.replace(/\{\w+\}/g, 'x');
    for (const { method, path, deprecated } of operations)
      expect([method, path, isRemoved(method, example(path))]).toEqual([method, path, deprecated]);
  });

  it('catches what nobody may ask any more, which is answered with 403', async () => {
    const id = (await api('POST', '/me/playlists', { name: 'Calm' })).body.id;
    expect((await api('POST', `/playlists/${id}/tracks`, { uris: [] })).status).toBe(403);
    expect((await api('GET', '/tracks?ids=x')).status).toBe(403);
    expect((await api('GET', '/me/friends')).status).toBe(404);
    expect((await api('GET', '/me/player')).status).toBe(404);
    expect(spotify.violations).toEqual([
      "POST /playlists/{playlist_id}/tracks: Spotify's document calls it deprecated",
      "GET /tracks: Spotify's document calls it deprecated",
      'GET /me/friends: Spotify has no such operation',
      'GET /me/player: Spotify has it, the server in test/support/spotify does not',
    ]);
    await expect(spotify.close()).rejects.toThrow('calls it deprecated');
  });

  it('catches wrong parameters and bodies', async () => {
    const id = (await api('POST', '/me/playlists', { name: 'Calm' })).body.id;
    const wrong: [string, string, unknown, string][] = [
      ['GET', '/search?q=a&type=track&limit=20', undefined, '/query/limit must be <= 10'],
      ['GET', '/search?type=track', undefined, "/query must have required property 'q'"],
      ['GET', '/search?q=a&type=song', undefined, '/query/type'],
      ['GET', '/me/playlists?limit=51', undefined, '/query/limit must be <= 50'],
      ['GET', '/me/playlists?page=2', undefined, '(page)'],
      ['GET', '/me/playlists?limit=1&limit=2', undefined, '/query/limit is given twice'],
      ['POST', '/me/playlists', { public: false }, "/requestBody must have required property 'name'"],
      ['POST', '/me/playlists', { name: 'Calm', private: true }, 'Unrecognized key: "private"'],
      [
        'DELETE',
        `/playlists/${id}/items`,
        { tracks: [] },
        "/requestBody must have required property 'items'",
      ],
      ['POST', `/playlists/${id}/items`, { uris: 'spotify:track:x' }, '/requestBody/uris must be array'],
    ];
    for (const [method, path, body, complaint] of wrong) {
      const before = spotify.violations.length;
      expect([path, (await api(method, path, body)).status]).toEqual([path, 400]);
      expect(spotify.violations.slice(before).join()).toContain(complaint);
    }
  });
});

it('answers every plain question as Spotify’s document says', async () => {
  const [one] = spotify.tracks(3);
  const ana = spotify.account('ana');
  token = (
    await signIn(
      spotify,
      ana,
      'playlist-modify-private playlist-read-private user-library-read user-top-read',
    )
  ).access;
  ana.saves(one!);
  ana.listensTo(one!);
  const id = (await api('POST', '/me/playlists', { name: 'Calm', public: false })).body.id;
  await api('POST', `/playlists/${id}/items`, { uris: [one?.uri] });
  for (const path of [
    '/me',
    '/me/playlists',
    '/me/tracks?market=DE',
    '/me/top/tracks',
    '/me/top/artists',
    `/me/library/contains?uris=${one?.uri}`,
    `/playlists/${id}`,
    `/playlists/${id}/items`,
    `/playlists/${id}/images`,
    `/tracks/${one?.id}`,
    '/search?q=song&type=track,artist&limit=10',
  ])
    expect([path, (await api('GET', path)).status]).toEqual([path, 200]);
  spotify.check();
});

describe('a token', () => {
  it('is needed, in its form', async () => {
    expect((await ask(spotify, undefined, 'GET', '/me')).body.error.message).toBe('No token provided');
    expect((await ask(spotify, 'BQguessed', 'GET', '/me')).status).toBe(401);
    const basic = await fetch(`${spotify.apiUrl}/v1/me`, { headers: { Authorization: 'Basic eA==' } });
    expect(basic.status).toBe(400);
  });
});

it('keeps a log that counts', async () => {
  const since = spotify.requests.length;
  const asked = await spotify.during(async () => {
    const { id } = (await api('POST', '/me/playlists', { name: 'Calm' })).body;
    const [one] = spotify.tracks(1);
    await api('POST', `/playlists/${id}/items`, { uris: [one?.uri] });
  });
  expect(asked).toEqual(['POST /me/playlists', 'POST /playlists/{playlist_id}/items']);
  expect(spotify.counts(since)).toEqual({
    'POST /me/playlists': 1,
    'POST /playlists/{playlist_id}/items': 1,
  });
  expect(spotify.requests.at(-1)).toMatchObject({ service: 'api', account: 'ana', status: 201 });
});
