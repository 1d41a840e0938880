import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SHARED_ACCOUNT } from '../../src/domain/spotify.ts';
import { DAY, HOUR, MINUTE } from '../support/spotify/clock.ts';
import type { Person } from '../support/spotify/person.ts';
import { type House, type HouseOptions, JPEG, openHouse } from './pushing.ts';

let house: House;
let ana: Person;
let member: string;

async function open(options: HouseOptions = {}): Promise<void> {
  house = await openHouse(options);
  ana = house.spotify.account('ana');
  member = await house.member(ana);
}

beforeEach(() => open());
afterEach(() => house.close());

async function reopen(options: HouseOptions): Promise<void> {
  await house.close();
  await open(options);
}

describe('a push', () => {
  it('makes one private playlist with the songs in order and a cover, in three calls', async () => {
    const tracks = house.spotify.tracks(15);
    const playlist = await house.list(member, house.has(tracks));
    const calls = await house.spotify.during(async () => {
      await house.push(playlist);
      await house.settled();
    });
    expect(calls).toEqual([
      'POST /me/playlists',
      'PUT /playlists/{playlist_id}/items',
      'PUT /playlists/{playlist_id}/images',
    ]);
    expect(ana.playlists()).toMatchObject([
      {
        name: 'Calm · 25 Nov',
        description: expect.stringMatching(/^Fifteen songs\. · [0-9a-f]{10}$/),
        public: false,
        uris: tracks.map(({ uri }) => uri),
        cover: Buffer.from(JPEG),
      },
    ]);
    const { url } = ana.playlists()[0]!;
    expect(house.news).toMatchObject([{ state: { kind: 'done', url } }]);
  });

  it('of 250 songs takes calls of a hundred', async () => {
    const tracks = house.spotify.tracks(250);
    const playlist = await house.list(member, house.has(tracks));
    const calls = await house.spotify.during(async () => {
      await house.push(playlist);
      await house.settled();
    });
    expect(calls.filter((call) => call.endsWith('/items'))).toEqual([
      'PUT /playlists/{playlist_id}/items',
      'POST /playlists/{playlist_id}/items',
      'POST /playlists/{playlist_id}/items',
    ]);
    expect(ana.playlists()[0]?.uris).toEqual(tracks.map(({ uri }) => uri));
  });

  it('is one, however often it is asked for', async () => {
    const playlist = await house.list(member, house.has(house.spotify.tracks(3)));
    const answers = await Promise.all([1, 2, 3, 4].map(() => house.push(playlist)));
    await house.settled();
    const afterwards = await house.push(playlist);
    expect(new Set(answers.map(({ push }) => push.id)).size).toBe(1);
    expect(afterwards.state).toEqual({ kind: 'done', url: ana.playlists()[0]?.url });
    expect(ana.playlists()).toHaveLength(1);
  });

  it('of another list is another playlist, in the order in which they were asked for', async () => {
    const songs = house.has(house.spotify.tracks(4));
    for (const name of ['One', 'Two', 'Three']) await house.push(await house.list(member, songs), { name });
    await house.settled();
    expect(ana.playlists().map(({ name }) => name)).toEqual(['Three', 'Two', 'One']);
  });

  it('into the bot’s own account stays off its profile, where whoever has the link finds it', async () => {
    const bot = house.spotify.account('bot');
    await house.member(bot, { owner: SHARED_ACCOUNT });
    const playlist = await house.list(member, house.has(house.spotify.tracks(3)));
    await Promise.all([
      house.push(playlist, { owner: SHARED_ACCOUNT }),
      house.push(playlist, { owner: SHARED_ACCOUNT }),
    ]);
    await house.settled();
    expect(bot.playlists()).toMatchObject([{ name: 'Calm · 25 Nov', public: false }]);
    expect(ana.playlists()).toEqual([]);
    expect((await house.pushes.news(playlist.id, true))?.state).toMatchObject({ kind: 'done' });
    expect(await house.pushes.news(playlist.id, false)).toBeUndefined();
  });

  it('goes on after a restart before anything was sent', async () => {
    house.spotify.faults.killNext('before', 'POST /me/playlists');
    house.diesWithNextCut();
    const playlist = await house.list(member, house.has(house.spotify.tracks(3)));
    await house.push(playlist);
    await house.restart();
    await house.settled();
    expect(ana.playlists()).toMatchObject([{ songs: expect.arrayContaining([]) }]);
    // Nobody who watched lives on: they are told otherwise.
    expect(house.unseen).toMatchObject([{ push: { id: playlist.id }, state: { kind: 'done' } }]);
  });

  it('is dropped without a word when its member had everything deleted', async () => {
    house.time.hold();
    house.spotify.blocks(600);
    await house.push(await house.list(member, house.has(house.spotify.tracks(3))));
    await house.time.sleepers(1);
    house.news = [];
    await house.store.deleteMember(member);
    await house.time.pass(11 * MINUTE);
    expect(await house.store.openPushes()).toEqual([]);
    expect(house.news).toEqual([]);
    expect(ana.playlists()).toEqual([]);
  });

  it('gets along without a cover', async () => {
    for (const status of [500, 500]) house.spotify.faults.failNext('/images', status);
    await house.push(await house.list(member, house.has(house.spotify.tracks(3))));
    await house.settled();
    expect(house.news).toMatchObject([{ state: { kind: 'done' } }]);
    expect(ana.playlists()[0]?.cover).toBeUndefined();
  });

  it('of a demo looks for nothing', async () => {
    const playlist = await house.list(member, house.has(house.spotify.tracks(3), { demo: true }));
    const calls = await house.spotify.during(async () => {
      await house.push(playlist);
      await house.settled();
    });
    expect(calls).toEqual([]);
    expect(house.news.at(-1)?.state).toEqual({ kind: 'failed', failure: 'nothing-found' });
  });
});

