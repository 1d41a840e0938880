import { type FileSystem, realFiles } from '../durable/files.ts';
import type { Store } from '../store/store.ts';
import { newKey, type SealingKey } from './key.ts';
import { readKeyFile, removeKeyFile, writeKeyFile } from './key-file.ts';
import { keyIdOf, seal, unseal } from './seal.ts';
import { type SealedRecord, sealedRecords } from './sealed-records.ts';
import { checkKeys, keysAtHand } from './secrets.ts';

export interface Rotation {
  readonly store: Store;
  readonly stateDir: string;
  /** From the environment; with any, its first is the new key. With none, the key file gets a new one. */
  readonly keys: readonly SealingKey[];
  /** Forget what no key opens. */
  readonly dropLost?: boolean;
  readonly files?: FileSystem;
}

export interface Rotated {
  /** Id of the key that everything is sealed with now; undefined where there was nothing to do. */
  readonly keyId?: string;
  /** An earlier change of keys that was cut short has been brought to its end. */
  readonly resumed: boolean;
  /** How many secrets changed their key. */
  readonly resealed: number;
  readonly secrets: number;
  /** What was forgotten, in words. */
  readonly dropped: readonly string[];
  /** Where the key is. */
  readonly keyIn: 'environment' | 'file';
}

/** Whether no key at hand can ever open it. */
function isLost({ sealed, about }: SealedRecord, keys: readonly SealingKey[]): boolean {
  try {
    unseal(sealed, keys, about);
    return false;
  } catch {
    return true;
  }
}

/**
 * Gives every secret a new key. Whenever it is cut short, all secrets still open with the keys at hand, and running
 * it again ends what was begun: the new key is on the disk before anything is sealed with it, and the old one goes
 * when nothing needs it any more.
 * @throws SecretsError when a key is missing, StoreError when the disk fails: nothing is lost then
 */
export async function rotateKeys(rotation: Rotation): Promise<Rotated> {
  const { store, stateDir, keys: given, files = realFiles } = rotation;
  const inFile = await readKeyFile(files, stateDir);
  let old = await keysAtHand({ stateDir, keys: given, files });
  const before = await sealedRecords(store);
  const lost = rotation.dropLost ? before.filter((record) => isLost(record, old)) : [];
  const kept = before.filter((record) => !lost.includes(record));
  const texts = kept.map(({ sealed }) => sealed);
  checkKeys(old, texts, stateDir);
  // Everything is tried before anything is changed.
  for (const { sealed, about } of kept) unseal(sealed, old, about);

  const keyIn = given.length > 0 ? 'environment' : 'file';
  const resumed = keyIn === 'file' && inFile.length > 1;
  if (old.length === 0 && lost.length === 0) return { resumed, resealed: 0, secrets: 0, dropped: [], keyIn };
  for (const record of lost) await record.remove();
  let [key] = old;
  if (keyIn === 'file' && !resumed) {
    key = newKey();
    old = [key, ...old];
    await writeKeyFile(files, stateDir, old);
  }

  let resealed = 0;
  for (const { sealed, about, replace } of kept) {
    if (keyIdOf(sealed) === key.id) continue;
    await replace(seal(unseal(sealed, old, about), key, about));
    resealed++;
  }

  // As they are now, with the new key alone: only then may the old ones go.
  for (const { sealed, about } of await sealedRecords(store)) unseal(sealed, [key], about);
  if (keyIn === 'file') await writeKeyFile(files, stateDir, [key]);
  else if (inFile.length > 0) await removeKeyFile(files, stateDir);
  return {
    keyId: key.id,
    resumed,
    resealed,
    secrets: kept.length,
    dropped: lost.map(({ what }) => what),
    keyIn,
  };
}
