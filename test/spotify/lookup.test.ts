import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY } from '../support/spotify/clock.ts';
import type { Person } from '../support/spotify/person.ts';
import { type House, openHouse } from './pushing.ts';

let house: House;
let ana: Person;
let member: string;

beforeEach(async () => {
  house = await openHouse();
  ana = house.spotify.account('ana');
  member = await house.member(ana);
});
afterEach(() => house.close());

async function pushes(count: number, from = 0): Promise<string[]> {
  const songs = Array.from({ length: house.catalogue.size }, (_, index) => house.catalogue.song(index));
  return house.spotify.during(async () => {
    await house.push(await house.list(member, songs.slice(from, from + count)));
    await house.settled();
  });
}

const searches = (calls: readonly string[]) => calls.filter((call) => call === 'GET /search').length;

describe('songs without an address', () => {
  it('are searched for once, and known for good', async () => {
    house.has(house.spotify.tracks(12), { withAddresses: false });
    expect(searches(await pushes(12))).toBe(12);
    await house.restart();
    house.spotify.clock.advance(400 * DAY);
    await house.member(ana);
    expect(searches(await pushes(12))).toBe(0);
    expect(ana.playlists().map(({ uris }) => uris.length)).toEqual([12, 12]);
  });

  it('that are not there are looked for again after thirty days', async () => {
    const [there, ...missing] = house.spotify.tracks(3);
    house.has([there!, ...missing], { withAddresses: false });
    for (const track of missing) house.spotify.takesDown(track);
    expect(searches(await pushes(3))).toBe(3);
    house.spotify.clock.advance(29 * DAY);
    expect(searches(await pushes(3))).toBe(0);
    for (const track of missing) track.gone = false;
    house.spotify.clock.advance(2 * DAY);
    expect(searches(await pushes(3))).toBe(2);
    expect(ana.playlists().map(({ uris }) => uris.length)).toEqual([3, 1, 1]);
  });

  it('keep what was found before Spotify wanted a rest', async () => {
    house.has(house.spotify.tracks(9), { withAddresses: false });
    house.spotify.faults.limitNext('GET /search', 60, 1);
    expect(searches(await pushes(9))).toBeLessThanOrEqual(9 + 3);
    expect(ana.playlists()[0]?.uris).toHaveLength(9);
  });

  it('are not the karaoke version that Spotify finds first', async () => {
    const { spotify } = house;
    spotify.track('Song 1 (Karaoke Version)', ['Artist 1', 'Sing Along']);
    spotify.track('Song 1 - Live', 'Artist 1');
    const [real] = spotify.tracks(1);
    house.has([real!], { withAddresses: false });
    await pushes(1);
    expect(ana.playlists()[0]?.uris).toEqual([real!.uri]);
  });
});
