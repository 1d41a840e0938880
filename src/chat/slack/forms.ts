import type { App } from '@slack/bolt';
import { z } from 'zod';
import type { CommandDeclaration } from '../declaration.ts';
import { clip } from '../fit.ts';
import type { Message } from '../message.ts';
import type { Choice, OptionValue } from '../platform.ts';
import { type Answer, createAnswers } from './answers.ts';
import type { Asking } from './asking.ts';
import { channelProblem } from './channels.ts';
import type { Desk } from './desk.ts';
import {
  drawChoices,
  FORM,
  type FormData,
  formView,
  readEntries,
  readFormData,
  readMenuId,
} from './form-view.ts';
import { communityOf, type Workspace } from './workspaces.ts';

/** Commands as forms: where something is missing that is easier chosen than typed, and for settings. */
export interface Forms {
  /**
   * Within three seconds of what somebody did.
   * @returns false if there is no form for it, or it could not be opened, which is logged
   */
  open(
    workspace: Workspace,
    triggerId: string,
    form: { command: string; values: Readonly<Record<string, OptionValue>>; channel: string | undefined },
  ): Promise<boolean>;
}

export function createForms({
  desk,
  declarations,
  emotions,
}: {
  desk: Desk;
  declarations: readonly CommandDeclaration[];
  emotions: readonly Choice[];
}): Forms {
  return {
    async open(workspace, triggerId, { command, values, channel }) {
      const declaration = declarations.find(({ name }) => name === command);
      if (!declaration || declaration.options.length === 0) return false;
      const data: FormData = { command, values: { ...values }, ...(channel !== undefined && { channel }) };
      try {
        const view = formView(declaration, data, emotions);
        await desk.api.call(workspace, 'views.open', { trigger_id: triggerId, view }, { urgent: true });
        return true;
      } catch (err) {
        desk.log.warn({ err, team: workspace.id, command }, 'a form could not be opened');
        return false;
      }
    },
  };
}

const sent = z.object({
  trigger_id: z.string(),
  user: z.object({ id: z.string(), team_id: z.string().optional(), name: z.string().optional() }),
  team: z.object({ id: z.string() }).nullish(),
  view: z.object({ private_metadata: z.string(), state: z.object({ values: z.unknown() }) }),
});
const typing = z.object({
  user: z.object({ id: z.string(), team_id: z.string().optional(), name: z.string().optional() }),
  team: z.object({ id: z.string() }).nullish(),
  action_id: z.string(),
  value: z.string().default(''),
});

/** Slack waits three seconds to hear whether a form is all right. */
const VERDICT_MS = 2_000;
const MAX_ERROR = 300;

/** The first answer decides: a refusal stays in the form, everything else closes it and goes where answers go. */
function createVerdict(deliver: Answer) {
  let tell: (message: Message | undefined) => void = () => {};
  const first = new Promise<Message | undefined>((resolve) => {
    tell = resolve;
  });
  let decide: (keep: boolean) => void = () => {};
  const kept = new Promise<boolean>((resolve) => {
    decide = resolve;
  });
  let asked = false;
  const answer: Answer = async (message) => {
    if (asked) return deliver(message);
    asked = true;
    tell(message);
    return (await kept) ? { edit: async () => {} } : deliver(message);
  };
  return { answer, first, decide, none: () => tell(undefined) };
}

