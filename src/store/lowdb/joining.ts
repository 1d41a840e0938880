import type { JoinedMember, Member, MemberId, TasteEntry } from '../../domain/member.ts';
import { sealed } from './sealed.ts';
import { moveLink, movePushes } from './spotify-state.ts';
import { assignIdentity, type StoreState, savePlaylist, saveTaste } from './state.ts';

/** Gives the reactions of a member's identities to the one who has them now. */
function assignAll(state: StoreState, { identities }: Pick<Member, 'identities'>): void {
  const { reactions } = state;
  for (const identity of identities) {
    const number = reactions.identities.find(identity);
    if (number !== -1) assignIdentity(state, number);
  }
}

function movePlaylists(state: StoreState, ids: readonly string[], to: MemberId): void {
  for (const id of ids) {
    const playlist = state.playlists.get(id);
    if (playlist === undefined) continue;
    state.playlists.remove(id);
    savePlaylist(state, sealed({ ...playlist, memberId: to }));
  }
}

/** One person after all. What it takes to part them again is noted on the one who stays. */
export function join(state: StoreState, keptId: MemberId, goneId: MemberId): void {
  const { people } = state;
  // Who was joined before stays apart from the one they were joined to.
  for (const gone of part(state, goneId)) {
    const kept = people.get(keptId);
    if (kept !== undefined && kept.id !== gone.id) joinOne(state, kept, gone);
  }
}

function joinOne(state: StoreState, kept: Member, gone: Member): void {
  const { people, taste, playlists, spotify } = state;
  const brought = [...(taste.get(gone.id)?.values() ?? [])];
  const own = taste.get(kept.id);
  const newer = brought.filter(
    (entry) => entry.at > (own?.get(entry.songId)?.at ?? Number.NEGATIVE_INFINITY),
  );
  const joined: JoinedMember = {
    ...gone,
    taste: brought,
    replaced: newer.flatMap(({ songId }) => own?.get(songId) ?? []),
    playlists: playlists.of(gone.id).map(({ id }) => id),
  };
  people.remove(gone.id);
  people.save({
    ...kept,
    identities: [...kept.identities, ...gone.identities],
    createdAt: Math.min(kept.createdAt, gone.createdAt),
    joined: [...(kept.joined ?? []), joined],
  });
  assignAll(state, gone);
  if (newer.length > 0) saveTaste(state, kept.id, newer);
  taste.delete(gone.id);
  movePlaylists(state, joined.playlists, kept.id);
  movePushes(spotify, gone.id, kept.id);
  moveLink(spotify, gone.id, kept.id);
}

/** Undoes all joining of a member, the latest first; all of them, the member first. */
export function part(state: StoreState, memberId: MemberId): readonly Member[] {
  const { people } = state;
  const member = people.get(memberId);
  if (member === undefined) return [];
  const { joined = [], ...rest } = member;
  if (joined.length === 0) return [member];
  const theirs = new Set(joined.flatMap(({ identities }) => identities));
  people.save({ ...rest, identities: member.identities.filter((identity) => !theirs.has(identity)) });
  for (const one of [...joined].reverse()) partOne(state, memberId, one);
  return [memberId, ...joined.map(({ id }) => id)].map((id) => people.get(id) as Member);
}

function partOne(state: StoreState, memberId: MemberId, one: JoinedMember): void {
  const { people, taste, playlists, spotify } = state;
  const { taste: brought, replaced, playlists: lists, ...member } = one;
  people.save(member);
  assignAll(state, member);
  const same = (entry: TasteEntry, other: TasteEntry | undefined) =>
    other !== undefined && other.at === entry.at && other.liked === entry.liked;
  const songs = taste.get(memberId);
  for (const entry of brought) if (same(entry, songs?.get(entry.songId))) songs?.delete(entry.songId);
  const free = replaced.filter(({ songId }) => !songs?.has(songId));
  if (free.length > 0) saveTaste(state, memberId, free);
  if (brought.length > 0) saveTaste(state, one.id, brought);
  const moved = new Set(lists.filter((id) => playlists.get(id)?.memberId === memberId));
  movePlaylists(state, [...moved], one.id);
  movePushes(spotify, memberId, one.id, ({ playlistId }) => moved.has(playlistId));
}
