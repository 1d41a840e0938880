import { randomBytes } from 'node:crypto';
import { OAuth2Server } from 'oauth2-mock-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Accounts, authorizeUrl, createAccounts } from '../../src/spotify/accounts.ts';
import { openLibrary } from '../../src/spotify/library.ts';
import { createLinkState, pkceFor, sealState } from '../../src/spotify/link.ts';
import { SpotifyError } from '../../src/spotify/problem.ts';
import { Browser } from '../support/spotify/browser.ts';
import { HOUR } from '../support/spotify/clock.ts';
import { openSpotify } from '../support/spotify/spotify.ts';
import { openHouse } from './linking-house.ts';

const redirectUri = 'http://127.0.0.1:4567/spotify/callback';
const key = randomBytes(32);

/** An authorization server: ours, or one that somebody else wrote. */
interface Authority {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** A person agrees at an address; where they are sent. */
  agrees(address: string): Promise<URL>;
  close(): Promise<void>;
}

async function spotify(): Promise<Authority> {
  const server = await openSpotify();
  const ana = server.account('ana');
  return {
    ...server.app,
    url: server.accountsUrl,
    agrees: async (address) => (await ana.consents(address)).url,
    close: () => server.close(),
  };
}

/** `oauth2-mock-server` lets everybody in without a question. */
async function independent(): Promise<Authority> {
  const server = new OAuth2Server(undefined, undefined, { endpoints: { token: '/api/token' } });
  await server.issuer.keys.generate('RS256');
  await server.start(0, '127.0.0.1');
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    clientId: 'reactune',
    clientSecret: 'anything',
    agrees: async (address) => (await new Browser().get(address)).url,
    close: () => server.stop(),
  };
}

describe.each([
  ['our Spotify server', spotify],
  ['an independent OAuth server', independent],
])('linking at %s', (_, start) => {
  let authority: Authority;
  let accounts: Accounts;

  beforeEach(async () => {
    authority = await start();
    const library = openLibrary({ apiUrl: authority.url, accountsUrl: authority.url, timeoutMs: 5000 });
    accounts = createAccounts(library, { clientId: authority.clientId });
  });

  afterEach(() => authority.close());

  async function consent() {
    const state = createLinkState('discord:1', Date.now());
    const pkce = pkceFor(key, state);
    const sealed = sealState(key, state, 'a browser');
    const wish = { redirectUri, state: sealed, challenge: pkce.challenge, scopes: ['user-top-read'] };
    const back = await authority.agrees(authorizeUrl(authority.url, authority, wish));
    return { back, sealed, code: back.searchParams.get('code') ?? '', verifier: pkce.verifier };
  }

  it('comes back with the state as it was, and nothing but a code beside it', async () => {
    const { back, sealed } = await consent();
    expect(back.origin + back.pathname).toBe(redirectUri);
    expect(back.searchParams.get('state')).toBe(sealed);
    expect([...back.searchParams.keys()].sort()).toEqual(['code', 'state']);
  });

  it('gives tokens for the code and its verifier', async () => {
    const { code, verifier } = await consent();
    const tokens = await accounts.exchangeCode({ code, verifier, redirectUri });
    expect(tokens.accessToken).not.toBe('');
    expect(tokens.expiresAt).toBeGreaterThan(Date.now() + 3_500_000);
    const refreshed = await accounts.refresh(tokens.refreshToken);
    expect(refreshed.accessToken).not.toBe('');
    expect(refreshed.refreshToken).not.toBe(tokens.refreshToken);
  });

  it('gives them to a client with a secret as well', async () => {
    const library = openLibrary({ apiUrl: authority.url, accountsUrl: authority.url, timeoutMs: 5000 });
    const { clientId, clientSecret } = authority;
    const proven = createAccounts(library, { clientId, clientSecret });
    const { code, verifier } = await consent();
    const { refreshToken } = await proven.exchangeCode({ code, verifier, redirectUri });
    expect((await proven.refresh(refreshToken)).accessToken).not.toBe('');
  });

  it('gives nothing for a wrong verifier, nor for a code that was used', async () => {
    const first = await consent();
    const { verifier } = await consent();
    await expect(accounts.exchangeCode({ code: first.code, verifier, redirectUri })).rejects.toThrow(
      SpotifyError,
    );
    const second = await consent();
    await accounts.exchangeCode({ ...second, redirectUri });
    await expect(accounts.exchangeCode({ ...second, redirectUri })).rejects.toThrow(SpotifyError);
  });
});

it('a member links through an independent OAuth server, from the one-time address to the result', async () => {
  const server = new OAuth2Server(undefined, undefined, { endpoints: { token: '/api/token' } });
  await server.issuer.keys.generate('RS256');
  await server.start(0, '127.0.0.1');
  const house = await openHouse({ accountsUrl: `http://127.0.0.1:${server.address().port}` });
  const ana = house.spotify.account('Ana');
  const { world, app } = house.spotify;
  // What it gives out opens Ana's account; which scopes she agreed to it does not say.
  server.service.on('beforeResponse', ({ body }: { body: Record<string, unknown> }) => {
    delete body.scope;
    world.accessTokens.set(String(body.access_token), {
      grant: {
        app,
        account: ana.account,
        scopes: new Set(['playlist-modify-private']),
        authorizedAt: Date.now(),
        publicClient: true,
        revoked: false,
      },
      expiresAt: Date.now() + HOUR,
    });
  });
  const { url, heard } = await house.invites('discord:ana');
  const page = await house.goesOn(ana, url);
  expect(page.text).toContain('That worked');
  expect(heard).toMatchObject([{ kind: 'linked', name: 'Ana' }]);
  await house.close();
  await server.stop();
});
