import path from 'node:path';
import { storageFailure } from '../durable/failure.ts';
import {
  errorCode,
  type FileSystem,
  makeFolder,
  readIfThere,
  removeFile,
  replaceFile,
} from '../durable/files.ts';
import { keyText, parseKey, type SealingKey } from './key.ts';
import { SecretsError } from './secrets-error.ts';

const HEADER = `# The key to the secrets in this folder. Keep a copy apart from its backups, and show it to nobody.
# The first one encrypts; more than one means that a change of keys is under way (reactune rotate-key).
`;

export const keyFileIn = (stateDir: string) => path.join(stateDir, 'secret.key');

/** Nobody but the bot's account may read it. Windows keeps such rights elsewhere. */
async function checkRights(files: FileSystem, file: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await files.stat(file);
  if ((mode & 0o077) === 0) return;
  throw new SecretsError(
    'key-file',
    `${file} can be read by others on this machine (its mode is ${(mode & 0o777).toString(8)}). Close it with: chmod 600 '${file}' and, if others may have read it, change the key with: reactune rotate-key`,
  );
}

/**
 * The keys in the key file, the one that seals first; none where there is no file.
 * @throws SecretsError when others can read it, or it holds something else
 */
export async function readKeyFile(files: FileSystem, stateDir: string): Promise<readonly SealingKey[]> {
  const file = keyFileIn(stateDir);
  let text: string | undefined;
  try {
    text = (await readIfThere(files, file))?.toString('utf8');
  } catch (cause) {
    if (errorCode(cause) === 'ENOTDIR') return [];
    throw new SecretsError(
      'key-file',
      `${file} cannot be read (${errorCode(cause) ?? 'unknown'}). Give it to the account that runs the bot, with mode 600.`,
      { cause },
    );
  }
  if (text === undefined) return [];
  await checkRights(files, file);
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const keys = lines.map(parseKey);
  const good = keys.filter((key) => typeof key !== 'string');
  if (good.length > 0 && good.length === keys.length) return good;
  throw new SecretsError(
    'key-file',
    `${file} does not hold a key any more (a line is no 32 bytes in base64). Put your copy of it back; nothing was changed.`,
  );
}

/**
 * Replaces the key file as one step, readable by the bot's own account only.
 * @throws StoreError
 */
export async function writeKeyFile(
  files: FileSystem,
  stateDir: string,
  keys: readonly SealingKey[],
): Promise<void> {
  const file = keyFileIn(stateDir);
  try {
    await makeFolder(files, stateDir);
    // One that is left over could have other rights.
    await removeFile(files, `${file}.tmp`);
    await replaceFile(files, file, `${HEADER}${keys.map(keyText).join('\n')}\n`);
  } catch (error) {
    throw storageFailure(error, 'write the key file', file);
  }
}

export async function removeKeyFile(files: FileSystem, stateDir: string): Promise<void> {
  const file = keyFileIn(stateDir);
  try {
    await removeFile(files, file);
  } catch (error) {
    throw storageFailure(error, 'remove the key file', file);
  }
}
