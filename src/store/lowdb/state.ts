import type { InstallationKey, StoredInstallation } from '../../domain/installation.ts';
import type {
  Community,
  CommunityId,
  Member,
  MemberId,
  StoredPlaylist,
  TasteEntry,
} from '../../domain/member.ts';
import type { SnippetPost } from '../../domain/post.ts';
import type { SongId } from '../../domain/song.ts';
import type { TrainingRun } from '../../domain/training.ts';
import type { DurableForm } from '../../durable/index.ts';
import type { PackedFact, StoreEntry } from './entries.ts';
import { People } from './people.ts';
import { LIKE, Reactions } from './reactions.ts';
import { type ReactionsJson, reactionsToJson, readReactions } from './reactions-json.ts';
import { Timeline } from './timeline.ts';
import { Voters } from './voters.ts';

/** Playlists that a member made and did not keep; older ones go. */
export const PASSING_PLAYLISTS = 100;

/** Longer than any post takes votes. */
const FORGOTTEN_MS = 100 * 86_400_000;

/** All that the store holds, in memory. Changed by `apply` alone. */
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
}

interface StateJson {
  readonly members: readonly Member[];
  readonly communities: readonly Community[];
  readonly posts: readonly SnippetPost[];
  readonly reactions: ReactionsJson;
  readonly taste: readonly (readonly [MemberId, readonly TasteEntry[]])[];
  readonly playlists: readonly StoredPlaylist[];
  readonly runs: readonly TrainingRun[];
  readonly forgotten?: readonly (readonly [string, number])[];
  readonly installations?: readonly StoredInstallation[];
}

function emptyState(): StoreState {
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
  };
}

