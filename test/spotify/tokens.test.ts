import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSecrets } from '../../src/secrets/secrets.ts';
import { authorizeUrl, createAccounts, PLAYLIST_SCOPES } from '../../src/spotify/accounts.ts';
import { openLibrary } from '../../src/spotify/library.ts';
import { pkceFor } from '../../src/spotify/link.ts';
import { createLinkRecords } from '../../src/spotify/link-records.ts';
import { SpotifyError } from '../../src/spotify/problem.ts';
import type { Tokens } from '../../src/spotify/spotify.ts';
import { createTokens } from '../../src/spotify/tokens.ts';
import { createWebApi } from '../../src/spotify/web-api.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { HOUR, MINUTE } from '../support/spotify/clock.ts';
import type { Person } from '../support/spotify/person.ts';
import { openSpotify, type Spotify } from '../support/spotify/spotify.ts';

let spotify: Spotify;
let ana: Person;
let dir: string;
let store: Store;
let disk: FaultyFiles;
let owner: string;
let proven: boolean;
let lines: string[];

const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
const now = () => spotify.clock.now();

async function openStore(): Promise<void> {
  disk = new FaultyFiles();
  store = await openLowdbStore({ dir: path.join(dir, 'store'), log, now, files: disk.files });
}

function connect() {
  const library = openLibrary({ apiUrl: spotify.apiUrl, accountsUrl: spotify.accountsUrl, timeoutMs: 5000 });
  const { clientId, clientSecret } = spotify.app;
  const client = proven ? { clientId, clientSecret } : { clientId };
  return { accounts: createAccounts(library, client, now), webApi: createWebApi(library, now), client };
}

/**
 * What one process has: nothing in memory yet.
 * @param between happens when Spotify has refreshed a token, and before anybody knows
 */
async function keeper(between: () => Promise<void> = async () => {}): Promise<Tokens> {
  const { accounts } = connect();
  const secrets = await openSecrets({ stateDir: dir, keys: [], sealed: [] });
  return createTokens({
    records: createLinkRecords(store),
    secrets,
    accounts: {
      async refresh(token) {
        const fresh = await accounts.refresh(token);
        await between();
        return fresh;
      },
    },
    proven,
    log,
    now,
  });
}

/** Ana agrees, and what she gave is on the disk. */
async function link(tokens: Tokens): Promise<void> {
  const { accounts, webApi, client } = connect();
  const redirectUri = 'http://127.0.0.1:4567/spotify/callback';
  const { verifier, challenge } = pkceFor(new Uint8Array(32), { nonce: 'n' });
  const wish = { redirectUri, state: 's', challenge, scopes: PLAYLIST_SCOPES };
  const { url } = await ana.consents(authorizeUrl(spotify.accountsUrl, client, wish));
  const given = await accounts.exchangeCode({
    code: url.searchParams.get('code') ?? '',
    verifier,
    redirectUri,
  });
  const { accountId, name } = await webApi.me(given.accessToken);
  await tokens.keep({ owner, accountId, name, scopes: PLAYLIST_SCOPES, authorizedAt: now() }, given);
}

async function open(
  options: { readonly secret?: boolean; readonly rotation?: boolean } = {},
): Promise<Tokens> {
  proven = options.secret ?? false;
  spotify = await openSpotify({ rotation: options.rotation ?? true });
  ana = spotify.account('ana');
  await openStore();
  owner = (await store.memberOf('discord:ana')).id;
  const tokens = await keeper();
  await link(tokens);
  return tokens;
}

beforeEach(async () => {
  lines = [];
  dir = await mkdtemp(path.join(tmpdir(), 'reactune-tokens-'));
});

afterEach(async () => {
  await store.close();
  const written = await Promise.all(
    (await readdir(path.join(dir, 'store'))).map((name) => readFile(path.join(dir, 'store', name), 'utf8')),
  );
  // Neither the log nor any file of the store holds a key in the clear.
  for (const secret of spotify.secrets) expect(`${lines.join('')}${written.join('')}`).not.toContain(secret);
  await spotify.close();
  await rm(dir, { recursive: true, force: true });
});

const whoAmI = (tokens: Tokens) => tokens.use(owner, (token) => connect().webApi.me(token));
const refreshes = () =>
  spotify.requests.filter(
    ({ body }) => (body as { grant_type?: string } | undefined)?.grant_type === 'refresh_token',
  ).length;

async function problemOf(failing: Promise<unknown>): Promise<string> {
  const error = await failing.then(
    () => 'none',
    (reason: unknown) => reason,
  );
  return error instanceof SpotifyError ? error.problem.kind : String(error);
}

