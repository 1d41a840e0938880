import type { Logger } from 'pino';
import { z } from 'zod';
import type { Api } from './api.ts';
import type { Workspace } from './workspaces.ts';

export interface Group {
  readonly id: string;
  readonly name: string;
}

/** Which user groups somebody is in. */
export interface Groups {
  /** Never rejects: without the scope for it, nobody is in any. */
  of(workspace: Workspace, userId: string): Promise<readonly string[]>;
  /** All there are, for choosing one. */
  all(workspace: Workspace): Promise<readonly Group[]>;
  changed(workspace: Workspace): void;
}

const KNOWN_FOR_MS = 5 * 60_000;
/** Whoever chooses one may just have made it. */
const FRESH_FOR_MS = 10_000;

const groups = z.object({
  usergroups: z.array(
    z.object({ id: z.string(), name: z.string().optional(), users: z.array(z.string()).optional() }),
  ),
});

interface Found {
  readonly groups: readonly Group[];
  readonly byUser: ReadonlyMap<string, readonly string[]>;
}

/** One call brings all groups of a workspace and everybody in them. */
export function createGroups({ api, now, log }: { api: Api; now: () => number; log: Logger }): Groups {
  const known = new Map<string, { readonly at: number; readonly found: Promise<Found> }>();

  async function ask(workspace: Workspace): Promise<Found> {
    const byUser = new Map<string, string[]>();
    try {
      const args = { include_users: true };
      const { usergroups } = groups.parse(
        await api.call(workspace, 'usergroups.list', args, { urgent: true }),
      );
      for (const { id, users = [] } of usergroups) {
        for (const user of users) byUser.set(user, [...(byUser.get(user) ?? []), id]);
      }
      return { groups: usergroups.map(({ id, name }) => ({ id, name: name ?? id })), byUser };
    } catch (err) {
      log.debug({ err, team: workspace.id }, 'the user groups of a workspace could not be read');
      return { groups: [], byUser };
    }
  }

  function read(workspace: Workspace, maxAgeMs: number): Promise<Found> {
    const before = known.get(workspace.id);
    if (before && now() - before.at <= maxAgeMs) return before.found;
    const found = ask(workspace);
    known.set(workspace.id, { at: now(), found });
    return found;
  }

  return {
    of: async (workspace, userId) => (await read(workspace, KNOWN_FOR_MS)).byUser.get(userId) ?? [],
    all: async (workspace) => (await read(workspace, FRESH_FOR_MS)).groups,
    changed: (workspace) => void known.delete(workspace.id),
  };
}
