import { afterEach, describe, expect, it } from 'vitest';
import { createSlots } from '../../src/spotify/slots.ts';
import { createCallWindow, WINDOW_MS } from '../../src/spotify/window.ts';
import { type House, openHouse } from './pushing.ts';

let house: House | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

async function open(callsPer30Seconds: number): Promise<House> {
  house = await openHouse({ callsPer30Seconds });
  await house.member(house.spotify.account('ana'));
  return house;
}

describe('the gate', () => {
  it('learns how many calls Spotify takes, and stays below that from then on', async () => {
    const { spotify, api, tokens, store, time } = await open(40);
    const { id } = await store.memberOf('room:ana');
    let refused = 0;
    for (let call = 0; call < 300; call++) {
      try {
        await tokens.use(id, (token) => api.myPlaylists(token));
      } catch {
        refused += 1;
        const { until } = (await store.spotifyPause())!;
        await time.pass(until - time.now());
      }
    }
    expect(spotify.requests.filter(({ status }) => status === 429).length).toBeLessThanOrEqual(2);
    expect(refused).toBeLessThanOrEqual(2);
    expect(await store.spotifyPause()).toMatchObject({ why: 'limited', calls: 40 });
  });

  it('remembers what it learned after a restart', async () => {
    const bot = await open(40);
    const { id } = await bot.store.memberOf('room:ana');
    const ask = () => bot.tokens.use(id, (token) => bot.api.myPlaylists(token));
    for (let call = 0; call < 41; call++) await ask().catch(() => {});
    await bot.restart();
    await bot.time.pass(31_000);
    const before = bot.spotify.requests.filter(({ status }) => status === 429).length;
    for (let call = 0; call < 120; call++) await ask();
    expect(bot.spotify.requests.filter(({ status }) => status === 429).length).toBe(before);
  });

  it('makes nobody who links wait for the window', async () => {
    const bot = await open(40);
    const { id } = await bot.store.memberOf('room:ana');
    for (let call = 0; call < 41; call++)
      await bot.tokens.use(id, (token) => bot.api.myPlaylists(token)).catch(() => {});
    await bot.time.pass(31_000);
    for (let call = 0; call < 33; call++) await bot.tokens.use(id, (token) => bot.api.myPlaylists(token));
    bot.time.hold();
    const waits = bot.tokens.use(id, (token) => bot.api.myPlaylists(token));
    await bot.time.sleepers(1);
    expect(await bot.tokens.use(id, (token) => bot.api.me(token))).toMatchObject({ name: 'ana' });
    await bot.time.pass(31_000);
    await waits;
  });
});

describe('the window', () => {
  it('holds nobody back before Spotify has refused', () => {
    const window = createCallWindow(() => 0);
    for (let call = 0; call < 10_000; call++) expect(window.take()).toBe(0);
  });

  it('draws no conclusion from being refused after few calls', () => {
    const window = createCallWindow(() => 0);
    for (let call = 0; call < 5; call++) window.take();
    expect(window.refused()).toBeUndefined();
    for (let call = 0; call < 1000; call++) expect(window.take()).toBe(0);
  });

  it('tries one more for every window that was used up', () => {
    let now = 0;
    const window = createCallWindow(() => now);
    for (let call = 0; call < 101; call++) window.take();
    expect(window.refused()).toBe(100);
    now += WINDOW_MS;
    const inOneWindow = () => {
      let calls = 0;
      while (window.take() === 0) calls += 1;
      return calls;
    };
    expect(inOneWindow()).toBe(81);
    now += WINDOW_MS;
    expect(inOneWindow()).toBe(82);
  });
});

it('a free place goes to whoever came first', async () => {
  const slots = createSlots(1);
  const order: number[] = [];
  await Promise.all([1, 2, 3].map((n) => slots.run(async () => order.push(n))));
  await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await slots.run(async () => order.push(4));
  expect(order).toEqual([1, 2, 3, 4]);
});
