import type { SpotifyOwner, StoredSpotifyLink } from '../domain/spotify.ts';
import type { Store } from '../store/store.ts';

/** Changes stored links one at a time, so that nobody writes an old token over a new one. */
export interface LinkRecords {
  get(owner: SpotifyOwner): Promise<StoredSpotifyLink | undefined>;
  /**
   * Reads the link and writes what becomes of it.
   * @param change undefined leaves it as it is
   */
  update(
    owner: SpotifyOwner,
    change: (link: StoredSpotifyLink | undefined) => StoredSpotifyLink | undefined,
  ): Promise<void>;
}

export function createLinkRecords(store: Pick<Store, 'spotifyLink' | 'saveSpotifyLink'>): LinkRecords {
  const last = new Map<SpotifyOwner, Promise<unknown>>();

  return {
    get: (owner) => store.spotifyLink(owner),
    async update(owner, change) {
      const before = last.get(owner);
      async function run(): Promise<void> {
        await before?.catch(() => {});
        const link = change(await store.spotifyLink(owner));
        if (link !== undefined) await store.saveSpotifyLink(link);
      }
      const work = run();
      last.set(owner, work);
      try {
        await work;
      } finally {
        if (last.get(owner) === work) last.delete(owner);
      }
    },
  };
}
