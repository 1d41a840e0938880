import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Asked, ask, signIn } from './ask.ts';
import type { Person } from './person.ts';
import { openSpotify, type Spotify } from './spotify.ts';

let spotify: Spotify;
let ana: Person;
let token: string;

beforeEach(async () => {
  spotify = await openSpotify();
  ana = spotify.account('ana');
  token = (await signIn(spotify, ana)).access;
});

afterEach(() => spotify.close());

const api = (method: string, path: string, body?: unknown): Promise<Asked> =>
  ask(spotify, token, method, path, body);

async function playlist(details: object = { name: 'Calm', public: false }): Promise<string> {
  return (await api('POST', '/me/playlists', details)).body.id;
}

const message = ({ status, body }: Asked) => [status, body.error.message];

describe('creating', () => {
  it('makes a public playlist unless told otherwise', async () => {
    const made = await api('POST', '/me/playlists', { name: 'Calm' });
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 'Calm',
        public: true,
        items: { total: 0 },
        external_urls: { spotify: expect.any(String) },
      },
    });
    expect(made.body.tracks).toBeUndefined();
    await playlist({ name: 'Sad', description: 'tears', public: false });
    expect(ana.playlists()).toMatchObject([
      { name: 'Sad', description: 'tears', public: false },
      { name: 'Calm', public: true },
    ]);
  });

  it('wants the scope that fits', async () => {
    token = (await signIn(spotify, ana, 'playlist-modify-private')).access;
    expect(message(await api('POST', '/me/playlists', { name: 'Calm' }))).toEqual([
      403,
      'Insufficient client scope',
    ]);
    expect((await api('POST', '/me/playlists', { name: 'Calm', public: false })).status).toBe(201);
    token = (await signIn(spotify, ana, 'user-top-read')).access;
    expect((await api('POST', '/me/playlists', { name: 'Calm', public: false })).status).toBe(403);
  });

  it('breaks at a long description, one with line breaks, and a long name', async () => {
    for (const description of ['x'.repeat(301), 'two\nlines'])
      expect((await api('POST', '/me/playlists', { name: 'Calm', description })).status).toBe(500);
    expect((await api('POST', '/me/playlists', { name: 'x'.repeat(201) })).status).toBe(400);
    expect((await api('POST', '/me/playlists', { name: ' ' })).status).toBe(400);
    expect((await api('POST', '/me/playlists', { name: 'x', collaborative: true })).status).toBe(400);
    expect(ana.playlists()).toEqual([]);
  });

  it('is listed at once, or after a while', async () => {
    await playlist();
    expect((await api('GET', '/me/playlists')).body.total).toBe(1);
    await spotify.close();
    spotify = await openSpotify({ listLagMs: 2000 });
    ana = spotify.account('ana');
    token = (await signIn(spotify, ana)).access;
    const id = await playlist();
    expect((await api('GET', '/me/playlists')).body.total).toBe(0);
    expect((await api('GET', `/playlists/${id}`)).status).toBe(200);
    spotify.clock.advance(2000);
    expect((await api('GET', '/me/playlists')).body.total).toBe(1);
  });
});

