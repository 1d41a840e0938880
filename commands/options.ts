import type { CommandDeclaration, CommandOption } from '../src/chat/declaration.ts';
import type { Button } from '../src/chat/message.ts';
import type { OptionValue } from '../src/chat/platform.ts';
import type { Catalogue } from '../src/domain/catalogue.ts';
import type { Taxonomy } from '../src/domain/emotion.ts';
import type { Song } from '../src/domain/song.ts';
import { nearestWord } from './nearest.ts';
import { distinctLabels, findSong } from './songs.ts';

/** Why options cannot be used, in words, with the ways out as buttons. */
export interface OptionRefusal {
  readonly text: string;
  readonly buttons?: readonly Button[];
}

const words = {
  unknown: (command: CommandDeclaration, name: string, nearest: string | undefined) => {
    const known = command.options.map((option) => option.name);
    if (known.length === 0) return `/${command.name} has no options, just send it as it is.`;
    const hint = nearest === undefined ? `It knows: ${known.join(', ')}.` : `Did you mean *${nearest}*?`;
    return `/${command.name} has no option *${name}*. ${hint}`;
  },
  missing: (command: CommandDeclaration, option: CommandOption) =>
    `/${command.name} needs *${option.name}*: ${lowerFirst(option.description)}.`,
  pick: 'Which would you like?',
  emotion: (typed: string, nearest: string | undefined, taxonomy: Taxonomy) =>
    nearest === undefined
      ? `I don't know the emotion "${typed}". These are the ones I know: ${taxonomy.emotions
          .map(({ emoji, name }) => `${emoji} ${name}`)
          .join(', ')}.`
      : `I don't know the emotion "${typed}". Did you mean *${nearest}*?`,
  noSong: (typed: string) =>
    `I can't find "${typed}" among my songs. Try part of the title or the artist's name, and choose from the list.`,
  whichSong: (typed: string, songs: readonly Song[]) =>
    `"${typed}" could be several songs. Which one?\n${distinctLabels(songs)
      .map((label) => `• ${label}`)
      .join('\n')}`,
  number: (option: CommandOption & { min: number; max: number }) =>
    `*${option.name}* is a${option.type === 'integer' ? ' whole' : ''} number from ${option.min} to ${option.max}.`,
  boolean: (option: CommandOption) => `*${option.name}* is yes or no.`,
  choice: (option: CommandOption, names: readonly string[]) =>
    `*${option.name}* is one of: ${names.join(', ')}.`,
  tooLong: (option: CommandOption) => `*${option.name}* is a little long for me: 200 characters at most.`,
};

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

const MAX_TEXT = 200;
const MAX_ACTION = 100;

