import { installationSeal } from '../installations/installations.ts';
import type { Store } from '../store/store.ts';

/** Something in the store that holds a secret. */
export interface SealedRecord {
  /** In a few words, for the operator. */
  readonly what: string;
  /** What the secret is bound to. */
  readonly about: string;
  readonly sealed: string;
  replace(sealed: string): Promise<void>;
  remove(): Promise<void>;
}

/** Everything sealed in the store: what a change of keys has to go through. A new kind of secret is added here. */
export async function sealedRecords(store: Store): Promise<readonly SealedRecord[]> {
  const installations = await store.installations();
  return installations.map((installation) => ({
    what: `the installation in ${installation.teamId ?? installation.enterpriseId ?? installation.key} on Slack`,
    about: installationSeal(installation.key),
    sealed: installation.sealed,
    replace: (sealed) => store.saveInstallation({ ...installation, sealed }),
    remove: () => store.deleteInstallation(installation.key),
  }));
}
