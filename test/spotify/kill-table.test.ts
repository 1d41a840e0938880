import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { HOUR } from '../support/spotify/clock.ts';
import { type House, type HouseOptions, openHouse } from './pushing.ts';

/**
 * Every request of a push is cut off once: before Spotify acted, after it did, and halfway through its answer; with the
 * process living on, and with it dying at that moment and being started again. `KILL_TABLE=1` prints the outcomes.
 */

interface Scene {
  readonly name: string;
  readonly request: string;
  /** Requests of that kind that get through first. */
  readonly spared?: number;
  readonly songs: number;
  readonly searched?: boolean;
  readonly stale?: boolean;
  readonly update?: boolean;
  readonly options?: HouseOptions;
}

const SCENES: readonly Scene[] = [
  { name: 'create', request: 'POST /me/playlists', songs: 15 },
  { name: 'create, listed late', request: 'POST /me/playlists', songs: 15, options: { listLagMs: 12_000 } },
  { name: 'items', request: 'PUT /playlists/{playlist_id}/items', songs: 15 },
  { name: 'items of 230, first call', request: 'PUT /playlists/{playlist_id}/items', songs: 230 },
  { name: 'items of 230, second call', request: 'POST /playlists/{playlist_id}/items', songs: 230 },
  { name: 'items of 230, last call', request: 'POST /playlists/{playlist_id}/items', spared: 1, songs: 230 },
  { name: 'cover', request: 'PUT /playlists/{playlist_id}/images', songs: 15 },
  { name: 'first search', request: 'GET /search', songs: 6, searched: true },
  { name: 'a later search', request: 'GET /search', spared: 4, songs: 6, searched: true },
  { name: 'refresh (with a secret)', request: 'POST /api/token', songs: 15, stale: true },
  { name: 'update: the look', request: 'GET /me/playlists', songs: 15, update: true },
  { name: 'update: the words', request: 'PUT /playlists/{playlist_id}', songs: 15, update: true },
  { name: 'update: items', request: 'PUT /playlists/{playlist_id}/items', songs: 15, update: true },
];

const rows: string[][] = [];
let house: House;

afterEach(() => house.close());
afterAll(() => {
  if (process.env.KILL_TABLE === undefined) return;
  console.log(
    ['| request | cut | process | playlists | songs | requests |', '|---|---|---|---|---|---|']
      .concat(rows.map((row) => `| ${row.join(' | ')} |`))
      .join('\n'),
  );
});

async function play(scene: Scene, when: 'before' | 'after' | 'halfway', dies: boolean) {
  house = await openHouse(scene.options);
  const ana = house.spotify.account('ana');
  const member = await house.member(ana);
  const tracks = house.spotify.tracks(scene.songs);
  const songs = house.has(tracks, { withAddresses: !scene.searched });
  let updates: string | undefined;
  if (scene.update) {
    const before = await house.list(member, songs.slice(0, 5));
    await house.push(before);
    await house.settled();
    updates = before.id;
  }
  if (scene.stale) house.spotify.clock.advance(2 * HOUR);
  const list = await house.list(member, songs);
  // Only the whole route: that of the words is the beginning of that of the items.
  house.spotify.faults.killNext(when, new RegExp(`^${literally(scene.request)}$`), scene.spared);
  if (dies) house.diesWithNextCut();
  const calls = await house.spotify.during(async () => {
    await house.push(list, { name: 'Calm · 26 Nov', ...(updates !== undefined && { updates }) });
    if (dies) await house.restart();
    await house.settled();
  });
  const cut = house.spotify.requests.filter(({ status }) => status === -1).length;
  const made = ana.playlists();
  const right = made[0]?.uris.join() === tracks.map(({ uri }) => uri).join();
  rows.push([
    scene.name,
    when,
    dies ? 'dies too' : 'lives on',
    String(made.length),
    right ? 'all, in order' : 'WRONG',
    String(calls.length),
  ]);
  return { cut, made, uris: tracks.map(({ uri }) => uri) };
}

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

describe.each([
  ['lives on', false],
  ['dies at that moment and is started again', true],
] as const)('the process %s', (_, dies) => {
  describe.each(['before', 'after', 'halfway'] as const)('a request is cut %s', (when) => {
    it.each(SCENES)('$name: one playlist with the right songs', async (scene) => {
      const { cut, made, uris } = await play(scene, when, dies);
      expect(cut).toBe(1);
      expect(made).toHaveLength(1);
      expect(made[0]).toMatchObject({ name: 'Calm · 26 Nov', uris, public: false });
      expect(made[0]?.cover).toBeDefined();
    });
  });
});

it('a refresh token that a lost answer has used up: linked again, and the click after it makes the one playlist', async () => {
  house = await openHouse({ proven: false });
  const ana = house.spotify.account('ana');
  const member = await house.member(ana);
  const list = await house.list(member, house.has(house.spotify.tracks(3)));
  house.spotify.clock.advance(2 * HOUR);
  house.spotify.faults.killNext('after', 'POST /api/token');
  await house.push(list);
  await house.settled();
  expect(house.news.at(-1)?.state).toEqual({ kind: 'failed', failure: 'link-ended' });
  await house.member(ana);
  await house.push(list);
  await house.settled();
  expect(ana.playlists()).toHaveLength(1);
  expect(ana.playlists()[0]?.songs).toHaveLength(3);
});
