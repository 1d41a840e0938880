import type { Logger } from 'pino';
import { z } from 'zod';
import type { IdentityId } from '../../domain/member.ts';
import type { Asker } from '../platform.ts';
import type { Api } from './api.ts';
import { codeOf } from './errors.ts';
import { createGroups, type Groups } from './groups.ts';
import { createRoster } from './roster.ts';
import { type SlackUser, slackUser } from './slack-user.ts';
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
  /**
   * Never rejects: whoever cannot be looked up in time counts as a person.
   * @param teamId where they are from, if Slack does not say
   */
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
/** More at once than these are asked for by the list rather than one by one, whose limit they would soon use up. */
const FEW = 5;
/** Whoever waits for an answer waits no longer for who they are. */
const PATIENCE_MS = 2_000;
/** Nor does a vote, when more people turn up at once than Slack lets anybody look up. */
const VOTE_PATIENCE_MS = 5_000;

const info = z.object({ user: slackUser });

const identityOf = (teamId: string, userId: string): IdentityId => `slack:${teamId}:${userId}`;

function read(found: SlackUser, workspace: Workspace): Person {
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
  /** Set once it is known. */
  settled?: Person;
}

/** Undefined when it takes longer. */
async function within<T>(ms: number, task: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([task, patience]);
  } finally {
    clearTimeout(timer);
  }
}

export function createPeople({
  api,
  now,
  log,
  votePatienceMs = VOTE_PATIENCE_MS,
}: {
  api: Api;
  now: () => number;
  log: Logger;
  votePatienceMs?: number;
}): People {
  const known = new Map<string, Known>();
  const groups = createGroups({ api, now, log });
  const roster = createRoster({ api, now, log, onUser });
  /** How many are being asked for, by workspace. */
  const waiting = new Map<string, number>();

  const keyOf = (workspace: Workspace, userId: string) => `${workspace.id} ${userId}`;

  function remember(key: string, person: Promise<Person>): void {
    const one: Known = { person, at: now() };
    known.delete(key);
    known.set(key, one);
    person.then(
      (found) => {
        one.settled = found;
      },
      () => {},
    );
    const oldest = known.keys().next().value;
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  }

  /** Somebody whom nobody has asked for yet, and who is known from now on. */
  function onUser(workspace: Workspace, user: SlackUser): void {
    const key = keyOf(workspace, user.id);
    if (!known.has(key)) remember(key, Promise.resolve(read(user, workspace)));
  }

  async function ask(workspace: Workspace, userId: string, urgent: boolean): Promise<Person> {
    const asked = (waiting.get(workspace.id) ?? 0) + 1;
    waiting.set(workspace.id, asked);
    try {
      if (asked > FEW && !urgent) {
        const user = await roster.find(workspace, userId);
        if (user) return read(user, workspace);
      }
      const found = info.parse(await api.call(workspace, 'users.info', { user: userId }, { urgent }));
      return read(found.user, workspace);
    } finally {
      waiting.set(workspace.id, (waiting.get(workspace.id) ?? 1) - 1);
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
      const before = known.get(keyOf(workspace, userId));
      if (before?.settled && now() - before.at <= KNOWN_FOR_MS) return before.settled;
      try {
        const found = await within(votePatienceMs, look(workspace, userId, KNOWN_FOR_MS, false));
        if (found) return found;
      } catch {
        // Logged where it was looked up.
      }
      return unknown(workspace, userId, teamId);
    },
    async asker(workspace, userId, { teamId, name }) {
      const looked = look(workspace, userId, ROLE_KNOWN_FOR_MS, true).catch(() => undefined);
      const [person, groupIds] = await Promise.all([
        within(PATIENCE_MS, looked),
        within(PATIENCE_MS, groups.of(workspace, userId)),
      ]);
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
