import { createHash, createHmac, randomBytes } from 'node:crypto';
import { sameText, sign, subkey } from './signed.ts';

/** A secret of this round and what Spotify gets to see of it beforehand (RFC 7636). */
export interface PkcePair {
  readonly verifier: string;
  readonly challenge: string;
}

/** A browser that has come this far finishes within this, or asks for a new address. */
export const LINK_LIVES_MS = 10 * 60_000;

/**
 * Who links, in which browser, and until when. It travels through the member's browser to Spotify and back, so it is
 * signed, and holds nothing that must stay hidden.
 */
export interface LinkState {
  readonly memberId: string;
  /** Different every time. Whoever accepts a state remembers it until `expiresAt`, so that it counts once. */
  readonly nonce: string;
  readonly expiresAt: number;
}

/** Why a state is not accepted. */
export type StateRefusal = 'malformed' | 'forged' | 'expired' | 'another-browser';

export type StateVerdict =
  | { readonly ok: true; readonly state: LinkState }
  | { readonly ok: false; readonly why: StateRefusal };

/** For a cookie that is set when the member opens the one-time address, and asked for when they come back. */
export function createBrowserSecret(): string {
  return randomBytes(24).toString('base64url');
}

export function createLinkState(memberId: string, now: number): LinkState {
  return { memberId, nonce: randomBytes(16).toString('base64url'), expiresAt: now + LINK_LIVES_MS };
}

/**
 * The `state` parameter. It fits one browser: a member who is talked into opening somebody else's way back would
 * otherwise link their Spotify account to that somebody.
 */
export function sealState(key: Uint8Array, state: LinkState, browserSecret: string): string {
  const { memberId, nonce, expiresAt } = state;
  const payload = Buffer.from(JSON.stringify([memberId, nonce, expiresAt])).toString('base64url');
  return `${payload}.${sign(key, 'browser', payload, browserSecret)}.${sign(key, 'state', payload)}`;
}

/** @param browserSecret from the cookie; undefined if the browser brought none */
export function openState(
  key: Uint8Array,
  sealed: string,
  browserSecret: string | undefined,
  now: number,
): StateVerdict {
  const refused = (why: StateRefusal): StateVerdict => ({ ok: false, why });
  const [payload = '', bound = '', signed = '', ...more] = sealed.split('.');
  if (payload === '' || more.length > 0 || sealed.length > 2000) return refused('malformed');
  if (!sameText(signed, sign(key, 'state', payload))) return refused('forged');
  // Signed by us, so it is in our form.
  const [memberId, nonce, expiresAt] = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as [
    string,
    string,
    number,
  ];
  if (expiresAt <= now) return refused('expired');
  if (browserSecret === undefined || !sameText(bound, sign(key, 'browser', payload, browserSecret)))
    return refused('another-browser');
  return { ok: true, state: { memberId, nonce, expiresAt } };
}

/**
 * The PKCE pair of a state. It follows from the key and the nonce, so that nothing needs to be kept between the way to
 * Spotify and the way back, and a restart in between does no harm.
 */
export function pkceFor(key: Uint8Array, { nonce }: Pick<LinkState, 'nonce'>): PkcePair {
  const verifier = createHmac('sha256', subkey(key, 'pkce')).update(nonce).digest('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}
