import { createHash } from 'node:crypto';
import type { StoredPush } from '../domain/spotify.ts';
import type { Store } from '../store/store.ts';

/** The push is not in the store any more: its member had everything deleted. Nobody is told of it. */
export class PushGone extends Error {
  constructor() {
    super('the push is not in the store any more');
    this.name = 'PushGone';
  }
}

/** What a step of a push has to change; undefined takes a field out. */
export type PushChanges = Partial<{ [K in keyof StoredPush]: StoredPush[K] | undefined }>;

/**
 * Changes a push as it now stands in the store, where it may have become another member's meanwhile, and resolves
 * when that is durable.
 */
export async function changePush(
  store: Pick<Store, 'push' | 'savePush'>,
  id: string,
  changes: PushChanges,
): Promise<StoredPush> {
  const push = await store.push(id);
  if (push === undefined) throw new PushGone();
  const changed = Object.fromEntries(
    Object.entries({ ...push, ...changes }).filter(([, value]) => value !== undefined),
  ) as unknown as StoredPush;
  await store.savePush(changed);
  return changed;
}

/** Spotify takes no longer ones. */
const LONGEST_DESCRIPTION = 300;

/**
 * A word that only the playlist of this push has in its description: by it the playlist is found again when the answer
 * to its making was lost. Whoever asks anew for a list whose playlist was removed gets another word.
 */
export function markOf({ id, askedAt }: Pick<StoredPush, 'id' | 'askedAt'>): string {
  return createHash('sha256').update(`${id} ${askedAt}`).digest('hex').slice(0, 10);
}

/** The description as it is sent: the words, and the mark, which is never cut. */
export function markedDescription(push: Pick<StoredPush, 'id' | 'askedAt' | 'description'>): string {
  const mark = ` · ${markOf(push)}`;
  return (
    push.description
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, LONGEST_DESCRIPTION - mark.length) + mark
  );
}
