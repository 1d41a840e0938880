import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Member, MemberId } from '../domain/member.ts';
import { SHARED_ACCOUNT, type SpotifyOwner, type StoredSpotifyLink } from '../domain/spotify.ts';
import type { Store } from '../store/store.ts';
import {
  type Accounts,
  authorizeUrl,
  PLAYLIST_SCOPES,
  type SpotifyClient,
  type SpotifyTokens,
  TASTE_SCOPES,
} from './accounts.ts';
import { consentEnds } from './consent.ts';
import type { Invitations } from './invitations.ts';
import { createLinkState, openState, pkceFor, type StateRefusal, sealState } from './link.ts';
import { SpotifyError } from './problem.ts';
import type { LinkOutcome, Tokens } from './spotify.ts';
import { openTicket, type Ticket } from './ticket.ts';
import type { WebApi } from './web-api.ts';

/** So long somebody has to say whether they are one person with another. Their tokens wait in memory. */
const QUESTION_LIVES_MS = 10 * 60_000;

export interface LinkingParts {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly webApi: Pick<WebApi, 'me'>;
  readonly tokens: Tokens;
  readonly invitations: Invitations;
  readonly client: SpotifyClient;
  readonly accountsUrl: string;
  readonly tasteAllowed: boolean;
  readonly key: () => Promise<Uint8Array>;
  readonly redirectUri: () => string;
  /** How it went; also what was decided later. */
  readonly onOutcome: (ticket: Ticket, outcome: LinkOutcome) => void;
  readonly log: Logger;
  readonly now: () => number;
}

/** What came back from Spotify through somebody's browser. */
export interface CameBack {
  readonly state?: string;
  readonly code?: string;
  readonly error?: string;
}

export interface LinkResult {
  readonly ticket: Ticket;
  readonly outcome: LinkOutcome;
}

export type Finished =
  | ({ readonly ok: true } & LinkResult)
  | { readonly ok: false; readonly why: StateRefusal | 'used' };

/** The way through the browser, from a used address to a stored link. */
export interface Linking {
  /**
   * Where a browser goes to agree.
   * @param bond what its cookie will hold: only with the same it may come back
   */
  authorize(ticket: Ticket, bond: string): Promise<string>;
  /** @param sealedTicket out of the cookie whose whole content is `bond` */
  finish(cameBack: CameBack, bond: string | undefined, sealedTicket: string): Promise<Finished>;
  /** @returns undefined: asked too long ago, or of somebody else */
  decide(
    by: { readonly memberId: MemberId } | { readonly bond: string },
    question: string,
    onePerson: boolean,
  ): Promise<LinkOutcome | undefined>;
  /** What somebody has not answered yet is dropped, tokens and all. */
  dropQuestions(memberId: MemberId): void;
}

/** A new link on its way into the store. */
type NewLink = Omit<StoredSpotifyLink, 'sealed'>;
type NewTokens = SpotifyTokens & { readonly refreshToken: string };

interface Question {
  readonly ticket: Ticket;
  readonly bond: string;
  readonly link: NewLink & { readonly owner: MemberId };
  readonly tokens: NewTokens;
  readonly other: MemberId;
  readonly until: number;
}

