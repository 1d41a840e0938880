import type { Installation, InstallationQuery } from '@slack/bolt';

/** Where installations are kept, tokens and all; its owner sees to it that they are kept well. */
export interface Installations {
  fetch(query: InstallationQuery<boolean>): Promise<Installation | undefined>;
  store(installation: Installation): Promise<void>;
  delete(query: InstallationQuery<boolean>): Promise<void>;
  all(): Promise<readonly Installation[]>;
}
