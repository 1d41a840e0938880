import type { Logger } from 'pino';
import { z } from 'zod';
import type { IdentityId } from '../../domain/member.ts';
import type { Asker } from '../platform.ts';
import type { Api } from './api.ts';
import { codeOf } from './errors.ts';
import { createGroups, type Groups } from './groups.ts';
import type { Workspace } from './workspaces.ts';

/** Somebody, as far as Slack tells. */
export interface Person {
  readonly identity: IdentityId;
  readonly name: string;
  /** `gone`: the account was closed. */
  readonly kind: 'person' | 'bot' | 'gone';
  readonly moderator: boolean;
  /** Of another organisation, in a channel that both share. */
  readonly foreign: boolean;
}

/** Who people are. Asks Slack once for each, and again after a while. */
export interface People {
  /** Never rejects: whoever cannot be looked up counts as a person. @param teamId where they are from, if Slack does not say */
  get(workspace: Workspace, userId: string, teamId?: string): Promise<Person>;
  /** @throws SlackFailure while Slack cannot be asked; who it does not show counts as a person */
  certain(workspace: Workspace, userId: string): Promise<Person>;
  /** As they are now, for somebody who asks for something. */
  asker(workspace: Workspace, userId: string, otherwise: { teamId?: string; name?: string }): Promise<Asker>;
  /** Something about them changed. */
  changed(workspace: Workspace, userId: string): void;
  readonly groups: Groups;
}

const KNOWN_FOR_MS = 6 * 3_600_000;
/** Somebody who has become an admin does not wait for long, whether Slack told of it or not. */
const ROLE_KNOWN_FOR_MS = 60_000;
const MAX_KNOWN = 100_000;
/** So many at once are asked for by the list rather than one by one. */
const MANY = 40;
/** Whoever waits for an answer waits no longer for who they are. */
const PATIENCE_MS = 2_000;

