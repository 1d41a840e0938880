import manager from 'spotify-web-api-node/src/http-manager.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Library, openLibrary } from '../../src/spotify/library.ts';
import { SpotifyError, type SpotifyProblem } from '../../src/spotify/problem.ts';
import { createWebApi, MOST_COVER_BYTES, type WebApi } from '../../src/spotify/web-api.ts';
import { signIn } from '../support/spotify/ask.ts';
import { HOUR } from '../support/spotify/clock.ts';
import type { Person } from '../support/spotify/person.ts';
import { openSpotify, type Spotify, type SpotifyOptions } from '../support/spotify/spotify.ts';

const SCOPES =
  'playlist-modify-private playlist-read-private ugc-image-upload user-library-read user-top-read';

let spotify: Spotify;
let ana: Person;
let library: Library;
let api: WebApi;
let token: string;

async function open(options: SpotifyOptions = {}, timeoutMs = 5000): Promise<void> {
  spotify = await openSpotify(options);
  ana = spotify.account('ana');
  token = (await signIn(spotify, ana, SCOPES)).access;
  library = openLibrary({ apiUrl: spotify.apiUrl, accountsUrl: spotify.accountsUrl, timeoutMs });
  api = createWebApi(library, () => spotify.clock.now());
}

beforeEach(() => open());

// Fails a test whose requests Spotify's own document does not allow.
afterEach(() => spotify.close());

async function problemOf(failing: Promise<unknown>): Promise<SpotifyProblem> {
  const error = await failing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SpotifyError)) throw new Error(`not a SpotifyError: ${String(error)}`);
  expect(JSON.stringify([error.message, error.stack, error, error.cause])).not.toContain(token);
  return error.problem;
}

const jpeg = (bytes: number) => {
  const data = Buffer.alloc(bytes);
  data.set([0xff, 0xd8], 0);
  data.set([0xff, 0xd9], bytes - 2);
  return data;
};

describe('playlists', () => {
  it('are made private, filled in calls of 100, and wear a cover', async () => {
    const uris = spotify.tracks(150).map(({ uri }) => uri);
    const calls = await spotify.during(async () => {
      const playlist = await api.createPlaylist(token, { name: 'Calm & slow', description: 'für "Ana"' });
      expect(playlist).toMatchObject({ url: `https://open.spotify.com/playlist/${playlist.id}`, songs: 0 });
      await api.replaceItems(token, playlist.id, uris.slice(0, 100));
      await api.addItems(token, playlist.id, uris.slice(100), 100);
      await api.uploadCover(token, playlist.id, jpeg(MOST_COVER_BYTES));
    });
    expect(calls).toEqual([
      'POST /me/playlists',
      'PUT /playlists/{playlist_id}/items',
      'POST /playlists/{playlist_id}/items',
      'PUT /playlists/{playlist_id}/images',
    ]);
    expect(ana.playlists()).toMatchObject([
      { name: 'Calm & slow', description: 'für "Ana"', public: false, uris, cover: jpeg(MOST_COVER_BYTES) },
    ]);
  });

  it('are read page by page', async () => {
    const uris = spotify.tracks(60).map(({ uri }) => uri);
    const { id } = await api.createPlaylist(token, { name: 'Calm', description: '' });
    await api.addItems(token, id, uris);
    const first = await api.playlistItems(token, id);
    expect(first).toMatchObject({ total: 60, nextOffset: 50 });
    const second = await api.playlistItems(token, id, first.nextOffset);
    expect(second.nextOffset).toBeUndefined();
    expect([...first.items, ...second.items]).toEqual(uris);
    spotify.takesDown([...spotify.world.tracks.values()][0]!);
    expect((await api.playlistItems(token, id)).items[0]).toBeUndefined();
    for (let index = 0; index < 50; index++)
      await api.createPlaylist(token, { name: `${index}`, description: '' });
    const mine = await api.myPlaylists(token);
    expect(mine).toMatchObject({ total: 51, nextOffset: 50 });
    expect((await api.myPlaylists(token, 50)).items).toMatchObject([{ id, name: 'Calm', songs: 60 }]);
  });

  it('change their words, which are made to fit', async () => {
    const { id } = await api.createPlaylist(token, {
      name: `  ${'long '.repeat(40)}`,
      description: `two\nlines ${'😄'.repeat(200)}`,
    });
    const [made] = ana.playlists();
    expect(made?.name).toHaveLength(100);
    expect(made?.description).toMatch(/^two lines 😄+…$/u);
    await api.changeDetails(token, id, { name: 'Short', description: '' });
    expect(ana.playlists()).toMatchObject([{ name: 'Short', description: made?.description }]);
    expect(await spotify.during(() => api.changeDetails(token, id, { description: '  ' }))).toEqual([]);
  });

  it('refuse what can only be a mistake before it is sent', async () => {
    const { id } = await api.createPlaylist(token, { name: 'Calm', description: '' });
    const uris = spotify.tracks(101).map(({ uri }) => uri);
    const sent = await spotify.during(async () => {
      await expect(api.addItems(token, id, uris)).rejects.toThrow(RangeError);
      await expect(api.addItems(token, id, [])).rejects.toThrow(RangeError);
      await expect(api.replaceItems(token, id, uris)).rejects.toThrow(RangeError);
      await expect(api.uploadCover(token, id, jpeg(MOST_COVER_BYTES + 1))).rejects.toThrow(RangeError);
      await expect(api.searchTracks(token, 'x', 11)).rejects.toThrow(RangeError);
      await expect(api.playlistItems(token, '../me')).rejects.toThrow(TypeError);
    });
    expect(sent).toEqual([]);
  });
});

