import { rm } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../src/cli/doctor/check.ts';
import { spotifyCheck } from '../../src/cli/doctor/spotify.ts';
import { readConfig } from '../../src/config.ts';
import type { StoredSpotifyLink } from '../../src/domain/spotify.ts';
import { openSecrets } from '../../src/secrets/secrets.ts';
import { linkSeal } from '../../src/spotify/link-seal.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import { testFolder } from '../durable/lines.ts';
import { DAY, HOUR } from '../support/spotify/clock.ts';
import { openSpotify, type Spotify } from '../support/spotify/spotify.ts';

let spotify: Spotify;
let stateDir: string;

beforeEach(async () => {
  spotify = await openSpotify();
  stateDir = await testFolder();
});
afterEach(() => spotify.close());

type Env = Record<string, string>;

/** What the doctor says, one line for each finding. No line ever holds a secret. */
async function look(more: Env = {}): Promise<readonly string[]> {
  const env: Env = {
    ROOM: 'off',
    STATE_DIR: stateDir,
    SPOTIFY_CLIENT_ID: spotify.app.clientId,
    SPOTIFY_CLIENT_SECRET: spotify.app.clientSecret,
    SPOTIFY_API_URL: spotify.apiUrl,
    SPOTIFY_ACCOUNTS_URL: spotify.accountsUrl,
    ...more,
  };
  const findings: Finding[] = [];
  for await (const finding of spotifyCheck.run(readConfig(env))) findings.push(finding);
  const lines = findings.map(
    ({ mark, text, fix }) => `${mark}: ${text}${fix === undefined ? '' : ` → ${fix}`}`,
  );
  for (const secret of spotify.secrets) expect(lines.join('\n')).not.toContain(secret);
  return lines;
}
const wrongOf = (lines: readonly string[]) => lines.filter((line) => line.startsWith('wrong'));

async function withStore(fill: (store: Store) => Promise<void>): Promise<void> {
  const log = pino({ level: 'silent' });
  const store = await openLowdbStore({ dir: path.join(stateDir, 'store'), log, now: Date.now });
  await fill(store);
  await store.close();
}

async function linked(store: Store, owner: string, more: Partial<StoredSpotifyLink> = {}): Promise<void> {
  const secrets = await openSecrets({ stateDir, keys: [], sealed: [] });
  await store.saveSpotifyLink({
    owner,
    accountId: `account of ${owner}`,
    name: 'somebody',
    scopes: [],
    authorizedAt: Date.now() - DAY,
    sealed: await secrets.seal('a refresh token', linkSeal(owner)),
    ...more,
  });
}

test('says that it is off without a client ID', async () => {
  expect(await look({ SPOTIFY_CLIENT_ID: '', SPOTIFY_CLIENT_SECRET: '' })).toEqual([
    'note: off: there is no client ID → docs/spotify.md shows how to set it up',
  ]);
});

describe('the client', () => {
  test('is fine when Spotify takes it, and no account is touched to find out', async () => {
    const lines = await look();
    expect(wrongOf(lines)).toEqual([]);
    expect(lines).toContain('fine: SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET: Spotify takes them');
    expect(lines).toContain('fine: Clock: agrees with Spotify’s');
    expect(spotify.counts()).toEqual({ 'POST /api/token': 1 });
  });

  test('is known without a secret, too, and what that means is said', async () => {
    const lines = await look({ SPOTIFY_CLIENT_SECRET: '' });
    expect(wrongOf(lines)).toEqual([]);
    expect(lines).toContain('fine: SPOTIFY_CLIENT_ID: Spotify knows it');
    expect(lines.join('\n')).toContain('note: SPOTIFY_CLIENT_SECRET: not set');
  });

  test.each([
    ['a wrong secret', { SPOTIFY_CLIENT_SECRET: '0'.repeat(32) }],
    ['a wrong ID', { SPOTIFY_CLIENT_ID: '0'.repeat(32) }],
    ['a wrong ID and no secret', { SPOTIFY_CLIENT_ID: '0'.repeat(32), SPOTIFY_CLIENT_SECRET: '' }],
  ])('is wrong with %s', async (_, env) => {
    expect(wrongOf(await look(env))).toEqual([
      expect.stringMatching(/Spotify does not take (it|them) → copy anew/),
    ]);
  });

  test('is not blamed for Spotify’s bad days', async () => {
    spotify.faults.failNext('POST /api/token', 503);
    expect(wrongOf(await look())).toEqual([]);
    spotify.faults.limitNext('POST /api/token', 7200);
    expect((await look()).join('\n')).toContain('wants a rest for about 2 hours');
  });

  test('cannot be asked about when nobody answers', async () => {
    const lines = wrongOf(await look({ SPOTIFY_ACCOUNTS_URL: 'http://127.0.0.1:9' }));
    expect(lines).toEqual([
      expect.stringMatching(/cannot be reached at http:\/\/127\.0\.0\.1:9 \(ECONNREFUSED\)/),
    ]);
  });

  test('a clock that is off is said', async () => {
    const date = new Date(Date.now() + HOUR).toUTCString();
    spotify.faults.answerNext('POST /api/token', 200, '{}', 'application/json', 1, { date });
    expect(wrongOf(await look())).toEqual([expect.stringMatching(/60 minutes behind Spotify/)]);
  });
});

