import { createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;

/** A key for sealing. Printing or serialising it shows its id, never the key. */
export interface SealingKey {
  /** Says which key a sealed text needs, and nothing about the key. */
  readonly id: string;
  readonly secret: KeyObject;
}

function keyOf(bytes: Buffer): SealingKey {
  const id = createHash('sha256').update('reactune sealing key\0').update(bytes).digest('base64url');
  return { id: id.slice(0, 11), secret: createSecretKey(bytes) };
}

/** What is wrong with a text that should be a key, without repeating it. */
export type KeyMistake = 'length' | 'form' | 'weak';

/**
 * Reads 32 bytes written in hexadecimal or base64 (either alphabet).
 * @returns what is wrong with it when it is none
 */
export function parseKey(text: string): SealingKey | KeyMistake {
  const given = text.trim();
  const isHex = /^[0-9a-f]*$/i.test(given) && given.length === KEY_BYTES * 2;
  if (!isHex && !/^[\w+/-]+={0,2}$/.test(given)) return 'form';
  // Node reads both alphabets of base64.
  const bytes = Buffer.from(given, isHex ? 'hex' : 'base64');
  if (bytes.length !== KEY_BYTES) return 'length';
  // Nobody draws this by chance: it is a placeholder such as 0000…, or a phrase and no key.
  return new Set(bytes).size < 8 ? 'weak' : keyOf(bytes);
}

export function newKey(): SealingKey {
  return keyOf(randomBytes(KEY_BYTES));
}

/** For the key file, the only place where a key is ever written. */
export function keyText({ secret }: SealingKey): string {
  return secret.export().toString('base64');
}