export function createLinking(parts: LinkingParts): Linking {
  const { store, accounts, webApi, tokens, invitations, client, tasteAllowed, key, log, now } = parts;
  const questions = new Map<string, Question>();
  let settling: Promise<unknown> = Promise.resolve();

  /** One after the other, so that two who link the same account at the same moment notice each other. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = settling.then(work);
    settling = turn.catch(() => {});
    return turn;
  }

  const wishesTaste = ({ owner, taste }: Ticket) => taste && tasteAllowed && owner !== SHARED_ACCOUNT;

  /** Who an address was for, as they are now; undefined if they had everything deleted since. */
  async function ownerNow({ owner, where }: Ticket): Promise<SpotifyOwner | undefined> {
    if (owner === SHARED_ACCOUNT || where === undefined) return owner;
    const member = await store.findMember(where.identity);
    const was = member?.id === owner || member?.joined?.some(({ id }) => id === owner) === true;
    return was ? member?.id : undefined;
  }

  async function memberOf(id: MemberId): Promise<Member | undefined> {
    return (await store.memberData(id))?.member;
  }

  async function exchange(ticket: Ticket, verifier: string, code: string): Promise<LinkOutcome | Question> {
    const authorizedAt = now();
    const given = await accounts.exchangeCode({ code, verifier, redirectUri: parts.redirectUri() });
    const { accountId, name } = await webApi.me(given.accessToken);
    // Not named where all that was asked for was given (RFC 6749, 5.1). Of what they agreed to earlier no use is made.
    const asked = scopesFor(ticket);
    const scopes = given.scopes.length > 0 ? asked.filter((scope) => given.scopes.includes(scope)) : asked;
    if (!PLAYLIST_SCOPES.every((scope) => scopes.includes(scope)))
      return { kind: 'failed', problem: 'scope' };
    const owner = await ownerNow(ticket);
    if (owner === undefined) return { kind: 'failed', problem: 'stranger' };
    const { where } = ticket;
    const link = { owner, accountId, name, scopes, authorizedAt, ...(where && { where }) };
    return inTurn(() => settle(ticket, link, given));
  }

  function scopesFor(ticket: Ticket): readonly string[] {
    return wishesTaste(ticket) ? [...PLAYLIST_SCOPES, ...TASTE_SCOPES] : PLAYLIST_SCOPES;
  }

  async function settle(ticket: Ticket, link: NewLink, given: NewTokens): Promise<LinkOutcome | Question> {
    const { owner, accountId } = link;
    const all = await store.spotifyLinks();
    const others = all.filter((one) => one.accountId === accountId && one.owner !== owner);
    const other = others.find((one) => one.owner !== SHARED_ACCOUNT);
    if (owner === SHARED_ACCOUNT && other !== undefined) {
      log.warn('shared playlists will be made in an account that a member has linked as their own');
    } else if (other !== undefined) {
      const until = now() + QUESTION_LIVES_MS;
      return { ticket, bond: '', link, tokens: given, other: other.owner, until };
    }
    return keep(
      ticket,
      link,
      given,
      all.find((one) => one.owner === owner),
    );
  }

  async function keep(
    ticket: Ticket,
    link: NewLink,
    given: NewTokens,
    before: StoredSpotifyLink | undefined,
  ): Promise<LinkOutcome> {
    await tokens.keep(link, given);
    const taste = TASTE_SCOPES.every((scope) => link.scopes.includes(scope));
    const replaced = before !== undefined && before.accountId !== link.accountId;
    log.info({ owner: link.owner, taste, replaced }, 'a Spotify account was linked');
    return {
      kind: 'linked',
      name: link.name,
      until: consentEnds(link.authorizedAt),
      taste,
      ...(replaced && { instead: before.name }),
      ...(wishesTaste(ticket) && !taste && { tasteRefused: true }),
    };
  }

  async function ask(question: Question): Promise<LinkOutcome> {
    const id = randomBytes(12).toString('base64url');
    questions.set(id, question);
    setTimeout(() => questions.delete(id), QUESTION_LIVES_MS).unref();
    const other = (await memberOf(question.other))?.identities ?? [];
    return { kind: 'one-person', name: question.link.name, other, question: id };
  }

  async function join({ ticket, link, tokens: given, other }: Question): Promise<LinkOutcome | Question> {
    const owner = await ownerNow(ticket);
    if (owner === undefined) return { kind: 'failed', problem: 'stranger' };
    const theirs = await store.spotifyLink(other);
    // They have unlinked it meanwhile, or are one person by now.
    if (theirs?.accountId !== link.accountId || owner === other)
      return settle(ticket, { ...link, owner }, given);
    const identities = (await memberOf(other))?.identities ?? [];
    await store.mergeMembers(other, owner);
    await tokens.keep({ ...link, owner: other }, given);
    log.info(
      { kept: other, joined: owner },
      'two members are one person: they have the same Spotify account',
    );
    return { kind: 'joined', name: link.name, other: identities };
  }

  /** A pause that Spotify wants is noted by the gate, which all requests pass. */
  function failed(error: unknown): LinkOutcome {
    if (!(error instanceof SpotifyError)) throw error;
    const { problem } = error;
    log.warn({ asked: error.asked, problem }, `a Spotify account could not be linked: ${error.message}`);
    if (problem.kind !== 'limited' && problem.kind !== 'quota')
      return { kind: 'failed', problem: problem.kind };
    return { kind: 'failed', problem: problem.kind, retryAfterMs: problem.retryAfterMs };
  }

  async function outcomeOf(ticket: Ticket, nonce: string, { code, error }: CameBack, bond: string) {
    if (error === 'access_denied') return { kind: 'declined' } as const;
    if (error !== undefined || code === undefined) {
      const known = /^[a-z_]{1,40}$/.test(error ?? '') ? error : 'no code';
      log.warn({ error: known }, 'Spotify sent somebody back without a code');
      return { kind: 'failed', problem: 'refused' } as const;
    }
    const { verifier } = pkceFor(await key(), { nonce });
    const settled = await exchange(ticket, verifier, code).catch(failed);
    return 'kind' in settled ? settled : ask({ ...settled, bond });
  }

  return {
    async authorize(ticket, bond) {
      const state = createLinkState(ticket.owner, now());
      const secret = await key();
      return authorizeUrl(parts.accountsUrl, client, {
        redirectUri: parts.redirectUri(),
        state: sealState(secret, state, bond),
        challenge: pkceFor(secret, state).challenge,
        scopes: scopesFor(ticket),
        dialog: ticket.renewal !== true,
      });
    },

    async finish(cameBack, bond, sealedTicket) {
      const secret = await key();
      const verdict = openState(secret, cameBack.state ?? '', bond, now());
      if (!verdict.ok) return verdict;
      const opened = openTicket(secret, sealedTicket, undefined);
      if (!opened.ok || bond === undefined) return { ok: false, why: 'malformed' };
      const { nonce, expiresAt } = verdict.state;
      if (!(await store.spend(`state:${nonce}`, expiresAt))) return { ok: false, why: 'used' };
      const { ticket } = opened;
      const outcome = await outcomeOf(ticket, nonce, cameBack, bond);
      invitations.close(ticket);
      parts.onOutcome(ticket, outcome);
      return { ok: true, ticket, outcome };
    },

    async decide(by, id, onePerson) {
      const question = questions.get(id);
      const theirs =
        question !== undefined &&
        question.until > now() &&
        ('bond' in by ? question.bond === by.bond : question.link.owner === by.memberId);
      if (!theirs) return undefined;
      questions.delete(id);
      const settled = onePerson
        ? await inTurn(() => join(question))
        : ({ kind: 'apart', name: question.link.name } as const);
      const outcome = 'kind' in settled ? settled : await ask({ ...settled, bond: question.bond });
      parts.onOutcome(question.ticket, outcome);
      return outcome;
    },

    dropQuestions(memberId) {
      for (const [id, { link }] of questions) if (link.owner === memberId) questions.delete(id);
    },
  };
}
