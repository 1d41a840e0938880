import type { Member, MemberId, TasteEntry, Vote } from '../../domain/member.ts';
import type { SongId } from '../../domain/song.ts';
import type { StoredSpotifyLink } from '../../domain/spotify.ts';
import type { MemberData, VoteCounts } from '../store.ts';
import { LIKE } from './reactions.ts';
import type { StoreState } from './state.ts';
import { breathe } from './voters.ts';

/** In one batch of `votesIn` and `tastesIn`. */
const BATCH = 2_000;

/** All standing reactions of a member. */
export function rowsOf({ reactions }: StoreState, { identities }: Member): number[] {
  return identities.flatMap((identity) => [...reactions.byIdentity(reactions.identities.find(identity))]);
}

function tasteFrom({ reactions, taste }: StoreState, memberId: MemberId, rows: readonly number[]) {
  const latest = new Map<SongId, TasteEntry>(taste.get(memberId));
  for (const row of rows) {
    if (reactions.meaningOf(row) !== LIKE) continue;
    const songId = reactions.songs.name(reactions.songOf(row));
    const at = reactions.atOf(row);
    const other = latest.get(songId);
    if (other === undefined || other.at < at) {
      latest.set(songId, { songId, liked: true, source: 'reaction', at });
    }
  }
  return [...latest.values()].sort((a, b) => b.at - a.at);
}

/** What a member has said and ❤️ together. */
export function tasteOf(state: StoreState, memberId: MemberId): readonly TasteEntry[] {
  const member = state.people.get(memberId);
  return member === undefined ? [] : tasteFrom(state, memberId, rowsOf(state, member));
}

export async function* tastesIn(
  state: StoreState,
): AsyncGenerator<readonly { readonly memberId: MemberId; readonly entries: readonly TasteEntry[] }[]> {
  let batch: { memberId: MemberId; entries: readonly TasteEntry[] }[] = [];
  let size = 0;
  for (const member of [...state.people.all()]) {
    const rows = rowsOf(state, member);
    const entries = tasteFrom(state, member.id, rows);
    if (entries.length > 0) batch.push({ memberId: member.id, entries });
    size += 1 + rows.length + entries.length;
    if (size < BATCH) continue;
    if (batch.length > 0) yield batch;
    batch = [];
    size = 0;
    await breathe();
  }
  if (batch.length > 0) yield batch;
}

export function votesOn({ reactions, voters }: StoreState, songId: SongId): VoteCounts {
  const counts: Record<string, number> = {};
  for (const row of voters.votesOn(reactions.songs.find(songId))) {
    const emotion = reactions.emotion(reactions.meaningOf(row));
    counts[emotion] = (counts[emotion] ?? 0) + 1;
  }
  return counts;
}

export async function* votesIn({ reactions, voters, people }: StoreState): AsyncGenerator<readonly Vote[]> {
  let batch: Vote[] = [];
  for (let song = 0; song < reactions.songs.length; song++) {
    const songId = reactions.songs.name(song);
    for (const row of voters.votesOn(song)) {
      const memberId = people.numbers.name(voters.memberBehind(reactions.identityOf(row)));
      batch.push({ songId, memberId, emotion: reactions.emotion(reactions.meaningOf(row)) });
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
      await breathe();
    }
  }
  if (batch.length > 0) yield batch;
}

export async function votersIn({ reactions, voters }: StoreState): Promise<ReadonlyMap<SongId, number>> {
  await voters.settle();
  const counts = new Map<SongId, number>();
  for (let song = 0; song < reactions.songs.length; song++) {
    const count = voters.votersOf(song);
    if (count > 0) counts.set(reactions.songs.name(song), count);
  }
  return counts;
}

function withoutToken({ sealed: _token, sealedFor: _seal, ...link }: StoredSpotifyLink) {
  return link;
}

/** Everything about a member. */
export function dataOf(state: StoreState, memberId: MemberId): MemberData | undefined {
  const { people, reactions, playlists, spotify, decisions } = state;
  const member = people.get(memberId);
  if (member === undefined) return undefined;
  const link = spotify.links.get(memberId);
  const rows = rowsOf(state, member);
  const facts = rows.map((row) => reactions.fact(row));
  return {
    member,
    reactions: facts.sort((a, b) => a.at - b.at),
    taste: tasteFrom(state, memberId, rows),
    playlists: [...playlists.of(memberId)],
    pushes: [...spotify.pushes.of(memberId)],
    decisions: [...decisions.values()].filter(({ by }) => member.identities.includes(by)),
    ...(link && { spotify: withoutToken(link) }),
  };
}
