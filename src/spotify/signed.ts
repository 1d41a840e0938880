import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** A key for each purpose, so that one's output is never another's. */
export function subkey(key: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `reactune spotify link ${purpose}`, 32));
}

/** Proves that a text was made here, and for this purpose. */
export function sign(key: Uint8Array, purpose: string, ...texts: readonly string[]): string {
  // Only the last one may hold a dot, so that no two lists of texts read alike.
  return createHmac('sha256', subkey(key, purpose)).update(texts.join('.')).digest('base64url');
}

export function sameText(given: string, right: string): boolean {
  const one = Buffer.from(given);
  const other = Buffer.from(right);
  return one.length === other.length && timingSafeEqual(one, other);
}
