import type { CommunityId, IdentityId } from './member.ts';
import type { SongId } from './song.ts';

/** Where and when votes were cast: on one song or on all, from one time to another, ms, both included. */
export interface CastWithin {
  readonly songId?: SongId;
  readonly from: number;
  readonly to: number;
}

/**
 * What a moderator decided about a burst of votes that was held back: whether votes cast there and then by members who
 * were new at that time count. It names none of them. Of two about the same vote, the later counts.
 */
export interface BurstDecision {
  readonly id: string;
  readonly communityId: CommunityId;
  readonly parts: readonly CastWithin[];
  readonly counts: boolean;
  /** The moderator, and their name in that chat; empty and `somebody` once they had everything deleted. */
  readonly by: IdentityId;
  readonly name: string;
  readonly at: number;
}
