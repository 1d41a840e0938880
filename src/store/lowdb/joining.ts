import type { JoinedMember, Member, MemberId, TasteEntry } from '../../domain/member.ts';
import { sealed } from './sealed.ts';
import { joinSpotify, partSpotify } from './spotify-state.ts';
import { assignIdentity, type StoreState, saveTaste } from './state.ts';

/** Ids of a member and of all who were joined to it, the member first. */
export function everyoneIn({ id, joined = [] }: Member): readonly MemberId[] {
  return [id, ...joined.flatMap(everyoneIn)];
}

/** Gives the reactions of a member's identities to the one who has them now. */
function assignAll(state: StoreState, { identities }: Pick<Member, 'identities'>): void {
  const { reactions } = state;
  for (const identity of identities) {
    const number = reactions.identities.find(identity);
    if (number !== -1) assignIdentity(state, number);
  }
}

/**
 * Also more than one member may have: what joining took away, parting could not give back. The limit counts again at
 * the next that is saved.
 * @returns those that are still there and moved
 */
function movePlaylists(
  { playlists }: StoreState,
  ids: readonly string[],
  from: MemberId,
  to: MemberId,
): Set<string> {
  const moved = new Set<string>();
  for (const id of ids) {
    const playlist = playlists.get(id);
    if (playlist?.memberId !== from) continue;
    playlists.save(sealed({ ...playlist, memberId: to }));
    moved.add(id);
  }
  return moved;
}

/** One person after all. What it takes to part them again is noted on the one who stays. */
export function join(state: StoreState, keptId: MemberId, goneId: MemberId): void {
  const { people, taste, playlists, spotify } = state;
  const kept = people.get(keptId);
  const gone = people.get(goneId);
  if (kept === undefined || gone === undefined || kept === gone) return;
  const own = taste.get(keptId);
  const brought = [...(taste.get(goneId)?.values() ?? [])];
  const newer = brought.filter(
    (entry) => entry.at > (own?.get(entry.songId)?.at ?? Number.NEGATIVE_INFINITY),
  );
  const joined: JoinedMember = {
    ...gone,
    taste: brought,
    decides: newer.map(({ songId }) => {
      const insteadOf = own?.get(songId);
      return { songId, ...(insteadOf && { insteadOf }) };
    }),
    playlists: playlists.of(goneId).map(({ id }) => id),
  };
  people.remove(goneId);
  people.save({
    ...kept,
    identities: [...kept.identities, ...gone.identities],
    joined: [...(kept.joined ?? []), joined],
  });
  assignAll(state, gone);
  if (newer.length > 0) saveTaste(state, keptId, newer);
  taste.delete(goneId);
  movePlaylists(state, joined.playlists, goneId, keptId);
  joinSpotify(spotify, goneId, keptId);
}

/** What a member says is its own: on these songs, nobody who was joined to it decides any more. */
export function decideTaste(state: StoreState, memberId: MemberId, entries: readonly TasteEntry[]): void {
  saveTaste(state, memberId, entries);
  const { people } = state;
  const member = people.get(memberId);
  if (member?.joined === undefined) return;
  const decided = new Set(entries.map(({ songId }) => songId));
  const joined = member.joined.map((one) => ({
    ...one,
    decides: one.decides.filter(({ songId }) => !decided.has(songId)),
  }));
  people.save({ ...member, joined });
}

/** Undoes all joining of a member, and of those who were joined to it, the latest first. */
export function part(state: StoreState, memberId: MemberId): void {
  const { people } = state;
  const member = people.get(memberId);
  if (member?.joined === undefined) return;
  const { joined, ...rest } = member;
  const theirs = new Set(joined.flatMap(({ identities }) => identities));
  people.save({ ...rest, identities: member.identities.filter((identity) => !theirs.has(identity)) });
  for (const one of joined.toReversed()) partOne(state, memberId, one);
}

function partOne(state: StoreState, memberId: MemberId, one: JoinedMember): void {
  const { people, taste, spotify } = state;
  const { taste: brought, decides, playlists, ...member } = one;
  people.save(member);
  assignAll(state, member);
  const songs = taste.get(memberId);
  for (const { songId, insteadOf } of decides) {
    if (insteadOf === undefined) songs?.delete(songId);
    else songs?.set(songId, insteadOf);
  }
  if (brought.length > 0) saveTaste(state, one.id, brought);
  const moved = movePlaylists(state, playlists, memberId, one.id);
  partSpotify(spotify, memberId, one.id, { playlists: moved, owners: new Set(everyoneIn(one)) });
  part(state, one.id);
}
