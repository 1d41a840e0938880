import { z } from 'zod';
import type { CommandDeclaration, CommandOption, LocalDeclarations } from '../src/chat/declaration.ts';
import { LIMITS } from './declarations.ts';
import de from './locales/de.json' with { type: 'json' };

const texts = { name: z.string(), description: z.string() };
const localeFile = z.strictObject({
  emotions: z.record(z.string(), z.string()),
  commands: z.record(
    z.string(),
    z.strictObject({
      ...texts,
      options: z
        .record(
          z.string(),
          z.strictObject({ ...texts, choices: z.record(z.string(), z.string()).optional() }),
        )
        .optional(),
    }),
  ),
});

/** @throws Error that names what in the file is not of the expected form */
export function readLocale(locale: string, json: unknown): LocalDeclarations {
  const parsed = localeFile.safeParse(json);
  if (parsed.success) return { locale, ...parsed.data };
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`commands/locales/${locale}.json cannot be used:\n  - ${problems.join('\n  - ')}`);
}

/** Every language besides English. A new one is a file in `locales` and a line here. */
export const locales: readonly LocalDeclarations[] = [readLocale('de', de)];

type Texts = Readonly<Record<string, { readonly name: string; readonly description: string }>>;

/** Compares what is translated with what there is to translate. */
function textProblems(what: string, local: Texts, declared: readonly { readonly name: string }[]): string[] {
  const names = Object.values(local).map(({ name }) => name);
  const problems: string[] = [];
  for (const { name } of declared) if (!(name in local)) problems.push(`${what}${name} is missing`);
  for (const [key, { name, description }] of Object.entries(local)) {
    const here = `${what}${key}`;
    if (!declared.some((one) => one.name === key)) problems.push(`${here} does not exist`);
    if (!LIMITS.localName.test(name) || name !== name.toLowerCase()) {
      problems.push(`${here}: its name "${name}" must be 1 to 32 letters, digits, - and _, in lower case`);
    }
    if (names.indexOf(name) !== names.lastIndexOf(name)) {
      problems.push(`${here}: another one is called "${name}" as well`);
    }
    if (description.length < 1 || description.length > LIMITS.description) {
      problems.push(`${here}: its description must have 1 to ${LIMITS.description} characters`);
    }
  }
  return problems;
}

function choiceProblems(
  what: string,
  option: CommandOption | undefined,
  local: Readonly<Record<string, string>>,
): string[] {
  const declared = option?.type === 'text' ? (option.choices ?? []) : [];
  const problems: string[] = [];
  for (const { value } of declared) {
    if (!(value in local)) problems.push(`${what}: the choice "${value}" is missing`);
  }
  for (const [value, name] of Object.entries(local)) {
    if (!declared.some((choice) => choice.value === value)) {
      problems.push(`${what}: there is no choice "${value}"`);
    }
    if (name.length < 1 || name.length > LIMITS.choice) {
      problems.push(`${what}: the choice "${value}" must have 1 to ${LIMITS.choice} characters`);
    }
  }
  return problems;
}

/** What a locale lacks, has too much, or says in a way that some platform cannot show. */
export function localeProblems(
  { commands: local }: LocalDeclarations,
  commands: readonly CommandDeclaration[],
): readonly string[] {
  const problems = textProblems('/', local, commands);
  for (const { name, options } of commands) {
    const own = local[name]?.options ?? {};
    if (name in local) problems.push(...textProblems(`/${name} `, own, options));
    for (const [key, { choices = {} }] of Object.entries(own)) {
      const option = options.find((one) => one.name === key);
      problems.push(...choiceProblems(`/${name} ${key}`, option, choices));
    }
  }
  return problems;
}