describe('songs that Spotify does not have any more', () => {
  it.each([
    ['one of fifteen', 15, [7]],
    ['the first and the last of fifteen', 15, [0, 14]],
    ['some in the second hundred', 130, [3, 101, 129]],
  ])('are left out and remembered: %s', async (_, count, at) => {
    const tracks = house.spotify.tracks(count);
    for (const index of at) house.spotify.takesDown(tracks[index]!);
    const songs = house.has(tracks);
    const playlist = await house.list(member, songs);
    await house.push(playlist);
    await house.settled();
    const there = tracks.filter(({ gone }) => !gone).map(({ uri }) => uri);
    expect(ana.playlists()).toMatchObject([{ uris: there }]);
    expect((await house.pushed(playlist.id)).missing).toEqual(at.map((index) => songs[index]!.id));
    const again = await house.list(member, songs);
    const calls = await house.spotify.during(async () => {
      await house.push(again);
      await house.settled();
    });
    expect(calls).toHaveLength(count > 100 ? 4 : 3);
  });

  it('all of them: nothing is left to push', async () => {
    const tracks = house.spotify.tracks(3);
    for (const track of tracks) house.spotify.takesDown(track);
    await house.push(await house.list(member, house.has(tracks)));
    await house.settled();
    expect(house.news.at(-1)?.state).toEqual({ kind: 'failed', failure: 'nothing-found' });
  });
});

describe('a pause that Spotify wants', () => {
  it.each([
    ['POST /me/playlists', 0],
    ['PUT /playlists/{playlist_id}/items', 0],
    ['POST /playlists/{playlist_id}/items', 0],
    ['GET /search', 1],
  ])('of hours at %s is kept by everybody, also after a restart, and then it goes on', async (where) => {
    house.time.hold();
    const tracks = house.spotify.tracks(120);
    const songs = house.has(tracks, { withAddresses: where !== 'GET /search' });
    house.spotify.faults.limitNext(where, 79_892);
    const playlist = await house.list(member, where === 'GET /search' ? songs.slice(0, 5) : songs);
    await house.push(playlist);
    await house.time.sleepers(1);
    const until = house.time.now() + 79_892_250;
    const { state } = (await house.pushes.news(playlist.id, false))!;
    expect(state).toMatchObject({ kind: 'waiting', why: 'limited' });
    expect((state as { until: number }).until).toBeGreaterThan(until - 5000);
    const silence = await house.spotify.during(async () => {
      await house.restart();
      await house.time.sleepers(1);
      const other = await house.list(member, songs);
      await house.push(other);
      await house.time.pass(22 * HOUR);
    });
    expect(silence).toEqual([]);
    await house.time.pass(HOUR);
    await house.settled();
    expect(ana.playlists()).toHaveLength(2);
    expect(ana.playlists()[1]?.uris).toEqual(
      playlist.songs.map((id) => tracks[songs.findIndex((song) => song.id === id)]!.uri),
    );
  });

  it('for a used-up quota is told apart', async () => {
    house.time.hold();
    house.spotify.exhaustsQuota(7200);
    const playlist = await house.list(member, house.has(house.spotify.tracks(3)));
    await house.push(playlist);
    await house.time.sleepers(1);
    expect(house.news.at(-1)?.state).toMatchObject({ kind: 'waiting', why: 'quota' });
    expect(await house.store.spotifyPause()).toMatchObject({ why: 'quota' });
    await house.time.pass(7201 * 1000);
    await house.settled();
    expect(ana.playlists()).toHaveLength(1);
  });

  it('is heard of by those behind the one that waits', async () => {
    house.time.hold();
    house.spotify.blocks(600);
    const songs = house.has(house.spotify.tracks(3));
    const [one, two] = [await house.list(member, songs), await house.list(member, songs)];
    await Promise.all([house.push(one), house.push(two)]);
    await house.time.sleepers(1);
    expect((await house.pushes.news(two.id, false))?.state.kind).toBe('waiting');
    await house.time.pass(11 * MINUTE);
    await house.settled();
    expect(ana.playlists()).toHaveLength(2);
  });
});