describe('items', () => {
  it('are added in order, at the end or where wished, each call with a snapshot of its own', async () => {
    const [one, two, three] = spotify.tracks(3).map(({ uri }) => uri);
    const id = await playlist();
    const first = await api('POST', `/playlists/${id}/items`, { uris: [one, two] });
    const second = await api('POST', `/playlists/${id}/items`, { uris: [three], position: 1 });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(first.body.snapshot_id).not.toBe(second.body.snapshot_id);
    expect(ana.playlists()[0]?.songs).toEqual([
      'Song 1 – Artist 1',
      'Song 3 – Artist 3',
      'Song 2 – Artist 2',
    ]);
    const listed = await api('GET', `/playlists/${id}/items?limit=2`);
    expect(listed.body).toMatchObject({ total: 3, offset: 0, limit: 2, previous: null });
    expect(listed.body.next).toContain(`/v1/playlists/${id}/items?limit=2&offset=2`);
    expect(listed.body.items.map((item: { item: { uri: string } }) => item.item.uri)).toEqual([one, three]);
    expect(listed.body.items[0].track).toBeUndefined();
  });

  it('come twice when they are sent twice', async () => {
    const [one] = spotify.tracks(1);
    const id = await playlist();
    for (const _ of [1, 2]) await api('POST', `/playlists/${id}/items`, { uris: [one?.uri] });
    expect(ana.playlists()[0]?.songs).toHaveLength(2);
  });

  it('are at most 100 a call, all of them real', async () => {
    const uris = spotify.tracks(101).map(({ uri }) => uri);
    const id = await playlist();
    const path = `/playlists/${id}/items`;
    expect((await api('POST', path, { uris })).status).toBe(400);
    expect((await api('PUT', path, { uris })).status).toBe(400);
    expect(message(await api('POST', path, { uris: ['4iV5W9uYEdYUVa79Axb7Rh'] }))).toEqual([
      400,
      'Invalid track uri: 4iV5W9uYEdYUVa79Axb7Rh',
    ]);
    const missing = 'spotify:track:4iV5W9uYEdYUVa79Axb7Rh';
    expect(message(await api('POST', path, { uris: [uris[0], missing] }))).toEqual([
      400,
      'Payload contains a non-existing ID',
    ]);
    expect((await api('POST', path, { uris: [] })).status).toBe(400);
    expect((await api('POST', path, { uris: uris.slice(0, 100), position: 1 })).status).toBe(400);
    expect(ana.playlists()[0]?.songs).toEqual([]);
    expect((await api('POST', path, { uris: uris.slice(0, 100) })).status).toBe(201);
  });

  it('are replaced, moved and removed', async () => {
    const uris = spotify.tracks(5).map(({ uri }) => uri);
    const id = await playlist();
    const path = `/playlists/${id}/items`;
    const order = () =>
      ana
        .playlists()[0]
        ?.uris.map((uri) => uris.indexOf(uri) + 1)
        .join('');
    const replaced = await api('PUT', path, { uris });
    expect([replaced.status, order()]).toEqual([200, '12345']);
    await api('PUT', path, { range_start: 0, insert_before: 5 });
    expect(order()).toBe('23451');
    const { snapshot_id } = replaced.body;
    await api('PUT', path, { range_start: 3, insert_before: 0, range_length: 2, snapshot_id });
    expect(order()).toBe('51234');
    await api('DELETE', path, { items: [{ uri: uris[1] }, { uri: uris[4] }] });
    expect(order()).toBe('134');
    await api('PUT', path, { uris: [] });
    expect(order()).toBe('');
    expect(message(await api('PUT', path, { range_start: 0, insert_before: 0, snapshot_id: 'x' }))).toEqual([
      400,
      'Invalid snapshot id',
    ]);
  });

  it('may be named in the query', async () => {
    const uris = spotify.tracks(2).map(({ uri }) => uri);
    const id = await playlist();
    expect((await api('POST', `/playlists/${id}/items?uris=${uris.join(',')}&position=0`)).status).toBe(201);
    expect(ana.playlists()[0]?.uris).toEqual(uris);
  });

  it('are shown to their owner alone', async () => {
    const id = await playlist({ name: 'Calm', public: true });
    token = (await signIn(spotify, spotify.account('ben'))).access;
    expect((await api('GET', `/playlists/${id}/items`)).status).toBe(403);
    expect((await api('POST', `/playlists/${id}/items`, { uris: [] })).status).toBe(403);
    const seen = await api('GET', `/playlists/${id}`);
    expect(seen.status).toBe(200);
    expect(seen.body.items).toBeUndefined();
  });

  it('that were taken down are nothing in a list', async () => {
    const [one] = spotify.tracks(1);
    const id = await playlist();
    await api('POST', `/playlists/${id}/items`, { uris: [one?.uri] });
    spotify.takesDown(one!);
    expect((await api('GET', `/playlists/${id}/items`)).body.items).toMatchObject([{ item: null }]);
  });
});

