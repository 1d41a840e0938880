import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { SpotifyOwner, Whereabouts } from '../domain/spotify.ts';
import { sameText, sign } from './signed.ts';

/**
 * What a one-time address stands for. The address itself holds it, signed, so that it outlives a restart and a
 * reminder's can wait for two weeks.
 */
export interface Ticket {
  readonly owner: SpotifyOwner;
  /** Different every time: it is used up with the ticket. */
  readonly nonce: string;
  readonly expiresAt: number;
  /** Their library is to count as taste. */
  readonly taste: boolean;
  /** Of a link that is there: who agreed already is sent straight back. Anybody else may choose the account. */
  readonly renewal?: boolean;
  /** Where they asked; absent for the bot's own account. */
  readonly where?: Whereabouts;
  /** What they are called there, so that somebody who was sent another's address sees whose it is. */
  readonly name?: string;
}

export type TicketVerdict =
  | { readonly ok: true; readonly ticket: Ticket }
  | { readonly ok: false; readonly why: 'malformed' | 'expired' };

/** With it an address is seldom too long for a button of Discord's, which takes 512 characters. */
const LONGEST_NAME = 24;

/** Without what has no shape of its own, such as marks that turn the direction of writing around. */
const shownName = (name: string) => [...name.replace(/\p{C}+/gu, ' ').trim()].slice(0, LONGEST_NAME).join('');

const TASTE = 1;
const RENEWAL = 2;
const LONGEST_TICKET = 1_200;

const form = z.tuple([
  z.string(),
  z.string(),
  z.number(),
  z.int(),
  z.union([z.tuple([z.string(), z.string(), z.string(), z.string()]), z.tuple([])]),
]);

export function createTicket(
  given: Omit<Ticket, 'nonce' | 'expiresAt'>,
  { now, livesMs }: { readonly now: number; readonly livesMs: number },
): Ticket {
  return { ...given, nonce: randomBytes(16).toString('base64url'), expiresAt: now + livesMs };
}

/** Fits into a path. */
export function sealTicket(key: Uint8Array, ticket: Ticket): string {
  const { owner, nonce, expiresAt, taste, renewal, where, name = '' } = ticket;
  const flags = (taste ? TASTE : 0) | (renewal === true ? RENEWAL : 0);
  const place = where && [where.identity, where.communityId, where.channel, shownName(name)];
  const payload = Buffer.from(JSON.stringify([owner, nonce, expiresAt, flags, place ?? []])).toString(
    'base64url',
  );
  return `${payload}.${sign(key, 'ticket', payload)}`;
}

/** @param now undefined: also when it has expired, for somebody who is under way already */
export function openTicket(key: Uint8Array, sealed: string, now: number | undefined): TicketVerdict {
  const [payload = '', signed = '', ...more] = sealed.split('.');
  const genuine =
    sealed.length <= LONGEST_TICKET &&
    more.length === 0 &&
    payload !== '' &&
    sameText(signed, sign(key, 'ticket', payload));
  if (!genuine) return { ok: false, why: 'malformed' };
  const [owner, nonce, expiresAt, flags, place] = form.parse(
    JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')),
  );
  if (now !== undefined && expiresAt <= now) return { ok: false, why: 'expired' };
  const [identity, communityId, channel, name = ''] = place;
  const where =
    identity === undefined || communityId === undefined || channel === undefined
      ? undefined
      : { identity, communityId, channel };
  return {
    ok: true,
    ticket: {
      owner,
      nonce,
      expiresAt,
      taste: (flags & TASTE) !== 0,
      ...((flags & RENEWAL) !== 0 && { renewal: true }),
      ...(where && { where }),
      ...(name !== '' && { name }),
    },
  };
}
