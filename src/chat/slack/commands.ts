import type { App } from '@slack/bolt';
import { z } from 'zod';
import type { CommandDeclaration } from '../declaration.ts';
import type { Asking } from './asking.ts';
import type { Desk } from './desk.ts';
import { readEnvelope } from './envelope.ts';

const slash = z.object({
  command: z.string(),
  text: z.string().default(''),
  team_id: z.string(),
  channel_id: z.string(),
  user_id: z.string(),
  user_name: z.string().optional(),
  response_url: z.string().optional(),
  trigger_id: z.string(),
});

const said = z.object({
  type: z.enum(['app_mention', 'message']),
  user: z.string(),
  text: z.string(),
  channel: z.string(),
  channel_type: z.string().optional(),
  thread_ts: z.string().optional(),
  user_team: z.string().optional(),
  bot_id: z.string().optional(),
  subtype: z.string().optional(),
  edited: z.unknown().optional(),
});

/** What somebody says to the bot: what follows its name, or stands before it. */
function spoken(text: string, botUserId: string): string {
  const [before = '', ...after] = text.split(new RegExp(`<@${botUserId}(?:\\|[^>]*)?>`));
  const said = after.join(' ').replace(/^[\s,:!?.]+/u, '');
  return said === '' ? before.trim() : said.trim();
}

/**
 * Takes commands in: `/playlist calm`, `@Reactune playlist calm` (also in threads, where there are no slash commands),
 * and `playlist calm` in a direct message.
 */
export function followCommands(
  app: App,
  desk: Desk,
  {
    asking,
    declarations,
    prefix,
  }: { asking: Asking; declarations: readonly CommandDeclaration[]; prefix: string },
): void {
  const { workspaces, background, isNew, now, log } = desk;

  /** As declared: without the slash and the prefix that makes Slack's name of it one of a kind. */
  function lineOf(command: string, text: string): string {
    const name = command.replace(/^\//, '');
    const short = prefix !== '' && name.startsWith(prefix) ? name.slice(prefix.length) : name;
    if (declarations.some((declaration) => declaration.name === short)) return `/${short} ${text}`;
    // One command for all of them: `/reactune playlist calm`.
    return `/${text.trim().replace(/^\//, '') || 'help'}`;
  }

  app.command(/^\//, async ({ ack, body, context }) => {
    const at = now();
    const parsed = slash.safeParse(body);
    try {
      await ack();
    } catch (err) {
      log.warn({ err, command: body.command }, 'a command could not be acknowledged in time; it is not run');
      return;
    }
    if (!parsed.success || !isNew(parsed.data.trigger_id)) return;
    const { command, text, team_id, channel_id, user_id, user_name, response_url, trigger_id } = parsed.data;
    const workspace = workspaces.get(context.teamId ?? team_id);
    if (!workspace) return;
    const question = {
      workspace,
      userId: user_id,
      teamId: team_id,
      channel: channel_id,
      triggerId: trigger_id,
      at,
      ...(user_name !== undefined && { userName: user_name }),
      ...(response_url !== undefined && { responseUrl: response_url }),
    };
    background(asking.line(question, lineOf(command, text)));
  });

  async function take(body: unknown): Promise<void> {
    const at = now();
    const envelope = readEnvelope(body, workspaces);
    const parsed = said.safeParse(envelope?.event);
    if (!envelope || !parsed.success) return;
    const { type, user, text, channel, channel_type, thread_ts, user_team, bot_id, subtype, edited } =
      parsed.data;
    if (type === 'message' && channel_type !== 'im') return;
    // Other bots, workflows and what somebody corrects later ask for nothing.
    if (bot_id !== undefined || subtype !== undefined || edited !== undefined) return;
    if (workspaces.isOwnBot(user) || !isNew(envelope.id)) return;
    const { workspace, actingTeam } = envelope;
    if ((await desk.people.get(workspace, user, user_team ?? actingTeam)).kind !== 'person') return;
    const teamId = user_team ?? actingTeam;
    const question = {
      workspace,
      userId: user,
      channel,
      at,
      ...(teamId !== undefined && { teamId }),
      ...(thread_ts !== undefined && { thread: thread_ts }),
    };
    await asking.line(question, lineOf('', spoken(text, workspace.botUserId)));
  }

  app.event('app_mention', async ({ body }) => background(take(body)));
  app.event('message', async ({ body }) => background(take(body)));
}
