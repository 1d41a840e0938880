import type { IdentityId, MemberId } from '../domain/member.ts';
import type { SpotifyOwner, StoredSpotifyLink, Whereabouts } from '../domain/spotify.ts';
import type { SpotifyTokens } from './accounts.ts';
import type { SpotifyProblem } from './problem.ts';

/** How a member stands with Spotify. */
export type LinkStatus =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'linked';
      /** Of the account, as Spotify shows it. */
      readonly name: string;
      /** When what they agreed to ends, by Spotify's rules. */
      readonly until: number;
      /** Their library counts as taste. */
      readonly taste: boolean;
    }
  | { readonly kind: 'ended'; readonly name: string; readonly endedAt: number };

/** Why nothing came of it, besides what Spotify itself may refuse. */
export type LinkFailure =
  | SpotifyProblem['kind']
  /** Whoever asked had everything about them deleted meanwhile. */
  | 'stranger';

/** How a member's way through the browser ended, or where it waits for them. */
export type LinkOutcome =
  | (Extract<LinkStatus, { readonly kind: 'linked' }> & {
      /** The account that it takes the place of. */
      readonly instead?: string;
      /** They wished for it and did not agree to it. */
      readonly tasteRefused?: boolean;
    })
  /** The account is linked to another member: only they know whether both are one person. */
  | {
      readonly kind: 'one-person';
      readonly name: string;
      readonly other: readonly IdentityId[];
      /** Handed back to `decide`. */
      readonly question: string;
    }
  | { readonly kind: 'joined'; readonly name: string; readonly other: readonly IdentityId[] }
  /** They are not one person: nothing has changed. */
  | { readonly kind: 'apart'; readonly name: string }
  | { readonly kind: 'declined' }
  | { readonly kind: 'failed'; readonly problem: LinkFailure; readonly retryAfterMs?: number };

export interface LinkInvitation {
  /** Private and good for one use. */
  readonly url: string;
  readonly until: number;
  /** The address leads only those to the bot who sit at its machine: the operator has set no `PUBLIC_URL`. */
  readonly onlyHere: boolean;
}

/** Linking of members' Spotify accounts. */
export interface Links {
  status(memberId: MemberId): Promise<LinkStatus>;
  /**
   * An address that leads a member to Spotify and back.
   * @param wish.taste their library is to count as taste; only where the operator allows it
   * @param wish.name what they are called there
   * @param onOutcome told at once how it went, as long as the process lives; if it rejects they are told otherwise
   */
  invite(
    wish: {
      readonly memberId: MemberId;
      readonly where: Whereabouts;
      readonly taste: boolean;
      readonly name?: string;
    },
    onOutcome: (outcome: LinkOutcome) => Promise<void>,
  ): Promise<LinkInvitation>;
  /**
   * The answer to `one-person`, which is the last thing that `onOutcome` hears.
   * @returns undefined: asked too long ago, or of somebody else
   */
  decide(memberId: MemberId, question: string, onePerson: boolean): Promise<LinkOutcome | undefined>;
  /** Those of a person's identities that were somebody else's before, and would be again without the account. */
  joinedWith(memberId: MemberId, as: IdentityId): Promise<readonly IdentityId[]>;
  /**
   * Forgets the account and its tokens, and parts who was joined by it.
   * @returns undefined if there was none; `parted`: whoever is not one with `as` any more
   */
  unlink(
    memberId: MemberId,
    as: IdentityId,
  ): Promise<{ readonly name?: string; readonly parted: readonly IdentityId[] } | undefined>;
  /** Lets go of what is in memory about somebody whom the store has forgotten. */
  forget(memberId: MemberId): void;
}

/** Access to linked accounts. */
export interface Tokens {
  /**
   * Runs with an access token that is good, refreshed if need be; once more with a new one if Spotify takes it no more.
   * @throws SpotifyError `unlinked`, `revoked` (it is then noted that the link has ended), and whatever `run` throws
   */
  use<T>(owner: SpotifyOwner, run: (accessToken: string) => Promise<T>): Promise<T>;
  /** Makes a new link durable, over the one that its owner had. */
  keep(
    link: Omit<StoredSpotifyLink, 'sealed'>,
    tokens: Pick<SpotifyTokens, 'accessToken' | 'expiresAt'> & { readonly refreshToken: string },
  ): Promise<void>;
  /** Lets go of what is in memory. */
  forget(owner: SpotifyOwner): void;
}

/** What commands have of Spotify, where the operator has set it up. */
export interface Spotify {
  readonly links: Links;
  /** Members may let their Spotify library count as taste. */
  readonly tasteAllowed: boolean;
}