describe('people and songs', () => {
  it('know who is there by the id that never changes', async () => {
    expect(await api.me(token)).toEqual({ accountId: ana.account.accountId, name: 'ana' });
  });

  it('are searched, ten at most', async () => {
    for (let index = 0; index < 12; index++) spotify.track('Halo', `Singer ${index}`);
    spotify.track('50% & more?', 'AC/DC + Søn', { isrc: 'GBAYE0601498' });
    expect(await api.searchTracks(token, 'track:"Halo"')).toHaveLength(10);
    expect(await api.searchTracks(token, 'track:"50% & more?" artist:"AC/DC + Søn"', 3)).toMatchObject([
      { title: '50% & more?', artists: ['AC/DC + Søn'], isrc: 'GBAYE0601498' },
    ]);
  });

  it('are what a member saved and plays most', async () => {
    const tracks = spotify.tracks(60);
    ana.saves(...tracks);
    ana.listensTo(tracks[2]!, tracks[1]!);
    const saved = await api.savedTracks(token);
    expect([saved.total, saved.nextOffset, saved.items[0]?.title]).toEqual([60, 50, 'Song 60']);
    expect((await api.savedTracks(token, 50)).items.at(-1)?.title).toBe('Song 1');
    const top = await api.topTracks(token, 'long_term');
    expect(top.items.map(({ title }) => title)).toEqual(['Song 3', 'Song 2']);
  });
});

