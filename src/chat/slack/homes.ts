import type { Workspace, Workspaces } from './workspaces.ts';

/**
 * In which workspace a channel is at home. A channel may be shared between workspaces that both have the bot, and an
 * event names one of them, not always the one that the bot posted for: what it posted, read or changed itself decides.
 */
export interface Homes {
  remember(channel: string, workspace: Workspace): void;
  /** @param author the bot user that wrote the message, if known */
  of(channel: string, told: Workspace, author: string | undefined): Workspace;
}

const MAX_REMEMBERED = 20_000;

export function createHomes(workspaces: Workspaces): Homes {
  const homes = new Map<string, string>();
  return {
    remember(channel, { id }) {
      homes.delete(channel);
      homes.set(channel, id);
      const oldest = homes.keys().next().value;
      if (homes.size > MAX_REMEMBERED && oldest !== undefined) homes.delete(oldest);
    },
    of(channel, told, author) {
      const byAuthor = author === undefined ? undefined : workspaces.byBot(author);
      return byAuthor ?? workspaces.get(homes.get(channel) ?? '') ?? told;
    },
  };
}
