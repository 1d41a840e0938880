import type { EmotionWish, MemberId, StoredPlaylist } from '../domain/member.ts';
import type { PushFailure, SpotifyOwner, SpotifyPause, StoredPush, Whereabouts } from '../domain/spotify.ts';

/** A list that is to go to Spotify. */
export interface PushWish {
  readonly playlist: StoredPlaylist;
  /** Into whose account: the member's own, or the bot's. */
  readonly owner: SpotifyOwner;
  readonly where: Whereabouts;
  readonly name: string;
  readonly description: string;
  /** The earlier push whose playlist this list takes over. */
  readonly updates?: string;
}

/** How far a push is. */
export type PushState =
  | { readonly kind: 'under-way' }
  /** It goes on by itself then. */
  | { readonly kind: 'waiting'; readonly until: number; readonly why: SpotifyPause['why'] | 'unavailable' }
  | { readonly kind: 'done'; readonly url: string }
  | { readonly kind: 'failed'; readonly failure: PushFailure };

export interface PushNews {
  readonly push: StoredPush;
  readonly state: PushState;
}

/** Is the playlist of a push that is done still where it was put? `unknown`: Spotify cannot be asked now. */
export type PushPlace = 'there' | 'removed' | 'unknown';

/** Playlists on their way into Spotify accounts, each of which arrives exactly once. */
export interface Pushes {
  /**
   * Sends a list on its way. The same list into the same account is the same push, however often and from wherever it
   * is asked for; one that failed is tried again. Resolves when the wish is durable.
   */
  push(wish: PushWish): Promise<PushNews>;
  /** Makes the playlist of a push that is done again, if it was removed from Spotify; else the push as it is. */
  again(pushId: string): Promise<PushNews | undefined>;
  place(push: StoredPush): Promise<PushPlace>;
  /** How far the push of a list is; undefined if it was never asked for. */
  news(playlistId: string, shared: boolean): Promise<PushNews | undefined>;
  /**
   * A push of the member's with the same wish within the last hour, which a new list could take over instead of
   * becoming a playlist of its own.
   */
  recent(memberId: MemberId, wish: EmotionWish | undefined): Promise<StoredPush | undefined>;
  /**
   * Told of a push whenever it is known better how it goes, until it is over.
   * @param seen shows it to whoever asked; false: that is not possible any more, and they are told otherwise
   * @returns ends it
   */
  watch(pushId: string, seen: (news: PushNews) => Promise<boolean>): () => void;
  /** Takes up what was under way before a restart. */
  resume(): Promise<void>;
  /** Starts no further request, and waits for those under way. */
  stop(): Promise<void>;
}

/** One list has at most one push into a member's own account and one into the bot's. */
export const pushIdOf = (playlistId: string, shared: boolean) => (shared ? `${playlistId}-s` : playlistId);
