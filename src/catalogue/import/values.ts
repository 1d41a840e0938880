import { createHash } from 'node:crypto';
import type { AudioFeature } from '../../domain/song.ts';
import { foldText } from '../search.ts';

/** What R and Python write for an empty cell. */
const MISSING = new Set(['', 'na', 'n/a', 'null', 'none', '<na>']);

export function isMissing(cell: string | undefined): boolean {
  return cell === undefined || MISSING.has(cell.trim().toLowerCase());
}

/** A number, `undefined` for a missing one, or `null` for a text that is no finite number. */
export function parseNumber(cell: string | undefined, decimalComma = false): number | undefined | null {
  if (cell === undefined) return undefined;
  let text = cell.trim();
  if (decimalComma && /^[+-]?\d+,\d+$/.test(text)) text = text.replace(',', '.');
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return isMissing(text) ? undefined : null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Lowest and highest value that a feature can have; outside, a row is in another unit or broken. */
export const RANGES: Readonly<Record<AudioFeature, readonly [number, number]>> = {
  danceability: [0, 1],
  energy: [0, 1],
  key: [-1, 11],
  loudness: [-100, 20],
  mode: [0, 1],
  speechiness: [0, 1],
  acousticness: [0, 1],
  instrumentalness: [0, 1],
  liveness: [0, 1],
  valence: [0, 1],
  tempo: [0, 400],
  durationMs: [0, 86_400_000],
  timeSignature: [0, 16],
};

/** Spotify's way to say that nothing was detected: a key of -1, no tempo, no beats in a bar, no length. */
export function isUndetected(feature: AudioFeature, value: number): boolean {
  return (
    (feature === 'key' && value === -1) ||
    (value === 0 && (feature === 'tempo' || feature === 'timeSignature' || feature === 'durationMs'))
  );
}

/** The year in a date such as `1999`, `1999-12`, `1999-12-31`, `31.12.1999`; undefined when there is none. */
export function parseYear(cell: string | undefined): number | undefined {
  const digits = cell?.match(/(?<!\d)(1[89]\d\d|20\d\d)(?!\d)/);
  return digits ? Number(digits[1]) : undefined;
}

export function parseFlag(cell: string | undefined): boolean | undefined {
  const text = cell?.trim().toLowerCase();
  if (text === 'true' || text === '1' || text === 'yes' || text === '1.0') return true;
  if (text === 'false' || text === '0' || text === 'no' || text === '0.0') return false;
  return undefined;
}

/** Free text on one line, without control characters. */
export function cleanText(cell: string | undefined): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return (cell ?? '').replace(/[\x00-\x1f\x7f\s]+/g, ' ').trim();
}

/**
 * The artists in a cell: a list as Python prints it (`['A', "B's"]`), names between semicolons, or one name. A band
 * whose name only looks like a list (`[spunge]`) is a name.
 */
export function parseArtists(cell: string | undefined): string[] {
  const text = (cell ?? '').trim();
  if (isMissing(text)) return [];
  const names = (text.startsWith('[') && parsePythonList(text)) || text.split(';');
  return [...new Set(names.map(cleanText))].filter((name) => name !== '');
}

/** Reads a Python list of strings with either quote and backslash escapes; undefined when it is none. */
export function parsePythonList(text: string): string[] | undefined {
  const items: string[] = [];
  let rest = text.trim();
  if (!rest.startsWith('[') || !rest.endsWith(']')) return undefined;
  rest = rest.slice(1, -1).trim();
  if (rest === '') return items;
  const item = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(?:,\s*|$)/su;
  while (rest !== '') {
    const match = item.exec(rest);
    if (match === null) return undefined;
    items.push(unescapePython(match[1] ?? match[2] ?? ''));
    rest = rest.slice(match[0].length);
  }
  return items;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '',
  b: '',
  f: '',
  v: '',
  0: '',
};

function unescapePython(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([\s\S]))/gi,
    (whole, x?: string, u?: string, long?: string, other?: string) => {
      const hex = x ?? u ?? long;
      if (hex !== undefined) {
        const code = Number.parseInt(hex, 16);
        return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      }
      return ESCAPES[other!] ?? other!;
    },
  );
}

/** A Spotify track id out of an id, a URI or a link; undefined when it is none. */
export function spotifyTrackId(cell: string | undefined): string | undefined {
  const text = (cell ?? '').trim();
  const linked =
    /^(?:spotify:track:|https?:\/\/open\.spotify\.com\/(?:intl-\w+\/)?track\/)([0-9A-Za-z]{22})(?:[?#].*)?$/;
  return linked.exec(text)?.[1] ?? (/^[0-9A-Za-z]{22}$/.test(text) ? text : undefined);
}

/** An id for songs of a table without ids: the same title and artists give the same one, however they are written. */
export function idOfWords(title: string, artists: readonly string[]): string {
  const words = `${foldText(title)}\x1f${artists.map(foldText).join('\x1f')}`;
  return `song-${createHash('sha256').update(words).digest('hex').slice(0, 20)}`;
}
