import type { types } from '@slack/bolt';
import { z } from 'zod';
import type { CommandDeclaration, CommandOption } from '../declaration.ts';
import { clip } from '../fit.ts';
import type { Choice, OptionValue } from '../platform.ts';

export type FormValues = Readonly<Record<string, OptionValue>>;

export const FORM = 'form';

const MAX_TITLE = 24;
const MAX_LABEL = 150;
const MAX_OPTION = 75;
const MAX_VALUE = 150;
const MAX_OPTIONS = 100;
const MAX_METADATA = 3000;

const words = { send: 'Send', close: 'Cancel', yes: 'Yes', no: 'No' };

const text = (value: string, limit = MAX_LABEL) => ({
  type: 'plain_text' as const,
  text: clip(value, limit) || '…',
  emoji: true,
});

export const drawChoice = ({ name, value }: Choice): types.PlainTextOption => ({
  text: text(name, MAX_OPTION),
  value,
});

export function drawChoices(choices: readonly Choice[]): types.PlainTextOption[] {
  return choices
    .filter(({ value }) => value !== '' && value.length <= MAX_VALUE)
    .slice(0, MAX_OPTIONS)
    .map(drawChoice);
}

/** `snippets-per-day` → `Snippets per day` */
const labelOf = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');

/** The name of a menu whose choices are asked for while somebody types. */
export const menuId = (command: string, option: string) => `complete:${command}:${option}`;

export function readMenuId(actionId: string): { command: string; option: string } | undefined {
  const match = /^complete:([^:]+):(.+)$/.exec(actionId);
  return match ? { command: match[1] ?? '', option: match[2] ?? '' } : undefined;
}

function menu(choices: readonly Choice[], value: OptionValue | undefined): types.StaticSelect {
  const options = drawChoices(choices);
  const initial = options.find((option) => option.value === String(value));
  return { type: 'static_select', action_id: 'value', options, ...(initial && { initial_option: initial }) };
}

function elementOf(
  command: string,
  option: CommandOption,
  value: OptionValue | undefined,
  emotions: readonly Choice[],
): types.InputBlock['element'] {
  const typed = value === undefined ? '' : String(value);
  switch (option.type) {
    case 'emotion':
      return menu(emotions, value);
    case 'boolean':
      return menu(
        [
          { name: words.yes, value: 'true' },
          { name: words.no, value: 'false' },
        ],
        value,
      );
    case 'integer':
    case 'number':
      return {
        type: 'number_input',
        action_id: 'value',
        is_decimal_allowed: option.type === 'number',
        min_value: String(option.min),
        max_value: String(option.max),
        ...(typed !== '' && { initial_value: typed }),
      };
    case 'channel':
      return {
        type: 'conversations_select',
        action_id: 'value',
        filter: { include: ['public', 'private'], exclude_bot_users: true },
        ...(/^[CG][A-Z0-9]+$/.test(typed) && { initial_conversation: typed }),
      };
    case 'person':
      return { type: 'users_select', action_id: 'value' };
    case 'text':
      if (option.choices) return menu(option.choices, value);
      if (!option.completes) {
        return {
          type: 'plain_text_input',
          action_id: 'value',
          ...(typed !== '' && { initial_value: typed }),
        };
      }
      return completed(command, option.name, typed);
    default:
      return completed(command, option.name, typed);
  }
}

function completed(command: string, option: string, typed: string): types.ExternalSelect {
  return {
    type: 'external_select',
    action_id: menuId(command, option),
    min_query_length: 0,
    ...(typed !== '' &&
      typed.length <= MAX_VALUE && { initial_option: drawChoice({ name: typed, value: typed }) }),
  };
}

const metadata = z.object({
  command: z.string(),
  channel: z.string().optional(),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type FormData = z.infer<typeof metadata>;

export function readFormData(text: string): FormData | undefined {
  try {
    return metadata.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** A command as a form: each of its options is a field, none has to be touched that is not needed. */
export function formView(
  declaration: CommandDeclaration,
  data: FormData,
  emotions: readonly Choice[],
): types.ModalView {
  const { name: command, options } = declaration;
  const whole = JSON.stringify(data);
  return {
    type: 'modal',
    callback_id: FORM,
    private_metadata: whole.length <= MAX_METADATA ? whole : JSON.stringify({ ...data, values: {} }),
    title: text(labelOf(command), MAX_TITLE),
    submit: text(words.send, MAX_TITLE),
    close: text(words.close, MAX_TITLE),
    blocks: options.map((option) => ({
      type: 'input',
      block_id: option.name,
      label: text(labelOf(option.name)),
      hint: text(option.description),
      optional: option.required !== true,
      element: elementOf(command, option, data.values[option.name], emotions),
    })),
  };
}

const entered = z.object({
  type: z.string(),
  value: z.string().nullish(),
  selected_option: z.object({ value: z.string() }).nullish(),
  selected_user: z.string().nullish(),
  selected_conversation: z.string().nullish(),
});
const state = z.record(z.string(), z.record(z.string(), entered));

/** What was entered, as it would have been typed; people by Slack's own id. */
export function readEntries(declaration: CommandDeclaration, values: unknown): FormValues {
  const parsed = state.safeParse(values);
  if (!parsed.success) return {};
  const entries: Record<string, OptionValue> = {};
  for (const option of declaration.options) {
    const found = Object.values(parsed.data[option.name] ?? {})[0];
    const value =
      found?.value ?? found?.selected_option?.value ?? found?.selected_user ?? found?.selected_conversation;
    if (value === undefined || value === null || value === '') continue;
    const isNumber = option.type === 'integer' || option.type === 'number';
    entries[option.name] = option.type === 'boolean' ? value === 'true' : isNumber ? Number(value) : value;
  }
  return entries;
}
