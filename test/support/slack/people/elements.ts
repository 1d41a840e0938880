import { isObject } from '../blocks/check.ts';
import type { Block, Payload } from '../world.ts';

/** Something a person can use in blocks. */
export interface Usable {
  readonly block: Block;
  readonly element: Payload & { readonly type: string; readonly action_id: string };
  /** Its own words: the label of a button, the placeholder of a menu, the label of a field. */
  readonly label: string;
}

function labelOf(block: Block, element: Payload): string {
  const source = block.type === 'input' ? block.label : (element.text ?? element.placeholder);
  return isObject(source) ? String(source.text) : '';
}

/** Everything that can be clicked, chosen or filled in, from top to bottom. */
export function usables(blocks: readonly Block[] | undefined): Usable[] {
  const found: Usable[] = [];
  for (const block of blocks ?? []) {
    const parts = [
      ...(block.type === 'actions' ? (block.elements as unknown[]) : []),
      block.accessory,
      block.element,
    ];
    for (const part of parts) {
      if (!isObject(part) || typeof part.type !== 'string' || part.type === 'image') continue;
      found.push({ block, element: part as Usable['element'], label: labelOf(block, part) });
    }
  }
  return found;
}

/** By action id, label, block id or the value of a button. */
export function findUsable(blocks: readonly Block[] | undefined, what: string): Usable {
  const all = usables(blocks);
  const found =
    all.find(({ element }) => element.action_id === what) ??
    all.find(({ label }) => label === what) ??
    all.find(({ block, element }) => block.block_id === what || element.value === what);
  if (found === undefined) {
    const there = all.map(({ label, element }) => `«${label}» (${element.action_id})`).join(', ');
    throw new Error(`there is nothing called «${what}» here, only ${there || 'text'}`);
  }
  return found;
}

/** What a person enters or chooses: a text, an option by value or label, several of them, an id. */
export type Entry = string | number | boolean | readonly string[] | undefined;

type Option = { readonly text: { readonly text: string }; readonly value: string } & Payload;

function optionsOf(element: Payload, offered: readonly Option[]): readonly Option[] {
  const groups = (element.option_groups ?? []) as { readonly options: readonly Option[] }[];
  return [
    ...((element.options ?? []) as readonly Option[]),
    ...groups.flatMap(({ options }) => options),
    ...offered,
  ];
}

function choose(element: Payload, wanted: string, offered: readonly Option[]): Option {
  const options = optionsOf(element, offered);
  const found =
    options.find(({ value }) => value === wanted) ?? options.find(({ text }) => text.text === wanted);
  if (found === undefined)
    throw new Error(
      `«${wanted}» is not offered, only ${options.map(({ text }) => `«${text.text}»`).join(', ')}`,
    );
  return found;
}

const several = (entry: Entry): readonly string[] =>
  Array.isArray(entry) ? entry : entry === undefined ? [] : [String(entry)];

/** What the field says in `state.values` and in actions. `offered`: what the app gave an external menu. */
export function entered(
  element: Payload & { readonly type: string },
  entry: Entry,
  offered: readonly Option[] = [],
): Payload {
  const type = element.type;
  const one = entry === undefined ? undefined : String(entry);
  switch (type) {
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
    case 'overflow':
      return { type, selected_option: one === undefined ? null : choose(element, one, offered) };
    case 'multi_static_select':
    case 'multi_external_select':
    case 'checkboxes':
      return { type, selected_options: several(entry).map((value) => choose(element, value, offered)) };
    case 'users_select':
      return { type, selected_user: one ?? null };
    case 'multi_users_select':
      return { type, selected_users: several(entry) };
    case 'channels_select':
      return { type, selected_channel: one ?? null };
    case 'multi_channels_select':
      return { type, selected_channels: several(entry) };
    case 'conversations_select':
      return { type, selected_conversation: one ?? null };
    case 'multi_conversations_select':
      return { type, selected_conversations: several(entry) };
    case 'datepicker':
      return { type, selected_date: one ?? null };
    case 'timepicker':
      return { type, selected_time: one ?? null };
    case 'datetimepicker':
      return { type, selected_date_time: one === undefined ? null : Number(one) };
    case 'button':
      return { type, text: element.text, value: element.value };
    default:
      return { type, value: one === undefined || one === '' ? null : one };
  }
}

/** What a field holds before anybody touches it. */
export function initially(element: Payload & { readonly type: string }): Payload {
  const values: Payload = entered(element, undefined);
  const initial: Readonly<Record<string, string>> = {
    initial_option: 'selected_option',
    initial_options: 'selected_options',
    initial_value: 'value',
    initial_user: 'selected_user',
    initial_users: 'selected_users',
    initial_channel: 'selected_channel',
    initial_channels: 'selected_channels',
    initial_conversation: 'selected_conversation',
    initial_conversations: 'selected_conversations',
    initial_date: 'selected_date',
    initial_time: 'selected_time',
    initial_date_time: 'selected_date_time',
  };
  for (const [from, to] of Object.entries(initial))
    if (element[from] !== undefined) values[to] = element[from];
  return values;
}

export function isEmpty(value: Payload): boolean {
  const [, field] = Object.entries(value).find(([name]) => name !== 'type') ?? [];
  return (
    field === null || field === undefined || field === '' || (Array.isArray(field) && field.length === 0)
  );
}
