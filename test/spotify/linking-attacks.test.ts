import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MINUTE } from '../support/spotify/clock.ts';
import type { Person } from '../support/spotify/person.ts';
import { type House, openHouse } from './linking-house.ts';

let house: House;
let ana: Person;
let mallory: Person;

beforeEach(async () => {
  house = await openHouse();
  ana = house.spotify.account('Ana');
  mallory = house.spotify.account('Mallory');
});

afterEach(async () => {
  const log = house.lines.join('');
  for (const secret of house.spotify.secrets) expect(log).not.toContain(secret);
  expect(log).not.toMatch(/spotify\/link\/|state=|code=/);
  await house.close();
});

const ANA = 'discord:ana';
const linked = () => house.store.spotifyLinks();

/** Stops before the last step: the address with which Spotify sends the browser back. */
async function wayBack(person: Person, url: string): Promise<URL> {
  const { port } = new URL(house.url);
  const page = await house.goesOn(person, url);
  // The way back is held up by a browser that reaches nobody here.
  person.browser.cuts(`127.0.0.1:${port}`);
  const { url: back } = await person.decidesOn(page, 'agree');
  person.browser.cuts(undefined);
  expect(back.pathname).toBe('/spotify/callback');
  return back;
}

describe('a one-time address', () => {
  it('is not used up by looking at it, however often: chat programs fetch previews', async () => {
    const { url } = await house.invites(ANA);
    for (let look = 0; look < 3; look++) {
      const page = await house.newBrowser().get(url);
      expect(page.status).toBe(200);
      expect(page.text).toContain('Continue to Spotify');
      const head = await fetch(url, { method: 'HEAD' });
      expect(head.status).toBe(200);
    }
    expect(house.spotify.requests).toEqual([]);
    expect((await house.linksWith(ana, url)).text).toContain('That worked');
  });

  it('says whose it is, so that nobody links their account to somebody else by mistake', async () => {
    const { text } = await house.newBrowser().get((await house.invites(ANA)).url);
    expect(text).toContain('<strong>ana</strong> on Discord');
    expect(text).toContain('Not you?');
  });

  it('works for one browser: the one that went on first', async () => {
    const { url } = await house.invites(ANA);
    await house.goesOn(ana, url);
    const second = await house.goesOn(mallory, url);
    expect(second.status).toBe(410);
    expect(second.text).toContain('used already');
  });

  it('bears a double click, and going back', async () => {
    const { url } = await house.invites(ANA);
    await ana.browser.get(url);
    const [one, two] = await Promise.all([ana.browser.submit(url), ana.browser.submit(url)]);
    expect([one.status, two.status]).toEqual([200, 200]);
    expect((await ana.decidesOn(two, 'agree')).text).toContain('That worked');
  });

  it('is over when it has served', async () => {
    const { url } = await house.invites(ANA);
    await house.linksWith(ana, url);
    expect((await ana.browser.get(url)).status).toBe(410);
    expect((await ana.browser.submit(url)).status).toBe(410);
    await house.restarts();
    expect((await ana.browser.submit(url)).status).toBe(410);
  });

  it('ends after ten minutes', async () => {
    const { url } = await house.invites(ANA);
    house.spotify.clock.advance(10 * MINUTE);
    const page = await ana.browser.get(url);
    expect(page.status).toBe(410);
    expect(page.text).toContain('took too long');
    expect((await ana.browser.submit(url)).status).toBe(410);
  });

  it.each([
    ['cut off', (url: string) => url.slice(0, -3)],
    ['changed', (url: string) => url.replace(/link\/(...)/, 'link/AAA')],
    ['invented', (url: string) => url.replace(/link\/.*/, `link/${'x'.repeat(40)}.${'y'.repeat(43)}`)],
    ['a script', (url: string) => url.replace(/link\/.*/, 'link/%3Cscript%3Ealert(1)%3C%2Fscript%3E')],
    ['endless', (url: string) => `${url}${'A'.repeat(5000)}`],
    ['broken', (url: string) => url.replace(/link\/.*/, 'link/%E0%A4%A')],
  ])('is none when it is %s', async (_, change) => {
    const url = change((await house.invites(ANA)).url);
    const page = await ana.browser.get(url);
    expect(page.status).toBe(400);
    expect(page.text).not.toContain('<script');
    await ana.browser.get((await house.invites(ANA)).url);
    expect((await ana.browser.submit(url)).status).toBe(400);
  });

  it('is not begun by another site’s form', async () => {
    const { url } = await house.invites(ANA);
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    });
    expect(answer.status).toBe(403);
  });

  it('is not begun without a cookie: nobody could finish it', async () => {
    const { url } = await house.invites(ANA);
    const page = await house.newBrowser().submit(url);
    expect(page.status).toBe(400);
    expect(page.text).toContain('keeps no cookies');
    expect((await house.linksWith(ana, url)).text).toContain('That worked');
  });

  it('of somebody who had everything deleted links nobody', async () => {
    const { url, heard } = await house.invites(ANA);
    const consent = await house.goesOn(ana, url);
    await house.store.deleteMember(await house.memberId(ANA));
    await house.memberId(ANA);
    const page = await ana.decidesOn(consent, 'agree');
    expect(page.status).toBe(410);
    expect(heard).toEqual([{ kind: 'failed', problem: 'stranger' }]);
    expect(await linked()).toEqual([]);
  });
});

