import type { Logger } from 'pino';
import type { Store } from '../store/store.ts';
import type { LinkInvitation, LinkOutcome } from './spotify.ts';
import { createTicket, openTicket, sealTicket, type Ticket } from './ticket.ts';

/** Why an address leads nowhere. */
export type TicketRefusal = 'malformed' | 'expired' | 'used';

export type Opened =
  | { readonly ok: true; readonly ticket: Ticket }
  | { readonly ok: false; readonly why: TicketRefusal };

/** So long after its address has ended, somebody may still be on their way through the browser. */
const UNDER_WAY_MS = 30 * 60_000;

/** One-time addresses: made, looked at, and used up by the first browser that goes on from them. */
export interface Invitations {
  create(
    given: Omit<Ticket, 'nonce' | 'expiresAt'>,
    livesMs: number,
    onOutcome?: (outcome: LinkOutcome) => Promise<void>,
  ): Promise<LinkInvitation>;
  /** Looking uses nothing up: chat programs fetch addresses for previews. */
  look(sealed: string): Promise<Opened>;
  /** Uses it up. The same browser may come again until it is through: people click twice, and go back. */
  begin(sealed: string, browser: string): Promise<Opened>;
  /** It has served, also for the browser that used it. */
  close(ticket: Ticket): void;
  /** Tells whoever waits for it in the chat; false if nobody does (any more), or it could not be told. */
  heard(ticket: Ticket, outcome: LinkOutcome): Promise<boolean>;
}

export function createInvitations({
  store,
  key,
  address,
  log,
  now,
}: {
  readonly store: Pick<Store, 'spend'>;
  readonly key: () => Promise<Uint8Array>;
  /** Where the bot is reached, without a slash at its end. */
  readonly address: () => { readonly base: string; readonly onlyHere: boolean };
  readonly log: Logger;
  readonly now: () => number;
}): Invitations {
  const waiting = new Map<string, { readonly until: number; tell(outcome: LinkOutcome): Promise<void> }>();
  const begun = new Map<
    string,
    { readonly until: number; readonly browser: string; first: Promise<boolean> }
  >();
  const closed = new Map<string, { readonly until: number }>();

  function tidy(): void {
    for (const kept of [waiting, begun, closed])
      for (const [nonce, { until }] of kept) if (until <= now()) kept.delete(nonce);
  }

  const used: Opened = { ok: false, why: 'used' };
  async function look(sealed: string): Promise<Opened> {
    const verdict = openTicket(await key(), sealed, now());
    return verdict.ok && closed.has(verdict.ticket.nonce) ? used : verdict;
  }

  return {
    async create(given, livesMs, onOutcome) {
      tidy();
      const { base, onlyHere } = address();
      const ticket = createTicket(given, { now: now(), livesMs });
      const until = ticket.expiresAt;
      if (onOutcome) waiting.set(ticket.nonce, { until: until + UNDER_WAY_MS, tell: onOutcome });
      return { url: `${base}/spotify/link/${sealTicket(await key(), ticket)}`, until, onlyHere };
    },

    look,

    async begin(sealed, browser) {
      const opened = await look(sealed);
      if (!opened.ok) return opened;
      const { nonce, expiresAt } = opened.ticket;
      let entry = begun.get(nonce);
      if (entry === undefined) {
        entry = {
          until: expiresAt + UNDER_WAY_MS,
          browser,
          first: store.spend(`ticket:${nonce}`, expiresAt),
        };
        begun.set(nonce, entry);
        // Not known whether it was used up: the next click asks again.
        entry.first.catch(() => begun.delete(nonce));
      }
      return (await entry.first) && entry.browser === browser ? opened : used;
    },

    close({ nonce, expiresAt }) {
      begun.delete(nonce);
      closed.set(nonce, { until: expiresAt });
    },

    async heard({ nonce }, outcome) {
      const listener = waiting.get(nonce);
      if (listener === undefined) return false;
      try {
        await listener.tell(outcome);
        return true;
      } catch (err) {
        log.info({ err }, 'an answer to /link could not be changed any more');
        return false;
      }
    },
  };
}