/** What was typed, for showing it back: short and on one line, without markup of ours. */
function quoted(typed: OptionValue): string {
  const text = String(typed).replace(/\s+/g, ' ').replace(/[*`]/g, '').trim();
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** By key, name or emoji (also in Slack's `:form:`); case, accents and skin tones don't matter. */
function readEmotion(typed: string, taxonomy: Taxonomy): string | undefined {
  const meaning = taxonomy.meaningOf(typed);
  if (meaning?.kind === 'emotion') return meaning.emotion;
  const word = typed.toLowerCase();
  return taxonomy.emotions.find(
    ({ key, name, slack, emoji }) =>
      key === word ||
      name.toLowerCase() === word ||
      `:${slack}:` === word ||
      `${emoji} ${name}`.toLowerCase() === word,
  )?.key;
}

const YES = new Set(['true', 'yes', 'y', 'on', '1']);
const NO = new Set(['false', 'no', 'n', 'off', '0']);

type Read = { readonly value: OptionValue } | { readonly refusal: OptionRefusal };

function readNumber(option: CommandOption & { min: number; max: number }, typed: OptionValue): Read {
  const text = typeof typed === 'string' ? typed.trim().replace(',', '.') : typed;
  const value = typeof text === 'boolean' || text === '' ? Number.NaN : Number(text);
  const fits = Number.isFinite(value) && value >= option.min && value <= option.max;
  if (!fits || (option.type === 'integer' && !Number.isInteger(value))) {
    return { refusal: { text: words.number(option) } };
  }
  return { value };
}

function readSong(typed: string, again: string | undefined, catalogue: Catalogue): Read {
  const found = findSong(catalogue, typed);
  if ('song' in found) return { value: found.song.id };
  if (found.candidates.length === 0) return { refusal: { text: words.noSong(quoted(typed)) } };
  const labels = distinctLabels(found.candidates);
  const buttons = found.candidates.flatMap((song, i) => {
    const action = `${again}:${song.id}`;
    const label = labels[i];
    return again === undefined || action.length > MAX_ACTION
      ? []
      : [{ action, label: label.length > 80 ? `${label.slice(0, 79)}…` : label }];
  });
  return { refusal: { text: words.whichSong(quoted(typed), found.candidates), buttons } };
}

function readText(option: CommandOption & { type: 'text' }, typed: string): Read {
  if (option.choices) {
    const word = typed.toLowerCase();
    const choice = option.choices.find(
      ({ name, value }) => value.toLowerCase() === word || name.toLowerCase() === word,
    );
    const names = option.choices.map(({ value }) => value);
    return choice ? { value: choice.value } : { refusal: { text: words.choice(option, names) } };
  }
  return typed.length > MAX_TEXT ? { refusal: { text: words.tooLong(option) } } : { value: typed };
}

function readOne(option: CommandOption, typed: OptionValue, again: string | undefined, world: World): Read {
  const text = String(typed).trim();
  switch (option.type) {
    case 'emotion': {
      const key = readEmotion(text, world.taxonomy);
      if (key !== undefined) return { value: key };
      const names = world.taxonomy.emotions.flatMap((emotion) => [emotion.key, emotion.name]);
      const nearest = nearestWord(text, names);
      return { refusal: { text: words.emotion(quoted(text), nearest?.toLowerCase(), world.taxonomy) } };
    }
    case 'song':
      return readSong(text, again, world.catalogue);
    case 'integer':
    case 'number':
      return readNumber(option, typed);
    case 'boolean': {
      const word = text.toLowerCase();
      if (YES.has(word)) return { value: true };
      return NO.has(word) ? { value: false } : { refusal: { text: words.boolean(option) } };
    }
    case 'text':
      return readText(option, text);
    case 'channel':
    case 'person':
    case 'role':
      // What fits is the platform's affair and the command's.
      return text.length > MAX_TEXT ? { refusal: { text: words.tooLong(option) } } : { value: text };
  }
}

/** A required option that was left out. If it is one of a few things, they are a tap away. */
function missing(command: CommandDeclaration, option: CommandOption, alone: boolean): OptionRefusal {
  const buttons = ((alone && option.type === 'text' && option.choices) || []).map(({ name, value }) => ({
    action: `run:${command.name}:${option.name}:${value}`,
    label: name,
  }));
  return buttons.length > 0 ? { text: words.pick, buttons } : { text: words.missing(command, option) };
}

interface World {
  readonly taxonomy: Taxonomy;
  readonly catalogue: Catalogue;
}

/**
 * Checks what was typed against a declaration and turns it into values: emotions become keys, songs become ids,
 * numbers become numbers. Empty texts count as not given.
 */
export function readOptions(
  command: CommandDeclaration,
  given: Readonly<Record<string, OptionValue>>,
  world: World,
): { readonly values: Readonly<Record<string, OptionValue>> } | { readonly refusal: OptionRefusal } {
  const typed = Object.entries(given).filter(([, value]) => typeof value !== 'string' || value.trim() !== '');
  const names = command.options.map((option) => option.name);
  for (const [name] of typed) {
    if (!names.includes(name)) {
      return { refusal: { text: words.unknown(command, quoted(name), nearestWord(name, names)) } };
    }
  }
  const values: Record<string, OptionValue> = {};
  for (const option of command.options) {
    const entry = typed.find(([name]) => name === option.name);
    if (entry === undefined) {
      if (option.required) return { refusal: missing(command, option, typed.length === 0) };
      continue;
    }
    // A button can run the command again with the song that was meant, if the song was all there was to say.
    const again = typed.length === 1 ? `run:${command.name}:${option.name}` : undefined;
    const read = readOne(option, entry[1], again, world);
    if ('refusal' in read) return read;
    values[option.name] = read.value;
  }
  return { values };
}
