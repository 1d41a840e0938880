import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { localeProblems, locales, readLocale } from '../../commands/locales.ts';
import type { CommandDeclaration, LocalDeclarations } from '../../src/chat/declaration.ts';
import { loadTaxonomy } from '../../src/domain/taxonomy.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';

describe.each(locales.map((locale) => [locale.locale, locale] as const))('the language %s', (_, locale) => {
  test('has every command, option and choice, within the limits of every platform', () => {
    expect(localeProblems(locale, commands)).toEqual([]);
  });

  test('names every emotion, each in its own way', () => {
    const taxonomy = loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json'));
    expect(Object.keys(locale.emotions).sort()).toEqual(taxonomy.emotions.map(({ key }) => key).sort());
    const names = Object.values(locale.emotions);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name.length).toBeLessThan(40);
  });
});

const declared: readonly CommandDeclaration[] = [
  {
    name: 'tea',
    description: 'Makes tea',
    options: [
      { type: 'text', name: 'kind', description: 'Which', choices: [{ name: 'Green', value: 'green' }] },
      { type: 'integer', name: 'cups', description: 'How many', min: 1, max: 9 },
    ],
  },
  { name: 'stop', description: 'Stops', options: [] },
];

const tea = {
  name: 'tee',
  description: 'Macht Tee',
  options: {
    kind: { name: 'sorte', description: 'Welcher', choices: { green: 'Grün' } },
    cups: { name: 'tassen', description: 'Wie viele' },
  },
};
const stop = { name: 'halt', description: 'Hört auf' };
const inGerman = (parts: LocalDeclarations['commands']): LocalDeclarations => ({
  locale: 'de',
  emotions: {},
  commands: parts,
});

test('a complete language has no problems', () => {
  expect(localeProblems(inGerman({ tea, stop }), declared)).toEqual([]);
});

test.each<[string, LocalDeclarations['commands'], string]>([
  ['a missing command', { tea }, '/stop is missing'],
  [
    'a missing option',
    { tea: { ...tea, options: { kind: tea.options.kind } }, stop },
    '/tea cups is missing',
  ],
  [
    'a missing choice',
    { tea: { ...tea, options: { ...tea.options, kind: { name: 'sorte', description: 'W' } } }, stop },
    '/tea kind: the choice "green" is missing',
  ],
  ['a command that is gone', { tea, stop, go: { name: 'los', description: 'Los' } }, '/go does not exist'],
  [
    'an option that is gone',
    { tea, stop: { ...stop, options: { now: { name: 'jetzt', description: 'Gleich' } } } },
    '/stop now does not exist',
  ],
  [
    'a choice that is gone',
    {
      tea: {
        ...tea,
        options: { ...tea.options, kind: { ...tea.options.kind, choices: { green: 'Grün', red: 'Rot' } } },
      },
      stop,
    },
    '/tea kind: there is no choice "red"',
  ],
  ['a name in upper case', { tea: { ...tea, name: 'Tee' }, stop }, 'in lower case'],
  ['a name with a space', { tea: { ...tea, name: 'ein tee' }, stop }, 'must be 1 to 32'],
  ['a name that is too long', { tea: { ...tea, name: 'ü'.repeat(33) }, stop }, 'must be 1 to 32'],
  ['two with one name', { tea: { ...tea, name: 'halt' }, stop }, 'another one is called "halt" as well'],
  ['a long description', { tea: { ...tea, description: 'x'.repeat(101) }, stop }, '1 to 100 characters'],
])('%s is a problem', (_, parts, problem) => {
  expect(localeProblems(inGerman(parts), declared).join('\n')).toContain(problem);
});

test('a file of another form is named, with what is wrong in it', () => {
  expect(() =>
    readLocale('fr', { emotions: {}, commands: { tea: { name: 'thé', colour: 'green' } } }),
  ).toThrow(/locales\/fr\.json cannot be used[\s\S]*commands\.tea/);
});
