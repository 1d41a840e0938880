import type { CommunityId, EmotionWish, IdentityId, MemberId } from './member.ts';
import type { SongId } from './song.ts';

/** The bot's own Spotify account, which the operator linked: playlists for everybody are made there. */
export const SHARED_ACCOUNT = 'shared';

/** Whose Spotify account: a member's, or `SHARED_ACCOUNT`. */
export type SpotifyOwner = MemberId | typeof SHARED_ACCOUNT;

/** Where somebody asked, and as who: there they are told how it went on. */
export interface Whereabouts {
  readonly identity: IdentityId;
  readonly communityId: CommunityId;
  readonly channel: string;
}

/** A linked Spotify account. */
export interface StoredSpotifyLink {
  readonly owner: SpotifyOwner;
  /** Spotify's own lasting id of the account. */
  readonly accountId: string;
  /** As Spotify shows it. */
  readonly name: string;
  readonly scopes: readonly string[];
  /** What was agreed to ends six months after this, however often the token is refreshed. */
  readonly authorizedAt: number;
  /** Absent for the bot's own account. */
  readonly where?: Whereabouts;
  /** When the person was told that the end is near. */
  readonly remindedAt?: number;
  /** The refresh token, encrypted: `src/secrets`. Absent once Spotify takes it no more. */
  readonly sealed?: string;
  /** Whose the account was when the token was sealed, if it has changed hands since: the seal is bound to them. */
  readonly sealedFor?: SpotifyOwner;
  /** When Spotify no longer took the token: revoked, too old, or the account is gone. */
  readonly endedAt?: number;
}

/** A playlist in Spotify that is ours to change. */
export interface PushedPlaylist {
  readonly id: string;
  readonly url: string;
}

/** Why a push was given up: what the person is told, each with its own way out. */
export type PushFailure =
  | 'unlinked'
  | 'link-ended'
  | 'not-allowed'
  | 'premium'
  | 'scope'
  | 'client'
  | 'nothing-found'
  | 'refused';

/**
 * A playlist on its way to Spotify, and afterwards where it went. Saved before every request that must not happen
 * twice, so that whoever resumes it knows what may have been done.
 */
export interface StoredPush {
  readonly id: string;
  readonly memberId: MemberId;
  /** Into whose account. */
  readonly owner: SpotifyOwner;
  /** The list in the store that it is made of; the same list into the same account is the same push. */
  readonly playlistId: string;
  readonly where: Whereabouts;
  readonly name: string;
  readonly description: string;
  readonly songs: readonly SongId[];
  readonly wish?: EmotionWish;
  readonly askedAt: number;
  /** When a request for a new playlist was sent whose answer is not known: it may be there. */
  readonly creatingSince?: number;
  /** Where the songs go: a new playlist, or one that is updated. */
  readonly into?: PushedPlaylist;
  /** It takes the place of what an earlier push had put there. */
  readonly updates?: boolean;
  /** The songs are all in. What is left is the cover. */
  readonly filledAt?: number;
  /** Not in Spotify, or not any more. */
  readonly missing?: readonly SongId[];
  /** Over, well or not. */
  readonly endedAt?: number;
  readonly failure?: PushFailure;
  /** Tried in vain so far, because Spotify had a bad moment. */
  readonly attempts?: number;
}

/** Where a song of the catalogue is in Spotify, as far as searching has told; without `uri` it was not found. */
export interface StoredSongLink {
  readonly songId: SongId;
  readonly uri?: string;
  readonly at: number;
}

/** Spotify wants no calls of this app until then. Hours are real. */
export interface SpotifyPause {
  readonly until: number;
  /** Too many calls in a short time, or the quota of the developer account. */
  readonly why: 'limited' | 'quota';
}
