import { type APIApplicationCommand, ApplicationCommandType } from 'discord.js';
import type { DiscordCommand } from './declarations.ts';

/** Where commands are registered: everywhere, or on one server. */
export type CommandScope = 'global' | 'guild';

/** How what is registered differs from what should be. Commands are named as declared. */
export interface CommandPlan {
  readonly added: readonly DiscordCommand[];
  readonly changed: readonly {
    readonly id: string;
    readonly command: DiscordCommand;
    /** One sentence for each thing that differs. */
    readonly differences: readonly string[];
  }[];
  readonly removed: readonly { readonly id: string; readonly name: string }[];
  /** Names. */
  readonly unchanged: readonly string[];
}

/** Whatever Discord fills in when it is left out, by the name of the field. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  required: false,
  autocomplete: false,
  nsfw: false,
  default_member_permissions: null,
  name_localizations: {},
  description_localizations: {},
  options: [],
  choices: [],
  channel_types: [],
};

/** Of a command that is registered: what we say ourselves. The rest is Discord's (ids, versions, old names). */
const COMMAND_FIELDS = [
  'description',
  'name_localizations',
  'description_localizations',
  'default_member_permissions',
  'nsfw',
] as const;
/** On one server these are not for us to say. */
const GLOBAL_FIELDS = ['contexts', 'integration_types'] as const;
const OPTION_FIELDS = [
  'type',
  'description',
  'name_localizations',
  'description_localizations',
  'required',
  'autocomplete',
  'choices',
  'min_value',
  'max_value',
  'min_length',
  'max_length',
  'channel_types',
] as const;

const LABELS: Readonly<Record<string, string>> = {
  name_localizations: 'translated names',
  description_localizations: 'translated descriptions',
  default_member_permissions: 'who sees it',
  nsfw: 'age-restricted',
  contexts: 'where it can be used',
  integration_types: 'how it is installed',
  min_value: 'least',
  max_value: 'most',
  min_length: 'shortest',
  max_length: 'longest',
  channel_types: 'kinds of channel',
};

/** Lists whose order says nothing. */
const UNORDERED = new Set(['contexts', 'integration_types', 'channel_types']);

type Fields = Readonly<Record<string, unknown>>;

/** One text for values that mean the same. */
function plain(field: string, value: unknown): string {
  const given = value ?? DEFAULTS[field];
  const ordered = UNORDERED.has(field) && Array.isArray(given) ? [...given].sort() : given;
  return JSON.stringify(ordered, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner).filter(([, part]) => part !== null && part !== undefined);
    const filled = entries.filter(([key, part]) => plain(key, part) !== plain(key, undefined));
    return Object.fromEntries(filled.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Short enough for a line on a terminal. */
function shown(field: string, value: unknown): string {
  const text = plain(field, value);
  if (text === undefined || text === 'null') return 'none';
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function fieldDifferences(is: Fields, should: Fields, fields: readonly string[]): string[] {
  return fields
    .filter((field) => plain(field, is[field]) !== plain(field, should[field]))
    .map((field) => `${LABELS[field] ?? field}: ${shown(field, is[field])} → ${shown(field, should[field])}`);
}

function optionDifferences(is: readonly Fields[], should: readonly Fields[]): string[] {
  const differences: string[] = [];
  for (const option of should) {
    const before = is.find(({ name }) => name === option.name);
    if (before === undefined) differences.push(`option ${option.name}: new`);
    else {
      const inside = fieldDifferences(before, option, OPTION_FIELDS);
      differences.push(...inside.map((difference) => `option ${option.name}: ${difference}`));
    }
  }
  const gone = is.filter(({ name }) => !should.some((option) => option.name === name));
  differences.push(...gone.map(({ name }) => `option ${name}: gone`));
  const stayed = is.filter((option) => !gone.includes(option)).map(({ name }) => name);
  const kept = should.map(({ name }) => name).filter((name) => stayed.includes(name));
  if (stayed.join() !== kept.join()) {
    differences.push(`order of the options: ${stayed.join(', ')} → ${kept.join(', ')}`);
  }
  return differences;
}

function differencesOf(is: APIApplicationCommand, should: DiscordCommand, scope: CommandScope): string[] {
  const fields = scope === 'global' ? [...COMMAND_FIELDS, ...GLOBAL_FIELDS] : COMMAND_FIELDS;
  return [
    ...fieldDifferences(is as unknown as Fields, should as unknown as Fields, fields),
    ...optionDifferences(
      (is.options ?? []) as unknown as readonly Fields[],
      (should.options ?? []) as unknown as readonly Fields[],
    ),
  ];
}

/** The form of a command that a scope takes: where it can be used is for commands that are registered everywhere. */
export function forScope(command: DiscordCommand, scope: CommandScope): DiscordCommand {
  if (scope === 'global') return command;
  const { contexts: _contexts, integration_types: _types, ...rest } = command;
  return rest;
}

/**
 * Compares what is registered with what should be. Commands of other types (an entry point, say) are somebody else's
 * and never part of a plan.
 * @param registered as Discord lists them with `with_localizations`
 */
export function planCommands(
  wanted: readonly DiscordCommand[],
  registered: readonly APIApplicationCommand[],
  scope: CommandScope,
): CommandPlan {
  const slash = registered.filter(({ type }) => type === ApplicationCommandType.ChatInput);
  const pairs = wanted.map((command) => {
    const is = slash.find(({ name }) => name === command.name);
    return { command, is, differences: is ? differencesOf(is, command, scope) : [] };
  });
  return {
    added: pairs.filter(({ is }) => is === undefined).map(({ command }) => forScope(command, scope)),
    changed: pairs.flatMap(({ command, is, differences }) =>
      is && differences.length > 0 ? [{ id: is.id, command: forScope(command, scope), differences }] : [],
    ),
    removed: slash.filter(({ name }) => !wanted.some((command) => command.name === name)),
    unchanged: pairs.flatMap(({ command, is, differences }) =>
      is && differences.length === 0 ? [command.name] : [],
    ),
  };
}