describe('a refusal', () => {
  it('for too many calls says how long, whatever its form', async () => {
    const { faults } = spotify;
    faults.limitNext('GET /me', 79_892);
    faults.limitPlainlyNext('GET /me', 13_749);
    faults.limitPlainlyNext('GET /me', null);
    const waits = [];
    for (const _ of [1, 2, 3]) waits.push(await problemOf(api.me(token)));
    expect(waits).toEqual(
      [79_892_000, 13_749_000, 30_000].map((retryAfterMs) => ({ kind: 'limited', retryAfterMs })),
    );
    spotify.exhaustsQuota(7200);
    expect(await problemOf(api.me(token))).toEqual({ kind: 'quota', retryAfterMs: 7_200_000 });
  });

  it('may name a date to come back', async () => {
    const at = new Date(spotify.clock.now() + 40 * 60_000);
    spotify.faults.answerNext('GET /me', 429, '', 'text/plain', 1, { 'Retry-After': at.toUTCString() });
    const problem = await problemOf(api.me(token));
    expect(problem.kind).toBe('limited');
    expect(Math.abs((problem as { retryAfterMs: number }).retryAfterMs - 40 * 60_000)).toBeLessThan(2000);
  });

  it('tells a person who is not on the list from a lapsed Premium and a missing scope', async () => {
    ana.allowed(false);
    expect(await problemOf(api.me(token))).toEqual({ kind: 'not-allowed' });
    for (const older of [
      'User not registered in the Developer Dashboard',
      'Check settings on developer.spotify.com/dashboard, the user may not be registered.',
      'User not approved for app',
    ]) {
      spotify.faults.answerNext('GET /me', 403, older, 'text/plain');
      expect(await problemOf(api.me(token))).toEqual({ kind: 'not-allowed' });
    }
    ana.allowed(true);
    spotify.premiumLapses();
    expect(await problemOf(api.me(token))).toEqual({ kind: 'premium' });
    spotify.premiumReturns();
    token = (await signIn(spotify, ana, 'user-top-read')).access;
    expect(await problemOf(api.savedTracks(token))).toEqual({ kind: 'scope' });
  });

  it('tells an old or revoked access', async () => {
    ana.revokes();
    expect(await problemOf(api.me(token))).toEqual({ kind: 'expired' });
    token = (await signIn(spotify, ana, SCOPES)).access;
    spotify.clock.advance(HOUR);
    expect(await problemOf(api.me(token))).toEqual({ kind: 'expired' });
  });

  it('tells what is gone', async () => {
    const { id } = await api.createPlaylist(token, { name: 'Calm', description: '' });
    const [one] = spotify.tracks(1);
    spotify.takesDown(one!);
    expect(await problemOf(api.addItems(token, id, [one!.uri]))).toEqual({ kind: 'gone', what: 'song' });
    const nobody = '4iV5W9uYEdYUVa79Axb7Rh';
    expect(await problemOf(api.playlistItems(token, nobody))).toEqual({ kind: 'gone', what: 'playlist' });
  });

  it('is a mistake of ours otherwise', async () => {
    const { id } = await api.createPlaylist(token, { name: 'Calm', description: '' });
    expect(await problemOf(api.addItems(token, id, ['spotify:track:x']))).toEqual({
      kind: 'refused',
      status: 400,
      reason: 'Invalid track uri: spotify:track:x',
    });
    const ben = spotify.account('ben');
    token = (await signIn(spotify, ben, SCOPES)).access;
    expect(await problemOf(api.changeDetails(token, id, { name: 'Mine' }))).toMatchObject({
      kind: 'refused',
      status: 403,
    });
  });

  it('never repeats a key that an answer quotes', async () => {
    spotify.faults.answerNext('GET /me', 400, `bad header: Bearer ${token}`, 'text/plain');
    expect(await problemOf(api.me(token))).toMatchObject({ reason: 'bad header: Bearer [hidden]' });
  });
});