describe('access to a linked account', () => {
  it('needs no refresh at first, and one when the hour is nearly over', async () => {
    const tokens = await open();
    await whoAmI(tokens);
    spotify.clock.advance(HOUR - 2 * MINUTE);
    await whoAmI(tokens);
    expect(refreshes()).toBe(0);
    spotify.clock.advance(MINUTE + 1000);
    await whoAmI(tokens);
    await whoAmI(tokens);
    expect(refreshes()).toBe(1);
  });

  it.each([
    ['an app without a secret, whose tokens are used up', { rotation: true }],
    ['an app without a secret, whose tokens stay', { rotation: false }],
    ['an app with a secret', { secret: true }],
  ])('is refreshed once however many ask at once: %s', async (_, options) => {
    const tokens = await open(options);
    spotify.clock.advance(HOUR);
    const names = await Promise.all(Array.from({ length: 50 }, () => whoAmI(tokens)));
    expect(new Set(names.map(({ name }) => name))).toEqual(new Set(['ana']));
    expect(refreshes()).toBe(1);
    // What is on the disk is good for a new process.
    expect((await whoAmI(await keeper())).name).toBe('ana');
  });

  it('is tried again once when Spotify takes the token no more, refreshed once for fifty who hear that', async () => {
    const tokens = await open();
    for (const token of spotify.world.accessTokens.keys()) spotify.world.accessTokens.delete(token);
    const names = await Promise.all(Array.from({ length: 50 }, () => whoAmI(tokens)));
    expect(names).toHaveLength(50);
    expect(refreshes()).toBe(1);
  });

  it('does not go on for ever when Spotify takes no token at all', async () => {
    const tokens = await open({ secret: true });
    let runs = 0;
    const refused = tokens.use(owner, async () => {
      runs++;
      throw new SpotifyError('GET /v1/me', { kind: 'expired' });
    });
    expect(await problemOf(refused)).toBe('expired');
    expect(runs).toBe(2);
  });

  it.each([true, false])(
    'ends when the person takes it back, and that is noted (with a secret: %s)',
    async (secret) => {
      const tokens = await open({ secret });
      ana.revokes();
      expect(await problemOf(whoAmI(tokens))).toBe('revoked');
      const stored = await store.spotifyLink(owner);
      expect(stored?.endedAt).toBeDefined();
      expect(stored).not.toHaveProperty('sealed');
      const asked = spotify.requests.length;
      expect(await problemOf(whoAmI(tokens))).toBe('revoked');
      expect(spotify.requests).toHaveLength(asked);
      await link(tokens);
      expect((await whoAmI(tokens)).name).toBe('ana');
    },
  );

  it('is nobody’s without a link, and none is left when it is unlinked', async () => {
    const tokens = await open();
    expect(await problemOf(tokens.use('shared', async () => 1))).toBe('unlinked');
    await store.deleteSpotifyLink(owner);
    expect(await problemOf(whoAmI(tokens))).toBe('unlinked');
  });

  it('is not given up because Spotify has a bad moment', async () => {
    const tokens = await open();
    spotify.clock.advance(HOUR);
    spotify.faults.failNext('POST /api/token', 503);
    expect(await problemOf(whoAmI(tokens))).toBe('unavailable');
    expect((await whoAmI(tokens)).name).toBe('ana');
  });
});

describe('two processes with one store', () => {
  it.each([
    ['tokens that are used up', { rotation: true }],
    ['tokens that stay', { rotation: false }],
    ['a secret', { secret: true }],
  ])('both end up with a good token, with %s', async (_, options) => {
    await open(options);
    spotify.clock.advance(HOUR);
    const both = [await keeper(), await keeper(), await keeper()];
    for (let round = 0; round < 3; round++) {
      const names = await Promise.all(both.map((tokens) => whoAmI(tokens)));
      expect(names.map(({ name }) => name)).toEqual(['ana', 'ana', 'ana']);
      spotify.clock.advance(HOUR);
    }
    expect((await store.spotifyLink(owner))?.endedAt).toBeUndefined();
    expect((await whoAmI(await keeper())).name).toBe('ana');
  });
});

describe('a process that comes too late', () => {
  it('waits for the one that has used the token up, until the new one is on the disk', async () => {
    await open({ rotation: true });
    spotify.clock.advance(HOUR);
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = whoAmI(await keeper(() => released));
    await expect.poll(refreshes).toBe(1);
    const second = whoAmI(await keeper());
    await expect.poll(refreshes).toBe(2);
    // Spotify has refused the second by now, and the first has saved nothing.
    release();
    expect(await Promise.all([first, second])).toMatchObject([{ name: 'ana' }, { name: 'ana' }]);
    expect((await store.spotifyLink(owner))?.endedAt).toBeUndefined();
  });

  it('does not end the link for good, however long the other one takes', async () => {
    await open({ rotation: true });
    spotify.clock.advance(HOUR);
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = whoAmI(await keeper(() => released));
    await expect.poll(refreshes).toBe(1);
    expect(await problemOf(whoAmI(await keeper()))).toBe('revoked');
    expect((await store.spotifyLink(owner))?.endedAt).toBeDefined();
    release();
    expect((await first).name).toBe('ana');
    expect((await store.spotifyLink(owner))?.endedAt).toBeUndefined();
    expect((await whoAmI(await keeper())).name).toBe('ana');
  });
});

