import type { SpotifyOwner, StoredSpotifyLink } from '../domain/spotify.ts';

/** Binds a token that is sealed to its record, which then has no `sealedFor`. */
export const linkSeal = (owner: SpotifyOwner) => `spotify ${owner}`;

/** What the token in a record is bound to: needed to open it. */
export const sealOf = ({ owner, sealedFor = owner }: Pick<StoredSpotifyLink, 'owner' | 'sealedFor'>) =>
  linkSeal(sealedFor);