describe('a bad day', () => {
  it('of any kind is a failure like another, and ends no process', async () => {
    const { faults } = spotify;
    const uncaught: unknown[] = [];
    const note = (error: unknown) => uncaught.push(error);
    process.on('uncaughtException', note);
    for (const status of [500, 502, 503, 504]) {
      faults.failNext('GET /me', status);
      expect(await problemOf(api.me(token))).toEqual({ kind: 'unavailable', maybeDone: true, status });
    }
    // The body on which the library's own reading ends the process.
    faults.answerNext('GET /me', 500, 'null');
    faults.answerNext('GET /me', 403, 'null');
    faults.answerNext('GET /me', 500, '', 'text/html');
    expect(await problemOf(api.me(token))).toMatchObject({ kind: 'unavailable', status: 500 });
    expect(await problemOf(api.me(token))).toMatchObject({ kind: 'refused', status: 403 });
    expect(await problemOf(api.me(token))).toMatchObject({ kind: 'unavailable', status: 500 });
    for (const nonsense of ['null', '', '{', '<html>', '[]', '{"id":7}']) {
      faults.answerNext('GET /me', 200, nonsense);
      expect(await problemOf(api.me(token))).toEqual({ kind: 'unavailable', maybeDone: true, status: 200 });
    }
    faults.answerNext('GET /me', 200, 'no gzip', 'application/json', 1, { 'Content-Encoding': 'gzip' });
    expect(await problemOf(api.me(token))).toMatchObject({ kind: 'unavailable' });
    faults.answerNext('GET /me', 200, ' '.repeat(5 * 1024 * 1024));
    expect(await problemOf(api.me(token))).toMatchObject({ kind: 'unavailable', code: 'ETOOLARGE' });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('uncaughtException', note);
    expect(uncaught).toEqual([]);
  });

  it('that cuts the line may have been too late', async () => {
    for (const when of ['before', 'after', 'halfway'] as const) {
      spotify.faults.killNext(when, 'POST /me/playlists');
      const problem = await problemOf(api.createPlaylist(token, { name: when, description: '' }));
      expect(problem).toMatchObject({ kind: 'unavailable', maybeDone: true });
    }
    expect(ana.playlists().map(({ name }) => name)).toEqual(['halfway', 'after']);
  });

  it('on which nobody is there has certainly done nothing', async () => {
    const nowhere = { apiUrl: 'http://127.0.0.1:9', accountsUrl: 'http://127.0.0.1:9', timeoutMs: 5000 };
    const lonely = createWebApi(openLibrary(nowhere));
    expect(await problemOf(lonely.me(token))).toEqual({
      kind: 'unavailable',
      maybeDone: false,
      code: 'ECONNREFUSED',
    });
  });

  it('on which no answer comes ends in time, and hangs up', async () => {
    await spotify.close();
    await open({}, 60);
    for (const hanging of ['GET /me', 'POST /me/playlists']) {
      spotify.faults.hangNext(hanging);
      const asked =
        hanging === 'GET /me' ? api.me(token) : api.createPlaylist(token, { name: 'x', description: '' });
      expect(await problemOf(asked)).toEqual({ kind: 'unavailable', maybeDone: true, code: 'ECONNABORTED' });
      const request = spotify.requests.at(-1);
      await expect.poll(() => request?.abandoned).toBe(true);
    }
  });

  it('on which the answer drips ends in time as well', async () => {
    await spotify.close();
    await open({}, 150);
    spotify.faults.dripNext('GET /me');
    expect(await problemOf(api.me(token))).toMatchObject({ kind: 'unavailable', code: 'ECONNABORTED' });
    const request = spotify.requests.at(-1);
    await expect.poll(() => request?.abandoned).toBe(true);
  });

  it('that redirects elsewhere does not take the token along', async () => {
    spotify.faults.answerNext('GET /me', 302, '', 'text/html', 1, {
      Location: `${spotify.apiUrl}/v1/me/playlists`,
    });
    const calls = await spotify.during(async () => {
      expect(await problemOf(api.me(token))).toMatchObject({ kind: 'refused', status: 302 });
    });
    expect(calls).toEqual(['GET /me']);
  });
});

describe('the library', () => {
  it('is left as it was, while requests are under way and after', async () => {
    const before = manager._makeRequest;
    spotify.faults.delayNext('GET /me', 30);
    const asked = api.me(token);
    expect(manager._makeRequest).toBe(before);
    await asked;
    expect(manager._makeRequest).toBe(before);
    await expect(library.call(token, () => Promise.resolve())).rejects.toThrow('made 0 requests');
    expect(manager._makeRequest).toBe(before);
  });

  it('keeps two addresses and two people apart at the same time', async () => {
    const other = await openSpotify();
    try {
      const ben = other.account('ben');
      const hers = (await signIn(other, ben, SCOPES)).access;
      const there = createWebApi(
        openLibrary({ apiUrl: other.apiUrl, accountsUrl: other.accountsUrl, timeoutMs: 5000 }),
      );
      const names = await Promise.all([api.me(token), there.me(hers), api.me(token)]);
      expect(names.map(({ name }) => name)).toEqual(['ana', 'ben', 'ana']);
    } finally {
      await other.close();
    }
  });

  it('may stand behind an address with a path of its own', async () => {
    const behind = openLibrary({ apiUrl: `${spotify.apiUrl}/v1/..`, accountsUrl: '', timeoutMs: 5000 });
    expect((await createWebApi(behind).me(token)).name).toBe('ana');
  });
});
