import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SealingKey } from './key.ts';
import { SecretsError } from './secrets-error.ts';

const CIPHER = 'aes-256-gcm';
/** What GCM is made for; drawn anew for each text, good for far more texts than a bot ever seals. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Before every sealed text: what it is, and in which version of this format. */
const FORMAT = 'sealed1';

/** Bound to a text without being part of it: with another record's it does not open. */
const bound = (keyId: string, about: string) => Buffer.from(`${FORMAT}\0${keyId}\0${about}`);

/**
 * Encrypts a text and makes it impossible to change: `sealed1.<key's id>.<nonce>.<ciphertext and tag>`.
 * @param about the record that it belongs to, such as `installation slack:T1`: needed again to open it
 */
export function seal(text: string, key: SealingKey, about: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(bound(key.id, about));
  const box = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return [FORMAT, key.id, nonce.toString('base64url'), box.toString('base64url')].join('.');
}

function partsOf(sealed: string): { readonly keyId: string; readonly nonce: Buffer; readonly box: Buffer } {
  const match = /^sealed(\d+)\.([\w-]{11})\.([\w-]+)\.([\w-]+)$/.exec(sealed);
  if (match !== null && match[1] !== '1') {
    throw new SecretsError(
      'not-sealed',
      'A secret in the store was encrypted by a newer Reactune. Install that version again; nothing was changed.',
    );
  }
  const [, , keyId = '', nonce = '', box = ''] = match ?? [];
  const parts = { keyId, nonce: Buffer.from(nonce, 'base64url'), box: Buffer.from(box, 'base64url') };
  if (match === null || parts.nonce.length !== NONCE_BYTES || parts.box.length < TAG_BYTES) {
    throw new SecretsError(
      'not-sealed',
      'A secret in the store is cut off or no secret at all. Put a backup of the state folder back; nothing was changed.',
    );
  }
  return parts;
}

/** The id of the key that a sealed text needs. */
export function keyIdOf(sealed: string): string {
  return partsOf(sealed).keyId;
}

/**
 * Decrypts.
 * @throws SecretsError `missing-key`, `not-sealed`, `damaged`
 */
export function unseal(sealed: string, keys: readonly SealingKey[], about: string): string {
  const { keyId, nonce, box } = partsOf(sealed);
  const key = keys.find(({ id }) => id === keyId);
  if (key === undefined) {
    throw new SecretsError('missing-key', `A secret was encrypted with the key ${keyId}, which is not here.`);
  }
  const decipher = createDecipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(bound(keyId, about));
  decipher.setAuthTag(box.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(box.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new SecretsError(
      'damaged',
      `A secret in the store (${about}) was changed since it was encrypted, or belongs to another record. Put a backup of the state folder back; nothing was changed.`,
      { cause },
    );
  }
}
