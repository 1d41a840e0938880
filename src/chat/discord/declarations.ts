import {
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandOptionChoice,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  ChannelType,
  InteractionContextType,
  Locale,
  type LocalizationMap,
  PermissionFlagsBits,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord.js';
import type { Taxonomy } from '../../domain/emotion.ts';
import type { CommandDeclaration, CommandOption, LocalDeclarations } from '../declaration.ts';
import type { Choice } from '../platform.ts';

/** A slash command as Discord takes it. */
export type DiscordCommand = RESTPostAPIChatInputApplicationCommandsJSONBody;

type LocalTexts = { readonly name: string; readonly description: string };
type Translation<T> = (locale: LocalDeclarations) => T | undefined;

const KNOWN_LOCALES: ReadonlySet<string> = new Set(Object.values(Locale));

/** One map of Discord's for one text; nothing at all where no language has one. */
function mapOf(
  locales: readonly LocalDeclarations[],
  text: Translation<string>,
): LocalizationMap | undefined {
  const entries = locales.flatMap((locale) => {
    const local = text(locale);
    return local === undefined ? [] : [[locale.locale, local] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function localised(locales: readonly LocalDeclarations[], texts: Translation<LocalTexts>) {
  const names = mapOf(locales, (locale) => texts(locale)?.name);
  const descriptions = mapOf(locales, (locale) => texts(locale)?.description);
  return {
    ...(names && { name_localizations: names }),
    ...(descriptions && { description_localizations: descriptions }),
  };
}

const range = ({ min, max }: { min: number; max: number }) => ({ min_value: min, max_value: max });

/**
 * Translates declarations into the bodies of Discord's application commands: for servers only, moderators' commands
 * hidden from everybody without Manage Server (a server can change that, so the dispatcher checks again).
 * @throws Error for a language that Discord does not know
 */
export function discordCommands(
  declarations: readonly CommandDeclaration[],
  taxonomy: Taxonomy,
  locales: readonly LocalDeclarations[] = [],
): readonly DiscordCommand[] {
  const unknown = locales.find(({ locale }) => !KNOWN_LOCALES.has(locale));
  if (unknown) {
    throw new Error(`Discord has no language "${unknown.locale}"; it has: ${[...KNOWN_LOCALES].join(', ')}.`);
  }

  function choices(
    own: readonly Choice[],
    name: (choice: Choice, locale: LocalDeclarations) => string | undefined,
  ): APIApplicationCommandOptionChoice<string>[] {
    return own.map((choice) => {
      const names = mapOf(locales, (locale) => name(choice, locale));
      return { name: choice.name, ...(names && { name_localizations: names }), value: choice.value };
    });
  }

  const emotions = taxonomy.emotions.map(({ key, name, emoji }) => ({
    name: `${emoji} ${name}`,
    value: key,
  }));
  const emotionChoices = choices(emotions, ({ value }, locale) => {
    const name = locale.emotions[value];
    return name === undefined ? undefined : `${taxonomy.get(value)?.emoji} ${name}`;
  });

  function optionOf(command: string, option: CommandOption): APIApplicationCommandBasicOption {
    const local: Translation<LocalTexts & { choices?: Readonly<Record<string, string>> }> = (locale) =>
      locale.commands[command]?.options?.[option.name];
    const base = {
      name: option.name,
      description: option.description,
      ...localised(locales, local),
      ...(option.required && { required: true }),
    };
    switch (option.type) {
      case 'text':
        if (option.choices) {
          return {
            ...base,
            type: ApplicationCommandOptionType.String,
            choices: choices(option.choices, ({ value }, locale) => local(locale)?.choices?.[value]),
          };
        }
        return {
          ...base,
          type: ApplicationCommandOptionType.String,
          ...(option.completes && { autocomplete: true }),
        };
      case 'emotion':
        return { ...base, type: ApplicationCommandOptionType.String, choices: emotionChoices };
      case 'song':
        return { ...base, type: ApplicationCommandOptionType.String, autocomplete: true };
      case 'integer':
        return { ...base, type: ApplicationCommandOptionType.Integer, ...range(option) };
      case 'number':
        return { ...base, type: ApplicationCommandOptionType.Number, ...range(option) };
      case 'boolean':
        return { ...base, type: ApplicationCommandOptionType.Boolean };
      case 'channel':
        return {
          ...base,
          type: ApplicationCommandOptionType.Channel,
          channel_types: [ChannelType.GuildText, ChannelType.GuildAnnouncement],
        };
      case 'person':
        return { ...base, type: ApplicationCommandOptionType.User };
      case 'role':
        return { ...base, type: ApplicationCommandOptionType.Role };
    }
  }

  return declarations.map((declaration) => ({
    type: ApplicationCommandType.ChatInput,
    name: declaration.name,
    description: declaration.description,
    ...localised(locales, (locale) => locale.commands[declaration.name]),
    options: declaration.options.map((option) => optionOf(declaration.name, option)),
    default_member_permissions: declaration.moderatorsOnly ? String(PermissionFlagsBits.ManageGuild) : null,
    contexts: [InteractionContextType.Guild],
    integration_types: [ApplicationIntegrationType.GuildInstall],
  }));
}
