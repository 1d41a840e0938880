import type { BurstDecision } from '../../domain/burst.ts';
import type { StoredInstallation } from '../../domain/installation.ts';
import type { Community, Member, MemberId, StoredPlaylist, TasteEntry } from '../../domain/member.ts';
import type { SnippetPost } from '../../domain/post.ts';
import type { TrainingRun } from '../../domain/training.ts';
import type { DurableForm } from '../../durable/index.ts';
import type { StoreEntry } from './entries.ts';
import { decideTaste, join, part } from './joining.ts';
import { type ReactionsJson, reactionsToJson, readReactions } from './reactions-json.ts';
import { freeze, sealed } from './sealed.ts';
import {
  forgetSpotify,
  readSpotify,
  type SpotifyJson,
  savePush,
  spend,
  spotifyToJson,
} from './spotify-state.ts';
import { assignIdentity, emptyState, type StoreState, savePlaylist, saveTaste, setFact } from './state.ts';

/** Longer than any post takes votes. */
const FORGOTTEN_MS = 100 * 86_400_000;

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
  readonly spotify?: SpotifyJson;
  readonly decisions?: readonly BurstDecision[];
}

function forget(state: StoreState, member: Member): void {
  const { people, reactions, voters, taste, playlists, runs, installations } = state;
  for (const { installedBy, ...rest } of [...installations.values()]) {
    if (installedBy !== undefined && member.identities.includes(installedBy))
      installations.set(rest.key, sealed(rest));
  }
  for (const run of [...runs.all()]) {
    const { trigger } = run;
    if (trigger.kind === 'moderator' && member.identities.includes(trigger.identity))
      runs.save(sealed({ ...run, trigger: { ...trigger, identity: '', name: 'somebody' } }));
  }
  for (const decision of [...state.decisions.values()]) {
    if (member.identities.includes(decision.by))
      state.decisions.set(decision.id, sealed({ ...decision, by: '', name: 'somebody' }));
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
  forgetSpotify(state.spotify, member.id);
  people.remove(member.id);
}

function apply(state: StoreState, entry: StoreEntry): void {
  const { people, spotify } = state;
  switch (entry[0]) {
    case 'member':
      people.save({ id: entry[1], identities: [entry[2]], createdAt: entry[3] });
      break;
    case 'merge':
      join(state, entry[1], entry[2]);
      break;
    case 'part':
      part(state, entry[1]);
      break;
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
      decideTaste(state, entry[1], sealed(entry[2]));
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
    case 'linked':
      spotify.links.set(entry[1].owner, sealed(entry[1]));
      break;
    case 'unlinked':
      spotify.links.delete(entry[1]);
      break;
    case 'push':
      savePush(spotify, sealed(entry[1]));
      break;
    case 'found':
      for (const link of sealed(entry[1])) spotify.songs.set(link.songId, link);
      break;
    case 'pause':
      spotify.pause = sealed(entry[1]);
      break;
    case 'spent':
      spend(spotify, entry[1], entry[2], entry[3]);
      break;
    case 'decided':
      state.decisions.set(entry[1].id, sealed(entry[1]));
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
    spotify: spotifyToJson(state.spotify),
    decisions: [...state.decisions.values()],
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
  readSpotify(stored.spotify, state.spotify);
  for (const decision of stored.decisions ?? []) state.decisions.set(decision.id, freeze(decision));
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
  forgets: ([kind, , replaces, drops]) =>
    kind === 'forget' ||
    kind === 'uninstalled' ||
    kind === 'unlinked' ||
    ((kind === 'installed' || kind === 'linked') && replaces === 1) ||
    (kind === 'merge' && drops === 1),
};
