import { afterEach, describe, expect, it } from 'vitest';
import { ask, askToken, signIn } from './ask.ts';
import type { Person } from './person.ts';
import { openSpotify, type Spotify, type SpotifyOptions } from './spotify.ts';

let spotify: Spotify;
let ana: Person;
let token: string;

async function open(options: SpotifyOptions = {}): Promise<void> {
  spotify = await openSpotify(options);
  ana = spotify.account('ana');
  token = (await signIn(spotify, ana)).access;
}

afterEach(() => spotify.close());

const me = () => ask(spotify, token, 'GET', '/me');

describe('the rate limit', () => {
  it('is a rolling window of 30 seconds for the app as a whole', async () => {
    let now = Date.now();
    await open({ now: () => now, callsPer30Seconds: 3 });
    const ben = (await signIn(spotify, spotify.account('ben'))).access;
    await me();
    now += 20_000;
    await me();
    expect((await ask(spotify, ben, 'GET', '/me')).status).toBe(200);
    const refused = await me();
    expect(refused).toMatchObject({
      status: 429,
      body: { error: { status: 429, message: 'API rate limit exceeded' } },
    });
    expect(refused.headers.get('retry-after')).toBe('10');
    now += 10_000;
    expect((await me()).status).toBe(200);
    expect((await me()).status).toBe(429);
  });

  it('may last for hours', async () => {
    await open({ callsPer30Seconds: 1, penaltySeconds: 79_892 });
    await me();
    expect((await me()).headers.get('retry-after')).toBe('79892');
    spotify.clock.advance(79_891_000);
    token = (await signIn(spotify, ana)).access;
    expect((await me()).headers.get('retry-after')).toBe('1');
    spotify.clock.advance(1000);
    expect((await me()).status).toBe(200);
  });

  it('is told apart from a quota that is used up', async () => {
    await open();
    spotify.exhaustsQuota(3600);
    expect(await me()).toMatchObject({
      status: 429,
      body: { error: { status: 429, reason: 'QUOTA_EXCEEDED' } },
    });
    spotify.blocks(60);
    spotify.clock.advance(3_500_000);
    expect((await me()).status).toBe(429);
  });
});

describe('development mode', () => {
  it('lets others log in and answers their calls with 403', async () => {
    await open();
    const fay = spotify.account('fay', { allowed: false });
    token = (await signIn(spotify, fay)).access;
    expect(await me()).toMatchObject({
      status: 403,
      body: { error: { message: expect.stringContaining('not registered for this application') } },
    });
    fay.allowed(true);
    expect((await me()).status).toBe(200);
  });

  it('stops when the owner’s Premium lapses, in a bare sentence', async () => {
    await open();
    spotify.premiumLapses();
    const refused = await me();
    expect([refused.status, refused.headers.get('content-type')]).toEqual([403, 'text/plain']);
    expect(refused.body).toMatch(/^Active premium subscription required for the owner of the app/);
    spotify.premiumReturns();
    expect((await me()).status).toBe(200);
  });

  it('tells less about people than extended mode', async () => {
    await open();
    expect(Object.keys((await me()).body).sort()).toEqual(
      ['account_id', 'display_name', 'external_urls', 'href', 'id', 'images', 'type', 'uri'].sort(),
    );
    await spotify.close();
    await open({ extended: true });
    for (let index = 0; index < 6; index++) spotify.account(`person ${index}`);
    expect((await me()).body.country).toBe('DE');
  });
});

describe('bad days', () => {
  it('are as many as planned, for the requests that are meant', async () => {
    await open();
    spotify.faults.failNext('GET /me', 502, 2);
    spotify.faults.limitNext('/api/token', 60);
    expect([(await me()).status, (await me()).status, (await me()).status]).toEqual([502, 502, 200]);
    const refused = await askToken(spotify, {});
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
  });

  it('speak plainly, of nothing, or in riddles', async () => {
    await open();
    spotify.faults.limitPlainlyNext('GET /me', 13_749);
    spotify.faults.answerNext('GET /me', 500, 'null');
    spotify.faults.answerNext('GET /me', 200, '<html>', 'text/html');
    const plain = await me();
    expect([plain.status, plain.body, plain.headers.get('retry-after')]).toEqual([
      429,
      'Too many requests',
      '13749',
    ]);
    expect(await me()).toMatchObject({ status: 500, body: null });
    expect(await me()).toMatchObject({ status: 200, body: '<html>' });
  });

  it('cut the line before or after the work is done', async () => {
    await open();
    const create = () => ask(spotify, token, 'POST', '/me/playlists', { name: 'Calm' });
    spotify.faults.killNext('before', 'POST /me/playlists');
    await expect(create()).rejects.toThrow('fetch failed');
    expect(ana.playlists()).toHaveLength(0);
    spotify.faults.killNext('after', 'POST /me/playlists', 1);
    await create();
    await expect(create()).rejects.toThrow('fetch failed');
    expect(ana.playlists()).toHaveLength(2);
    expect(spotify.requests.slice(-3).map(({ status }) => status)).toEqual([-1, 201, -1]);
  });

  it('take their time, or all the time there is', async () => {
    await open();
    spotify.faults.delayNext('GET /me', 40);
    const started = performance.now();
    await me();
    expect(performance.now() - started).toBeGreaterThan(35);
    spotify.faults.hangNext('GET /me');
    const leave = new AbortController();
    const answered = spotify.requests.length;
    const leaving = expect(fetch(`${spotify.apiUrl}/v1/me`, { signal: leave.signal })).rejects.toThrow();
    // Nobody is kept waiting before the request has arrived, which on a busy machine takes a while.
    await expect.poll(() => spotify.requests.length).toBe(answered + 1);
    leave.abort();
    await leaving;
    const asked = spotify.requests.at(-1);
    await expect.poll(() => asked?.abandoned).toBe(true);
    expect(asked?.status).toBe(0);
  });

  it('are forgotten', async () => {
    await open();
    spotify.faults.failNext();
    spotify.faults.clear();
    expect((await me()).status).toBe(200);
  });
});
