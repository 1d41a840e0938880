import { type APIApplicationCommand, ApplicationCommandType } from 'discord.js';
import { expect, test } from 'vitest';
import { planCommands } from '../../../src/chat/discord/command-plan.ts';
import type { DiscordCommand } from '../../../src/chat/discord/declarations.ts';

const tea: DiscordCommand = {
  type: ApplicationCommandType.ChatInput,
  name: 'tea',
  description: 'Makes tea',
  name_localizations: { de: 'tee' },
  options: [
    {
      type: 3,
      name: 'kind',
      description: 'Which',
      choices: [{ name: 'Green', value: 'green' }],
      required: true,
    },
    { type: 4, name: 'cups', description: 'How many', min_value: 1, max_value: 9 },
  ],
  default_member_permissions: null,
  contexts: [0],
  integration_types: [0],
};

/** As Discord gives a command back: with ids, versions, and every default written out. */
function registered(command: object, more: object = {}): APIApplicationCommand {
  return {
    id: '7',
    application_id: '1',
    version: '2',
    default_permission: true,
    dm_permission: false,
    nsfw: false,
    name_localizations: null,
    description_localizations: null,
    ...command,
    ...more,
  } as APIApplicationCommand;
}

const planOf = (is: object, should: DiscordCommand = tea, scope: 'global' | 'guild' = 'global') =>
  planCommands([should], [registered(is)], scope);

test.each<[string, object]>([
  ['as it was sent', tea],
  [
    'with its defaults written out',
    {
      ...tea,
      description_localizations: null,
      options: [
        {
          ...tea.options?.[0],
          autocomplete: false,
          name_localizations: null,
          choices: [{ name: 'Green', name_localizations: null, value: 'green' }],
        },
        { ...tea.options?.[1], required: false, choices: [] },
      ],
    },
  ],
  ['with its keys in another order', Object.fromEntries(Object.entries(tea).reverse())],
])('a command that comes back %s is unchanged', (_, is) => {
  expect(planOf(is)).toEqual({ added: [], changed: [], removed: [], unchanged: ['tea'] });
});

test('a command without options comes back without the list', () => {
  const { options: _options, ...bare } = tea;
  expect(planOf(bare, { ...tea, options: [] }).unchanged).toEqual(['tea']);
});

test('on one server, where it can be used is not compared and not sent', () => {
  const { contexts: _contexts, integration_types: _types, ...rest } = tea;
  expect(planOf({ ...rest, contexts: null, integration_types: [0, 1] }, tea, 'guild').unchanged).toEqual([
    'tea',
  ]);
  const [added] = planCommands([tea], [], 'guild').added;
  expect(Object.keys(added)).toEqual(expect.not.arrayContaining(['contexts', 'integration_types']));
  expect(planCommands([tea], [], 'global').added).toEqual([tea]);
});

test.each<[string, object, string]>([
  ['description', { description: 'Old' }, 'description: "Old" → "Makes tea"'],
  ['translated name', { name_localizations: {} }, 'translated names: {} → {"de":"tee"}'],
  ['rights', { default_member_permissions: '32' }, 'who sees it: "32" → none'],
  ['contexts', { contexts: [0, 1] }, 'where it can be used: [0,1] → [0]'],
  ['age restriction', { nsfw: true }, 'age-restricted: true → false'],
  ['new option', { options: [tea.options?.[0]] }, 'option cups: new'],
  ['lost option', { options: [...(tea.options ?? []), { type: 5, name: 'hot' }] }, 'option hot: gone'],
  ['order', { options: [...(tea.options ?? [])].reverse() }, 'order of the options: cups, kind → kind, cups'],
  [
    'range',
    { options: [tea.options?.[0], { ...tea.options?.[1], max_value: 5 }] },
    'option cups: most: 5 → 9',
  ],
  [
    'choice',
    { options: [{ ...tea.options?.[0], choices: [{ name: 'Red', value: 'red' }] }, tea.options?.[1]] },
    'option kind: choices: [{"name":"Red","value":"red"}] → [{"name":"Green","value":"green"}]',
  ],
])('a change of its %s is named', (_, is, difference) => {
  const { changed } = planOf({ ...tea, ...is });
  expect(changed).toEqual([{ id: '7', command: tea, differences: [difference] }]);
});

test('what is no longer declared goes, but only slash commands', () => {
  const entryPoint = registered({ id: '8', type: ApplicationCommandType.PrimaryEntryPoint, name: 'launch' });
  const onMessages = registered({ id: '9', type: ApplicationCommandType.Message, name: 'tea' });
  const old = registered({ ...tea, name: 'old' });
  const { added, removed } = planCommands([tea], [entryPoint, onMessages, old], 'global');
  expect(removed).toEqual([expect.objectContaining({ id: '7', name: 'old' })]);
  expect(added).toEqual([tea]);
});
