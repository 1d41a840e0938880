import type { Installation } from '@slack/bolt';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { CommunityId } from '../../domain/member.ts';
import { ChatError } from '../platform.ts';
import type { Account, Api } from './api.ts';

/** A workspace that the bot is in. */
export interface Workspace extends Account {
  readonly name: string;
  readonly botUserId: string;
  readonly botId: string;
  readonly enterpriseId?: string;
  /** Who installed the app, where that is known. */
  readonly installer?: string;
}

/** Where the bot is, by the workspace's id. */
export interface Workspaces {
  all(): readonly Workspace[];
  get(teamId: string): Workspace | undefined;
  /** @throws ChatError when the bot is not there (any more) */
  of(communityId: CommunityId): Workspace;
  /** The workspace whose own bot user this is; undefined for an organisation's, which is in many. */
  byBot(userId: string): Workspace | undefined;
  isOwnBot(userId: string): boolean;
  add(workspaces: readonly Workspace[]): void;
  /** Takes a workspace out, and with an organisation's token all that go with it. */
  remove(teamId: string): readonly Workspace[];
  clear(): void;
}

export const communityOf = (teamId: string): CommunityId => `slack:${teamId}`;
const teamOf = (communityId: CommunityId) => communityId.replace(/^slack:/, '');

export function createWorkspaces(): Workspaces {
  const byId = new Map<string, Workspace>();
  const bots = new Map<string, Workspace>();

  return {
    all: () => [...byId.values()],
    get: (teamId) => byId.get(teamId),
    of(communityId) {
      const workspace = byId.get(teamOf(communityId));
      if (!workspace) {
        throw new ChatError('forbidden', `The app is not installed in the workspace ${teamOf(communityId)}.`);
      }
      return workspace;
    },
    byBot: (userId) => {
      const workspace = bots.get(userId);
      return workspace?.orgWide ? undefined : workspace;
    },
    isOwnBot: (userId) => bots.has(userId),
    add(workspaces) {
      for (const workspace of workspaces) {
        byId.set(workspace.id, workspace);
        bots.set(workspace.botUserId, workspace);
      }
    },
    remove(teamId) {
      const gone = byId.get(teamId);
      if (!gone) return [];
      const all = gone.orgWide ? [...byId.values()].filter(({ token }) => token === gone.token) : [gone];
      for (const { id, botUserId } of all) {
        byId.delete(id);
        bots.delete(botUserId);
      }
      return all;
    },
    clear() {
      byId.clear();
      bots.clear();
    },
  };
}

const who = z.object({
  team: z.string(),
  team_id: z.string(),
  user_id: z.string(),
  bot_id: z.string(),
  enterprise_id: z.string().nullish(),
  is_enterprise_install: z.boolean().optional(),
});
const teams = z.object({
  teams: z.array(z.object({ id: z.string(), name: z.string() })),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

/** The workspaces that an organisation's token opens. @throws SlackFailure */
async function approved(api: Api, like: Omit<Workspace, 'name'>): Promise<Workspace[]> {
  const found: Workspace[] = [];
  for (let cursor = ''; ; ) {
    const account = { ...like, orgWide: false };
    const page = teams.parse(
      await api.call(account, 'auth.teams.list', { limit: 200, ...(cursor !== '' && { cursor }) }),
    );
    found.push(...page.teams.map(({ id, name }) => ({ ...like, id, name })));
    cursor = page.response_metadata?.next_cursor ?? '';
    if (cursor === '') return found;
  }
}

/** Where a token belongs. @throws SlackFailure */
export async function workspacesOfToken(api: Api, token: string): Promise<Workspace[]> {
  const told = who.parse(
    await api.call({ id: 'start', token, orgWide: false }, 'auth.test', {}, { urgent: true }),
  );
  const workspace: Workspace = {
    id: told.team_id,
    name: told.team,
    token,
    orgWide: told.is_enterprise_install ?? false,
    botUserId: told.user_id,
    botId: told.bot_id,
    ...(told.enterprise_id && { enterpriseId: told.enterprise_id }),
  };
  return workspace.orgWide ? approved(api, workspace) : [workspace];
}

/** Where an installation belongs, without asking Slack unless it is an organisation's. @throws SlackFailure */
export async function workspacesOf(
  api: Api,
  { team, enterprise, bot, user, isEnterpriseInstall }: Installation,
): Promise<Workspace[]> {
  if (!bot) return [];
  const common = {
    token: bot.token,
    botUserId: bot.userId,
    botId: bot.id,
    ...(enterprise && { enterpriseId: enterprise.id }),
    ...(user.id !== '' && { installer: user.id }),
  };
  if (isEnterpriseInstall) return approved(api, { ...common, id: enterprise?.id ?? '', orgWide: true });
  if (!team) return [];
  return [{ ...common, id: team.id, name: team.name ?? team.id, orgWide: false }];
}

/** Whether the token of a workspace still opens it; false also when Slack cannot be asked. */
export async function isAlive(api: Api, workspace: Workspace, log: Logger): Promise<boolean> {
  try {
    await api.call(workspace, 'auth.test');
    return true;
  } catch (err) {
    log.debug({ err, team: workspace.id }, 'a token does not work any more');
    return false;
  }
}
