import type { Community } from '../../domain/member.ts';
import { readDurable } from '../../durable/index.ts';
import { storeForm } from './state.ts';

/**
 * The communities in a store that another process may be using; nothing is locked or changed.
 * @returns undefined where there is no store yet
 * @throws StoreError when the files cannot be read
 */
export async function readCommunities(dir: string): Promise<readonly Community[] | undefined> {
  const state = await readDurable(storeForm, dir);
  return state && [...state.communities.values()];
}
