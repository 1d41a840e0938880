import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { rotateKeyCommand } from '../../src/cli/rotate-key.ts';
import { lockState } from '../../src/durable/index.ts';
import { installationSeal } from '../../src/installations/installations.ts';
import { keyText, newKey } from '../../src/secrets/key.ts';
import { keyFileIn } from '../../src/secrets/key-file.ts';
import { openSecrets } from '../../src/secrets/secrets.ts';
import { linkSeal } from '../../src/spotify/link-seal.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { testFolder } from '../durable/lines.ts';
import { aLink, anInstallation } from '../store/records.ts';
import { runCommand } from './shell.ts';

let stateDir: string;
beforeEach(async () => {
  stateDir = await testFolder();
});

const openStore = () =>
  openLowdbStore({ dir: path.join(stateDir, 'store'), log: pino({ level: 'silent' }), now: Date.now });
const rotate = (args: readonly string[] = [], env: Record<string, string> = {}) =>
  runCommand(rotateKeyCommand(), args, { STATE_DIR: stateDir, ...env });

async function plant(token: string): Promise<void> {
  const store = await openStore();
  const secrets = await openSecrets({ stateDir, keys: [], sealed: [] });
  const sealed = await secrets.seal(token, installationSeal('slack:T1'));
  await store.saveInstallation(anInstallation('slack:T1', { sealed }));
  await store.close();
}

async function tokens(keys = [newKey()].slice(1)): Promise<readonly string[]> {
  const store = await openStore();
  const records = await store.installations();
  await store.close();
  const secrets = await openSecrets({ stateDir, keys, sealed: records.map(({ sealed }) => sealed) });
  return records.map(({ key, sealed }) => secrets.open(sealed, installationSeal(key)));
}

describe('reactune rotate-key', () => {
  test('gives everything a new key and says where it is', async () => {
    await plant('xoxb-secret');
    const before = await readFile(keyFileIn(stateDir), 'utf8');
    const { code, out, err } = await rotate();
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('1 secret in the store; 1 got the new key');
    expect(out).toContain(`The key is in ${keyFileIn(stateDir)}. Make a new copy`);
    const after = await readFile(keyFileIn(stateDir), 'utf8');
    expect(after).not.toBe(before);
    expect(out).not.toContain(after.split('\n').at(-2));
    expect(out).not.toContain('xoxb');
    expect(await tokens()).toEqual(['xoxb-secret']);
  });

  test('moves to the key in the environment, and from one there to the next', async () => {
    await plant('xoxb-secret');
    const [one, two] = [newKey(), newKey()];
    expect((await rotate([], { ENCRYPTION_KEY: keyText(one) })).out).toContain(
      'The key is the one in ENCRYPTION_KEY',
    );
    expect(await tokens([one])).toEqual(['xoxb-secret']);
    const { out } = await rotate([], { ENCRYPTION_KEY: `${keyText(two)},${keyText(one)}` });
    expect(out).toContain('Now take the old keys out of ENCRYPTION_KEY');
    expect(out).not.toContain(keyText(one));
    expect(await tokens([two])).toEqual(['xoxb-secret']);
  });

  test('without the old key changes nothing and says what can be done', async () => {
    await plant('xoxb-secret');
    const file = keyFileIn(stateDir);
    const copy = await readFile(file);
    await rm(file);
    const { code, out, err } = await rotate();
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^Secrets in the store were encrypted with a key that is not here .*--drop-lost/);
    await writeFile(file, copy, { mode: 0o600 });
    expect(await tokens()).toEqual(['xoxb-secret']);
  });

  test('forgets what is lost when it is told to', async () => {
    await plant('xoxb-secret');
    await rm(keyFileIn(stateDir));
    const { code, out } = await rotate(['--drop-lost']);
    expect(code).toBe(0);
    expect(out).toContain('Forgotten, because no key opens it: the installation in T1 on Slack.');
    expect(await tokens()).toEqual([]);
  });

  test('goes through linked Spotify accounts too, and says whose it had to forget', async () => {
    const store = await openStore();
    const { id } = await store.memberOf('room:ana');
    const secrets = await openSecrets({ stateDir, keys: [], sealed: [] });
    await store.saveSpotifyLink(aLink(id, { sealed: await secrets.seal('refresh', linkSeal(id)) }));
    await store.close();
    expect((await rotate()).out).toContain('1 secret in the store; 1 got the new key');
    await rm(keyFileIn(stateDir));
    expect((await rotate()).err).toContain('members to link Spotify again');
    const { code, out } = await rotate(['--drop-lost']);
    expect(code).toBe(0);
    expect(out).toContain(
      `Forgotten, because no key opens it: the link to the Spotify account of the member ${id}.`,
    );
    const again = await openStore();
    expect(await again.spotifyLink(id)).toMatchObject({ name: 'Ana', endedAt: expect.any(Number) });
    await again.close();
  });

  test('waits for nobody: a bot that runs has to be stopped first', async () => {
    await plant('xoxb-secret');
    const lock = await lockState(stateDir);
    const { code, err } = await rotate();
    await lock.release();
    expect(code).toBe(1);
    expect(err).toMatch(/is in use by another Reactune: process \d+.* Stop that one first/);
  });

  test('has nothing to do where there is nothing', async () => {
    expect((await rotate()).err).toContain('There is no store in');
    await (await openStore()).close();
    expect((await rotate()).out).toBe('There is no key yet, and nothing that needs one: nothing to do.\n');
  });
});
