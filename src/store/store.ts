import type { BurstDecision } from '../domain/burst.ts';
import type { EmotionKey } from '../domain/emotion.ts';
import type { InstallationKey, StoredInstallation } from '../domain/installation.ts';
import type {
  CastTable,
  CastVote,
  Community,
  CommunityId,
  IdentityId,
  Member,
  MemberId,
  StoredPlaylist,
  TasteEntry,
  Vote,
} from '../domain/member.ts';
import type { PostId, ReactionFact, SnippetPost } from '../domain/post.ts';
import type { SongId } from '../domain/song.ts';
import type {
  SpotifyOwner,
  SpotifyPause,
  StoredPush,
  StoredSongLink,
  StoredSpotifyLink,
} from '../domain/spotify.ts';
import type { TrainingRun } from '../domain/training.ts';

/** Votes on one song, by emotion; members with several identities count once per emotion. */
export type VoteCounts = Readonly<Record<EmotionKey, number>>;

/** Everything stored about one member, for `/my-data`. */
export interface MemberData {
  readonly member: Member;
  readonly reactions: readonly ReactionFact[];
  readonly taste: readonly TasteEntry[];
  readonly playlists: readonly StoredPlaylist[];
  /** Without its token. */
  readonly spotify?: Omit<StoredSpotifyLink, 'sealed' | 'sealedFor'>;
  readonly pushes: readonly StoredPush[];
  /** What they decided as a moderator about votes that were held back. */
  readonly decisions: readonly BurstDecision[];
}

/** Labels and taste in numbers, for `/status`. */
export interface StoreTotals {
  readonly votes: number;
  readonly voters: number;
  readonly votedSongs: number;
  readonly members: number;
}

/**
 * The one port to persistence. A promise of a writing method resolves when the write survives `kill -9` and power
 * loss; it rejects with a `StoreError` when it could not be made durable. Reads see every write whose call has
 * begun. Values returned are snapshots: changing them changes nothing.
 */
export interface Store {
  /** The member behind an identity; made at the first call. */
  memberOf(identity: IdentityId): Promise<Member>;
  /** Without making one. */
  findMember(identity: IdentityId): Promise<Member | undefined>;
  /**
   * One person after all: `gone`'s identities, taste, playlists and pushes become `kept`'s, and their votes count once.
   * On songs that both have said something about, the later counts, and `kept`'s of two that are equally late. A Spotify
   * account of `gone`'s becomes `kept`'s if it has none that still works; what there are two of is forgotten. No
   * playlist and no push goes: limits count again when the next one is saved. Resolves to the member that stays.
   * Rejects when one of them is not there.
   */
  mergeMembers(kept: MemberId, gone: MemberId): Promise<Member>;
  /**
   * Undoes all merging of a member: those who were one person after all are each their own again, with the identities,
   * the taste and the playlists that they brought and what was pushed of these to a shared account. What came later,
   * and the Spotify account with what was pushed there, stays with the member. Resolves to all of them, the member
   * first. Rejects when the member is not there.
   */
  partMember(memberId: MemberId): Promise<readonly Member[]>;

  communities(): Promise<readonly Community[]>;
  community(id: CommunityId): Promise<Community | undefined>;
  saveCommunity(community: Community): Promise<void>;
  /** Forgets a community's settings and posts. Votes and playlists are their members' and stay. */
  deleteCommunity(id: CommunityId): Promise<void>;

  savePost(post: SnippetPost): Promise<void>;
  post(id: PostId): Promise<SnippetPost | undefined>;
  /** Posts that still take votes at `at`. */
  openPosts(at: number): Promise<readonly SnippetPost[]>;
  /** A community's latest posts, newest first. */
  recentPosts(communityId: CommunityId, limit: number): Promise<readonly SnippetPost[]>;

  /**
   * Sets one fact. Resolves to false when it was so already. A vote (member, song, emotion) is there as long as one
   * of the member's reactions on any post of that song says so.
   */
  setReaction(fact: ReactionFact): Promise<boolean>;
  /** Many facts in one durable write; resolves to the number that changed something. */
  setReactions(facts: readonly ReactionFact[]): Promise<number>;
  /** All standing reactions on one post. */
  reactionsOn(postId: PostId): Promise<readonly ReactionFact[]>;

