import path from 'node:path';
import {
  ApplicationCommandOptionType,
  ApplicationIntegrationType,
  ChannelType,
  InteractionContextType,
  PermissionFlagsBits,
} from 'discord.js';
import { expect, test } from 'vitest';
import { commands } from '../../../commands/index.ts';
import { locales } from '../../../commands/locales.ts';
import type { CommandDeclaration, CommandOption, LocalDeclarations } from '../../../src/chat/declaration.ts';
import { discordCommands } from '../../../src/chat/discord/declarations.ts';
import { loadTaxonomy } from '../../../src/domain/taxonomy.ts';
import { PACKAGE_ROOT } from '../../../src/paths.ts';

const taxonomy = loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json'));
const text = { name: 'x', description: 'X' } as const;

function translated(options: readonly CommandOption[], parts: Partial<CommandDeclaration> = {}) {
  return discordCommands([{ name: 'tea', description: 'Makes tea', options, ...parts }], taxonomy)[0];
}

test.each<[string, CommandOption, object]>([
  ['free text is a string', { ...text, type: 'text' }, { type: ApplicationCommandOptionType.String }],
  [
    'text that completes asks as it is typed',
    { ...text, type: 'text', completes: true },
    { type: ApplicationCommandOptionType.String, autocomplete: true },
  ],
  [
    'text with choices is chosen from, and not completed besides',
    { ...text, type: 'text', completes: true, choices: [{ name: 'One', value: '1' }] },
    { type: ApplicationCommandOptionType.String, choices: [{ name: 'One', value: '1' }] },
  ],
  [
    'a song completes',
    { ...text, type: 'song' },
    { type: ApplicationCommandOptionType.String, autocomplete: true },
  ],
  [
    'a whole number has its range',
    { ...text, type: 'integer', min: 0, max: 9 },
    { type: ApplicationCommandOptionType.Integer, min_value: 0, max_value: 9 },
  ],
  [
    'a number has its range',
    { ...text, type: 'number', min: 0, max: 0.5 },
    { type: ApplicationCommandOptionType.Number, min_value: 0, max_value: 0.5 },
  ],
  ['yes or no', { ...text, type: 'boolean' }, { type: ApplicationCommandOptionType.Boolean }],
  [
    'a channel is one that texts can be read in',
    { ...text, type: 'channel' },
    {
      type: ApplicationCommandOptionType.Channel,
      channel_types: [ChannelType.GuildText, ChannelType.GuildAnnouncement],
    },
  ],
  ['a person is a user', { ...text, type: 'person' }, { type: ApplicationCommandOptionType.User }],
  ['a role', { ...text, type: 'role' }, { type: ApplicationCommandOptionType.Role }],
  [
    'what is required is required',
    { ...text, type: 'text', required: true },
    { type: ApplicationCommandOptionType.String, required: true },
  ],
])('%s', (_, option, expected) => {
  expect(translated([option]).options).toEqual([{ ...text, ...expected }]);
});

test('the choices of an emotion are the taxonomy’s, in its order, with their emoji', () => {
  const [option] = translated([{ ...text, type: 'emotion' }]).options ?? [];
  expect(option).toEqual({
    ...text,
    type: ApplicationCommandOptionType.String,
    choices: taxonomy.emotions.map(({ key, name, emoji }) => ({ name: `${emoji} ${name}`, value: key })),
  });
});

test('commands are for servers only', () => {
  expect(translated([])).toMatchObject({
    contexts: [InteractionContextType.Guild],
    integration_types: [ApplicationIntegrationType.GuildInstall],
    default_member_permissions: null,
  });
});

test('moderators’ commands are hidden from everybody without Manage Server', () => {
  expect(translated([], { moderatorsOnly: true }).default_member_permissions).toBe(
    String(PermissionFlagsBits.ManageGuild),
  );
});

test('a language translates names, descriptions, choices and emotions, and leaves values as they are', () => {
  const german: LocalDeclarations = {
    locale: 'de',
    emotions: { happy: 'Fröhlich' },
    commands: {
      tea: {
        name: 'tee',
        description: 'Macht Tee',
        options: {
          kind: { name: 'sorte', description: 'Welcher', choices: { green: 'Grün' } },
          mood: { name: 'laune', description: 'Wie' },
        },
      },
    },
  };
  const declared: CommandDeclaration = {
    name: 'tea',
    description: 'Makes tea',
    options: [
      { type: 'text', name: 'kind', description: 'Which', choices: [{ name: 'Green', value: 'green' }] },
      { type: 'emotion', name: 'mood', description: 'How' },
    ],
  };
  const [tea] = discordCommands([declared], taxonomy, [german]);
  expect(tea).toMatchObject({
    name: 'tea',
    name_localizations: { de: 'tee' },
    description_localizations: { de: 'Macht Tee' },
    options: [
      {
        name: 'kind',
        name_localizations: { de: 'sorte' },
        description_localizations: { de: 'Welcher' },
        choices: [{ name: 'Green', name_localizations: { de: 'Grün' }, value: 'green' }],
      },
      {
        choices: [
          { name: '😄 Happy', name_localizations: { de: '😄 Fröhlich' }, value: 'happy' },
          // An emotion that somebody added keeps its own name.
          { name: '⚡ Energetic', value: 'energetic' },
          ...taxonomy.emotions.slice(2).map(({ key }) => ({ value: key })),
        ],
      },
    ],
  });
});

test('a language that Discord does not have is named', () => {
  expect(() => discordCommands([], taxonomy, [{ locale: 'tlh', emotions: {}, commands: {} }])).toThrow(
    'Discord has no language "tlh"',
  );
});

test('every command of ours stays within Discord’s limits in every language', () => {
  const bodies = discordCommands(commands, taxonomy, locales);
  expect(bodies).toHaveLength(commands.length);
  for (const body of bodies) {
    expect(body.options?.length ?? 0).toBeLessThanOrEqual(25);
    expect(size(body)).toBeLessThanOrEqual(8000);
    expect(Object.keys(body.name_localizations ?? {})).toEqual(locales.map(({ locale }) => locale));
  }
});

interface Part {
  readonly name?: string;
  readonly description?: string | null;
  readonly name_localizations?: object | null;
  readonly description_localizations?: object | null;
  readonly value?: unknown;
  readonly options?: readonly unknown[];
  readonly choices?: readonly unknown[];
}

/** As Discord counts: of each text the longest translation. */
function size(part: Part): number {
  const longest = (own: string | null | undefined, local: object | null | undefined) =>
    Math.max(...[own ?? '', ...Object.values(local ?? {})].map((one) => String(one).length));
  const inner = [...(part.options ?? []), ...(part.choices ?? [])] as readonly Part[];
  return (
    longest(part.name, part.name_localizations) +
    longest(part.description, part.description_localizations) +
    String(part.value ?? '').length +
    inner.reduce((sum, one) => sum + size(one), 0)
  );
}
