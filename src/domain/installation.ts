import type { IdentityId } from './member.ts';

/** `slack:<team>`, or `slack:<organisation>` where one installed the app for all its workspaces. */
export type InstallationKey = string;

/** That a workspace or an organisation has let the bot in, with what the bot needs to act there. */
export interface StoredInstallation {
  readonly key: InstallationKey;
  readonly teamId?: string;
  readonly enterpriseId?: string;
  /** Gone when that member is forgotten. */
  readonly installedBy?: IdentityId;
  readonly installedAt: number;
  /** Tokens and whatever else the platform needs, encrypted: `src/secrets`. */
  readonly sealed: string;
}
