import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CODE_LIVES_MS } from './accounts/authorize.ts';
import { whyNotRegistrable } from './accounts/redirect-uri.ts';
import { ask, askToken, authorizeUrl, pkcePair, REDIRECT, signIn } from './ask.ts';
import { addMonths, DAY, HOUR } from './clock.ts';
import type { Person } from './person.ts';
import { openSpotify, type Spotify } from './spotify.ts';

let spotify: Spotify;
let ana: Person;

beforeEach(async () => {
  spotify = await openSpotify();
  ana = spotify.account('ana');
});

afterEach(() => spotify.close());

const refresh = (token: string, clientId = spotify.app.clientId) =>
  askToken(spotify, { grant_type: 'refresh_token', refresh_token: token, client_id: clientId });

describe('the consent page', () => {
  it('asks who is there, then what may be done, and sends back a code and the state', async () => {
    const url = authorizeUrl(spotify, { scope: 'playlist-modify-private ugc-image-upload' });
    const login = await ana.browser.get(url);
    expect(login.text).toContain('Continue as ana');
    const consent = await ana.browser.click(login, 'account', ana.account.id);
    expect(consent.text).toContain('<li>playlist-modify-private</li><li>ugc-image-upload</li>');
    const arrival = await ana.browser.click(consent, 'decision', 'agree');
    expect(arrival.url.origin + arrival.url.pathname).toBe(REDIRECT);
    expect(Object.fromEntries(arrival.url.searchParams)).toEqual({
      code: expect.stringMatching(/^AQ[\w-]{80}$/),
      state: 'a state',
    });
  });

  it('sends back a refusal', async () => {
    const arrival = await ana.declines(authorizeUrl(spotify, { state: 'a&b=c' }));
    expect(Object.fromEntries(arrival.url.searchParams)).toEqual({ error: 'access_denied', state: 'a&b=c' });
  });

  it('is skipped for who agreed before, unless the app wants it or asks for more', async () => {
    await ana.consents(authorizeUrl(spotify, { scope: 'user-top-read' }));
    const again = await ana.browser.get(authorizeUrl(spotify, { scope: 'user-top-read' }));
    expect(again.url.searchParams.get('code')).toBeTruthy();
    for (const more of [{ show_dialog: 'true' }, { scope: 'user-top-read user-library-read' }]) {
      const asked = await ana.browser.get(authorizeUrl(spotify, { scope: 'user-top-read', ...more }));
      expect(asked.text).toContain('Agree');
    }
    ana.revokes();
    const revoked = await ana.browser.get(authorizeUrl(spotify, { scope: 'user-top-read' }));
    expect(revoked.text).toContain('Agree');
  });

  it('sends nobody to an address that is not registered', async () => {
    for (const redirect_uri of [
      'https://evil.example/callback',
      'http://127.0.0.1:4567/spotify/callback/',
      'http://127.0.0.1:4567/spotify/callback?next=/',
      'http://127.0.0.1.evil.example/spotify/callback',
      'http://127.0.0.1@evil.example/spotify/callback',
      'http://localhost:4567/spotify/callback',
      'http://[::1]:4567/spotify/callback',
      undefined,
    ]) {
      const arrival = await ana.consents(authorizeUrl(spotify, { redirect_uri }));
      expect([redirect_uri, arrival.status]).toEqual([redirect_uri, 400]);
      expect(arrival.text).toMatch(/INVALID_CLIENT: (Invalid|Insecure) redirect URI/);
    }
    const unknown = await ana.consents(authorizeUrl(spotify, { client_id: 'nobody' }));
    expect(unknown.text).toContain('INVALID_CLIENT: Invalid client');
  });

  it('takes any port for a loopback address registered without one, and only that port for one with', async () => {
    const app = spotify.registers('Fixed', {
      redirectUris: ['http://[::1]:8080/cb', 'https://bot.example/cb'],
    });
    const at = async (redirect_uri: string) =>
      (await ana.browser.get(authorizeUrl(spotify, { client_id: app.clientId, redirect_uri }))).status;
    expect(await at('http://[::1]:8080/cb')).toBe(200);
    expect(await at('http://[::1]:8081/cb')).toBe(400);
    expect(await at('https://bot.example/cb')).toBe(200);
    expect(await at('https://bot.example:8443/cb')).toBe(400);
    expect(
      (await ana.browser.get(authorizeUrl(spotify, { redirect_uri: 'http://127.0.0.1/spotify/callback' })))
        .status,
    ).toBe(200);
  });

  it('says where a request is wrong', async () => {
    const wrong: [Record<string, string | undefined>, string][] = [
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ scope: 'playlist-modify-private everything' }, 'invalid_scope'],
      [{ code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }, 'invalid_request'],
      [{ code_challenge: 'x'.repeat(43) }, 'invalid_request'],
      [{ code_challenge: 'short', code_challenge_method: 'S256' }, 'invalid_request'],
    ];
    for (const [changes, error] of wrong) {
      const arrival = await ana.consents(authorizeUrl(spotify, changes));
      expect(Object.fromEntries(arrival.url.searchParams)).toEqual({ error, state: 'a state' });
    }
  });

  it('cannot be decided twice, or by somebody else', async () => {
    const ben = spotify.account('ben');
    const url = authorizeUrl(spotify, { show_dialog: 'true' });
    await ana.consents(url);
    await ben.consents(url);
    const page = await ana.browser.get(url);
    expect((await ben.browser.click(page, 'decision', 'agree')).status).toBe(400);
    expect((await ana.browser.click(page, 'decision', 'agree')).status).toBe(400);
  });

  it('remembers a parameter that Spotify does not know', async () => {
    await ana.browser.get(`${authorizeUrl(spotify)}&scopes=user-top-read&state=twice`);
    expect(spotify.violations).toEqual([
      'GET /authorize: state is given twice',
      'GET /authorize: Spotify knows no parameter scopes',
    ]);
    await expect(spotify.close()).rejects.toThrow('Spotify knows no parameter scopes');
    spotify = await openSpotify();
  });
});