describe('the way back from Spotify', () => {
  it('counts once', async () => {
    const { url } = await house.invites(ANA);
    const back = await wayBack(ana, url);
    expect((await ana.browser.get(back)).text).toContain('That worked');
    const again = await ana.browser.get(back);
    expect(again.status).toBe(410);
    expect(again.text).toContain('used already');
    await house.restarts();
    expect((await ana.browser.get(back)).status).toBe(410);
    expect(house.spotify.counts()['POST /api/token']).toBe(1);
  });

  it('is of no use in another browser, to whom it was shown or who stole the code', async () => {
    const { url } = await house.invites(ANA);
    const back = await wayBack(ana, url);
    const bare = await house.newBrowser().get(back);
    expect(bare.status).toBe(403);
    // Mallory is in the middle of linking as well.
    const own = await house.invites('discord:mallory');
    const ownBack = await wayBack(mallory, own.url);
    expect((await mallory.browser.get(back)).status).toBe(403);
    const mixed = new URL(ownBack);
    mixed.searchParams.set('code', back.searchParams.get('code') ?? '');
    const page = await mallory.browser.get(mixed);
    expect(page.status).toBe(400);
    expect(own.heard).toEqual([{ kind: 'failed', problem: 'refused' }]);
    expect(await linked()).toEqual([]);
    // Nothing of it keeps Ana from going on, but for the code, which Spotify may have burnt.
    expect((await ana.browser.get(back)).status).toBe(200);
  });

  it('with one’s own code does not link somebody else: a victim brings no cookie of the attacker’s', async () => {
    const { url } = await house.invites('discord:mallory');
    const back = await wayBack(mallory, url);
    const victim = await house.invites(ANA);
    await house.goesOn(ana, victim.url);
    expect((await ana.browser.get(back)).status).toBe(403);
    expect(await linked()).toEqual([]);
  });

  it('ends with its state, after ten minutes', async () => {
    const { url } = await house.invites(ANA);
    const back = await wayBack(ana, url);
    house.spotify.clock.advance(10 * MINUTE);
    const page = await ana.browser.get(back);
    expect(page.status).toBe(410);
    expect(page.text).toContain('took too long');
    expect(house.spotify.counts()['POST /api/token']).toBeUndefined();
  });

  it.each([
    ['no state', 'code=x'],
    ['an invented state', 'code=x&state=abc.def.ghi'],
    ['a state that is no text', 'code=x&state=%00%ff'],
    ['nothing', ''],
    ['a very long one', `code=x&state=${'a'.repeat(3000)}.b.c`],
  ])('is nothing with %s', async (_, query) => {
    await house.goesOn(ana, (await house.invites(ANA)).url);
    const page = await ana.browser.get(`${house.url}/spotify/callback?${query}`);
    expect(page.status).toBe(400);
    expect(page.text).toContain('not an address of mine');
  });

  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "javascript:alert('1')",
    'access_denied<svg onload=alert(1)>',
  ])('repeats nothing of an error like %s', async (error) => {
    const { url, heard } = await house.invites(ANA);
    const back = await wayBack(ana, url);
    back.searchParams.delete('code');
    back.searchParams.set('error', error);
    back.searchParams.set('error_description', error);
    const page = await ana.browser.get(back);
    expect(page.status).toBe(400);
    expect(page.text).not.toContain('alert');
    expect(heard).toEqual([{ kind: 'failed', problem: 'refused' }]);
    expect(house.lines.join('')).not.toContain('alert(1)');
  });

  it('leads nowhere but to the result, whatever the address asks for', async () => {
    const { url } = await house.invites(ANA);
    const back = await wayBack(ana, url);
    for (const name of ['next', 'redirect_uri', 'return', 'continue', 'url'])
      back.searchParams.set(name, 'https://evil.example/');
    const page = await ana.browser.get(back);
    expect(page.url.href).toBe(`${house.url}/spotify/result`);
    expect(page.text).not.toContain('evil.example');
  });

  it('leaves no code in the address, and shows the result again when the page is loaded again', async () => {
    const page = await house.linksWith(ana, (await house.invites(ANA)).url);
    expect(page.url.search).toBe('');
    expect((await ana.browser.get(page.url)).text).toContain('That worked');
    expect((await house.newBrowser().get(page.url)).status).toBe(404);
    house.spotify.clock.advance(10 * MINUTE);
    expect((await ana.browser.get(page.url)).status).toBe(404);
  });
});

