import type { IdentityId, MemberId } from '../domain/member.ts';
import type { SpotifyOwner, Whereabouts } from '../domain/spotify.ts';
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

/** How a member's way through the browser ended, or where it waits for them. */
export type LinkOutcome =
  | Extract<LinkStatus, { readonly kind: 'linked' }>
  /** The account is linked to another member: only they know whether both are one person. */
  | {
      readonly kind: 'one-person';
      readonly name: string;
      readonly other: readonly IdentityId[];
      /** Handed back to `decide`. */
      readonly question: string;
    }
  | { readonly kind: 'joined'; readonly name: string; readonly other: readonly IdentityId[] }
  | { readonly kind: 'declined' }
  | { readonly kind: 'failed'; readonly problem: SpotifyProblem['kind'] };

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
   * @param onOutcome told at once how it went, as long as the process lives
   */
  invite(
    wish: { readonly memberId: MemberId; readonly where: Whereabouts; readonly taste: boolean },
    onOutcome: (outcome: LinkOutcome) => void,
  ): Promise<LinkInvitation>;
  /** The answer to `one-person`. `expired`: asked too long ago, or by somebody else. */
  decide(memberId: MemberId, question: string, onePerson: boolean): Promise<'joined' | 'apart' | 'expired'>;
  /**
   * Forgets the account and its tokens, and parts who was joined by it.
   * @returns undefined if there was none
   */
  unlink(memberId: MemberId): Promise<{ readonly parted: readonly IdentityId[] } | undefined>;
}

/** Access to linked accounts. */
export interface Tokens {
  /**
   * Runs with an access token that is good, refreshed if need be; once more with a new one if Spotify takes it no more.
   * @throws SpotifyError `unlinked`, `revoked` (it is then noted that the link has ended), and whatever `run` throws
   */
  use<T>(owner: SpotifyOwner, run: (accessToken: string) => Promise<T>): Promise<T>;
}
