import { crc32 } from 'node:zlib';

/**
 * One line of a journal, itself JSON: `{"c":"<crc32>","n":<number>,"d":<durable>,"e":<entry>}`.
 * The checksum covers everything after its own field. `d` is the number of the last entry that was known to be
 * durable when the line was written: what is broken after it may be a write that never finished, what is broken
 * before it was whole once.
 */
export interface JournalLine {
  readonly n: number;
  readonly d: number;
  readonly e: unknown;
}

const PREFIX = '{"c":"';
/** `{"c":"` + 8 hexadecimal digits + `",` */
const SUMMED_FROM = PREFIX.length + 8 + 2;

function checksum(data: string | Buffer): string {
  return crc32(data).toString(16).padStart(8, '0');
}

/** Puts a checksum before the fields of a JSON object. @param json text of a non-empty object */
export function seal(json: string): string {
  const summed = json.slice(1);
  return `${PREFIX}${checksum(summed)}",${summed}`;
}

/** Whether a sealed text is what was written. */
export function isWhole(sealed: Buffer): boolean {
  if (sealed.length <= SUMMED_FROM || sealed.toString('latin1', 0, PREFIX.length) !== PREFIX) return false;
  return (
    sealed.toString('latin1', PREFIX.length, PREFIX.length + 8) === checksum(sealed.subarray(SUMMED_FROM))
  );
}

/** @returns the line with its line break */
export function encodeLine(number: number, durable: number, entry: unknown): string {
  return `${seal(`{"n":${number},"d":${durable},"e":${JSON.stringify(entry)}}`)}\n`;
}

/** Reads lines that are known to be whole, many in one call of the parser, which is some three times as fast. */
export function parseLines(whole: Buffer): readonly JournalLine[] {
  const text = whole.toString('utf8').trimEnd().replaceAll('\n', ',');
  return JSON.parse(`[${text}]`) as JournalLine[];
}