describe('a new link while the old one is refreshed', () => {
  it('is the one that counts', async () => {
    await open();
    spotify.clock.advance(HOUR);
    let between = async () => {
      between = async () => {};
      ana = spotify.account('bo');
      await link(tokens);
    };
    const tokens = await keeper(() => between());
    expect((await whoAmI(tokens)).name).toBe('bo');
    expect((await whoAmI(await keeper())).name).toBe('bo');
  });

  it('may also be none', async () => {
    await open();
    spotify.clock.advance(HOUR);
    const tokens = await keeper(() => store.deleteSpotifyLink(owner));
    expect(await problemOf(whoAmI(tokens))).toBe('unlinked');
    expect(await store.spotifyLinks()).toEqual([]);
  });
});

describe('the disk', () => {
  it('has the new token before its access token is used', async () => {
    const tokens = await open();
    spotify.clock.advance(HOUR);
    const before = await store.spotifyLink(owner);
    const stored = await tokens.use(owner, async () => {
      const files = await readdir(path.join(dir, 'store'));
      const texts = await Promise.all(files.map((name) => readFile(path.join(dir, 'store', name), 'utf8')));
      const link = await store.spotifyLink(owner);
      return { link, onDisk: texts.join('').includes(link?.sealed ?? 'nothing') };
    });
    expect(stored.link?.sealed).not.toBe(before?.sealed);
    expect(stored.onDisk).toBe(true);
  });

  it('that fails costs nobody their link: the token waits in memory for a better moment', async () => {
    const tokens = await open();
    spotify.clock.advance(HOUR);
    disk.fails = () => 'ENOSPC';
    await expect(whoAmI(tokens)).rejects.toMatchObject({ code: 'full' });
    await expect(whoAmI(tokens)).rejects.toMatchObject({ code: 'full' });
    disk.fails = () => undefined;
    expect((await whoAmI(tokens)).name).toBe('ana');
    expect(refreshes()).toBe(1);
    await store.close();
    await openStore();
    expect((await whoAmI(await keeper())).name).toBe('ana');
  });

  it('is written to once a refresh, and only where a token changed', async () => {
    for (const [secret, writes] of [
      [false, 1],
      [true, 0],
    ] as const) {
      const tokens = await open({ secret });
      spotify.clock.advance(HOUR);
      const before = disk.calls.length;
      await whoAmI(tokens);
      const calls = disk.calls.slice(before).filter((call) => call === 'write');
      expect(calls).toHaveLength(writes);
      if (secret) continue;
      await store.close();
      await spotify.close();
      await rm(path.join(dir, 'store'), { recursive: true });
    }
  });
});

/** The bot is killed, or the answer lost, when Spotify has used the old token up and nobody here knows the new one. */
describe('a crash between Spotify and the disk', () => {
  it.each([
    ['a secret', { secret: true }],
    ['tokens that stay', { rotation: false }],
  ])('does no harm with %s', async (_, options) => {
    await open(options);
    spotify.clock.advance(HOUR);
    spotify.faults.killNext('after', 'POST /api/token');
    expect(await problemOf(whoAmI(await keeper()))).toBe('unavailable');
    expect((await whoAmI(await keeper())).name).toBe('ana');
  });

  it('ends the link with tokens that are used up: it is noted, so that the member is told, and can link again', async () => {
    const tokens = await open({ rotation: true });
    spotify.clock.advance(HOUR);
    spotify.faults.killNext('after', 'POST /api/token');
    expect(await problemOf(whoAmI(await keeper()))).toBe('unavailable');
    expect(await problemOf(whoAmI(await keeper()))).toBe('revoked');
    expect((await store.spotifyLink(owner))?.endedAt).toBeDefined();
    await link(tokens);
    expect((await whoAmI(await keeper())).name).toBe('ana');
  });

  it('on the other side of the write does no harm at all', async () => {
    await open();
    spotify.clock.advance(HOUR);
    await whoAmI(await keeper());
    await store.close();
    await openStore();
    expect((await whoAmI(await keeper())).name).toBe('ana');
  });
});