  voteCounts(songId: SongId): Promise<VoteCounts>;
  /** Distinct voters per song that has any. */
  votersPerSong(): Promise<ReadonlyMap<SongId, number>>;
  /** All votes in batches small enough that no batch takes more than a few milliseconds of the event loop. */
  votes(): AsyncIterable<readonly Vote[]>;
  /** The same as they were cast, so that a vote that two reactions say comes twice. Lets the event loop have its turn. */
  castTable(): Promise<CastTable>;
  castVotesOn(songId: SongId): Promise<readonly CastVote[]>;
  /** All tastes of all members, in batches likewise (❤️ reactions included). */
  tastes(): AsyncIterable<
    readonly { readonly memberId: MemberId; readonly entries: readonly TasteEntry[] }[]
  >;
  totals(): Promise<StoreTotals>;

  /** Explicit entries and ❤️ reactions together, one per song: the latest wins. Newest first. */
  taste(memberId: MemberId): Promise<readonly TasteEntry[]>;
  /** Adds entries or replaces those on the same songs. Rejects when the member is not there. */
  setTaste(memberId: MemberId, entries: readonly TasteEntry[]): Promise<void>;

  /** Of the playlists that a member did not keep, the newest 100 stay. Rejects when the member is not there. */
  savePlaylist(playlist: StoredPlaylist): Promise<void>;
  playlist(id: string): Promise<StoredPlaylist | undefined>;
  /** Newest first. */
  recentPlaylists(memberId: MemberId, limit: number): Promise<readonly StoredPlaylist[]>;

  saveRun(run: TrainingRun): Promise<void>;
  /** Newest first. */
  recentRuns(limit: number): Promise<readonly TrainingRun[]>;

  /** The first under an id stands; resolves to false when there was one. */
  saveBurstDecision(decision: BurstDecision): Promise<boolean>;
  /** In the order in which they were saved. */
  burstDecisions(): Promise<readonly BurstDecision[]>;

  memberData(memberId: MemberId): Promise<MemberData | undefined>;
  /**
   * Forgets the member: identities, reactions (so votes), taste, playlists, the Spotify account and what was pushed
   * there. Trainings that they started and bursts that they decided on as a moderator stay, without their name. Resolves to what was removed.
   */
  deleteMember(
    memberId: MemberId,
  ): Promise<{ readonly reactions: number; readonly taste: number; readonly playlists: number }>;

  installations(): Promise<readonly StoredInstallation[]>;
  installation(key: InstallationKey): Promise<StoredInstallation | undefined>;
  /** Saves over the one with the same key, whose secrets then leave the files. */
  saveInstallation(installation: StoredInstallation): Promise<void>;
  /** Forgets it and its secrets. */
  deleteInstallation(key: InstallationKey): Promise<void>;

  spotifyLinks(): Promise<readonly StoredSpotifyLink[]>;
  spotifyLink(owner: SpotifyOwner): Promise<StoredSpotifyLink | undefined>;
  /**
   * Saves over the one of the same owner, whose token then leaves the files, unless it has only been refreshed: same
   * consent, another token. Rejects when the member is not there.
   * @param how.resealed the same token, but what another key had sealed must leave the files
   */
  saveSpotifyLink(link: StoredSpotifyLink, how?: { readonly resealed: boolean }): Promise<void>;
  /** Forgets it and its token, which leaves the files. */
  deleteSpotifyLink(owner: SpotifyOwner): Promise<void>;

  /** Of those that are over, a member's newest 100 stay. Rejects when the member is not there. */
  savePush(push: StoredPush): Promise<void>;
  push(id: string): Promise<StoredPush | undefined>;
  /** A member's, newest first. */
  recentPushes(memberId: MemberId, limit: number): Promise<readonly StoredPush[]>;
  /** Those that are not over, oldest first. */
  openPushes(): Promise<readonly StoredPush[]>;

  songLink(songId: SongId): Promise<StoredSongLink | undefined>;
  saveSongLinks(links: readonly StoredSongLink[]): Promise<void>;

  spotifyPause(): Promise<SpotifyPause | undefined>;
  saveSpotifyPause(pause: SpotifyPause): Promise<void>;

  /**
   * Uses something up that counts once, such as a one-time address. Resolves to false if it was used before.
   * @param until when it ends by itself, which is the caller's to look at: from then on it is no longer remembered
   */
  spend(nonce: string, until: number): Promise<boolean>;

  /**
   * When the person behind an identity had everything deleted; undefined if never, or longer ago than any post is
   * open. It says which reactions must not be read back from a platform, and is kept as a hash of the identity only.
   */
  forgottenAt(identity: IdentityId): Promise<number | undefined>;

  /** Waits for writes under way, then lets go of the files. */
  close(): Promise<void>;
}

export type StoreErrorCode =
  | 'read-only'
  | 'full'
  | 'damaged'
  | 'newer-version'
  | 'in-use'
  | 'closed'
  | 'failed';

/** Persistence failed. `message` is a sentence for the operator that says what to do. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}
