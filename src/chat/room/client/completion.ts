import type { CommandDeclaration, CommandOption } from '../../declaration.ts';
import type { Choice } from '../../platform.ts';
import type { WireEmotion } from '../wire.ts';

/** One line of the popup. `line` is what the composer holds after it was chosen. */
export interface Suggestion {
  readonly label: string;
  readonly detail: string;
  readonly line: string;
  /** The text stands for this value, e.g. a title for a song's id. */
  readonly meaning?: { readonly text: string; readonly value: string };
}

export interface Completions {
  readonly suggestions: readonly Suggestion[];
  /** How the command is written, with what is being typed now. */
  readonly hint?: { readonly usage: readonly { text: string; now: boolean }[]; readonly about: string };
  /** The first suggestion is what Enter takes. */
  readonly eager: boolean;
}

export interface CompletionContext {
  readonly commands: readonly CommandDeclaration[];
  readonly emotions: readonly WireEmotion[];
  readonly moderator: boolean;
  readonly complete: (command: string, option: string, typed: string) => Promise<readonly Choice[]>;
}

const NOTHING: Completions = { suggestions: [], eager: false };
const MOST = 8;
/** Taste, not an emotion. */
const LIKE = '❤️';

function usageOf(option: CommandOption, first: boolean): string {
  const range =
    option.type === 'integer' || option.type === 'number' ? `${option.min}–${option.max}` : undefined;
  const name = first ? option.name : `${option.name}:${range ?? '…'}`;
  return option.required ? `<${name}>` : `[${name}]`;
}

function titles(option: CommandOption): boolean {
  return option.type === 'song' || (option.type === 'text' && option.choices === undefined);
}

interface Place {
  readonly option: CommandOption | undefined;
  /** What is typed of its value. */
  readonly typed: string;
  /** The line before the value. */
  readonly before: string;
  readonly used: ReadonlySet<string>;
}

/** Which option the end of the line belongs to. */
function placeOf(line: string, declaration: CommandDeclaration): Place {
  const head = /^\/[\w-]+\s+/.exec(line)?.[0] ?? line;
  const words: { text: string; start: number }[] = [];
  for (const match of line.slice(head.length).matchAll(/(?:[\w-]+:)?"[^"]*"?|\S+/gu)) {
    words.push({ text: match[0], start: head.length + match.index });
  }
  const open = /\s$/.test(line) || words.length === 0 ? undefined : words.pop();
  const used = new Set<string>();
  const option = (name: string | undefined) =>
    declaration.options.find((candidate) => candidate.name === name?.toLowerCase());
  /** The option that bare words now belong to, and where its value began. */
  let pending: { option: CommandOption; start: number } | undefined;
  for (const word of words) {
    const named = option(/^([\w-]+):/.exec(word.text)?.[1]);
    if (named !== undefined) {
      used.add(named.name);
      pending =
        titles(named) && !word.text.includes('"')
          ? { option: named, start: word.start + named.name.length + 1 }
          : undefined;
    } else if (pending !== undefined) {
      if (!titles(pending.option)) pending = undefined;
    } else {
      const bare = option(word.text);
      if (bare !== undefined && !used.has(bare.name)) {
        used.add(bare.name);
        pending = { option: bare, start: word.start + word.text.length + 1 };
      } else {
        const next = declaration.options.find((candidate) => !used.has(candidate.name));
        if (next === undefined) continue;
        used.add(next.name);
        pending =
          titles(next) && !word.text.startsWith('"') ? { option: next, start: word.start } : undefined;
      }
    }
  }
  const named = option(/^([\w-]+):/.exec(open?.text ?? '')?.[1]);
  if (open !== undefined && named !== undefined) {
    used.add(named.name);
    const start = open.start + named.name.length + 1;
    return {
      option: named,
      typed: line.slice(start).replace(/^"|"$/g, ''),
      before: line.slice(0, start),
      used,
    };
  }
  if (pending !== undefined) {
    const typed = line.slice(pending.start).replace(/^"|"$/g, '');
    return { option: pending.option, typed, before: line.slice(0, pending.start), used };
  }
  const start = open?.start ?? line.length;
  const next = declaration.options.find((candidate) => !used.has(candidate.name));
  return { option: next, typed: line.slice(start).replace(/^"|"$/g, ''), before: line.slice(0, start), used };
}

