import type { App } from '@slack/bolt';
import { z } from 'zod';
import type { Message } from '../message.ts';
import { readTurn } from '../pages.ts';
import type { AnswerHandle } from '../platform.ts';
import type { Asking, Question } from './asking.ts';
import type { Desk } from './desk.ts';
import { asChatError } from './errors.ts';
import { readFormButton } from './form-button.ts';
import type { Forms } from './forms.ts';
import type { Home } from './home.ts';
import type { Workspace } from './workspaces.ts';

const pressed = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string(), team_id: z.string().optional(), name: z.string().optional() }),
  team: z.object({ id: z.string() }).nullish(),
  trigger_id: z.string(),
  response_url: z.string().optional(),
  channel: z.object({ id: z.string() }).optional(),
  container: z.object({ type: z.string(), thread_ts: z.string().optional() }).optional(),
  view: z.object({ type: z.string(), private_metadata: z.string().optional() }).optional(),
  actions: z.array(z.object({ type: z.string(), value: z.string().optional() })).min(1),
});

/**
 * How the action that reopens a list is answered when a page is turned: the message with the button shows the other
 * page. Whatever is no list (the list is gone, the button has grown old) is told to whoever pressed, and the message
 * stays.
 */
function turnPage(desk: Desk, workspace: Workspace, responseUrl: string, page: number) {
  const { api, messenger } = desk;

  async function respond(message: Message, replace: boolean): Promise<void> {
    try {
      await messenger.send(workspace, message, { page }, ({ text, blocks }) =>
        api.respond(responseUrl, {
          replace_original: replace,
          ...(!replace && { response_type: 'ephemeral' }),
          text,
          blocks,
        }),
      );
    } catch (error) {
      throw asChatError(error, { what: 'turn a page', where: `“${workspace.name}”` });
    }
  }

  let turned = false;
  return async (message: Message): Promise<AnswerHandle> => {
    const isList = (message.songs ?? []).length > 0;
    const replace = isList && !turned;
    turned ||= replace;
    await respond(message, replace);
    return { edit: (next) => respond(next, replace) };
  };
}

/** Takes buttons in. What they carry says everything, so that old ones work after a restart. */
export function followActions(
  app: App,
  desk: Desk,
  { asking, forms, home }: { asking: Asking; forms: Forms; home: Home },
): void {
  const { workspaces, background, isNew, now, log } = desk;

  async function press(question: Question, value: string, isHome: boolean): Promise<void> {
    const { workspace, triggerId, channel, responseUrl } = question;
    const form = readFormButton(value);
    if (form && triggerId !== undefined) {
      await forms.open(workspace, triggerId, { ...form, channel });
      return;
    }
    const turn = readTurn(value);
    if (turn && isHome) return home.publish(question, turn);
    if (turn && responseUrl !== undefined) {
      return asking.action(question, turn.reopen, turnPage(desk, workspace, responseUrl, turn.page));
    }
    await asking.action(question, value);
    if (isHome) await home.publish(question);
  }

  app.action(/^/, async ({ ack, body, context }) => {
    const at = now();
    const parsed = pressed.safeParse(body);
    try {
      await ack();
    } catch (err) {
      log.warn({ err }, 'a button could not be acknowledged in time; it is not run');
      return;
    }
    if (!parsed.success || !isNew(parsed.data.trigger_id)) return;
    const { user, team, trigger_id, response_url, channel, container, view, actions } = parsed.data;
    const value = actions[0]?.value;
    const workspace = workspaces.get(context.teamId ?? team?.id ?? '');
    // Menus of forms are read when the form is sent.
    if (!workspace || value === undefined || actions[0]?.type !== 'button') return;
    const isHome = view?.type === 'home';
    const where = channel?.id ?? (isHome && view.private_metadata !== '' ? view.private_metadata : undefined);
    const question: Question = {
      workspace,
      userId: user.id,
      triggerId: trigger_id,
      at,
      ...(user.team_id !== undefined && { teamId: user.team_id }),
      ...(user.name !== undefined && { userName: user.name }),
      ...(where !== undefined && { channel: where }),
      ...(container?.thread_ts !== undefined && { thread: container.thread_ts }),
      ...(response_url !== undefined && { responseUrl: response_url }),
    };
    background(press(question, value, isHome));
  });
}
