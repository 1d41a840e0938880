import type { EmotionKey } from './emotion.ts';
import type { PostId } from './post.ts';
import type { SongId } from './song.ts';

export type PlatformName = 'room' | 'discord' | 'slack';

/** One account on one platform: `room:<id>`, `discord:<user>`, `slack:<team>:<user>`; also `demo:<n>`, `import:<id>`. */
export type IdentityId = string;
export type MemberId = string;

/** A person. Votes are stored by identity; a member with several identities votes once. */
export interface Member {
  readonly id: MemberId;
  readonly identities: readonly IdentityId[];
  readonly createdAt: number;
  /** Members that turned out to be this person, in that order: what it takes to part them again. */
  readonly joined?: readonly JoinedMember[];
}

/** A member as it was when it became part of another. */
export interface JoinedMember extends Member {
  readonly taste: readonly TasteEntry[];
  /** Songs on which its taste counts as the other's: the later of the two, and nothing was said since. */
  readonly decides: readonly { readonly songId: SongId; readonly insteadOf?: TasteEntry }[];
  /** Ids of its playlists. */
  readonly playlists: readonly string[];
}

/** `room:main`, `discord:<guild>`, `slack:<team>`. */
export type CommunityId = string;

export interface CommunitySettings {
  /** Channel that snippets go to; undefined until chosen. */
  readonly channel?: string;
  /** IANA name. */
  readonly timeZone: string;
  /** 0 switches scheduled snippets off. */
  readonly snippetsPerDay: number;
  /** `HH:MM` local times between which nothing is posted; equal = no quiet hours. */
  readonly quietHours: { readonly from: string; readonly to: string };
  /** Cron expression of the scheduled training run, in `timeZone`; empty = never. */
  readonly trainingSchedule: string;
  /** Days a snippet post takes votes. */
  readonly postOpenDays: number;
  /** Moderators by identity, besides those the platform itself names. */
  readonly moderators: readonly IdentityId[];
  /** Roles or user groups (the platform's ids) whose members moderate. */
  readonly moderatorRoles?: readonly string[];
  /** Emoji of this place's own that stand in for an emotion, in the platform's form: `<:name:id>`, `:name:`. */
  readonly emoji?: Readonly<Record<EmotionKey, string>>;
}

export interface Community {
  readonly id: CommunityId;
  readonly platform: PlatformName;
  readonly name: string;
  readonly settings: CommunitySettings;
  /** When a word to whoever set the bot up was left here, so that it is said once. */
  readonly greetedAt?: number;
  /** When the bot was removed; settings and posts are kept for a while, in case it was a mistake. */
  readonly leftAt?: number;
}

/** Why a song is in a member's taste. `skipped` and `removed` are dislikes: the song was put away. */
export type TasteSource = 'kept' | 'added' | 'removed' | 'skipped' | 'imported';

export interface TasteEntry {
  readonly songId: SongId;
  readonly liked: boolean;
  readonly source: TasteSource | 'reaction';
  readonly at: number;
}

/** A vote as the models see it: after identities are merged into members. */
export interface Vote {
  readonly songId: SongId;
  readonly memberId: MemberId;
  readonly emotion: EmotionKey;
}

/** A vote as it was cast: one standing reaction that says it. Several may say the same vote. */
export interface CastVote extends Vote {
  readonly postId: PostId;
  readonly identity: IdentityId;
  /** ms since the epoch. */
  readonly at: number;
}

/**
 * All votes as they were cast at one moment, as columns: per row the number of its member, song and so on in the lists
 * of their names. In no order.
 */
export interface CastTable {
  /** ms since the epoch. */
  readonly times: Float64Array;
  readonly members: Int32Array;
  readonly songs: Int32Array;
  readonly posts: Int32Array;
  readonly identities: Int32Array;
  readonly emotions: Int32Array;
  readonly names: {
    readonly members: readonly MemberId[];
    readonly songs: readonly SongId[];
    readonly posts: readonly PostId[];
    readonly identities: readonly IdentityId[];
    readonly emotions: readonly EmotionKey[];
  };
}

export interface EmotionWish {
  readonly from: EmotionKey;
  /** For a journey. */
  readonly to?: EmotionKey;
  /** For songs that feel like `from` and like this at once; never together with `to`. */
  readonly and?: EmotionKey;
}

export interface StoredPlaylist {
  readonly id: string;
  readonly memberId: MemberId;
  readonly communityId: CommunityId;
  readonly songs: readonly SongId[];
  readonly wish?: EmotionWish;
  readonly createdAt: number;
  readonly kept: boolean;
}