function fits(text: string, typed: string): boolean {
  const wanted = typed.toLowerCase();
  return (
    text
      .toLowerCase()
      .split(/[\s-]+/)
      .some((word) => word.startsWith(wanted)) || text.toLowerCase().startsWith(wanted)
  );
}

async function valuesOf(
  place: Place,
  declaration: CommandDeclaration,
  context: CompletionContext,
): Promise<Suggestion[]> {
  const { option, typed, before } = place;
  if (option === undefined) return [];
  const suggest = (label: string, detail: string, value: string): Suggestion => {
    const text = /\s/.test(value) ? `"${value}"` : value;
    return { label, detail, line: `${before}${text} ` };
  };
  if (option.type === 'emotion') {
    return context.emotions
      .filter(({ key, name, emoji }) => emoji !== LIKE && (fits(name, typed) || fits(key, typed)))
      .map(({ key, name, emoji }) => suggest(`${emoji} ${name}`, '', key));
  }
  if (option.type === 'boolean') {
    return ['yes', 'no'].filter((word) => fits(word, typed)).map((word) => suggest(word, '', word));
  }
  if (option.type === 'text' && option.choices !== undefined) {
    return option.choices
      .filter(({ name, value }) => fits(name, typed) || fits(value, typed))
      .map(({ name, value }) => suggest(name, name === value ? '' : value, value));
  }
  if (
    option.type === 'song' ||
    option.type === 'channel' ||
    (option.type === 'text' && option.completes === true)
  ) {
    const choices = await context.complete(declaration.name, option.name, typed);
    return choices.map(({ name, value }) => {
      const shown = name.replace(/["“”]/g, '');
      return {
        label: name,
        detail: '',
        line: `${before}"${shown}" `,
        ...(shown !== value && { meaning: { text: shown, value } }),
      };
    });
  }
  return [];
}

/** What could come next in a line. */
export async function completionsFor(line: string, context: CompletionContext): Promise<Completions> {
  if (!line.startsWith('/')) return NOTHING;
  const allowed = context.commands.filter(({ moderatorsOnly }) => !moderatorsOnly || context.moderator);
  const head = /^\/([\w-]*)$/.exec(line);
  if (head !== null) {
    const typed = (head[1] ?? '').toLowerCase();
    const suggestions = allowed
      .filter(({ name }) => name.startsWith(typed))
      .map(({ name, description }) => ({ label: `/${name}`, detail: description, line: `/${name} ` }));
    return { suggestions, eager: suggestions.length > 0 };
  }
  const name = /^\/([\w-]+)\s/.exec(line)?.[1]?.toLowerCase();
  const declaration = allowed.find((candidate) => candidate.name === name);
  if (declaration === undefined) return NOTHING;
  const place = placeOf(line, declaration);
  const values = await valuesOf(place, declaration, context);
  const names =
    place.before.endsWith(':') || (place.option !== undefined && titles(place.option) && place.typed !== '')
      ? []
      : declaration.options
          .filter(
            (option, index) =>
              index > 0 && !place.used.has(option.name) && option.name.startsWith(place.typed.toLowerCase()),
          )
          .map((option) => ({
            label: `${option.name}:`,
            detail: option.description,
            line: `${place.before}${option.name}:`,
          }));
  const first = declaration.options[0];
  return {
    suggestions: [...values.slice(0, Math.max(MOST, 0)), ...names],
    hint: {
      usage: [
        { text: `/${declaration.name}`, now: place.option === undefined },
        ...declaration.options.map((option) => ({
          text: usageOf(option, option === first),
          now: option === place.option,
        })),
      ],
      about: place.option?.description ?? declaration.description,
    },
    eager: place.typed !== '' && values.length > 0,
  };
}
