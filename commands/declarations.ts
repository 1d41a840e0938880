import type { CommandDeclaration, CommandOption } from '../src/chat/declaration.ts';
import type { Command } from './command.ts';

/**
 * The narrowest limits of the platforms (Discord's application commands, Slack's app manifest): a declaration
 * within these can be shown everywhere.
 */
export const LIMITS = {
  name: /^[a-z0-9][a-z0-9-]{0,31}$/,
  /** In other languages; in lower case besides, where a script has cases. */
  localName: /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u,
  description: 100,
  options: 25,
  choices: 25,
  choice: 100,
  commands: 50,
  /** Discord: name, description and values of one command together. */
  total: 8000,
} as const;

function optionProblems(option: CommandOption): string[] {
  const problems: string[] = [];
  if (!LIMITS.name.test(option.name)) problems.push('its name must be 1 to 32 of a-z, 0-9 and -');
  if (option.description.length < 1 || option.description.length > LIMITS.description) {
    problems.push(`its description must have 1 to ${LIMITS.description} characters`);
  }
  if (option.type === 'text' && option.choices) {
    const { choices } = option;
    if (choices.length > LIMITS.choices) problems.push(`it has more than ${LIMITS.choices} choices`);
    if (choices.some(({ name, value }) => !within(name, LIMITS.choice) || !within(value, LIMITS.choice))) {
      problems.push(`a choice needs a name and a value of 1 to ${LIMITS.choice} characters`);
    }
    if (new Set(choices.map(({ value }) => value)).size < choices.length) {
      problems.push('two choices are the same');
    }
  }
  if ((option.type === 'integer' || option.type === 'number') && !(option.min <= option.max)) {
    problems.push('its min is above its max');
  }
  return problems.map((problem) => `option "${option.name}": ${problem}`);
}

const within = (text: string, most: number) => text.length >= 1 && text.length <= most;

function weight({ name, description, options }: CommandDeclaration): number {
  const texts = options.flatMap((option) => [
    option.name,
    option.description,
    ...(option.type === 'text'
      ? (option.choices ?? []).flatMap((choice) => [choice.name, choice.value])
      : []),
  ]);
  return [name, description, ...texts].reduce((sum, text) => sum + text.length, 0);
}

function commandProblems(command: Command): string[] {
  const problems: string[] = [];
  const { name, description, options } = command;
  if (!LIMITS.name.test(name)) problems.push('its name must be 1 to 32 of a-z, 0-9 and -');
  if (!within(description, LIMITS.description)) {
    problems.push(`its description must have 1 to ${LIMITS.description} characters`);
  }
  if (options.length > LIMITS.options) problems.push(`it has more than ${LIMITS.options} options`);
  if (new Set(options.map((option) => option.name)).size < options.length) {
    problems.push('two options have the same name');
  }
  const firstOptional = options.findIndex((option) => !option.required);
  if (firstOptional >= 0 && options.slice(firstOptional).some((option) => option.required)) {
    problems.push('required options come first');
  }
  if (weight(command) > LIMITS.total) problems.push(`its texts are longer than ${LIMITS.total} together`);
  for (const verb of Object.keys(command.actions ?? {})) {
    if (!LIMITS.name.test(verb)) problems.push(`the button "${verb}" must be named with a-z, 0-9 and -`);
  }
  return [...problems, ...options.flatMap(optionProblems)].map((problem) => `/${name}: ${problem}`);
}

/**
 * Checks all commands at start, so that a declaration that one platform would refuse fails at once.
 * @throws Error that names every mistake
 */
export function checkDeclarations(commands: readonly Command[]): void {
  const problems = commands.flatMap(commandProblems);
  const names = commands.map(({ name }) => name);
  for (const name of new Set(names.filter((one, index) => names.indexOf(one) < index))) {
    problems.push(`/${name} is declared twice`);
  }
  if (commands.length > LIMITS.commands) problems.push(`there are more than ${LIMITS.commands} commands`);
  if (problems.length > 0) {
    throw new Error(`These commands cannot be shown on every platform:\n  - ${problems.join('\n  - ')}`);
  }
}
