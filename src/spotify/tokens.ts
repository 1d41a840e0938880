import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SpotifyOwner, StoredSpotifyLink } from '../domain/spotify.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { Accounts, SpotifyTokens } from './accounts.ts';
import type { LinkRecords } from './link-records.ts';
import { linkSeal, sealOf } from './link-seal.ts';
import { SpotifyError } from './problem.ts';
import type { Tokens } from './spotify.ts';

/** An access token is renewed so long before it ends, so that it does not end on its way. */
const EARLY_MS = 60_000;
/**
 * A refresh token that is refused may have been used up by another process a moment ago, which is about to save the
 * new one: so often and so long it is looked for.
 */
const LOOKS_MS = [0, 100, 400, 1500];

export interface TokensParts {
  readonly records: LinkRecords;
  readonly secrets: Pick<Secrets, 'seal' | 'open'>;
  readonly accounts: Pick<Accounts, 'refresh'>;
  /** False: Spotify may use refresh tokens up, as it does for apps without a secret. */
  readonly proven: boolean;
  readonly log: Logger;
  readonly now: () => number;
}

/** In memory only, and good for one consent: another link of the same owner has another. */
interface Held {
  readonly authorizedAt: number;
  readonly accessToken: string;
  readonly expiresAt: number;
  /** What Spotify gave and the store did not take (a full disk). Without it the link would be lost. */
  readonly unsaved?: string;
}

export function createTokens({ records, secrets, accounts, proven, log, now }: TokensParts): Tokens {
  const held = new Map<SpotifyOwner, Held>();
  const refreshing = new Map<SpotifyOwner, Promise<string>>();

  async function linkOf(owner: SpotifyOwner): Promise<StoredSpotifyLink & { readonly sealed: string }> {
    const link = await records.get(owner);
    if (link === undefined) {
      held.delete(owner);
      throw new SpotifyError('a token', { kind: 'unlinked' });
    }
    const { sealed, endedAt } = link;
    if (sealed === undefined || endedAt !== undefined) throw new SpotifyError('a token', { kind: 'revoked' });
    return { ...link, sealed };
  }

  /** @param since of the consent that the token came from: a link that took its place is left alone */
  async function save(owner: SpotifyOwner, since: number, refreshToken: string): Promise<void> {
    const sealed = await secrets.seal(refreshToken, linkSeal(owner));
    await records.update(owner, (current) => {
      if (current?.authorizedAt !== since) return undefined;
      // Whoever took the link for ended did not know of this token.
      const { endedAt: _premature, sealedFor: _before, ...link } = current;
      return { ...link, sealed };
    });
  }

  async function end(owner: SpotifyOwner, sealed: string): Promise<void> {
    await records.update(owner, (current) => {
      if (current?.sealed !== sealed) return undefined;
      log.info({ owner }, 'Spotify takes a link no more: revoked, six months old, or the account is gone');
      held.delete(owner);
      const { sealed: _worthless, sealedFor: _with, ...link } = current;
      return { ...link, endedAt: now() };
    });
  }

  async function stored(owner: SpotifyOwner): Promise<{ readonly sealed: string; readonly token: string }> {
    const link = await linkOf(owner);
    return { sealed: link.sealed, token: secrets.open(link.sealed, sealOf(link)) };
  }

  /** Another token than `used`, which another process has saved meanwhile. */
  async function successor(owner: SpotifyOwner, used: string) {
    for (const ms of proven ? LOOKS_MS.slice(0, 1) : LOOKS_MS) {
      if (ms > 0) await wait(ms);
      const found = await stored(owner);
      if (found.token !== used) return found;
    }
    return undefined;
  }

  async function ask(owner: SpotifyOwner): Promise<SpotifyTokens> {
    let given = await stored(owner);
    for (;;) {
      try {
        return await accounts.refresh(given.token);
      } catch (error) {
        if (!(error instanceof SpotifyError) || error.problem.kind !== 'revoked') throw error;
        const other = await successor(owner, given.token);
        if (other === undefined) {
          await end(owner, given.sealed);
          throw error;
        }
        given = other;
      }
    }
  }

  async function refresh(owner: SpotifyOwner): Promise<string> {
    const { authorizedAt } = await linkOf(owner);
    const { accessToken, expiresAt, refreshToken } = await ask(owner);
    const fresh = { authorizedAt, accessToken, expiresAt };
    if (refreshToken !== undefined) {
      // On the disk before anything is done with its access token: a crash then costs a call, and nobody a link.
      held.set(owner, { ...fresh, unsaved: refreshToken });
      await save(owner, authorizedAt, refreshToken);
    }
    // Unlinked, or linked anew, while Spotify was asked: what it gave is for an account that no longer counts.
    if ((await linkOf(owner)).authorizedAt !== authorizedAt) return refresh(owner);
    held.set(owner, fresh);
    return accessToken;
  }

  /** One request to Spotify, however many wait for it. */
  function refreshOnce(owner: SpotifyOwner): Promise<string> {
    const known = refreshing.get(owner);
    if (known !== undefined) return known;
    const work = refresh(owner).finally(() => refreshing.delete(owner));
    refreshing.set(owner, work);
    return work;
  }

  async function good(owner: SpotifyOwner): Promise<string> {
    const { authorizedAt } = await linkOf(owner);
    const known = held.get(owner);
    if (known === undefined || known.authorizedAt !== authorizedAt) return refreshOnce(owner);
    if (refreshing.has(owner)) return refreshOnce(owner);
    if (known.unsaved !== undefined) {
      await save(owner, authorizedAt, known.unsaved);
      const { unsaved: _saved, ...rest } = known;
      held.set(owner, rest);
    }
    return known.expiresAt - EARLY_MS > now() ? known.accessToken : refreshOnce(owner);
  }

  return {
    async use(owner, run) {
      const accessToken = await good(owner);
      try {
        return await run(accessToken);
      } catch (error) {
        if (!(error instanceof SpotifyError) || error.problem.kind !== 'expired') throw error;
      }
      // Of many who hear that at once, the first forgets it; the others find its successor.
      if (held.get(owner)?.accessToken === accessToken) held.delete(owner);
      return run(await good(owner));
    },

    async keep(link, { accessToken, expiresAt, refreshToken }) {
      const sealed = await secrets.seal(refreshToken, linkSeal(link.owner));
      await records.update(link.owner, () => ({ ...link, sealed }));
      held.set(link.owner, { authorizedAt: link.authorizedAt, accessToken, expiresAt });
    },

    forget(owner) {
      held.delete(owner);
    },
  };
}