const user = z.object({
  id: z.string(),
  team_id: z.string().optional(),
  name: z.string().optional(),
  real_name: z.string().optional(),
  deleted: z.boolean().optional(),
  is_bot: z.boolean().optional(),
  is_admin: z.boolean().optional(),
  is_owner: z.boolean().optional(),
  is_primary_owner: z.boolean().optional(),
  profile: z.object({ display_name: z.string().optional(), real_name: z.string().optional() }).optional(),
  enterprise_user: z.object({ enterprise_id: z.string().optional() }).optional(),
});
const info = z.object({ user });
const listed = z.object({
  members: z.array(user),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

const identityOf = (teamId: string, userId: string): IdentityId => `slack:${teamId}:${userId}`;

function read(found: z.infer<typeof user>, workspace: Workspace): Person {
  const team = found.team_id ?? workspace.id;
  const sameOrganisation =
    workspace.enterpriseId !== undefined && found.enterprise_user?.enterprise_id === workspace.enterpriseId;
  const names = [found.profile?.display_name, found.real_name, found.profile?.real_name, found.name];
  return {
    identity: identityOf(team, found.id),
    name: names.find((name) => name !== undefined && name !== '') ?? found.id,
    // Slack's own bot is no bot to its list of users.
    kind: found.deleted ? 'gone' : found.is_bot || found.id === 'USLACKBOT' ? 'bot' : 'person',
    moderator: Boolean(found.is_admin || found.is_owner || found.is_primary_owner),
    foreign: team !== workspace.id && !sameOrganisation,
  };
}

interface Known {
  readonly person: Promise<Person>;
  readonly at: number;
}

export function createPeople({ api, now, log }: { api: Api; now: () => number; log: Logger }): People {
  const known = new Map<string, Known>();
  const groups = createGroups({ api, now, log });
  /** Who waits for an answer, by workspace. */
  const waiting = new Map<string, Set<string>>();
  const lists = new Map<string, Promise<ReadonlyMap<string, Person>>>();

  const keyOf = (workspace: Workspace, userId: string) => `${workspace.id} ${userId}`;

  function remember(key: string, person: Promise<Person>): void {
    known.delete(key);
    known.set(key, { person, at: now() });
    const oldest = known.keys().next().value;
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  }

  /** Everybody at once: one call for a thousand people, where asking for each would take ten minutes. */
  async function list(workspace: Workspace): Promise<ReadonlyMap<string, Person>> {
    const found = new Map<string, Person>();
    try {
      for (let cursor = ''; ; ) {
        const args = { limit: 1000, ...(cursor !== '' && { cursor }) };
        const page = listed.parse(await api.call(workspace, 'users.list', args));
        for (const one of page.members) found.set(one.id, read(one, workspace));
        cursor = page.response_metadata?.next_cursor ?? '';
        if (cursor === '') break;
      }
    } catch (err) {
      log.debug({ err, team: workspace.id }, 'the people of a workspace could not be listed');
    }
    return found;
  }

  /** One list answers for everybody who waits meanwhile; strangers are in none. */
  function fromList(workspace: Workspace): Promise<ReadonlyMap<string, Person>> {
    const running = lists.get(workspace.id) ?? list(workspace).finally(() => lists.delete(workspace.id));
    lists.set(workspace.id, running);
    return running;
  }

  async function ask(workspace: Workspace, userId: string, urgent: boolean): Promise<Person> {
    const waits = waiting.get(workspace.id) ?? new Set();
    waiting.set(workspace.id, waits);
    waits.add(userId);
    try {
      if (waits.size > MANY && !urgent) {
        const person = (await fromList(workspace)).get(userId);
        if (person) return person;
      }
      const found = info.parse(await api.call(workspace, 'users.info', { user: userId }, { urgent }));
      return read(found.user, workspace);
    } finally {
      waits.delete(userId);
    }
  }

  /** Whoever cannot be looked up counts as a person: a vote is not lost because Slack is slow. */
  function unknown(workspace: Workspace, userId: string, teamId = workspace.id): Person {
    return {
      identity: identityOf(teamId, userId),
      name: userId,
      kind: 'person',
      moderator: false,
      foreign: false,
    };
  }

  async function look(
    workspace: Workspace,
    userId: string,
    maxAgeMs: number,
    urgent: boolean,
  ): Promise<Person> {
    const key = keyOf(workspace, userId);
    const before = known.get(key);
    if (before && now() - before.at <= maxAgeMs) return before.person;
    const person = ask(workspace, userId, urgent);
    remember(key, person);
    person.catch((err: unknown) => {
      log.debug({ err, team: workspace.id, user: userId }, 'somebody could not be looked up');
      if (known.get(key)?.person !== person) return;
      // Who is invisible stays so; everybody else is asked for again next time.
      if (codeOf(err) !== 'user_not_visible') known.delete(key);
    });
    return person;
  }

  return {
    async certain(workspace, userId) {
      try {
        return await look(workspace, userId, KNOWN_FOR_MS, false);
      } catch (error) {
        if (codeOf(error) === undefined) throw error;
        return unknown(workspace, userId);
      }
    },
    async get(workspace, userId, teamId) {
      try {
        return await look(workspace, userId, KNOWN_FOR_MS, false);
      } catch {
        return unknown(workspace, userId, teamId);
      }
    },
    async asker(workspace, userId, { teamId, name }) {
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
      });
      const [person, groupIds] = await Promise.all([
        Promise.race([look(workspace, userId, ROLE_KNOWN_FOR_MS, true).catch(() => undefined), patience]),
        Promise.race([groups.of(workspace, userId), patience]),
      ]);
      clearTimeout(timer);
      const { identity, name: shown, moderator } = person ?? unknown(workspace, userId, teamId);
      return {
        identity,
        name: person ? shown : (name ?? shown),
        platformModerator: moderator,
        groups: groupIds ?? [],
      };
    },
    changed: (workspace, userId) => void known.delete(keyOf(workspace, userId)),
    groups,
  };
}