describe('Spotify’s bad days', () => {
  it('are waited out with growing pauses', async () => {
    house.spotify.faults.failNext(undefined, 503, 6);
    await house.push(await house.list(member, house.has(house.spotify.tracks(3))));
    await house.settled();
    expect(ana.playlists()).toHaveLength(1);
    const pauses = house.time.waits.filter((ms) => [2, 10, 30, 120, 600, 1800].includes(ms / 1000));
    expect(pauses.length).toBeGreaterThanOrEqual(4);
  });

  it('that last longer than a day are given up, and a click tries again', async () => {
    house.spotify.faults.failNext(undefined, 503, 1000);
    const playlist = await house.list(member, house.has(house.spotify.tracks(3)));
    await house.push(playlist);
    await house.settled();
    expect(house.news.at(-1)?.state).toEqual({ kind: 'failed', failure: 'unavailable' });
    house.spotify.faults.clear();
    await house.push(playlist);
    await house.settled();
    expect(ana.playlists()).toHaveLength(1);
    expect(house.news.at(-1)?.state.kind).toBe('done');
  });
});

describe('a push that cannot succeed', () => {
  const cases: [string, string, () => unknown, () => unknown][] = [
    ['somebody not on the list', 'not-allowed', () => ana.allowed(false), () => ana.allowed(true)],
    [
      'a lapsed Premium',
      'premium',
      () => house.spotify.premiumLapses(),
      () => house.spotify.premiumReturns(),
    ],
    [
      'too little agreed to',
      'scope',
      () => house.member(ana, { scopes: 'user-top-read' }),
      () => house.member(ana),
    ],
    ['access that was ended', 'link-ended', () => ana.revokes(), () => house.member(ana)],
    ['nobody linked', 'unlinked', () => house.store.deleteSpotifyLink(member), () => house.member(ana)],
    [
      'something Spotify refuses',
      'refused',
      () => house.spotify.faults.answerNext('POST /me/playlists', 400, '{"error":{"message":"No."}}'),
      () => {},
    ],
  ];

  it.each(cases)('says so, and is tried again on asking: %s', async (_, failure, broken, mended) => {
    const playlist = await house.list(member, house.has(house.spotify.tracks(3)));
    await broken();
    await house.push(playlist);
    await house.settled();
    expect(house.news.at(-1)?.state).toEqual({ kind: 'failed', failure });
    expect(ana.playlists()).toEqual([]);
    await mended();
    await house.push(playlist);
    await house.settled();
    expect(house.news.at(-1)?.state.kind).toBe('done');
    expect(ana.playlists()).toHaveLength(1);
  });

  it('says that the account is gone', async () => {
    ana.closes();
    await house.push(await house.list(member, house.has(house.spotify.tracks(3))));
    await house.settled();
    expect(house.news.at(-1)?.state).toEqual({ kind: 'failed', failure: 'link-ended' });
  });

  it('says that the client is wrong', async () => {
    house.spotify.clock.advance(2 * HOUR);
    house.spotify.faults.answerNext('POST /api/token', 400, '{"error":"invalid_client"}');
    await house.push(await house.list(member, house.has(house.spotify.tracks(3))));
    await house.settled();
    expect(house.news.at(-1)?.state).toEqual({ kind: 'failed', failure: 'client' });
  });

  it('does not hold up who comes after it', async () => {
    const songs = house.has(house.spotify.tracks(3));
    const first = await house.list(member, songs);
    house.spotify.faults.answerNext('POST /me/playlists', 400, '{"error":{"message":"No."}}');
    await house.push(first);
    await house.push(await house.list(member, songs));
    await house.settled();
    expect(ana.playlists()).toHaveLength(1);
  });
});

