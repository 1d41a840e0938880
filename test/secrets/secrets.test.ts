import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyText, newKey } from '../../src/secrets/key.ts';
import { keyFileIn } from '../../src/secrets/key-file.ts';
import { keyIdOf, seal } from '../../src/secrets/seal.ts';
import { openSecrets } from '../../src/secrets/secrets.ts';
import { testFolder } from '../durable/lines.ts';
import { FaultyFiles } from '../support/faulty-files.ts';

const folder = async () => path.join(await testFolder(), 'state');
const openIn = (stateDir: string, sealed: readonly string[] = []) =>
  openSecrets({ stateDir, keys: [], sealed });
const modeOf = async (file: string) => (await stat(file)).mode & 0o777;
const isPosix = process.platform !== 'win32';

describe('the key file', () => {
  test('is made when the first secret is sealed, for the own account only, and used again', async () => {
    const stateDir = await folder();
    const secrets = await openIn(stateDir);
    await expect(stat(stateDir)).rejects.toThrow();
    const sealed = await Promise.all(['one', 'two', 'three'].map((text) => secrets.seal(text, 'a')));
    if (isPosix) expect(await modeOf(keyFileIn(stateDir))).toBe(0o600);
    expect(await readdir(stateDir)).toEqual(['secret.key']);
    expect(new Set(sealed.map(keyIdOf)).size).toBe(1);
    const again = await openIn(stateDir, sealed);
    expect(sealed.map((text) => again.open(text, 'a'))).toEqual(['one', 'two', 'three']);
    expect(keyIdOf(await again.seal('four', 'a'))).toBe(keyIdOf(sealed[0]));
  });

  test.skipIf(!isPosix).each([0o640, 0o604, 0o660, 0o777])(
    'is refused when others can read it (mode %o), with the fix',
    async (mode) => {
      const stateDir = await folder();
      await (await openIn(stateDir)).seal('one', 'a');
      const file = keyFileIn(stateDir);
      await chmod(file, mode);
      await expect(openIn(stateDir)).rejects.toMatchObject({
        name: 'SecretsError',
        code: 'key-file',
        message: expect.stringContaining(`chmod 600 '${file}'`),
      });
      await chmod(file, 0o600);
      await openIn(stateDir);
    },
  );

  test.each(['', '# nothing but a comment\n', 'hunter2\n', `${keyText(newKey())}\nhunter2\n`])(
    'is refused when it holds something else, and is not touched: %j',
    async (content) => {
      const stateDir = await folder();
      await (await openIn(stateDir)).seal('one', 'a');
      await writeFile(keyFileIn(stateDir), content);
      const opening = openIn(stateDir);
      await expect(opening).rejects.toMatchObject({ code: 'key-file' });
      await expect(opening).rejects.not.toThrow('hunter2');
      expect(await readFile(keyFileIn(stateDir), 'utf8')).toBe(content);
    },
  );

  test('that cannot be written seals nothing, and the next try does', async () => {
    const stateDir = await folder();
    const disk = new FaultyFiles();
    const secrets = await openSecrets({ stateDir, keys: [], sealed: [], files: disk.files });
    disk.fails = (call) => (call === 'sync' ? 'ENOSPC' : undefined);
    await expect(secrets.seal('one', 'a')).rejects.toMatchObject({ name: 'StoreError', code: 'full' });
    disk.fails = () => undefined;
    const sealed = await secrets.seal('one', 'a');
    expect((await openIn(stateDir, [sealed])).open(sealed, 'a')).toBe('one');
  });
});

describe('keys that do not fit what is sealed', () => {
  test('are told at once: which one lacks, where it belongs, and that nothing was changed', async () => {
    const stateDir = await folder();
    const [right, wrong] = [newKey(), newKey()];
    const sealed = [seal('one', right, 'a'), seal('two', right, 'b')];
    const none = openSecrets({ stateDir, keys: [], sealed });
    await expect(none).rejects.toMatchObject({ name: 'SecretsError', code: 'missing-key' });
    await expect(none).rejects.toThrow(
      new RegExp(`with a key that is not here \\(${right.id}; there is none at all\\)`),
    );
    await expect(none).rejects.toThrow(/ENCRYPTION_KEY, or as the file .*secret\.key\. Nothing was changed/);
    await expect(openSecrets({ stateDir, keys: [wrong], sealed })).rejects.toThrow(
      `(${right.id}; here: ${wrong.id})`,
    );
    // In particular, no new key was made.
    await expect(stat(stateDir)).rejects.toThrow();
    const secrets = await openSecrets({ stateDir, keys: [wrong, right], sealed });
    expect(secrets.open(sealed[0], 'a')).toBe('one');
    expect(keyIdOf(await secrets.seal('three', 'c'))).toBe(wrong.id);
  });

  test('of the environment come before those of the file, which still open', async () => {
    const stateDir = await folder();
    const sealed = await (await openIn(stateDir)).seal('one', 'a');
    const key = newKey();
    const secrets = await openSecrets({ stateDir, keys: [key], sealed: [sealed] });
    expect(secrets.open(sealed, 'a')).toBe('one');
    expect(keyIdOf(await secrets.seal('two', 'a'))).toBe(key.id);
  });
});