describe('the redirect address', () => {
  test.each([
    [{ PORT: '3000' }, 'http://127.0.0.1:3000/spotify/callback'],
    [{ PORT: '0' }, 'http://127.0.0.1/spotify/callback'],
    [{ HOST: '::1', PORT: '3000' }, 'http://[::1]:3000/spotify/callback'],
    [{ PUBLIC_URL: 'https://reactune.invalid/' }, 'https://reactune.invalid/spotify/callback'],
  ])('is shown exactly as it has to be registered: %o', async (env, address) => {
    const lines = (await look(env as Env)).join('\n');
    expect(lines).toContain(`note: Redirect address: ${address}.`);
    expect(lines.includes('for people on this machine only')).toBe(!('PUBLIC_URL' in env));
  });
});

describe('what is linked', () => {
  test('is counted against the five of development mode', async () => {
    await withStore(async (store) => {
      for (let i = 0; i < 6; i++) await linked(store, (await store.memberOf(`discord:${i}`)).id);
    });
    expect((await look()).join('\n')).toContain(
      'note: Linked members: 6, which takes an app with extended quota',
    );
  });

  test('and ends soon, or has ended, is said; so is a pause', async () => {
    await withStore(async (store) => {
      const [soon, over] = [(await store.memberOf('discord:1')).id, (await store.memberOf('discord:2')).id];
      await linked(store, soon, { authorizedAt: Date.now() - 175 * DAY });
      await linked(store, over, { endedAt: Date.now(), sealed: undefined });
      await store.saveSpotifyPause({ until: Date.now() + 2 * HOUR, why: 'limited' });
    });
    const lines = await look();
    expect(wrongOf(lines)).toEqual([]);
    for (const line of [
      'fine: Linked members: 1; an app in development mode serves 5',
      'note: Links that end within two weeks: 1; the members are reminded',
      'note: Links that have ended: 1; the members were told',
    ])
      expect(lines).toContain(line);
    expect(lines.join('\n')).toContain('wants a rest for about 2 hours: there were too many calls');
  });

  test('as the bot’s own account has to be there in shared mode', async () => {
    expect(wrongOf(await look({ SPOTIFY_SHARED: 'on' }))).toEqual([
      expect.stringMatching(/The bot’s own account: not linked → start the bot/),
    ]);
    await withStore((store) => linked(store, 'shared'));
    const lines = await look({ SPOTIFY_SHARED: 'on' });
    expect(wrongOf(lines)).toEqual([]);
    expect(lines.join('\n')).toContain('The bot’s own account: linked until');
  });

  test('must open with the key at hand', async () => {
    await withStore((store) => linked(store, 'shared'));
    expect(wrongOf(await look({ ENCRYPTION_KEY: '' }))).toEqual([]);
    await rm(path.join(stateDir, 'secret.key'));
    expect(wrongOf(await look())).toEqual([
      expect.stringMatching(/^wrong: Tokens: A secret was encrypted with the key/),
    ]);
  });
});
