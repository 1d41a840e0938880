import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Accounts,
  authorizeUrl,
  createAccounts,
  PLAYLIST_SCOPES,
  type SpotifyClient,
  TASTE_SCOPES,
} from '../../src/spotify/accounts.ts';
import { openLibrary } from '../../src/spotify/library.ts';
import {
  createBrowserSecret,
  createLinkState,
  openState,
  pkceFor,
  sealState,
} from '../../src/spotify/link.ts';
import { SpotifyError, type SpotifyProblem } from '../../src/spotify/problem.ts';
import { createWebApi } from '../../src/spotify/web-api.ts';
import { addMonths, HOUR } from '../support/spotify/clock.ts';
import type { Person } from '../support/spotify/person.ts';
import { openSpotify, type Spotify, type SpotifyOptions } from '../support/spotify/spotify.ts';

const redirectUri = 'http://127.0.0.1:4567/spotify/callback';
const key = randomBytes(32);
const browser = createBrowserSecret();

let spotify: Spotify;
let ana: Person;
let client: SpotifyClient;
let accounts: Accounts;

async function open(options: SpotifyOptions = {}, withSecret = false): Promise<void> {
  spotify = await openSpotify(options);
  ana = spotify.account('ana');
  const { clientId, clientSecret } = spotify.app;
  client = withSecret ? { clientId, clientSecret } : { clientId };
  accounts = createAccounts(library(), client, () => spotify.clock.now());
}

function library(timeoutMs = 5000) {
  return openLibrary({ apiUrl: spotify.apiUrl, accountsUrl: spotify.accountsUrl, timeoutMs });
}

beforeEach(() => open());

afterEach(() => spotify.close());

/** The whole way through the browser and back to a code. */
async function consent(scopes: readonly string[] = PLAYLIST_SCOPES) {
  const state = createLinkState('discord:1', spotify.clock.now());
  const { verifier, challenge } = pkceFor(key, state);
  const sealed = sealState(key, state, browser);
  const url = authorizeUrl(spotify.accountsUrl, client, { redirectUri, state: sealed, challenge, scopes });
  const { searchParams } = (await ana.consents(url)).url;
  const back = openState(key, searchParams.get('state') ?? '', browser, spotify.clock.now());
  expect(back).toEqual({ ok: true, state });
  return { code: searchParams.get('code') ?? '', verifier, redirectUri };
}

async function problemOf(failing: Promise<unknown>): Promise<SpotifyProblem> {
  const error = await failing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SpotifyError)) throw new Error(`not a SpotifyError: ${String(error)}`);
  const told = JSON.stringify([error.message, error.stack, error, error.cause]);
  for (const secret of spotify.secrets) expect(told).not.toContain(secret);
  return error.problem;
}

describe('the address to agree at', () => {
  it('is encoded, whatever is in it', () => {
    const url = authorizeUrl('https://accounts.spotify.com', client, {
      redirectUri: 'https://bot.example/cb?a=1&b=2',
      state: 'a state & more=#',
      challenge: 'x'.repeat(43),
      scopes: TASTE_SCOPES,
    });
    expect(url).toContain('redirect_uri=https%3A%2F%2Fbot.example%2Fcb%3Fa%3D1%26b%3D2&');
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
      response_type: 'code',
      client_id: client.clientId,
      redirect_uri: 'https://bot.example/cb?a=1&b=2',
      state: 'a state & more=#',
      code_challenge_method: 'S256',
      code_challenge: 'x'.repeat(43),
      scope: 'user-library-read user-top-read',
    });
  });
});

