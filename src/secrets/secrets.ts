import { hkdfSync } from 'node:crypto';
import type { FileSystem } from '../durable/files.ts';
import { realFiles } from '../durable/files.ts';
import { newKey, type SealingKey } from './key.ts';
import { keyFileIn, readKeyFile, writeKeyFile } from './key-file.ts';
import { keyIdOf, seal, unseal } from './seal.ts';
import { SecretsError } from './secrets-error.ts';

/** Encrypts what must not lie around, and opens it again. */
export interface Secrets {
  /**
   * Where there is no key yet, one is made first.
   * @param about the record that the text belongs to; opening it needs the same
   * @throws StoreError when the key file cannot be written
   */
  seal(text: string, about: string): Promise<string>;
  /** @throws SecretsError */
  open(sealed: string, about: string): string;
  /**
   * A key for another purpose, such as signing: the same for as long as what seals is, also after a restart.
   * @throws StoreError when the key file cannot be written
   */
  derive(purpose: string): Promise<Uint8Array>;
}

export interface SecretsOptions {
  readonly stateDir: string;
  /** From the environment: the first seals. With none, those in the key file. */
  readonly keys: readonly SealingKey[];
  /** What is sealed already: the keys have to fit it. */
  readonly sealed: readonly string[];
  readonly files?: FileSystem;
}

/** All keys at hand, the one that seals first. */
export async function keysAtHand({
  stateDir,
  keys,
  files = realFiles,
}: Omit<SecretsOptions, 'sealed'>): Promise<readonly SealingKey[]> {
  const inFile = await readKeyFile(files, stateDir);
  const known = new Set(keys.map(({ id }) => id));
  // Who moves the key into the environment can still read what the file's key has sealed.
  return [...keys, ...inFile.filter(({ id }) => !known.has(id))];
}

/**
 * Makes sure that nothing is sealed with a key that is not here.
 * @throws SecretsError `missing-key`
 */
export function checkKeys(keys: readonly SealingKey[], sealed: readonly string[], stateDir: string): void {
  const known = new Set(keys.map(({ id }) => id));
  const lacking = new Set(sealed.map(keyIdOf).filter((id) => !known.has(id)));
  if (lacking.size === 0) return;
  const many = lacking.size > 1;
  const what = `Secrets in the store were encrypted with ${many ? 'keys' : 'a key'} that ${many ? 'are' : 'is'} not here (${[...lacking].join(', ')}`;
  const here = keys.length === 0 ? 'there is none at all' : `here: ${keys.map(({ id }) => id).join(', ')}`;
  throw new SecretsError(
    'missing-key',
    `${what}; ${here}). Put it back: into ENCRYPTION_KEY, or as the file ${keyFileIn(stateDir)}. Nothing was changed. ` +
      'If the key is lost for good, "reactune rotate-key --drop-lost" forgets what it had encrypted; workspaces then have to install the app again, and members to link Spotify again.',
  );
}

/**
 * Opens the keys.
 * @throws SecretsError when a key is missing or the key file cannot be used
 */
export async function openSecrets(options: SecretsOptions): Promise<Secrets> {
  const { stateDir, files = realFiles } = options;
  let keys = await keysAtHand(options);
  checkKeys(keys, options.sealed, stateDir);
  let making: Promise<SealingKey> | undefined;

  async function make(): Promise<SealingKey> {
    const key = newKey();
    // On the disk before anything is sealed with it.
    await writeKeyFile(files, stateDir, [key]);
    keys = [key];
    return key;
  }

  async function first(): Promise<SealingKey> {
    const [key] = keys;
    if (key !== undefined) return key;
    making ??= make().finally(() => {
      making = undefined;
    });
    return making;
  }

  return {
    seal: async (text, about) => seal(text, await first(), about),
    open: (sealed, about) => unseal(sealed, keys, about),
    async derive(purpose) {
      const { secret } = await first();
      return new Uint8Array(hkdfSync('sha256', secret, '', `reactune ${purpose}`, 32));
    },
  };
}
