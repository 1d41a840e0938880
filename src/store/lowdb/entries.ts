import type { BurstDecision } from '../../domain/burst.ts';
import type { EmotionKey } from '../../domain/emotion.ts';
import type { InstallationKey, StoredInstallation } from '../../domain/installation.ts';
import type {
  Community,
  CommunityId,
  IdentityId,
  MemberId,
  StoredPlaylist,
  TasteEntry,
} from '../../domain/member.ts';
import type { PostId, ReactionFact, SnippetPost } from '../../domain/post.ts';
import type { SongId } from '../../domain/song.ts';
import type {
  SpotifyOwner,
  SpotifyPause,
  StoredPush,
  StoredSongLink,
  StoredSpotifyLink,
} from '../../domain/spotify.ts';
import type { TrainingRun } from '../../domain/training.ts';

/** A reaction fact as the journal holds it: post, song, identity, emotion (null = ❤️), present, at. */
export type PackedFact = readonly [PostId, SongId, IdentityId, EmotionKey | null, 0 | 1, number];

/** Everything that can happen to the store. What the journal's lines hold: never change a form, add one. */
export type StoreEntry =
  | readonly ['member', MemberId, IdentityId, number]
  /** 1: both have a Spotify account, and the token of one must leave the files. */
  | readonly ['merge', MemberId, MemberId, 1?]
  | readonly ['community', Community]
  | readonly ['closed', CommunityId]
  | readonly ['post', SnippetPost]
  | readonly ['react', readonly PackedFact[]]
  | readonly ['taste', MemberId, readonly TasteEntry[]]
  | readonly ['playlist', StoredPlaylist]
  | readonly ['run', TrainingRun]
  | readonly ['forget', MemberId]
  /** Hashes of the identities, and when. */
  | readonly ['forgotten', readonly string[], number]
  /** 1: it takes the place of another, whose secrets must leave the files. */
  | readonly ['installed', StoredInstallation, 0 | 1]
  | readonly ['uninstalled', InstallationKey]
  | readonly ['part', MemberId]
  /** 1: another token was there, which must leave the files. */
  | readonly ['linked', StoredSpotifyLink, 0 | 1]
  | readonly ['unlinked', SpotifyOwner]
  | readonly ['push', StoredPush]
  | readonly ['found', readonly StoredSongLink[]]
  | readonly ['pause', SpotifyPause]
  /** What is used up, until when that is remembered, and when it was. */
  | readonly ['spent', string, number, number]
  | readonly ['decided', BurstDecision];

export function packFact(fact: ReactionFact): PackedFact {
  const emotion = fact.meaning.kind === 'like' ? null : fact.meaning.emotion;
  return [fact.postId, fact.songId, fact.identity, emotion, fact.present ? 1 : 0, fact.at];
}