describe.each([
  ['without a secret', false],
  ['with a secret', true],
])('linking %s', (_, withSecret) => {
  beforeEach(async () => {
    await spotify.close();
    await open({}, withSecret);
  });

  it('gives tokens that work', async () => {
    const tokens = await accounts.exchangeCode(await consent());
    expect(tokens).toMatchObject({
      expiresAt: expect.closeTo(spotify.clock.now() + HOUR, -4),
      scopes: PLAYLIST_SCOPES,
    });
    const { name } = await createWebApi(library()).me(tokens.accessToken);
    expect(name).toBe('ana');
  });

  it('refreshes, and says whether there is a new refresh token to keep', async () => {
    const first = await accounts.exchangeCode(await consent());
    spotify.clock.advance(HOUR);
    const second = await accounts.refresh(first.refreshToken);
    expect(second.accessToken).not.toBe(first.accessToken);
    if (withSecret) {
      expect(second.refreshToken).toBeUndefined();
      expect((await accounts.refresh(first.refreshToken)).accessToken).toBeTruthy();
    } else {
      expect(second.refreshToken).not.toBe(first.refreshToken);
      expect(await problemOf(accounts.refresh(first.refreshToken))).toEqual({ kind: 'revoked' });
      expect((await accounts.refresh(second.refreshToken ?? '')).accessToken).toBeTruthy();
    }
  });

  it('ends with the person’s will, the account, or after six months', async () => {
    const ends: (() => void)[] = [
      () => ana.revokes(),
      () => spotify.clock.advance(addMonths(spotify.clock.now(), 6) - spotify.clock.now()),
      () => ana.closes(),
    ];
    for (const end of ends) {
      const { refreshToken } = await accounts.exchangeCode(await consent());
      end();
      expect(await problemOf(accounts.refresh(refreshToken))).toEqual({ kind: 'revoked' });
    }
  });

  it('is refused to who stole the code, and to who comes twice', async () => {
    const given = await consent();
    const stolen = { ...given, verifier: pkceFor(key, { nonce: 'another' }).verifier };
    expect(await problemOf(accounts.exchangeCode(stolen))).toEqual({
      kind: 'refused',
      status: 400,
      reason: 'invalid_grant code_verifier was incorrect',
    });
    await accounts.exchangeCode(given);
    expect(await problemOf(accounts.exchangeCode(given))).toMatchObject({ kind: 'refused' });
  });
});

describe('a failure', () => {
  it('names wrong credentials', async () => {
    const { clientId } = spotify.app;
    const wrong = createAccounts(library(), { clientId, clientSecret: 'guessed' });
    expect(await problemOf(wrong.exchangeCode(await consent()))).toEqual({ kind: 'client' });
    const nobody = createAccounts(library(), { clientId: 'nobody' });
    expect(await problemOf(nobody.refresh('AQx'))).toEqual({ kind: 'client' });
  });

  it('of Spotify’s is told from one of the token', async () => {
    const { refreshToken } = await accounts.exchangeCode(await consent());
    const { faults } = spotify;
    faults.limitNext('/api/token', 3600);
    faults.limitPlainlyNext('/api/token', null);
    faults.failNext('/api/token', 503);
    faults.answerNext('/api/token', 400, 'null');
    faults.answerNext('/api/token', 200, '{"access_token":""}');
    faults.answerNext('/api/token', 200, '<html>', 'text/html');
    const problems = [];
    for (let index = 0; index < 6; index++) problems.push(await problemOf(accounts.refresh(refreshToken)));
    expect(problems).toEqual([
      { kind: 'limited', retryAfterMs: 3_600_000 },
      { kind: 'limited', retryAfterMs: 30_000 },
      { kind: 'unavailable', maybeDone: true, status: 503 },
      { kind: 'refused', status: 400, reason: 'unknown' },
      { kind: 'unavailable', maybeDone: true, status: 200 },
      { kind: 'unavailable', maybeDone: true, status: 200 },
    ]);
  });

  it('of the line leaves open whether the token is used up', async () => {
    const { refreshToken } = await accounts.exchangeCode(await consent());
    spotify.faults.killNext('before', '/api/token');
    expect(await problemOf(accounts.refresh(refreshToken))).toMatchObject({ maybeDone: true });
    spotify.faults.killNext('after', '/api/token');
    expect(await problemOf(accounts.refresh(refreshToken))).toMatchObject({ maybeDone: true });
    expect(await problemOf(accounts.refresh(refreshToken))).toEqual({ kind: 'revoked' });
    spotify.faults.hangNext('/api/token');
    const hurried = createAccounts(library(60), client);
    expect(await problemOf(hurried.refresh(refreshToken))).toMatchObject({ code: 'ECONNABORTED' });
  });
});
