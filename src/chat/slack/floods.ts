import type { Logger } from 'pino';
import { z } from 'zod';
import type { Workspace, Workspaces } from './workspaces.ts';

/** Times in which Slack tells of a workspace not everything that happens there. */
export interface Floods {
  /** @param body what Slack says instead, once a minute as long as it lasts */
  take(body: unknown): void;
  /** Nobody waits for the end any more. */
  stop(): void;
}

/** After the latest word of it, so that the minute that it is about has passed for certain. */
const OVER_AFTER_MS = 2 * 60_000;

const told = z.object({ type: z.literal('app_rate_limited'), team_id: z.string() });

export const isFlood = (body: unknown): boolean => told.safeParse(body).success;

/**
 * Slack sends an app 30,000 events an hour and workspace; what is above that is never sent.
 * https://docs.slack.dev/apis/events-api/#rate-limiting
 * @param onOver what was not told can be read back now
 */
export function createFloods({
  workspaces,
  log,
  onOver,
  overAfterMs = OVER_AFTER_MS,
}: {
  workspaces: Workspaces;
  log: Logger;
  onOver: (workspace: Workspace) => void;
  overAfterMs?: number;
}): Floods {
  const running = new Map<string, NodeJS.Timeout>();

  function end(teamId: string): void {
    running.delete(teamId);
    const workspace = workspaces.get(teamId);
    if (!workspace) return;
    log.info({ team: teamId }, 'Slack tells everything again; reading back what it held back');
    onOver(workspace);
  }

  return {
    take(body) {
      const teamId = told.safeParse(body).data?.team_id;
      const workspace = teamId === undefined ? undefined : workspaces.get(teamId);
      if (teamId === undefined || !workspace) return;
      const before = running.get(teamId);
      clearTimeout(before);
      running.set(
        teamId,
        setTimeout(() => end(teamId), overAfterMs),
      );
      if (before) return;
      log.warn(
        { team: teamId },
        `Slack sends no more than 30,000 events an hour, and holds those of “${workspace.name}” back. No vote is lost: they are read back when this is over.`,
      );
    },
    stop() {
      for (const timer of running.values()) clearTimeout(timer);
      running.clear();
    },
  };
}