/** A copy that nobody else holds and nobody can change, in the form it has after a restart. */
function sealed<T>(record: T): T {
  return freeze(JSON.parse(JSON.stringify(record)) as T);
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
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
function assignIdentity({ people, reactions, voters }: StoreState, identity: number): void {
  const member = people.behind(reactions.identities.name(identity));
  if (member !== undefined) voters.assign(identity, people.numbers.intern(member.id));
}

function setFact(state: StoreState, [post, song, identity, emotion, present, at]: PackedFact): void {
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

function savePlaylist({ playlists }: StoreState, playlist: StoredPlaylist): void {
  playlists.save(playlist);
  const passing = playlists.of(playlist.memberId).filter((one) => !one.kept);
  for (const old of passing.slice(0, -PASSING_PLAYLISTS)) playlists.remove(old.id);
}

function saveTaste({ taste }: StoreState, memberId: MemberId, entries: readonly TasteEntry[]): void {
  const songs = taste.get(memberId) ?? new Map<SongId, TasteEntry>();
  for (const entry of entries) songs.set(entry.songId, entry);
  taste.set(memberId, songs);
}

function merge(state: StoreState, kept: Member, gone: Member): void {
  const { people, reactions, taste, playlists } = state;
  people.remove(gone.id);
  people.save({
    ...kept,
    identities: [...kept.identities, ...gone.identities],
    createdAt: Math.min(kept.createdAt, gone.createdAt),
  });
  for (const identity of gone.identities) {
    const number = reactions.identities.find(identity);
    if (number !== -1) assignIdentity(state, number);
  }
  const own = taste.get(kept.id);
  const newer = [...(taste.get(gone.id)?.values() ?? [])].filter(
    (entry) => entry.at > (own?.get(entry.songId)?.at ?? Number.NEGATIVE_INFINITY),
  );
  if (newer.length > 0) saveTaste(state, kept.id, newer);
  taste.delete(gone.id);
  for (const playlist of [...playlists.of(gone.id)]) {
    playlists.remove(playlist.id);
    savePlaylist(state, sealed({ ...playlist, memberId: kept.id }));
  }
}

function forget(state: StoreState, member: Member): void {
  const { people, reactions, voters, taste, playlists, installations } = state;
  for (const { installedBy, ...rest } of [...installations.values()]) {
    if (installedBy !== undefined && member.identities.includes(installedBy))
      installations.set(rest.key, sealed(rest));
  }
  for (const identity of member.identities) {
    const number = reactions.identities.find(identity);
    if (number === -1) continue;
    for (const row of reactions.byIdentity(number)) {
      reactions.setPresent(row, false, 0);
      voters.changedRow(row, -1);
    }
    voters.assign(number, -1);
    reactions.identities.forget(identity);
  }
  taste.delete(member.id);
  for (const playlist of [...playlists.of(member.id)]) playlists.remove(playlist.id);
  people.remove(member.id);
}

function apply(state: StoreState, entry: StoreEntry): void {
  const { people } = state;
  switch (entry[0]) {
    case 'member':
      people.save({ id: entry[1], identities: [entry[2]], createdAt: entry[3] });
      break;
    case 'merge': {
      const kept = people.get(entry[1]);
      const gone = people.get(entry[2]);
      if (kept !== undefined && gone !== undefined && kept !== gone) merge(state, kept, gone);
      break;
    }
    case 'community':
      state.communities.set(entry[1].id, sealed(entry[1]));
      break;
    case 'closed':
      state.communities.delete(entry[1]);
      for (const { id } of [...state.posts.of(entry[1])]) state.posts.remove(id);
      break;
    case 'post':
      state.posts.save(sealed(entry[1]));
      break;
    case 'react':
      for (const fact of entry[1]) setFact(state, fact);
      break;
    case 'taste':
      saveTaste(state, entry[1], sealed(entry[2]));
      break;
    case 'playlist':
      savePlaylist(state, sealed(entry[1]));
      break;
    case 'run':
      state.runs.save(sealed(entry[1]));
      break;
    case 'forget': {
      const member = people.get(entry[1]);
      if (member !== undefined) forget(state, member);
      break;
    }
    case 'forgotten': {
      const [, hashes, at] = entry;
      for (const [hash, when] of state.forgotten) if (when < at - FORGOTTEN_MS) state.forgotten.delete(hash);
      for (const hash of hashes) state.forgotten.set(hash, at);
      break;
    }
    case 'installed':
      state.installations.set(entry[1].key, sealed(entry[1]));
      break;
    case 'uninstalled':
      state.installations.delete(entry[1]);
      break;
  }
}

function toJson(state: StoreState): StateJson {
  return {
    members: [...state.people.all()],
    communities: [...state.communities.values()],
    posts: [...state.posts.all()],
    reactions: reactionsToJson(state.reactions),
    taste: [...state.taste].map(([memberId, songs]) => [memberId, [...songs.values()]] as const),
    playlists: [...state.playlists.all()],
    runs: [...state.runs.all()],
    forgotten: [...state.forgotten],
    installations: [...state.installations.values()],
  };
}

function fromJson(json: unknown): StoreState {
  // The checksum says that these are our own bytes, and the format number that this is their form.
  const stored = json as StateJson;
  const state = emptyState();
  const { people, reactions, voters } = state;
  for (const member of stored.members) people.save(member);
  for (const community of stored.communities) state.communities.set(community.id, freeze(community));
  for (const post of stored.posts) state.posts.save(freeze(post));
  for (const [memberId, entries] of stored.taste) saveTaste(state, memberId, freeze(entries));
  for (const playlist of stored.playlists) state.playlists.save(freeze(playlist));
  for (const [hash, at] of stored.forgotten ?? []) state.forgotten.set(hash, at);
  for (const one of stored.installations ?? []) state.installations.set(one.key, freeze(one));
  for (const run of stored.runs) state.runs.save(freeze(run));
  readReactions(stored.reactions, reactions, (post, song, identity, meaning, at) => {
    if (voters.memberBehind(identity) === -1) assignIdentity(state, identity);
    const row = reactions.add(post, song, identity, meaning);
    reactions.setPresent(row, true, at);
    voters.changedRow(row, 1);
  });
  return state;
}

/** How the store is kept in files. */
export const storeForm: DurableForm<StoreState, StoreEntry> = {
  name: 'store',
  version: 1,
  empty: emptyState,
  apply,
  toJson,
  fromJson,
  forgets: ([kind, , replaces]) =>
    kind === 'forget' || kind === 'uninstalled' || (kind === 'installed' && replaces === 1),
};
