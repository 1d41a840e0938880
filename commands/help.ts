import type { CommandDeclaration, CommandOption } from '../src/chat/declaration.ts';
import type { Message } from '../src/chat/message.ts';
import type { Command } from './command.ts';
import { nearestWord } from './nearest.ts';
import { inline } from './phrases.ts';

const words = {
  title: 'Hello, I am Reactune',
  welcome:
    'I post short snippets of songs. You say with an emoji what they convey, ❤️ says that you like one. From that I learn what every song feels like, and make playlists for you.',
  more: 'Send */help* with the name of a command for its options.',
  moderators: 'For moderators',
  noOptions: 'It has no options.',
  examples: 'For example',
  unknown: (name: string, nearest: string | undefined) =>
    nearest === undefined
      ? `I have no command "${name}". Send */help* for all of them.`
      : `I have no command "${name}". Did you mean */${nearest}*?`,
};

const SHOWN_OPTIONS = 6;

/** Shown under a command's help: what people really type. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  playlist: [
    '/playlist emotion:calm',
    '/playlist emotion:calm and:happy',
    '/playlist emotion:sad to:happy songs:15',
    '/playlist adventure:0.8',
  ],
  settings: [
    '/settings channel:here',
    '/settings quiet-hours:22:00-08:00',
    '/settings time-zone:Europe/Berlin',
  ],
  retrain: ['/retrain', '/retrain cancel:yes'],
};

/** A row of a dozen brackets helps nobody: the options of such a command stand below it. */
function usage({ name, options }: CommandDeclaration): string {
  const optional = options.filter(({ required }) => required !== true).map((option) => `[${option.name}]`);
  const required = options.filter((option) => option.required).map((option) => `<${option.name}>`);
  return [`/${name}`, ...required, ...(optional.length > SHOWN_OPTIONS ? ['[…]'] : optional)].join(' ');
}

function values(option: CommandOption): string {
  switch (option.type) {
    case 'emotion':
      return ' (an emotion, see /emotions)';
    case 'integer':
    case 'number':
      return ` (${option.min} to ${option.max})`;
    case 'boolean':
      return ' (yes or no)';
    case 'channel':
      return ' (here, or a channel)';
    case 'person':
      return ' (a mention, or an id)';
    case 'text':
      return option.choices ? ` (${option.choices.map(({ value }) => value).join(', ')})` : '';
    default:
      return '';
  }
}

function one(command: CommandDeclaration): Message {
  const examples = EXAMPLES[command.name];
  return {
    title: usage(command),
    text: `${command.description}.${command.options.length === 0 ? ` ${words.noOptions}` : ''}`,
    fields: [
      ...command.options.map((option) => ({
        name: option.required ? option.name : `${option.name} (optional)`,
        value: `${inline(option.description)}${values(option)}`,
      })),
      ...(examples ? [{ name: words.examples, value: examples.join('\n') }] : []),
    ],
    private: true,
  };
}

function all(commands: readonly CommandDeclaration[], moderator: boolean): Message {
  const lines = (some: readonly CommandDeclaration[]) =>
    some.map((command) => `*${usage(command)}* ${command.description}`).join('\n');
  const forAll = commands.filter((command) => !command.moderatorsOnly);
  const forModerators = commands.filter((command) => command.moderatorsOnly);
  return {
    title: words.title,
    text: `${words.welcome}\n\n${lines(forAll)}\n\n${words.more}`,
    ...(moderator && forModerators.length > 0
      ? { fields: [{ name: words.moderators, value: lines(forModerators) }] }
      : {}),
    private: true,
  };
}

/** @param commands all commands, this one included; asked when it runs */
export function helpCommand(commands: () => readonly CommandDeclaration[]): Command {
  return {
    name: 'help',
    description: 'What I can do',
    options: [
      { type: 'text', name: 'command', description: 'One command, for its options', completes: true },
    ],
    async run({ asker, options }): Promise<Message> {
      if (options.command === undefined) return all(commands(), asker.moderator);
      const name = String(options.command).trim().replace(/^\//, '').toLowerCase();
      const names = commands().map((command) => command.name);
      const command = commands().find((candidate) => candidate.name === name);
      if (command) return one(command);
      const shown = name.replace(/[^\p{L}\p{N}-]/gu, '').slice(0, 32);
      return { text: words.unknown(shown, nearestWord(name, names)), tone: 'refusal', private: true };
    },
    complete: async (_context, _option, typed) => {
      const word = typed.trim().replace(/^\//, '').toLowerCase();
      return commands()
        .filter(({ name }) => name.startsWith(word))
        .map(({ name }) => ({ name: `/${name}`, value: name }));
    },
  };
}