describe('every page', () => {
  it('is kept by nobody, framed by nobody, and lets forms go to Spotify alone', async () => {
    const { url } = await house.invites(ANA);
    const answer = await fetch(url);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('referrer-policy')).toBe('same-origin');
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain(`form-action 'self' ${house.spotify.accountsUrl};`);
    expect(policy).toContain("default-src 'none'");
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^reactune-link=[\w-]{32}; /);
    for (const part of ['HttpOnly', 'SameSite=Lax', 'Path=/spotify', 'Max-Age=3600'])
      expect(cookie).toContain(part);
    // Only these pages: everybody else's forms stay here.
    const health = await fetch(`${house.url}/health`);
    expect(health.headers.get('content-security-policy')).toContain("form-action 'self';");
  });

  it('has its style and its picture, also without the room', async () => {
    const style = await fetch(`${house.url}/spotify/page.css`);
    expect(style.headers.get('content-type')).toContain('text/css');
    expect(await style.text()).toContain('.login-card');
    const logo = await fetch(`${house.url}/spotify/logo.svg`);
    expect(logo.headers.get('content-type')).toBe('image/svg+xml');
    expect(await logo.text()).toContain('<svg');
  });

  it('behind a proxy is reached at the public address alone, and its cookie travels over https only', async () => {
    const behind = await openHouse({ publicUrl: 'https://reactune.example.org/bot' });
    const { url } = await behind.invites(ANA);
    expect(url).toMatch(/^https:\/\/reactune\.example\.org\/bot\/spotify\/link\//);
    // What the proxy would ask for.
    const address = `${behind.url}${new URL(url).pathname.replace('/bot', '')}`;
    const page = await fetch(address);
    const text = await page.text();
    expect(text).toContain(`action="${new URL(url).pathname}"`);
    expect(text).toContain('href="/bot/spotify/page.css"');
    const [cookie = ''] = page.headers.getSetCookie();
    for (const part of ['Secure', 'HttpOnly', 'Path=/bot/spotify']) expect(cookie).toContain(part);
    const on = await fetch(address, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: cookie.split(';')[0] ?? '', origin: 'https://reactune.example.org' },
    });
    expect(on.status).toBe(303);
    const to = new URL(on.headers.get('location') ?? '');
    expect(to.searchParams.get('redirect_uri')).toBe('https://reactune.example.org/bot/spotify/callback');
    await behind.close();
  });

  it('that does not exist is one of ours, too', async () => {
    const page = await ana.browser.get(`${house.url}/spotify/nothing`);
    expect(page.status).toBe(404);
    expect(page.text).toContain('Nothing to see here');
  });

  it('shows names as they are, and nothing in them is markup', async () => {
    const rogue = house.spotify.account('<b onclick=alert(1)>*Rogue*</b>');
    const { url, heard } = await house.invites(ANA);
    const page = await house.linksWith(rogue, url);
    expect(page.text).not.toContain('<b onclick');
    expect(page.text).toContain('&lt;b onclick');
    expect(heard).toMatchObject([{ kind: 'linked' }]);
  });
});