describe('the dashboard', () => {
  it('registers https and loopback literals alone', () => {
    const refused: Record<string, string> = {
      'http://localhost:3000/callback': 'localhost',
      'https://localhost/callback': 'localhost',
      'http://bot.example/callback': 'not secure',
      'http://127.0.0.1/my-callback': 'hyphen',
      'https://bot.example/#callback': 'fragment',
      'myapp://callback': 'neither https nor http',
      callback: 'no address',
    };
    for (const [address, why] of Object.entries(refused)) expect(whyNotRegistrable(address)).toContain(why);
    for (const address of ['https://bot.example/a-b', 'http://127.0.0.1/cb', 'http://[::1]:3000/cb'])
      expect(whyNotRegistrable(address)).toBeUndefined();
    expect(() => spotify.registers('X', { redirectUris: ['http://localhost/cb'] })).toThrow('use 127.0.0.1');
  });

  it('lists five people', () => {
    for (const name of ['ben', 'cleo', 'dan', 'eve']) spotify.account(name);
    expect(() => spotify.account('fay')).toThrow('five people');
    expect(spotify.account('gil', { allowed: false }).name).toBe('gil');
  });
});

describe('a code', () => {
  const { verifier, challenge } = pkcePair();

  async function code(changes: Record<string, string | undefined> = {}): Promise<string> {
    const url = authorizeUrl(spotify, {
      scope: 'user-top-read',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...changes,
    });
    return (await ana.consents(url)).url.searchParams.get('code') ?? '';
  }

  const form = (given: string, changes: Record<string, string> = {}) => ({
    grant_type: 'authorization_code',
    code: given,
    redirect_uri: REDIRECT,
    client_id: spotify.app.clientId,
    code_verifier: verifier,
    ...changes,
  });

  it('becomes tokens once', async () => {
    const given = await code();
    const first = await askToken(spotify, form(given));
    expect(first).toMatchObject({
      status: 200,
      body: {
        access_token: expect.stringMatching(/^BQ/),
        token_type: 'Bearer',
        expires_in: 3600,
        refresh_token: expect.stringMatching(/^AQ/),
        scope: 'user-top-read',
      },
    });
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(await askToken(spotify, form(given))).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Invalid authorization code' },
    });
  });

  it('is worth nothing with a wrong verifier, another address, another app, or too late', async () => {
    const other = spotify.registers('Other', { redirectUris: ['http://127.0.0.1/spotify/callback'] });
    const wrong: [Record<string, string>, string][] = [
      [{ code_verifier: pkcePair().verifier }, 'code_verifier was incorrect'],
      [{ code_verifier: 'short' }, 'code_verifier was incorrect'],
      [{ redirect_uri: 'http://127.0.0.1:9999/spotify/callback' }, 'Invalid redirect URI'],
      [{ client_id: other.clientId }, 'Invalid authorization code'],
    ];
    for (const [changes, error_description] of wrong)
      expect((await askToken(spotify, form(await code(), changes))).body).toEqual({
        error: 'invalid_grant',
        error_description,
      });
    const late = await code();
    spotify.clock.advance(CODE_LIVES_MS);
    expect((await askToken(spotify, form(late))).body.error_description).toBe('Authorization code expired');
    const { code_verifier: _, ...without } = form(await code());
    expect((await askToken(spotify, without)).body.error).toBe('invalid_request');
  });

  it('needs the secret where there was no challenge', async () => {
    const bare = { code_challenge: undefined, code_challenge_method: undefined };
    const { code_verifier: _, ...plain } = form(await code(bare));
    expect((await askToken(spotify, plain)).body.error).toBe('invalid_client');
    expect((await askToken(spotify, plain, spotify.app)).status).toBe(200);
  });

  it('is not exchanged for a wrong secret, nor by JSON', async () => {
    const given = await code();
    const wrong = { ...spotify.app, clientSecret: 'guessed' };
    expect((await askToken(spotify, form(given), wrong)).body.error).toBe('invalid_client');
    const json = await fetch(`${spotify.accountsUrl}/api/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(form(given)),
    });
    expect(json.status).toBe(415);
    expect((await askToken(spotify, { grant_type: 'password' })).body.error).toBe('unsupported_grant_type');
  });
});

describe('a refresh token', () => {
  it('of a client without a secret is used up by refreshing', async () => {
    const { refresh: first } = await signIn(spotify, ana);
    const second = await refresh(first);
    expect(second.body.refresh_token).not.toBe(first);
    expect((await refresh(first)).body).toEqual({
      error: 'invalid_grant',
      error_description: 'Refresh token revoked',
    });
    expect((await refresh(second.body.refresh_token)).status).toBe(200);
  });

  it('stays where Spotify does not rotate, as since July 2026', async () => {
    await spotify.close();
    spotify = await openSpotify({ rotation: false });
    const { refresh: token } = await signIn(spotify, spotify.account('ana'));
    expect((await refresh(token)).body.refresh_token).toBeUndefined();
    expect((await refresh(token)).status).toBe(200);
  });

  it('of a client with a secret stays, and wants the secret', async () => {
    const { refresh: token } = await signIn(spotify, ana, 'user-top-read', true);
    expect((await refresh(token)).body.error).toBe('invalid_client');
    const form = { grant_type: 'refresh_token', refresh_token: token };
    const refreshed = await askToken(spotify, form, spotify.app);
    expect(refreshed.status).toBe(200);
    expect(refreshed.body.refresh_token).toBeUndefined();
    expect((await askToken(spotify, form, spotify.app)).status).toBe(200);
  });

  it('ends six months after the consent, however often it is used', async () => {
    let { refresh: token } = await signIn(spotify, ana);
    const end = addMonths(spotify.clock.now(), 6);
    while (spotify.clock.now() + 30 * DAY < end) {
      spotify.clock.advance(30 * DAY);
      token = (await refresh(token)).body.refresh_token;
    }
    spotify.clock.advance(end - spotify.clock.now());
    expect((await refresh(token)).body.error).toBe('invalid_grant');
    const again = await signIn(spotify, ana);
    expect((await refresh(again.refresh)).status).toBe(200);
  });

  it('ends when its person revokes the app or closes the account', async () => {
    const { access, refresh: token } = await signIn(spotify, ana);
    ana.revokes();
    expect((await refresh(token)).body.error_description).toBe('Refresh token revoked');
    expect((await ask(spotify, access, 'GET', '/me')).status).toBe(401);
    const again = await signIn(spotify, ana);
    ana.closes();
    expect((await refresh(again.refresh)).body.error).toBe('invalid_grant');
    expect((await ask(spotify, again.access, 'GET', '/me')).status).toBe(401);
  });

  it('is no use to another app', async () => {
    const other = spotify.registers('Other', { redirectUris: ['https://other.example/cb'] });
    const { refresh: token } = await signIn(spotify, ana);
    expect((await refresh(token, other.clientId)).body.error_description).toBe('Invalid refresh token');
  });
});

describe('an access token', () => {
  it('lives for an hour', async () => {
    const { access } = await signIn(spotify, ana);
    spotify.clock.advance(HOUR - 1000);
    expect((await ask(spotify, access, 'GET', '/me')).status).toBe(200);
    spotify.clock.advance(1000);
    expect(await ask(spotify, access, 'GET', '/me')).toMatchObject({
      status: 401,
      body: { error: { status: 401, message: 'The access token expired' } },
    });
  });
});

it('counts months as people do', () => {
  const at = (text: string) => Date.parse(text);
  expect(addMonths(at('2026-08-31T10:00:00Z'), 6)).toBe(at('2027-02-28T10:00:00Z'));
  expect(addMonths(at('2026-07-20T10:00:00Z'), 6)).toBe(at('2027-01-20T10:00:00Z'));
});
