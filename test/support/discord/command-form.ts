import { ApplicationCommandOptionType as Type } from 'discord.js';
import { z } from 'zod';
import { complain, snowflake } from './form.ts';

// The field's own expression, https://discord.com/developers/docs/interactions/application-commands
const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;

const LOCALES = [
  'id',
  'da',
  'de',
  'en-GB',
  'en-US',
  'es-ES',
  'es-419',
  'fr',
  'hr',
  'it',
  'lt',
  'hu',
  'nl',
  'no',
  'pl',
  'pt-BR',
  'ro',
  'fi',
  'sv-SE',
  'vi',
  'tr',
  'cs',
  'el',
  'bg',
  'ru',
  'uk',
  'hi',
  'th',
  'zh-CN',
  'ja',
  'zh-TW',
  'ko',
] as const;

function invalidName(value: string): boolean {
  return !NAME.test(value) || value.toLowerCase() !== value;
}

const name = z.string().superRefine((value, context) => {
  if (invalidName(value))
    complain(context, [], 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid');
});
const description = z.string().min(1).max(100);
const localizedNames = z.partialRecord(z.enum(LOCALES), name).nullish();
const localizedDescriptions = z.partialRecord(z.enum(LOCALES), description).nullish();
const choiceNames = z.partialRecord(z.enum(LOCALES), z.string().min(1).max(100)).nullish();

const described = {
  name,
  name_localizations: localizedNames,
  description,
  description_localizations: localizedDescriptions,
};

function choices(value: z.ZodType<string | number>) {
  return z
    .array(z.strictObject({ name: z.string().min(1).max(100), name_localizations: choiceNames, value }))
    .max(25)
    .nullish();
}

const leaf = { ...described, required: z.boolean().nullish() };
const autocomplete = z.boolean().nullish();

const stringOption = z.strictObject({
  ...leaf,
  type: z.literal(Type.String),
  choices: choices(z.string().min(1).max(100)),
  min_length: z.number().int().min(0).max(6000).nullish(),
  max_length: z.number().int().min(1).max(6000).nullish(),
  autocomplete,
});

const integerOption = z.strictObject({
  ...leaf,
  type: z.literal(Type.Integer),
  choices: choices(z.number().int()),
  min_value: z.number().int().nullish(),
  max_value: z.number().int().nullish(),
  autocomplete,
});

const numberOption = z.strictObject({
  ...leaf,
  type: z.literal(Type.Number),
  choices: choices(z.number()),
  min_value: z.number().nullish(),
  max_value: z.number().nullish(),
  autocomplete,
});

const channelOption = z.strictObject({
  ...leaf,
  type: z.literal(Type.Channel),
  channel_types: z.array(z.number().int()).nullish(),
});

const plainOption = z.strictObject({
  ...leaf,
  type: z.union([
    z.literal(Type.Boolean),
    z.literal(Type.User),
    z.literal(Type.Role),
    z.literal(Type.Mentionable),
    z.literal(Type.Attachment),
  ]),
});

const leafOption = z.union([stringOption, integerOption, numberOption, channelOption, plainOption]);

interface AnyOption {
  readonly name: string;
  readonly type: number;
  readonly required?: boolean | null;
  readonly choices?: readonly unknown[] | null;
  readonly autocomplete?: boolean | null;
}

function checkOptions(options: readonly AnyOption[] | null | undefined, context: z.RefinementCtx): void {
  let optionalSeen = false;
  const names = new Set<string>();
  for (const [index, option] of (options ?? []).entries()) {
    if (option.required && optionalSeen)
      complain(
        context,
        ['options', index],
        'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        'Required options must be placed before non-required options',
      );
    if (!option.required) optionalSeen = true;
    if (names.has(option.name))
      complain(
        context,
        ['options', index],
        'APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS',
        'Option name already exists',
      );
    names.add(option.name);
    if (option.autocomplete && option.choices?.length)
      complain(
        context,
        ['options', index],
        'APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_CHOICES',
        'An option with autocomplete has no choices of its own',
      );
  }
}

const subcommand = z
  .strictObject({
    ...described,
    type: z.literal(Type.Subcommand),
    options: z.array(leafOption).max(25).nullish(),
  })
  .superRefine(({ options }, context) => checkOptions(options, context));

const group = z
  .strictObject({
    ...described,
    type: z.literal(Type.SubcommandGroup),
    options: z.array(subcommand).min(1).max(25),
  })
  .superRefine(({ options }, context) => checkOptions(options, context));

const option = z.union([leafOption, subcommand, group]);

/** All that Discord counts towards 8,000: names, descriptions and values, the longest translation of each. */
export function commandSize(part: {
  readonly name?: string;
  readonly description?: string | null;
  readonly name_localizations?: object | null;
  readonly description_localizations?: object | null;
  readonly value?: unknown;
  readonly options?: readonly object[] | null;
  readonly choices?: readonly object[] | null;
}): number {
  const longest = (text: string | null | undefined, translations: object | null | undefined): number =>
    Math.max(text?.length ?? 0, ...Object.values(translations ?? {}).map((one) => String(one).length));
  const own =
    longest(part.name, part.name_localizations) +
    longest(part.description, part.description_localizations) +
    (typeof part.value === 'string' ? part.value.length : 0);
  return [...(part.options ?? []), ...(part.choices ?? [])].reduce<number>(
    (sum, one) => sum + commandSize(one),
    own,
  );
}

const fields = {
  id: snowflake.nullish(),
  name: z.string().min(1).max(32),
  name_localizations: z.partialRecord(z.enum(LOCALES), z.string().min(1).max(32)).nullish(),
  description: z.string().max(100).nullish(),
  description_localizations: localizedDescriptions,
  options: z.array(option).max(25).nullish(),
  default_member_permissions: z.string().regex(/^\d+$/).nullish(),
  dm_permission: z.boolean().nullish(),
  contexts: z.array(z.number().int().min(0).max(2)).min(1).nullish(),
  integration_types: z.array(z.number().int().min(0).max(1)).min(1).nullish(),
  nsfw: z.boolean().nullish(),
  type: z.number().int().min(1).max(4).nullish(),
  handler: z.number().int().nullish(),
};

function checkCommand(command: Partial<z.infer<z.ZodObject<typeof fields>>>, context: z.RefinementCtx): void {
  const chatInput = (command.type ?? 1) === 1;
  if (chatInput && command.name !== undefined && invalidName(command.name))
    complain(context, ['name'], 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid');
  checkOptions(command.options, context);
  const kinds = new Set(
    command.options?.map(({ type }) => type === Type.Subcommand || type === Type.SubcommandGroup),
  );
  if (kinds.size > 1)
    complain(
      context,
      ['options'],
      'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
      'Sub-command and sub-command group option types are mutually exclusive to all other types',
    );
  if (commandSize(command) > 8000)
    complain(context, [], 'APPLICATION_COMMAND_TOO_LARGE', 'Command exceeds maximum size (8000)');
}

export const commandSchema = z.strictObject(fields).superRefine((command, context) => {
  const chatInput = (command.type ?? 1) === 1;
  if (chatInput && !command.description)
    complain(context, ['description'], 'BASE_TYPE_REQUIRED', 'This field is required');
  checkCommand(command, context);
});

export const commandPatchSchema = z.strictObject(fields).partial().superRefine(checkCommand);

export type CommandForm = z.infer<typeof commandSchema>;

export const commandListSchema = z.array(commandSchema).superRefine((commands, context) => {
  const seen = new Set<string>();
  for (const [index, command] of commands.entries()) {
    const key = `${command.type ?? 1} ${command.name}`;
    if (seen.has(key))
      complain(
        context,
        [index],
        'APPLICATION_COMMANDS_DUPLICATE_NAME',
        'Application command names must be unique',
      );
    seen.add(key);
  }
});
