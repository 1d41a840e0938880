import { afterEach, describe, expect, it } from 'vitest';
import { addMonths, MINUTE } from '../support/spotify/clock.ts';
import type { Person } from '../support/spotify/person.ts';
import { type House, type HouseOptions, openHouse } from './linking-house.ts';

let house: House;
let ana: Person;

async function open(options: HouseOptions = {}): Promise<void> {
  house = await openHouse(options);
  ana = house.spotify.account('Ana');
}

/** No test leaves a key, a code or an address in the log. */
afterEach(async () => {
  const log = house.lines.join('');
  for (const secret of house.spotify.secrets) expect(log).not.toContain(secret);
  expect(log).not.toMatch(/spotify\/link\/|state=|code=/);
  await house.close();
});

const ANA = 'discord:ana';

describe('linking', () => {
  it.each([false, true])(
    'ends in a linked account that lives for six months (with a secret: %s)',
    async (secret) => {
      await open({ secret });
      const { url, heard } = await house.invites(ANA);
      const before = house.spotify.clock.now();
      const page = await house.linksWith(ana, url);
      expect(page.status).toBe(200);
      expect(page.text).toContain('That worked');
      expect(page.text).toContain('Ana');
      expect(page.url.href).toBe(`${house.url}/spotify/result`);
      const [outcome, ...more] = heard;
      expect(more).toEqual([]);
      expect(outcome).toMatchObject({ kind: 'linked', name: 'Ana', taste: false });
      const status = await house.status(ANA);
      if (status.kind !== 'linked') throw new Error(status.kind);
      expect(status.until).toBeGreaterThanOrEqual(addMonths(before, 6));
      expect(status.until).toBeLessThan(addMonths(before, 6) + MINUTE);
    },
  );

  it('asks for what playlists need, and for the library only of those who wish and may', async () => {
    await open({ taste: true });
    const scopes = (page: { text: string }) =>
      [...page.text.matchAll(/<li>([\w-]+)<\/li>/g)].map(([, one]) => one);
    const login = async (person: Person, url: string) => {
      const page = await house.goesOn(person, url);
      return scopes(await person.browser.click(page, 'account', person.account.id));
    };
    const needed = ['playlist-modify-private', 'playlist-read-private', 'ugc-image-upload'];
    expect(await login(ana, (await house.invites(ANA)).url)).toEqual(needed);
    const bo = house.spotify.account('Bo');
    const wished = await house.invites('discord:bo', { taste: true });
    expect(await login(bo, wished.url)).toEqual([...needed, 'user-library-read', 'user-top-read']);
    await house.linksWith(bo, wished.url);
    expect(await house.status('discord:bo')).toMatchObject({ kind: 'linked', taste: true });
  });

  it('does not ask for the library where the operator does not allow it', async () => {
    await open();
    const { url, heard } = await house.invites(ANA, { taste: true });
    await house.linksWith(ana, url);
    expect(heard).toMatchObject([{ kind: 'linked', taste: false }]);
    expect([...(ana.account.consents.get(house.spotify.app.clientId) ?? [])]).not.toContain('user-top-read');
  });

  it('says so when somebody agrees to nothing, and links nothing', async () => {
    await open();
    const { url, heard } = await house.invites(ANA);
    const page = await house.linksWith(ana, url, 'cancel');
    expect(page.status).toBe(200);
    expect(page.text).toContain('Nothing was linked');
    expect(heard).toEqual([{ kind: 'declined' }]);
    expect(await house.status(ANA)).toEqual({ kind: 'none' });
  });

  it('survives a restart between Spotify and the way back, and the chat still hears of it', async () => {
    await open();
    const { url, heard } = await house.invites(ANA);
    const consent = await house.goesOn(ana, url);
    await house.restarts();
    expect((await ana.decidesOn(consent, 'agree')).text).toContain('That worked');
    expect(heard).toEqual([]);
    expect(house.told).toMatchObject([
      { identity: ANA, message: { text: expect.stringContaining('*Ana*') } },
    ]);
  });

  it('survives a restart before the address is opened', async () => {
    await open();
    const { url } = await house.invites(ANA);
    await house.restarts();
    expect((await house.linksWith(ana, url)).text).toContain('That worked');
  });

  it('takes another account in the place of the first, and says so', async () => {
    await open();
    await house.linksWith(ana, (await house.invites(ANA)).url);
    const other = house.spotify.account('Other');
    const again = await house.invites(ANA);
    const page = await house.linksWith(other, again.url);
    expect(page.text).toMatch(/takes the place of <strong>Ana<\/strong>/);
    expect(again.heard).toMatchObject([{ kind: 'linked', name: 'Other', instead: 'Ana' }]);
    expect(await house.store.spotifyLinks()).toHaveLength(1);
  });

  it('brings an ended link back', async () => {
    await open();
    await house.linksWith(ana, (await house.invites(ANA)).url);
    house.spotify.clock.advance(200 * 24 * 60 * MINUTE);
    await house.opened.onHour();
    expect(await house.status(ANA)).toMatchObject({ kind: 'ended', name: 'Ana' });
    await house.linksWith(ana, (await house.invites(ANA)).url);
    expect(await house.status(ANA)).toMatchObject({ kind: 'linked', name: 'Ana' });
    const link = await house.store.spotifyLink(await house.memberId(ANA));
    expect(link).not.toHaveProperty('endedAt');
    expect(link).not.toHaveProperty('remindedAt');
  });
});

