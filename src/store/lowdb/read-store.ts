import type { StoredInstallation } from '../../domain/installation.ts';
import type { Community } from '../../domain/member.ts';
import type { SpotifyPause, StoredSpotifyLink } from '../../domain/spotify.ts';
import { readDurable } from '../../durable/index.ts';
import { storeForm } from './form.ts';

/** What of a store is of interest to somebody who only looks. */
export interface StoreView {
  readonly communities: readonly Community[];
  readonly installations: readonly StoredInstallation[];
  readonly spotifyLinks: readonly StoredSpotifyLink[];
  readonly spotifyPause?: SpotifyPause;
}

/**
 * Looks into a store that another process may be using; nothing is locked or changed.
 * @returns undefined where there is no store yet
 * @throws StoreError when the files cannot be read
 */
export async function readStore(dir: string): Promise<StoreView | undefined> {
  const state = await readDurable(storeForm, dir);
  return (
    state && {
      communities: [...state.communities.values()],
      installations: [...state.installations.values()],
      spotifyLinks: [...state.spotify.links.values()],
      ...(state.spotify.pause && { spotifyPause: state.spotify.pause }),
    }
  );
}