/** Takes forms in, and what their menus ask for. */
export function followForms(
  app: App,
  desk: Desk,
  { asking, declarations }: { asking: Asking; declarations: readonly CommandDeclaration[] },
): void {
  const { api, workspaces, people, handlers, background, isNew, now, log } = desk;

  /** Only what is other than it was. */
  async function changes(
    workspace: Workspace,
    declaration: CommandDeclaration,
    entries: Readonly<Record<string, OptionValue>>,
    before: Readonly<Record<string, OptionValue>>,
  ): Promise<Record<string, OptionValue>> {
    const changed: Record<string, OptionValue> = {};
    for (const [name, value] of Object.entries(entries)) {
      if (String(before[name] ?? '') === String(value)) continue;
      const isPerson = declaration.options.find((option) => option.name === name)?.type === 'person';
      changed[name] = isPerson ? (await people.get(workspace, String(value))).identity : value;
    }
    return changed;
  }

  /** By the field that they belong under; plain, as forms are. */
  async function channelProblems(
    workspace: Workspace,
    declaration: CommandDeclaration,
    options: Readonly<Record<string, OptionValue>>,
  ): Promise<Record<string, string>> {
    const problems: Record<string, string> = {};
    for (const { name, type } of declaration.options) {
      const chosen = type === 'channel' ? options[name] : undefined;
      const problem = chosen !== undefined && (await channelProblem(api, workspace, String(chosen)));
      if (problem) problems[name] = problem.replace(/ <#\w+>/g, '').replaceAll('*', '');
    }
    return problems;
  }

  app.view(FORM, async ({ ack, body, context }) => {
    const at = now();
    const parsed = sent.safeParse(body);
    const data = parsed.success ? readFormData(parsed.data.view.private_metadata) : undefined;
    const declaration = declarations.find(({ name }) => name === data?.command);
    const workspace = workspaces.get(context.teamId ?? parsed.data?.team?.id ?? '');
    if (!parsed.success || !data || !declaration || !workspace || !isNew(parsed.data.trigger_id))
      return ack();
    const { user, view } = parsed.data;
    const { command, channel, values: before } = data;
    const question = {
      workspace,
      userId: user.id,
      at,
      ...(user.team_id !== undefined && { teamId: user.team_id }),
      ...(user.name !== undefined && { userName: user.name }),
      ...(channel !== undefined && { channel }),
    };
    const asked = { ...question, what: `/${command}`, channel, direct: channel?.startsWith('D') ?? false };
    const verdict = createVerdict(createAnswers(asked, desk));
    const entries = readEntries(declaration, view.state.values);
    const options = await changes(workspace, declaration, entries, before);
    const problems = await channelProblems(workspace, declaration, options);
    if (Object.keys(problems).length > 0) return ack({ response_action: 'errors', errors: problems });
    background(asking.command(question, command, options, verdict.answer).finally(verdict.none));

    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), VERDICT_MS);
    });
    const first = await Promise.race([verdict.first, patience]);
    clearTimeout(timer);
    const field = Object.keys(options)[0] ?? declaration.options[0]?.name ?? '';
    const refused = first?.tone === 'refusal';
    try {
      if (refused) {
        const errors = { [field]: clip(first.text.replaceAll('*', ''), MAX_ERROR) };
        await ack({ response_action: 'errors', errors });
      } else await ack();
      verdict.decide(refused);
    } catch (err) {
      log.warn({ err, command }, 'a form could not be acknowledged in time');
      verdict.decide(false);
    }
  });

  async function choicesFor(body: unknown, teamId: string | undefined): Promise<readonly Choice[]> {
    const parsed = typing.safeParse(body);
    if (!parsed.success) return [];
    const { user, team, action_id, value: typed } = parsed.data;
    const menu = readMenuId(action_id);
    const workspace = workspaces.get(teamId ?? team?.id ?? '');
    const declaration = declarations.find(({ name }) => name === menu?.command);
    const option = declaration?.options.find(({ name }) => name === menu?.option);
    if (!menu || !workspace || !option) return [];
    if (option.type === 'role') {
      const word = typed.toLowerCase();
      const groups = await people.groups.all(workspace);
      return groups
        .filter(({ name }) => name.toLowerCase().includes(word))
        .map(({ id, name }) => ({ name, value: id }));
    }
    const choices = await handlers.complete({
      communityId: communityOf(workspace.id),
      asker: await people.asker(workspace, user.id, {
        ...(user.team_id !== undefined && { teamId: user.team_id }),
        ...(user.name !== undefined && { name: user.name }),
      }),
      command: menu.command,
      option: menu.option,
      typed,
    });
    // A menu takes only what it offers; a text may be anything.
    const free = option.type === 'text' && typed !== '' && !choices.some(({ value }) => value === typed);
    return free ? [...choices.slice(0, 99), { name: typed, value: typed }] : choices;
  }

  app.options(/^complete:/, async ({ ack, body, context }) => {
    const choices = await choicesFor(body, context.teamId).catch((err: unknown) => {
      log.debug({ err }, 'an option could not be completed');
      return [];
    });
    await ack({ options: drawChoices(choices) });
  });
}