describe('what Spotify refuses', () => {
  it('is explained to somebody who is not on the list of five', async () => {
    await open();
    const zoe = house.spotify.account('Zoe', { allowed: false });
    const { url, heard } = await house.invites('discord:zoe');
    const page = await house.linksWith(zoe, url);
    expect(page.status).toBe(403);
    expect(page.text).toContain('has to add you to its users');
    expect(heard).toEqual([{ kind: 'failed', problem: 'not-allowed' }]);
    expect(await house.status('discord:zoe')).toEqual({ kind: 'none' });
    expect(house.lines.join('')).toContain('add them at developer.spotify.com/dashboard');
  });

  it('is explained when the owner of the app pays no more', async () => {
    await open();
    house.spotify.premiumLapses();
    const { url, heard } = await house.invites(ANA);
    const page = await house.linksWith(ana, url);
    expect(page.status).toBe(503);
    expect(page.text).toContain('Premium');
    expect(heard).toEqual([{ kind: 'failed', problem: 'premium' }]);
  });

  it('is waited for as long as Spotify says, by everything, and later addresses are not used up meanwhile', async () => {
    await open();
    house.spotify.blocks(2400);
    const { url, heard } = await house.invites(ANA);
    const page = await house.linksWith(ana, url);
    expect(page.status).toBe(503);
    expect(page.text).toContain('about 40 minutes');
    expect(heard).toMatchObject([{ kind: 'failed', problem: 'limited', retryAfterMs: 2_400_000 }]);
    const pause = await house.store.spotifyPause();
    expect(pause?.why).toBe('limited');
    expect(pause?.until).toBeGreaterThan(house.spotify.clock.now() + 2_390_000);
    const next = await house.invites(ANA);
    const refused = await house.goesOn(ana, next.url);
    expect(refused.status).toBe(503);
    expect(refused.text).toContain('was not used up');
    house.spotify.clock.advance(2_400_000);
    expect((await house.linksWith(ana, (await house.invites(ANA)).url)).text).toContain('That worked');
  });

  it('does not cut a longer rest short', async () => {
    await open();
    const until = house.spotify.clock.now() + 86_400_000;
    const { url } = await house.invites(ANA);
    const consent = await house.goesOn(ana, url);
    await house.store.saveSpotifyPause({ until, why: 'quota' });
    house.spotify.blocks(60);
    expect((await ana.decidesOn(consent, 'agree')).status).toBe(503);
    expect(await house.store.spotifyPause()).toEqual({ until, why: 'quota' });
  });

  it('is its bad day, not ours', async () => {
    await open();
    house.spotify.faults.failNext('GET /me', 502);
    const { url, heard } = await house.invites(ANA);
    const page = await house.linksWith(ana, url);
    expect(page.status).toBe(502);
    expect(heard).toEqual([{ kind: 'failed', problem: 'unavailable' }]);
  });

  it('is a wrong secret, which is the operator’s to mend', async () => {
    await open({ secret: true });
    const { url, heard } = await house.invites(ANA);
    const page = await house.goesOn(ana, url);
    Object.assign(house.spotify.app, { clientSecret: 'another' });
    const end = await ana.decidesOn(page, 'agree');
    expect(end.status).toBe(500);
    expect(end.text).toContain('SPOTIFY_CLIENT_SECRET');
    expect(heard).toEqual([{ kind: 'failed', problem: 'client' }]);
  });
});
