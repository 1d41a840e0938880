import { type ParsedLine, parseLine } from '../command-line.ts';
import type { CommandDeclaration, CommandOption } from '../declaration.ts';
import type { OptionValue } from '../platform.ts';
import type { EmojiNames } from './emoji.ts';
import { unescaped } from './text.ts';

const words = {
  alone: (command: string, option: string) =>
    `Nobody but the two of us is here. Name the channel, such as */${command} ${option}:#music*, or send that there.`,
};

/** How what people mention becomes what commands take. */
export interface Resolver {
  /** The identity of somebody by Slack's id. */
  identityOf(userId: string): Promise<string>;
  /** The conversation is one with the bot alone: no place for snippets. */
  readonly direct: boolean;
  /** Id of a channel by its name; undefined if there is none. */
  channelOf(name: string): Promise<string | undefined>;
  /** Why a channel cannot be chosen, in a sentence. */
  channelProblem(id: string): Promise<string | undefined>;
}

const PERSON = /^<@([UW]\w+)(?:\|[^>]*)?>$/;
const CHANNEL = /^<#(\w+)(?:\|[^>]*)?>$/;
const GROUP = /^<!subteam\^(\w+)(?:\|[^>]*)?>$/;
/** What Slack makes of an address: `<https://a.b|a.b>`, `<mailto:a@b|a@b>`. */
const LINK = /<((?:https?|mailto):[^<>|]+)(?:\|([^<>]*))?>/g;

/** Mentions carry names with spaces, which must not tear a line apart. */
const withoutLabels = (line: string) =>
  line
    .replace(/<((?:@[UW]|#[CG]|!subteam\^S)\w+)\|[^<>]*>/g, '<$1>')
    .replace(LINK, (_, url: string, label?: string) => label ?? url);

async function optionValue(
  option: CommandOption | undefined,
  value: OptionValue,
  names: EmojiNames,
  resolver: Resolver,
): Promise<OptionValue> {
  if (typeof value !== 'string') return value;
  switch (option?.type) {
    case 'person': {
      const user = PERSON.exec(value)?.[1];
      return user === undefined ? unescaped(value) : resolver.identityOf(user);
    }
    case 'channel': {
      const id = CHANNEL.exec(value)?.[1];
      if (id !== undefined) return id;
      return (value.startsWith('#') && (await resolver.channelOf(value.slice(1)))) || unescaped(value);
    }
    case 'role':
      return GROUP.exec(value)?.[1] ?? unescaped(value);
    default:
      // An emoji that is typed arrives by its name.
      return /^:[\w+'-]+(?:::skin-tone-\d)?:$/.test(value)
        ? names.emojiOf(value.slice(1, -1))
        : unescaped(value);
  }
}

/** Reads what somebody typed after the name of a command, or after the bot's name. */
export async function readLine(
  line: string,
  declarations: readonly CommandDeclaration[],
  names: EmojiNames,
  resolver: Resolver,
): Promise<ParsedLine> {
  const parsed = parseLine(withoutLabels(line.replace(/[\s\u00a0]+/gu, ' ').trim()), declarations);
  if (parsed.kind !== 'command') return parsed;
  const declaration = declarations.find(({ name }) => name === parsed.command);
  const options: Record<string, OptionValue> = {};
  for (const [name, value] of Object.entries(parsed.options)) {
    const option = declaration?.options.find((one) => one.name === name);
    if (resolver.direct && option?.type === 'channel' && /^(here|this)$/i.test(String(value))) {
      return { kind: 'mistake', text: words.alone(parsed.command, name) };
    }
    const read = await optionValue(option, value, names, resolver);
    const problem = option?.type === 'channel' && (await resolver.channelProblem(String(read)));
    if (problem) return { kind: 'mistake', text: problem };
    options[name] = read;
  }
  return { ...parsed, options };
}
