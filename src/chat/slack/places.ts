import type { App } from '@slack/bolt';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Place } from '../platform.ts';
import type { Api } from './api.ts';
import type { Desk } from './desk.ts';
import { readEnvelope } from './envelope.ts';
import type { Installations } from './installations.ts';
import { communityOf, isAlive, type Workspace } from './workspaces.ts';

const conversations = z.object({
  channels: z.array(z.object({ id: z.string(), is_general: z.boolean().optional() })),
});

/** What the rest of the bot knows of a workspace. */
export interface Places {
  of(workspace: Workspace): Promise<Place>;
}

/**
 * Where a word to whoever set the bot up is fitting: to themselves, where that is known, else in a channel that the bot
 * was added to. Looked up once.
 */
export function createPlaces({ api, log }: { api: Api; log: Logger }): Places {
  const greetings = new Map<string, Promise<string | undefined>>();

  async function greetingChannel(workspace: Workspace): Promise<string | undefined> {
    if (workspace.installer !== undefined) return workspace.installer;
    try {
      const args = { types: 'public_channel,private_channel', exclude_archived: true, limit: 200 };
      const { channels } = conversations.parse(await api.call(workspace, 'users.conversations', args));
      return (channels.find(({ is_general }) => is_general) ?? channels[0])?.id;
    } catch (err) {
      log.debug({ err, team: workspace.id }, 'no channel to greet in was found');
      return undefined;
    }
  }

  return {
    async of(workspace) {
      const { id, name } = workspace;
      const greeting = greetings.get(id) ?? greetingChannel(workspace);
      greetings.set(id, greeting);
      const channel = await greeting;
      return {
        communityId: communityOf(id),
        name,
        ...(channel !== undefined && { greetingChannel: channel }),
      };
    },
  };
}

const farewell = z.object({
  team_id: z.string().nullish(),
  enterprise_id: z.string().nullish(),
  event: z.object({
    type: z.enum(['app_uninstalled', 'tokens_revoked']),
    tokens: z.object({ bot: z.array(z.string()).nullish() }).optional(),
  }),
});
const joined = z.object({ user: z.string(), channel: z.string() });
const person = z.object({ user: z.union([z.string(), z.object({ id: z.string() })]) });

/** Tells where the bot has to go, and what changes about the people there. */
export function followPlaces(app: App, desk: Desk, installations: Installations | undefined): void {
  const { api, workspaces, people, handlers, background, log } = desk;

  async function leave(body: unknown): Promise<void> {
    const parsed = farewell.safeParse(body);
    const teamId = parsed.data?.team_id;
    if (!parsed.success || !teamId) return;
    const { type, tokens } = parsed.data.event;
    const workspace = workspaces.get(teamId);
    // People's own tokens are none of ours.
    if (!workspace || (type === 'tokens_revoked' && !tokens?.bot?.includes(workspace.botUserId))) return;
    // Told late, of an installation that another one has replaced.
    if (await isAlive(api, workspace, log)) return;
    const gone = workspaces.remove(teamId);
    api.forget(workspace.token);
    if (gone.length === 0) return;
    log.warn({ teams: gone.map(({ id }) => id), why: type }, 'the app was removed from a workspace');
    await installations?.delete(
      workspace.orgWide
        ? { teamId: undefined, enterpriseId: workspace.enterpriseId ?? '', isEnterpriseInstall: true }
        : { teamId, enterpriseId: workspace.enterpriseId, isEnterpriseInstall: false },
    );
    for (const { id } of gone) await handlers.left(communityOf(id));
  }

  app.event('app_uninstalled', async ({ body }) => background(leave(body)));
  app.event('tokens_revoked', async ({ body }) => background(leave(body)));
  // Added to a channel again: what happened there meanwhile is read back.
  app.event('member_joined_channel', async ({ body }) => {
    const envelope = readEnvelope(body, workspaces);
    const parsed = joined.safeParse(envelope?.event);
    if (!envelope || !parsed.success || parsed.data.user !== envelope.workspace.botUserId) return;
    background(handlers.missed([communityOf(envelope.workspace.id)]));
  });
  app.event('user_change', async ({ body }) => {
    const envelope = readEnvelope(body, workspaces);
    const parsed = person.safeParse(envelope?.event);
    if (!envelope || !parsed.success) return;
    const { user } = parsed.data;
    people.changed(envelope.workspace, typeof user === 'string' ? user : user.id);
  });
  app.event(/^subteam_/, async ({ body }) => {
    const envelope = readEnvelope(body, workspaces);
    if (envelope) people.groups.changed(envelope.workspace);
  });
}
