import { cp, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../ml/random.ts';
import { SHARED_ACCOUNT } from '../../src/domain/spotify.ts';
import type { FileSystem } from '../../src/durable/files.ts';
import { realFiles } from '../../src/durable/files.ts';
import { foldFiles } from '../../src/durable/index.ts';
import { keyText, newKey, type SealingKey } from '../../src/secrets/key.ts';
import { keyFileIn, readKeyFile, writeKeyFile } from '../../src/secrets/key-file.ts';
import { rotateKeys } from '../../src/secrets/rotate.ts';
import { keyIdOf, seal } from '../../src/secrets/seal.ts';
import { sealedRecords } from '../../src/secrets/sealed-records.ts';
import { openSecrets } from '../../src/secrets/secrets.ts';
import { linkSeal } from '../../src/spotify/link-seal.ts';
import { storeForm } from '../../src/store/lowdb/form.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import { testFolder } from '../durable/lines.ts';
import { aLink, anInstallation } from '../store/records.ts';
import { FaultyFiles } from '../support/faulty-files.ts';

const TOKENS = ['xoxb-one', 'xoxb-two', 'xoxb-three'];
const keyOf = (index: number) => `slack:T${index}`;

function openStore(stateDir: string, files: FileSystem = realFiles): Promise<Store> {
  return openLowdbStore({
    dir: path.join(stateDir, 'store'),
    log: pino({ level: 'silent' }),
    now: Date.now,
    compactAtBytes: 400,
    fold: (task) => foldFiles(storeForm, task, files),
    files,
  });
}

/** Runs something on the store, which is closed afterwards. */
async function withStore<T>(
  stateDir: string,
  work: (store: Store) => Promise<T>,
  files: FileSystem = realFiles,
): Promise<T> {
  const store = await openStore(stateDir, files);
  try {
    return await work(store);
  } finally {
    await store.close().catch(() => {});
  }
}

/** A state folder with three sealed installations, one linked Spotify account of a member, and the bot's own. */
async function planted(key: SealingKey, where: 'file' | 'environment' = 'file'): Promise<string> {
  const stateDir = await testFolder();
  if (where === 'file') await writeKeyFile(realFiles, stateDir, [key]);
  await withStore(stateDir, async (store) => {
    for (const [index, token] of TOKENS.entries()) {
      const sealed = seal(token, key, `installation ${keyOf(index)}`);
      await store.saveInstallation(anInstallation(keyOf(index), { sealed }));
    }
    const { id } = await store.memberOf('room:ana');
    await store.saveSpotifyLink(aLink(id, { sealed: seal('refresh-ana', key, linkSeal(id)) }));
    const sealed = seal('refresh-own', key, linkSeal(SHARED_ACCOUNT));
    await store.saveSpotifyLink(aLink(SHARED_ACCOUNT, { where: undefined, sealed }));
  });
  return stateDir;
}

/** All tokens, as a bot that starts reads them. */
function readBack(stateDir: string, keys: readonly SealingKey[] = []): Promise<readonly string[]> {
  return withStore(stateDir, async (store) => {
    const records = await sealedRecords(store);
    const secrets = await openSecrets({ stateDir, keys, sealed: records.map(({ sealed }) => sealed) });
    return records.map(({ sealed, about }) => secrets.open(sealed, about)).sort();
  });
}

async function textOfAllFiles(stateDir: string): Promise<string> {
  const files = await readdir(stateDir, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFile(path.join(file.parentPath, file.name), 'utf8'));
  return (await Promise.all(texts)).join('\n');
}

const sorted = [...TOKENS, 'refresh-ana', 'refresh-own'].sort();

describe('a change of keys', () => {
  test('seals everything anew; neither the old key nor what it sealed stays in any file', async () => {
    const old = newKey();
    const stateDir = await planted(old);
    const rotated = await withStore(stateDir, (store) => rotateKeys({ store, stateDir, keys: [] }));
    expect(rotated).toMatchObject({ resumed: false, resealed: 5, secrets: 5, dropped: [], keyIn: 'file' });
    expect(rotated.keyId).not.toBe(old.id);
    expect(await readBack(stateDir)).toEqual(sorted);
    const everything = await textOfAllFiles(stateDir);
    expect(everything).not.toContain(old.id);
    expect(everything).not.toContain(keyText(old));
    expect(everything).not.toMatch(/xoxb-|refresh-/);
  });

  test('leaves none of what the old key had sealed where nothing but Spotify is linked', async () => {
    const old = newKey();
    const stateDir = await testFolder();
    await writeKeyFile(realFiles, stateDir, [old]);
    const sealed = seal('refresh-own', old, linkSeal(SHARED_ACCOUNT));
    await withStore(stateDir, (store) => store.saveSpotifyLink(aLink(SHARED_ACCOUNT, { sealed })));
    await withStore(stateDir, (store) => rotateKeys({ store, stateDir, keys: [] }));
    expect(await readBack(stateDir)).toEqual(['refresh-own']);
    expect(await textOfAllFiles(stateDir)).not.toContain(sealed);
  });

  test('in the environment goes to the first key, and the file is needed no more', async () => {
    const [old, key] = [newKey(), newKey()];
    const stateDir = await planted(old);
    const rotate = () => withStore(stateDir, (store) => rotateKeys({ store, stateDir, keys: [key] }));
    expect(await rotate()).toMatchObject({ keyId: key.id, resealed: 5, keyIn: 'environment' });
    await expect(readFile(keyFileIn(stateDir))).rejects.toThrow('ENOENT');
    expect(await readBack(stateDir, [key])).toEqual(sorted);
    expect(await rotate()).toMatchObject({ keyId: key.id, resealed: 0 });
  });

  test('does nothing where there is no secret and no key', async () => {
    const stateDir = await testFolder();
    const rotated = await withStore(stateDir, (store) => rotateKeys({ store, stateDir, keys: [] }));
    expect(rotated.keyId).toBeUndefined();
    expect(rotated.secrets).toBe(0);
    await expect(readFile(keyFileIn(stateDir))).rejects.toThrow('ENOENT');
  });

  test('refuses and changes nothing when the old key is not there', async () => {
    const [old, wrong] = [newKey(), newKey()];
    const stateDir = await planted(old, 'environment');
    for (const keys of [[], [wrong]]) {
      const rotating = withStore(stateDir, (store) => rotateKeys({ store, stateDir, keys }));
      await expect(rotating).rejects.toMatchObject({ code: 'missing-key' });
    }
    await expect(readFile(keyFileIn(stateDir))).rejects.toThrow('ENOENT');
    expect(await readBack(stateDir, [old])).toEqual(sorted);
  });

  test('refuses and changes nothing when one secret is damaged', async () => {
    const old = newKey();
    const stateDir = await planted(old);
    await withStore(stateDir, async (store) => {
      const { sealed, ...rest } = (await store.installation(keyOf(1)))!;
      const last = sealed.at(-2) === 'A' ? 'B' : 'A';
      await store.saveInstallation({ ...rest, sealed: `${sealed.slice(0, -2)}${last}${sealed.at(-1)}` });
      const rotating = rotateKeys({ store, stateDir, keys: [] });
      await expect(rotating).rejects.toMatchObject({ code: 'damaged' });
    });
    expect((await readKeyFile(realFiles, stateDir)).map(({ id }) => id)).toEqual([old.id]);
  });

  test('forgets what no key opens when it is told to, and nothing else', async () => {
    const [lost, key] = [newKey(), newKey()];
    const stateDir = await planted(lost, 'environment');
    await withStore(stateDir, async (store) => {
      const sealed = seal('xoxb-mine', key, `installation ${keyOf(9)}`);
      await store.saveInstallation(anInstallation(keyOf(9), { sealed }));
      const rotated = await rotateKeys({ store, stateDir, keys: [key], dropLost: true });
      expect(rotated.dropped).toHaveLength(5);
      expect(rotated.secrets).toBe(1);
    });
    expect(await readBack(stateDir, [key])).toEqual(['xoxb-mine']);
  });

  test('remembers that an account was linked whose token it had to forget', async () => {
    const lost = newKey();
    const stateDir = await planted(lost, 'environment');
    await withStore(stateDir, async (store) => {
      const { dropped } = await rotateKeys({ store, stateDir, keys: [], dropLost: true });
      const { id } = await store.memberOf('room:ana');
      expect(dropped).toContain(`the link to the Spotify account of the member ${id}`);
      expect(dropped).toContain('the link to the bot’s own Spotify account');
      const { sealed: _, ...rest } = aLink(id);
      expect(await store.spotifyLink(id)).toEqual({ ...rest, endedAt: expect.any(Number) });
    });
    expect(await textOfAllFiles(stateDir)).not.toContain(lost.id);
  });

  test('opens the token of an account that came with somebody who is the same person, and seals it anew', async () => {
    const key = newKey();
    const stateDir = await planted(key);
    await withStore(stateDir, async (store) => {
      const [other, ana] = [await store.memberOf('slack:T:ana'), await store.memberOf('room:ana')];
      await store.mergeMembers(other.id, ana.id);
      const another = await store.memberOf('discord:ana');
      await store.mergeMembers(another.id, other.id);
      expect(await store.spotifyLink(another.id)).toBeDefined();
      await rotateKeys({ store, stateDir, keys: [] });
      expect((await store.memberData(another.id))?.spotify).not.toHaveProperty('sealedFor');
    });
    expect(await readBack(stateDir)).toEqual(sorted);
  });

  test('does not open one account’s token as another’s', async () => {
    const key = newKey();
    const stateDir = await planted(key);
    await withStore(stateDir, async (store) => {
      const { id } = await store.memberOf('room:ana');
      const { sealed } = (await store.spotifyLink(SHARED_ACCOUNT))!;
      await store.saveSpotifyLink(aLink(id, { sealed }));
      const rotating = rotateKeys({ store, stateDir, keys: [] });
      await expect(rotating).rejects.toMatchObject({ code: 'damaged' });
    });
  });

  test('also when all is lost, there is a way on', async () => {
    const stateDir = await planted(newKey(), 'environment');
    const rotated = await withStore(stateDir, (store) =>
      rotateKeys({ store, stateDir, keys: [], dropLost: true }),
    );
    expect(rotated.dropped).toHaveLength(5);
    expect(await readBack(stateDir)).toEqual([]);
  });
});

describe('a change of keys that is cut short', () => {
  /** Rotates on a disk that takes `calls` changing calls and nothing after that, as after `kill -9`. */
  async function rotateUntil(
    stateDir: string,
    keys: readonly SealingKey[],
    calls: number,
    powerCut: boolean,
  ) {
    const disk = new FaultyFiles();
    const random = createRandom(calls + 1);
    await withStore(
      stateDir,
      async (store) => {
        const from = disk.calls.length;
        disk.fails = (_call, _file, index) => (index >= from + calls ? 'EIO' : undefined);
        await rotateKeys({ store, stateDir, keys, files: disk.files });
      },
      disk.files,
    ).catch((error: Error) => {
      if (error.name !== 'StoreError') throw error;
    });
    const wasCut = disk.calls.some((_, index) => disk.fails('write', '', index) !== undefined);
    if (powerCut) disk.cutPower((n) => random.integer(n));
    return wasCut;
  }

  test.each([
    ['killed, key in the file', 'file', false],
    ['power lost, key in the file', 'file', true],
    ['killed, key in the environment', 'environment', false],
    ['power lost, key in the environment', 'environment', true],
  ] as const)(
    'at any call to the disk loses nothing, and ends when it is run again (%s)',
    async (_, where, powerCut) => {
      const [old, next] = [newKey(), newKey()];
      const keys = where === 'file' ? [] : [next, old];
      const template = await planted(old, where);
      let cuts = 0;
      for (let calls = 0; ; calls++) {
        const stateDir = path.join(await testFolder(), 'state');
        await cp(template, stateDir, { recursive: true });
        if (!(await rotateUntil(stateDir, keys, calls, powerCut))) break;
        cuts++;
        expect(await readBack(stateDir, keys)).toEqual(sorted);
        await withStore(stateDir, (store) => rotateKeys({ store, stateDir, keys }));
        const onlyNew = where === 'file' ? [] : [next];
        expect(await readBack(stateDir, onlyNew)).toEqual(sorted);
        const inFile = await readKeyFile(realFiles, stateDir);
        expect(inFile).toHaveLength(where === 'file' ? 1 : 0);
        const texts = await textOfAllFiles(stateDir);
        expect(texts).not.toContain(keyText(old));
        expect(texts).not.toContain(old.id);
        await rm(stateDir, { recursive: true });
      }
      expect(cuts).toBeGreaterThan(15);
    },
  );

  test('goes on with the key that it had begun with', async () => {
    const [old, next] = [newKey(), newKey()];
    const stateDir = await planted(old);
    await writeKeyFile(realFiles, stateDir, [next, old]);
    const rotated = await withStore(stateDir, async (store) => {
      const result = await rotateKeys({ store, stateDir, keys: [] });
      expect((await sealedRecords(store)).map(({ sealed }) => keyIdOf(sealed))).toEqual(
        Array(5).fill(next.id),
      );
      return result;
    });
    expect(rotated).toMatchObject({ keyId: next.id, resumed: true, resealed: 5 });
  });
});
