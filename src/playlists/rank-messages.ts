import type { EmotionKey } from '../domain/emotion.ts';
import type { EmotionWish } from '../domain/member.ts';
import type { SongId } from '../domain/song.ts';
import type { PlaylistReason } from './playlists.ts';

/** What the ranking thread works on. */
export interface RankSource {
  readonly catalogueDir: string;
  readonly modelDir: string;
}

/** One playlist to be made. Songs by id: main thread and ranking thread may hold different catalogue versions. */
export interface RankRequest {
  readonly liked: readonly SongId[];
  readonly disliked: readonly SongId[];
  /** Songs of the member's last playlists. */
  readonly recent: readonly SongId[];
  readonly wish?: EmotionWish;
  readonly count: number;
  readonly adventure: number;
  readonly seed: number;
}

export interface RankedSong {
  readonly songId: SongId;
  /** Strongest first. */
  readonly emotions: readonly { readonly key: string; readonly share: number }[];
  readonly voted: boolean;
  readonly valence: number;
  readonly arousal: number;
  /** `votes` are not known here: 0 until the main thread fills them in. */
  readonly reasons: readonly PlaylistReason[];
}

export interface RankResult {
  readonly songs: readonly RankedSong[];
  readonly basis: 'taste' | 'community';
  /** Liked songs that the catalogue has. */
  readonly likedSongs: number;
  readonly widened: boolean;
  /** A wished emotion that no song has a share of: there is no list then. */
  readonly unheard?: EmotionKey;
}

/** What the main thread asks; every question has one answer. */
export type RankQuestion =
  | ({
      readonly kind: 'load';
      /** Where the emotions of the taxonomy lie. */
      readonly plane: readonly {
        readonly key: EmotionKey;
        readonly valence: number;
        readonly arousal: number;
      }[];
    } & RankSource)
  /** How many members here like a song. */
  | { readonly kind: 'likes'; readonly songIds: readonly SongId[]; readonly counts: Int32Array }
  | ({ readonly kind: 'rank' } & RankRequest)
  /** Why the songs of an earlier list are there. */
  | ({ readonly kind: 'explain'; readonly songs: readonly SongId[] } & RankRequest);

export interface RankAnswers {
  readonly load: {
    readonly modelId: string;
    readonly milliseconds: number;
    /** Why a stand-in ranks instead of the model's own recommender. */
    readonly substitutedBecause?: string;
  };
  readonly likes: null;
  readonly rank: RankResult;
  readonly explain: readonly RankedSong[];
}

export interface RankCall {
  readonly id: number;
  readonly question: RankQuestion;
}

export type RankReply =
  | { readonly id: number; readonly answer: RankAnswers[keyof RankAnswers] }
  | { readonly id: number; readonly error: string };
