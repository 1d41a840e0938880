import type { CommandDeclaration, CommandOption } from './declaration.ts';
import type { OptionValue } from './platform.ts';

interface Token {
  readonly text: string;
  readonly quoted: boolean;
  /** Offset in the line. */
  readonly start: number;
}

export type ParsedLine =
  | { readonly kind: 'text' }
  | { readonly kind: 'unknown'; readonly command: string }
  | {
      readonly kind: 'command';
      readonly command: string;
      readonly options: Readonly<Record<string, OptionValue>>;
    }
  | { readonly kind: 'mistake'; readonly text: string };

/** Words, where "double quotes" (straight or curly) keep words together, also after `name:`. */
function tokenize(line: string): Token[] {
  const tokens: Token[] = [];
  const word = /((?:[\w-]+:)?)["“”]([^"“”]*)["“”]?|\S+/gu;
  for (const match of line.matchAll(word)) {
    const quoted = match[2] !== undefined;
    tokens.push({ text: quoted ? `${match[1]}${match[2]}` : match[0], quoted, start: match.index });
  }
  return tokens;
}

const TRUE = new Set(['true', 'yes', 'on']);
const FALSE = new Set(['false', 'no', 'off']);

function isYesOrNo(text = ''): boolean {
  const word = text.toLowerCase();
  return TRUE.has(word) || FALSE.has(word);
}

function readValue(option: CommandOption, text: string): OptionValue {
  if (option.type === 'integer' || option.type === 'number') {
    const number = Number(text.replace(',', '.'));
    return text.trim() !== '' && Number.isFinite(number) ? number : text;
  }
  if (option.type === 'boolean') {
    const word = text.toLowerCase();
    return TRUE.has(word) ? true : FALSE.has(word) ? false : text;
  }
  return text;
}

function takesWords(option: CommandOption): boolean {
  return option.type === 'song' || (option.type === 'text' && option.choices === undefined);
}

/**
 * Reads what somebody typed. `/playlist calm to:happy songs:10`, `/playlist sad to happy` and `/song Blue Monday`
 * all work: values without a name fill the options in order, a title takes the words that follow.
 */
export function parseLine(line: string, declarations: readonly CommandDeclaration[]): ParsedLine {
  if (!line.startsWith('/')) return { kind: 'text' };
  const tokens = tokenize(line.slice(1));
  const [head, ...rest] = tokens;
  if (head === undefined || head.start > 0 || !/^[\w-]+$/.test(head.text)) return { kind: 'text' };
  const name = head.text.toLowerCase();
  const declaration = declarations.find((candidate) => candidate.name === name);
  if (declaration === undefined) return { kind: 'unknown', command: name };

  const options: Record<string, OptionValue> = {};
  const words = new Map<string, string[]>();
  let collecting: CommandOption | undefined;
  for (let index = 0; index < rest.length; index++) {
    const token = rest[index] as Token;
    const named = /^([\w-]+):(.*)$/su.exec(token.text);
    const byName = named && declaration.options.find((option) => option.name === named[1]?.toLowerCase());
    if (named && byName) {
      collecting = undefined;
      let value = named[2] ?? '';
      if (value === '' && !token.quoted) {
        index++;
        value = rest[index]?.text ?? '';
      }
      if (value === '') return { kind: 'mistake', text: `What should “${byName.name}” be?` };
      if (takesWords(byName) && !token.quoted) {
        words.set(byName.name, [value]);
        collecting = byName;
      } else options[byName.name] = readValue(byName, value);
      continue;
    }
    if (collecting !== undefined) {
      words.get(collecting.name)?.push(token.text);
      continue;
    }
    // "/playlist sad to happy": a bare option name followed by its value.
    const bare = declaration.options.find(
      (option) => option.name === token.text.toLowerCase() && !(option.name in options),
    );
    if (bare?.type === 'boolean' && !token.quoted && !isYesOrNo(rest[index + 1]?.text)) {
      options[bare.name] = true;
      continue;
    }
    if (bare !== undefined && !token.quoted && index + 1 < rest.length) {
      if (takesWords(bare)) {
        words.set(bare.name, []);
        collecting = bare;
      } else {
        index++;
        options[bare.name] = readValue(bare, rest[index]?.text ?? '');
      }
      continue;
    }
    const next = declaration.options.find((option) => !(option.name in options) && !words.has(option.name));
    if (next === undefined) {
      return { kind: 'mistake', text: `I don't know what to do with “${token.text}” in /${name}.` };
    }
    if (takesWords(next)) {
      words.set(next.name, [token.text]);
      if (!token.quoted) collecting = next;
    } else options[next.name] = readValue(next, token.text);
  }
  for (const [option, list] of words) options[option] = list.join(' ');
  return { kind: 'command', command: name, options };
}

/** The line as it would be typed, for showing what somebody asked. */
export function formatLine(
  command: string,
  options: Readonly<Record<string, OptionValue>>,
  declaration: CommandDeclaration | undefined,
): string {
  const first = declaration?.options[0]?.name;
  const parts = Object.entries(options).map(([name, value]) => {
    if (typeof value === 'boolean') return `${name}:${value ? 'yes' : 'no'}`;
    const text = String(value);
    const shown = /\s/.test(text) && name !== first ? `"${text}"` : text;
    return name === first ? shown : `${name}:${shown}`;
  });
  return [`/${command}`, ...parts].join(' ').slice(0, 200);
}
