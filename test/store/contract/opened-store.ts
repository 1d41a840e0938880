import type { CastVote, TasteEntry, Vote } from '../../../src/domain/member.ts';
import type { Store } from '../../../src/store/store.ts';

/** A store that is empty at first, and the same one opened again after a stop. */
export interface OpenedStore {
  readonly store: Store;
  reopen(): Promise<OpenedStore>;
}

/** Gives a fresh, empty store each time. */
export type OpenStore = () => Promise<OpenedStore>;

/** Runs the check now and again after the store was closed and opened. */
export async function nowAndAfterReopening(opened: OpenedStore, check: (store: Store) => Promise<void>) {
  await check(opened.store);
  const again = await opened.reopen();
  await check(again.store);
  await again.store.close();
}

export async function allVotes(store: Store): Promise<string[]> {
  const votes: Vote[] = [];
  for await (const batch of store.votes()) votes.push(...batch);
  return votes.map((vote) => `${vote.memberId} ${vote.songId} ${vote.emotion}`).sort();
}

/** In an order of their own. */
export async function allCastVotes(store: Store): Promise<CastVote[]> {
  const table = await store.castTable();
  const { names } = table;
  const votes = Array.from(
    table.times,
    (at, row): CastVote => ({
      memberId: names.members[table.members[row]],
      songId: names.songs[table.songs[row]],
      emotion: names.emotions[table.emotions[row]],
      postId: names.posts[table.posts[row]],
      identity: names.identities[table.identities[row]],
      at,
    }),
  );
  const key = ({ postId, songId, identity, emotion }: CastVote) => [postId, songId, identity, emotion].join();
  return votes.sort((a, b) => key(a).localeCompare(key(b)));
}

export async function allTastes(store: Store) {
  const tastes = new Map<string, readonly TasteEntry[]>();
  for await (const batch of store.tastes()) {
    for (const { memberId, entries } of batch) tastes.set(memberId, entries);
  }
  return tastes;
}