describe('asking again within the hour', () => {
  it('finds the earlier push with the same wish, for an hour', async () => {
    const songs = house.has(house.spotify.tracks(3));
    const first = await house.list(member, songs);
    await house.push(first);
    await house.settled();
    const recent = () => house.pushes.recent(member, { from: 'calm' });
    expect((await recent())?.id).toBe(first.id);
    expect(await house.pushes.recent(member, { from: 'calm', to: 'happy' })).toBeUndefined();
    expect(await house.pushes.recent(member, { from: 'calm', and: 'happy' })).toBeUndefined();
    expect(await house.pushes.recent(member, undefined)).toBeUndefined();
    house.spotify.clock.advance(HOUR);
    expect(await recent()).toBeUndefined();
  });

  it('updates the same playlist: songs, words and cover', async () => {
    const tracks = house.spotify.tracks(8);
    const songs = house.has(tracks);
    const first = await house.list(member, songs.slice(0, 4));
    await house.push(first);
    await house.settled();
    const second = await house.list(member, songs.slice(2, 8));
    const calls = await house.spotify.during(async () => {
      await Promise.all([1, 2].map(() => house.push(second, { updates: first.id })));
      await house.settled();
    });
    expect(calls).toEqual([
      'GET /me/playlists',
      'PUT /playlists/{playlist_id}/items',
      'PUT /playlists/{playlist_id}/images',
    ]);
    const third = await house.list(member, songs.slice(0, 1));
    await house.push(third, { updates: second.id, name: 'Calm · 26 Nov' });
    await house.settled();
    expect(ana.playlists()).toMatchObject([{ name: 'Calm · 26 Nov', uris: [tracks[0]!.uri] }]);
    expect((await house.pushed(third.id)).instead).toBeUndefined();
  });

  it('makes a new playlist where its owner has removed the one before, and says so', async () => {
    const songs = house.has(house.spotify.tracks(8));
    const first = await house.list(member, songs.slice(0, 4));
    await house.push(first);
    await house.settled();
    ana.deletes(ana.playlists()[0]!);
    const second = await house.list(member, songs.slice(2, 8));
    await house.push(second, { updates: first.id });
    await house.settled();
    expect(ana.playlists()).toHaveLength(1);
    expect(ana.playlists()[0]?.songs).toHaveLength(6);
    expect((await house.pushed(second.id)).instead).toBe(true);
  });

  it('updates a playlist that is itself still on its way', async () => {
    house.time.hold();
    house.spotify.blocks(60);
    const songs = house.has(house.spotify.tracks(8));
    const first = await house.list(member, songs.slice(0, 4));
    const second = await house.list(member, songs.slice(4));
    await house.push(first);
    await house.push(second, { updates: first.id });
    await house.time.sleepers(1);
    await house.time.pass(61_000);
    await house.settled();
    expect(ana.playlists()).toHaveLength(1);
    expect(ana.playlists()[0]?.songs).toHaveLength(4);
    expect(ana.playlists()[0]?.songs[0]).toContain('Song 5');
  });
});

describe('a playlist that its owner removed', () => {
  it('is made again when they ask for it, and only then', async () => {
    const playlist = await house.list(member, house.has(house.spotify.tracks(3)));
    const { push } = await house.push(playlist);
    await house.settled();
    expect(await house.pushes.place(await house.pushed(push.id))).toBe('there');
    await house.pushes.again(push.id);
    await house.settled();
    expect(ana.playlists()).toHaveLength(1);
    ana.deletes(ana.playlists()[0]!);
    expect(await house.pushes.place(await house.pushed(push.id))).toBe('removed');
    expect((await house.push(playlist)).state.kind).toBe('done');
    expect(ana.playlists()).toEqual([]);
    await Promise.all([house.pushes.again(push.id), house.pushes.again(push.id)]);
    await house.settled();
    expect(ana.playlists()).toHaveLength(1);
    expect(ana.playlists()[0]?.songs).toHaveLength(3);
  });

  it('may be there or not while Spotify cannot be asked', async () => {
    const { push } = await house.push(await house.list(member, house.has(house.spotify.tracks(3))));
    await house.settled();
    house.spotify.blocks(600);
    expect(await house.pushes.place(await house.pushed(push.id))).toBe('unknown');
  });
});

describe('a lost answer to the making of a playlist', () => {
  it('waits until Spotify lists it, and makes no second one', async () => {
    await reopen({ listLagMs: 12_000 });
    house.spotify.faults.killNext('after', 'POST /me/playlists');
    await house.push(await house.list(member, house.has(house.spotify.tracks(3))));
    await house.settled();
    expect(ana.playlists()).toHaveLength(1);
    expect(ana.playlists()[0]?.songs).toHaveLength(3);
  });

  it('finds it behind 60 newer ones after days', async () => {
    house.spotify.faults.killNext('after', 'POST /me/playlists');
    house.diesWithNextCut();
    await house.push(await house.list(member, house.has(house.spotify.tracks(3))));
    await expect.poll(() => ana.playlists()).toHaveLength(1);
    for (let index = 0; index < 60; index++)
      house.spotify.world.createPlaylist(ana.account, {
        name: `Mine ${index}`,
        description: '',
        public: false,
        collaborative: false,
      });
    house.spotify.clock.advance(3 * DAY);
    await house.restart();
    await house.settled();
    expect(ana.playlists()).toHaveLength(61);
    expect(ana.playlists().at(-1)?.songs).toHaveLength(3);
  });
});
