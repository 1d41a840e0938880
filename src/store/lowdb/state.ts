import type { BurstDecision } from '../../domain/burst.ts';
import type { InstallationKey, StoredInstallation } from '../../domain/installation.ts';
import type { Community, CommunityId, MemberId, StoredPlaylist, TasteEntry } from '../../domain/member.ts';
import type { SnippetPost } from '../../domain/post.ts';
import type { SongId } from '../../domain/song.ts';
import type { TrainingRun } from '../../domain/training.ts';
import type { PackedFact } from './entries.ts';
import { People } from './people.ts';
import { LIKE, Reactions } from './reactions.ts';
import { emptySpotify, type SpotifyState } from './spotify-state.ts';
import { Timeline } from './timeline.ts';
import { Voters } from './voters.ts';

/** Playlists that a member made and did not keep; older ones go. */
export const PASSING_PLAYLISTS = 100;

/** All that the store holds, in memory. Changed by the entries of the journal alone (`form.ts`). */
export interface StoreState {
  readonly people: People;
  readonly communities: Map<CommunityId, Community>;
  readonly posts: Timeline<SnippetPost>;
  readonly reactions: Reactions;
  readonly voters: Voters;
  readonly taste: Map<MemberId, Map<SongId, TasteEntry>>;
  readonly playlists: Timeline<StoredPlaylist>;
  readonly runs: Timeline<TrainingRun>;
  /** By the hash of an identity: when its member was deleted. */
  readonly forgotten: Map<string, number>;
  readonly installations: Map<InstallationKey, StoredInstallation>;
  readonly spotify: SpotifyState;
  readonly decisions: Map<string, BurstDecision>;
}

export function emptyState(): StoreState {
  const reactions = new Reactions();
  return {
    people: new People(),
    communities: new Map(),
    posts: new Timeline(
      (post) => post.communityId,
      (post) => post.postedAt,
    ),
    reactions,
    voters: new Voters(reactions),
    taste: new Map(),
    playlists: new Timeline(
      (playlist) => playlist.memberId,
      (playlist) => playlist.createdAt,
    ),
    runs: new Timeline(
      () => '',
      (run) => run.startedAt,
    ),
    forgotten: new Map(),
    installations: new Map(),
    spotify: emptySpotify(),
    decisions: new Map(),
  };
}

/** Row of a packed fact, or -1. */
function findFact({ reactions }: StoreState, [post, song, identity, emotion]: PackedFact): number {
  const meaning = emotion === null ? LIKE : reactions.emotions.find(emotion) + 1;
  if (emotion !== null && meaning === 0) return -1;
  const numbers = [
    reactions.posts.find(post),
    reactions.songs.find(song),
    reactions.identities.find(identity),
  ];
  if (numbers.includes(-1)) return -1;
  return reactions.find(numbers[0], numbers[1], numbers[2], meaning);
}

/** Whether setting the fact would change anything. */
export function changesAnything(state: StoreState, fact: PackedFact): boolean {
  const row = findFact(state, fact);
  const present = row !== -1 && state.reactions.isPresent(row);
  return present !== (fact[4] === 1);
}

/** Gives an identity's reactions to the member who has it now. */
export function assignIdentity({ people, reactions, voters }: StoreState, identity: number): void {
  const member = people.behind(reactions.identities.name(identity));
  if (member !== undefined) voters.assign(identity, people.numbers.intern(member.id));
}

export function setFact(state: StoreState, [post, song, identity, emotion, present, at]: PackedFact): void {
  const { reactions, voters } = state;
  const who = reactions.identities.intern(identity);
  const key = [reactions.posts.intern(post), reactions.songs.intern(song), who] as const;
  const meaning = reactions.meaningNumber(emotion);
  let row = reactions.find(...key, meaning);
  const was = row !== -1 && reactions.isPresent(row);
  if (was === (present === 1)) return;
  if (row === -1) {
    if (voters.memberBehind(who) === -1) assignIdentity(state, who);
    row = reactions.add(...key, meaning);
  }
  reactions.setPresent(row, present === 1, at);
  voters.changedRow(row, present === 1 ? 1 : -1);
}

export function savePlaylist({ playlists }: StoreState, playlist: StoredPlaylist): void {
  playlists.save(playlist);
  const passing = playlists.of(playlist.memberId).filter((one) => !one.kept);
  for (const old of passing.slice(0, -PASSING_PLAYLISTS)) playlists.remove(old.id);
}

export function saveTaste({ taste }: StoreState, memberId: MemberId, entries: readonly TasteEntry[]): void {
  const songs = taste.get(memberId) ?? new Map<SongId, TasteEntry>();
  for (const entry of entries) songs.set(entry.songId, entry);
  taste.set(memberId, songs);
}
