import type { Installation, InstallationQuery } from '@slack/bolt';
import type { InstallationKey, StoredInstallation } from '../domain/installation.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { SecretsError } from '../secrets/secrets-error.ts';
import type { Store } from '../store/store.ts';

type Query = InstallationQuery<boolean>;

/** What workspaces gave the bot, sealed in the store. Takes and gives Bolt's own forms. */
export interface Installations {
  /** Saves over the one that is there. */
  store(installation: Installation): Promise<void>;
  /**
   * Looks for the workspace's own installation and its organisation's, in the order that the query asks for.
   * @throws SecretsError when it cannot be opened
   */
  fetch(query: Query): Promise<Installation | undefined>;
  delete(query: Query): Promise<void>;
  /** All that can be opened. */
  all(): Promise<readonly Installation[]>;
}

const keyOf = (id: string): InstallationKey => `slack:${id}`;

/** Binds what is sealed to its record: the same at sealing and opening. */
export const installationSeal = (key: InstallationKey) => `installation ${key}`;

/** Whose it is: an organisation's when it was made for all its workspaces, else a workspace's. */
function ownerOf({ isEnterpriseInstall, enterprise, team }: Installation): string {
  const owner = isEnterpriseInstall ? enterprise?.id : team?.id;
  if (owner !== undefined) return owner;
  throw new Error('Slack has named neither a workspace nor an organisation in an installation.');
}

/** Keys under which a query may find something, the likeliest first. */
function keysOf({ isEnterpriseInstall, enterpriseId, teamId }: Query): readonly InstallationKey[] {
  const both = isEnterpriseInstall ? [enterpriseId, teamId] : [teamId, enterpriseId];
  return both.filter((id) => id !== undefined).map(keyOf);
}

export interface InstallationsParts {
  readonly store: Store;
  readonly secrets: Secrets;
  /** Milliseconds since epoch. */
  readonly now: () => number;
  /** Told of an installation that cannot be opened; `all` leaves it out. */
  readonly onUnreadable?: (key: InstallationKey, error: SecretsError) => void;
}

/** Installations in the store, sealed. */
export function createInstallations({
  store,
  secrets,
  now,
  onUnreadable,
}: InstallationsParts): Installations {
  function open({ key, installedBy, sealed }: StoredInstallation): Installation {
    const kept = JSON.parse(secrets.open(sealed, installationSeal(key))) as Omit<Installation, 'user'>;
    const id = installedBy?.slice(installedBy.lastIndexOf(':') + 1) ?? '';
    return { ...kept, user: { id, token: undefined, scopes: undefined } };
  }

  return {
    async store(installation) {
      const owner = ownerOf(installation);
      const key = keyOf(owner);
      // The bot acts as itself: no token of a person is kept. Who it was stands where forgetting them finds it.
      const { user, ...kept } = installation;
      await store.saveInstallation({
        key,
        teamId: kept.team?.id,
        enterpriseId: kept.enterprise?.id,
        installedBy: user?.id ? `slack:${kept.team?.id ?? owner}:${user.id}` : undefined,
        installedAt: now(),
        sealed: await secrets.seal(JSON.stringify(kept), installationSeal(key)),
      });
    },

    async fetch(query) {
      for (const key of keysOf(query)) {
        const stored = await store.installation(key);
        if (stored !== undefined) return open(stored);
      }
      return undefined;
    },

    async delete({ isEnterpriseInstall, enterpriseId, teamId }) {
      const id = isEnterpriseInstall ? enterpriseId : teamId;
      if (id !== undefined) await store.deleteInstallation(keyOf(id));
    },

    async all() {
      return (await store.installations()).flatMap((stored) => {
        try {
          return [open(stored)];
        } catch (error) {
          if (!(error instanceof SecretsError)) throw error;
          onUnreadable?.(stored.key, error);
          return [];
        }
      });
    },
  };
}
