import type { StoredInstallation } from '../domain/installation.ts';
import { SHARED_ACCOUNT, type StoredSpotifyLink } from '../domain/spotify.ts';
import { installationSeal } from '../installations/installations.ts';
import { sealOf } from '../spotify/link-seal.ts';
import type { Store } from '../store/store.ts';

/** Something in the store that holds a secret. */
export interface SealedRecord {
  /** In a few words, for the operator. */
  readonly what: string;
  /** What the secret is bound to. */
  readonly about: string;
  readonly sealed: string;
  /** With another key; what the old one had sealed leaves the files. */
  replace(sealed: string): Promise<void>;
  /** Forgets the secret for good. */
  remove(): Promise<void>;
}

function ofInstallation(store: Store, installation: StoredInstallation): SealedRecord {
  const { key, teamId, enterpriseId, sealed } = installation;
  return {
    what: `the installation in ${teamId ?? enterpriseId ?? key} on Slack`,
    about: installationSeal(key),
    sealed,
    replace: (sealed) => store.saveInstallation({ ...installation, sealed }),
    remove: () => store.deleteInstallation(key),
  };
}

function ofLink(store: Store, stored: StoredSpotifyLink, now: () => number): SealedRecord[] {
  const { sealed, sealedFor: _with, ...link } = stored;
  if (sealed === undefined) return [];
  const { owner } = link;
  const record: SealedRecord = {
    what:
      owner === SHARED_ACCOUNT
        ? 'the link to the bot’s own Spotify account'
        : `the link to the Spotify account of the member ${owner}`,
    about: sealOf(stored),
    sealed,
    replace: (sealed) => store.saveSpotifyLink({ ...stored, sealed }, { resealed: true }),
    // It stays as one that has ended, so that the person is told why, and to link the account again.
    remove: () => store.saveSpotifyLink({ ...link, endedAt: now() }),
  };
  return [record];
}

/** Everything sealed in the store: what a change of keys has to go through. A new kind of secret is added here. */
export async function sealedRecords(
  store: Store,
  now: () => number = Date.now,
): Promise<readonly SealedRecord[]> {
  const [installations, links] = await Promise.all([store.installations(), store.spotifyLinks()]);
  return [
    ...installations.map((one) => ofInstallation(store, one)),
    ...links.flatMap((one) => ofLink(store, one, now)),
  ];
}
