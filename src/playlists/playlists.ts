import type { EmotionKey } from '../domain/emotion.ts';
import type { CommunityId, EmotionWish, MemberId } from '../domain/member.ts';
import type { SongId } from '../domain/song.ts';

export interface PlaylistRequest {
  readonly memberId: MemberId;
  readonly communityId: CommunityId;
  readonly wish?: EmotionWish;
  /** 1..100. */
  readonly count: number;
  /** 0 = near what the member likes, 1 = songs by artists new to them. */
  readonly adventure: number;
  readonly seed: number;
}

/** Why a song is in the list; from the real computation. */
export type PlaylistReason =
  /** The member's liked song that is nearest in item space; similarity = cosine, -1..1. */
  | { readonly kind: 'near-liked'; readonly songId: SongId; readonly similarity: number }
  /** Liked already; comes back when there is little else that fits. */
  | { readonly kind: 'liked' }
  /**
   * The wished emotion at this step, its share in the song's profile (0..1), and how many votes say so. For a pair there
   * are two of these, one after the other.
   */
  | {
      readonly kind: 'carries-emotion';
      readonly emotion: EmotionKey;
      readonly share: number;
      readonly votes: number;
    }
  | { readonly kind: 'popular-here' }
  | { readonly kind: 'explore' };

export interface PlaylistEntry {
  readonly songId: SongId;
  /** Strongest first. */
  readonly emotions: readonly { readonly key: string; readonly share: number }[];
  readonly voted: boolean;
  /** Place on the plane, from the emotion profile; both in [-1, 1]. */
  readonly valence: number;
  readonly arousal: number;
  readonly reasons: readonly PlaylistReason[];
}

/** From this many liked songs on, a list rests on the member's own taste. */
export const OWN_TASTE = 3;

export interface Playlist {
  readonly id: string;
  readonly entries: readonly PlaylistEntry[];
  readonly wish?: EmotionWish;
  /** What it rests on: the member's own taste, or (too little of it) the emotion and the community. */
  readonly basis: 'taste' | 'community';
  /** Songs known to be liked by the member. */
  readonly likedSongs: number;
  /** Too few songs carry the wished emotion, or both of a pair, clearly: neighbouring ones were taken in. */
  readonly widened: boolean;
}

/** `unheard-emotion`: nobody has voted for it yet, so no song can be said to carry it. */
export type PlaylistRefusal =
  | { readonly refusal: 'no-model' | 'no-songs' }
  | { readonly refusal: 'unheard-emotion'; readonly emotion: EmotionKey };

export interface Playlists {
  /** Ranks, filters, caps, sequences and stores; computed off the main thread. */
  make(request: PlaylistRequest): Promise<Playlist | PlaylistRefusal>;
  /**
   * An earlier list of this member, described by what is known now: same songs, same order. Undefined when it is not
   * this member's, gone, or there is no model.
   */
  reopen(playlistId: string, memberId: MemberId): Promise<Playlist | undefined>;
  /** Keeping is taste. False when it is not this member's, or gone. */
  keep(playlistId: string, memberId: MemberId): Promise<boolean>;
  /** Loads the catalogue and the model that are current now (after an import; a published model is noticed by itself). */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}
