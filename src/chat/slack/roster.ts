import type { Logger } from 'pino';
import { z } from 'zod';
import type { Api } from './api.ts';
import { type SlackUser, slackUser } from './slack-user.ts';
import type { Workspace } from './workspaces.ts';

/** Everybody in a workspace, a thousand with each call, where asking for each of them would take ten minutes. */
export interface Roster {
  /**
   * Resolves as soon as somebody comes up in the list; undefined if they do not. One list answers for everybody who is
   * looked for meanwhile. Never rejects.
   */
  find(workspace: Workspace, userId: string): Promise<SlackUser | undefined>;
}

/** Who is not in a list of this age is of elsewhere: another one would not bring them. */
const FRESH_FOR_MS = 60_000;

const listed = z.object({
  members: z.array(slackUser),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

/** A list that is being read, or was read just now. */
interface Reading {
  readonly at: number;
  readonly waiting: Map<string, (user: SlackUser) => void>;
  readonly end: Promise<void>;
}

/** @param onUser told of everybody who is in a list, whether looked for or not */
export function createRoster({
  api,
  now,
  log,
  onUser,
}: {
  api: Api;
  now: () => number;
  log: Logger;
  onUser: (workspace: Workspace, user: SlackUser) => void;
}): Roster {
  const readings = new Map<string, Reading>();

  async function read(workspace: Workspace, waiting: Reading['waiting']): Promise<void> {
    try {
      for (let cursor = ''; ; ) {
        const args = { limit: 1000, ...(cursor !== '' && { cursor }) };
        const page = listed.parse(await api.call(workspace, 'users.list', args));
        for (const user of page.members) {
          onUser(workspace, user);
          waiting.get(user.id)?.(user);
        }
        cursor = page.response_metadata?.next_cursor ?? '';
        if (cursor === '') return;
      }
    } catch (err) {
      log.debug({ err, team: workspace.id }, 'the people of a workspace could not be listed');
    }
  }

  function readingOf(workspace: Workspace): Reading {
    const before = readings.get(workspace.id);
    if (before && now() - before.at <= FRESH_FOR_MS) return before;
    const waiting: Reading['waiting'] = new Map();
    const reading = { at: now(), waiting, end: read(workspace, waiting) };
    readings.set(workspace.id, reading);
    return reading;
  }

  return {
    find(workspace, userId) {
      const { waiting, end } = readingOf(workspace);
      return new Promise((resolve) => {
        waiting.set(userId, resolve);
        void end.then(() => {
          waiting.delete(userId);
          resolve(undefined);
        });
      });
    },
  };
}
