import type { SpotifyOwner } from '../domain/spotify.ts';

/** Binds a sealed token to its record: the same at sealing and opening. */
export const linkSeal = (owner: SpotifyOwner) => `spotify ${owner}`;