describe('a playlist', () => {
  it('changes its name and description, but not to an empty one', async () => {
    const id = await playlist();
    expect(await api('PUT', `/playlists/${id}`, { name: 'Calmer', description: 'slow' })).toMatchObject({
      status: 200,
      body: undefined,
    });
    expect(ana.playlists()).toMatchObject([{ name: 'Calmer', description: 'slow' }]);
    expect(message(await api('PUT', `/playlists/${id}`, { description: '' }))).toEqual([
      400,
      'Attribute description is empty',
    ]);
    expect((await api('PUT', `/playlists/${id}`, {})).status).toBe(400);
  });

  it('that is deleted leaves the library and can still be written to', async () => {
    const id = await playlist();
    ana.deletes({ id });
    expect(ana.playlists()).toEqual([]);
    expect((await api('GET', '/me/playlists')).body.total).toBe(0);
    const [one] = spotify.tracks(1);
    expect((await api('POST', `/playlists/${id}/items`, { uris: [one?.uri] })).status).toBe(201);
    expect((await api('GET', `/me/library/contains?uris=spotify:playlist:${id}`)).body).toEqual([false]);
  });

  it('wears a JPEG of at most 256 KB in base64', async () => {
    const id = await playlist();
    const jpeg = (bytes: number) => {
      const data = Buffer.alloc(bytes);
      data.set([0xff, 0xd8], 0);
      data.set([0xff, 0xd9], bytes - 2);
      return data;
    };
    const put = (body: string, type = 'image/jpeg') =>
      ask(spotify, token, 'PUT', `/playlists/${id}/images`, body, type);
    const good = jpeg(3000);
    expect((await put(good.toString('base64'))).status).toBe(202);
    expect(ana.playlists()[0]?.cover).toEqual(good);
    expect((await put(jpeg(200_000).toString('base64'))).status).toBe(413);
    expect((await put(good.toString('base64'), 'image/png')).status).toBe(415);
    expect((await put(Buffer.from('no picture at all').toString('base64'))).status).toBe(400);
    expect((await put('data:image/jpeg;base64,AAAA')).status).toBe(400);
    expect((await api('GET', `/playlists/${id}/images`)).body).toHaveLength(1);
    token = (await signIn(spotify, ana, 'playlist-modify-private')).access;
    expect(message(await put(good.toString('base64')))).toEqual([403, 'Insufficient client scope']);
  });
});

describe('songs', () => {
  beforeEach(async () => {
    token = (await signIn(spotify, ana, 'user-library-read user-library-modify user-top-read')).access;
  });

  it('are found by words and fields, five at a time and ten at most, in the account’s country', async () => {
    for (let index = 0; index < 12; index++) spotify.track('Halo', `Singer ${index}`);
    spotify.track('Über den Wolken', 'Reinhard Mey', { isrc: 'DEA817400001', album: 'Wie vor Jahr und Tag' });
    spotify.track('Halo Abroad', 'Singer', { markets: ['US'] });
    const found = async (q: string, more = '') =>
      (await api('GET', `/search?${new URLSearchParams({ q, type: 'track' })}${more}`)).body.tracks;
    expect(await found('halo')).toMatchObject({ total: 12, limit: 5 });
    expect((await found('halo', '&limit=10')).items).toHaveLength(10);
    expect((await found('track:"uber den wolken" artist:Mey')).total).toBe(1);
    expect((await found('isrc:DEA817400001')).total).toBe(1);
    expect((await found('halo abroad')).total).toBe(0);
    expect((await found('halo abroad', '&market=US')).total).toBe(1);
    expect((await found('nothing at all')).total).toBe(0);
  });

  it('tell where they may not be played, and that they are gone', async () => {
    const abroad = spotify.track('Halo', 'Singer', { markets: ['US'] });
    expect((await api('GET', `/tracks/${abroad.id}`)).body).toMatchObject({
      is_playable: false,
      restrictions: { reason: 'market' },
    });
    expect((await api('GET', `/tracks/${abroad.id}?market=US`)).body.is_playable).toBe(true);
    spotify.takesDown(abroad);
    expect((await api('GET', `/tracks/${abroad.id}`)).status).toBe(404);
    expect((await api('GET', '/tracks/nonsense')).status).toBe(400);
  });

  it('are saved, loved, listed and forgotten', async () => {
    const [one, two] = spotify.tracks(2);
    ana.saves(one!, two!);
    ana.listensTo(two!);
    const saved = await api('GET', '/me/tracks?limit=1');
    expect(saved.body).toMatchObject({ total: 2, items: [{ track: { name: 'Song 2' } }] });
    expect((await api('GET', '/me/top/tracks?time_range=short_term')).body.items).toMatchObject([
      { name: 'Song 2' },
    ]);
    expect((await api('GET', '/me/top/artists')).body.total).toBe(0);
    expect((await api('GET', '/me/top/tracks?time_range=ever')).status).toBe(400);
    expect((await api('DELETE', `/me/library?uris=${one?.uri}`)).status).toBe(200);
    expect((await api('GET', `/me/library/contains?uris=${one?.uri},${two?.uri}`)).body).toEqual([
      false,
      true,
    ]);
    expect((await api('PUT', `/me/library?uris=${one?.uri}`)).status).toBe(200);
    expect(ana.account.saved).toHaveLength(2);
    const many = spotify.tracks(41).map(({ uri }) => uri);
    expect((await api('PUT', `/me/library?uris=${many.join(',')}`)).status).toBe(400);
    expect((await api('PUT', '/me/library?uris=nonsense')).status).toBe(400);
  });
});
