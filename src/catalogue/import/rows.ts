import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Info, parse } from 'csv-parse';
import type { TableHead } from './sniff.ts';

/** A row of a table; `cells` is absent where a quote was opened and never closed. */
export interface Row {
  /** Of its first character in the file; 1 is the first line. */
  readonly line: number;
  readonly cells: readonly string[] | undefined;
  /** Bytes of the file up to the end of this row. */
  readonly bytes: number;
}

/** A single cell beyond this can only be a quote that was never closed. */
const LONGEST_RECORD = 1 << 20;

/**
 * Streams the rows of a table, the header being the first. Blank rows are left out. A quote that is never closed
 * costs its own line only: reading goes on with the next.
 */
export async function* readRows(file: string, head: TableHead, signal?: AbortSignal): AsyncGenerator<Row> {
  let start = 0;
  let line = 1;
  while (start < head.totalBytes) {
    const segment = { start, line, open: false };
    yield* readSegment(file, head, segment, signal);
    if (!segment.open) return;
    const skipped = await nextLine(file, segment.start, head.totalBytes);
    yield { line: segment.line + skipped.blankLines, cells: undefined, bytes: skipped.end };
    start = skipped.end;
    line = segment.line + skipped.blankLines + 1;
  }
}

/**
 * Reads from `segment.start` to the end of the file or to a record whose quote is never closed; then `open` is set
 * and `start` and `line` are where that record begins.
 */
async function* readSegment(
  file: string,
  head: TableHead,
  segment: { start: number; line: number; open: boolean },
  signal: AbortSignal | undefined,
): AsyncGenerator<Row> {
  const from = segment.start;
  // In small pieces: every open quote costs reading and parsing one of them again.
  const input = createReadStream(file, { start: from, highWaterMark: 1 << 16, signal });
  const parser = parse({
    bom: from === 0,
    delimiter: head.delimiter,
    // Named, not discovered: a file may use several.
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    relax_quotes: true,
    // The number of columns is checked against the header, to name the line.
    relax_column_count: true,
    max_record_size: LONGEST_RECORD,
    info: true,
    skip_records_with_error: true,
    on_skip() {
      if (segment.open) return undefined;
      segment.open = true;
      input.unpipe(parser);
      parser.end();
      return undefined;
    },
  });
  input.on('error', (error) => parser.destroy(error));
  let blankLines = 0;
  try {
    for await (const { record, info } of input.pipe(parser) as AsyncIterable<{
      record: string[];
      info: Info;
    }>) {
      if (record.some(mayHaveSwallowedRows)) {
        const text = await readText(file, segment.start, from + info.bytes);
        if (!closesItsQuotes(text, head.delimiter)) {
          segment.open = true;
          return;
        }
      }
      segment.line += info.empty_lines - blankLines;
      blankLines = info.empty_lines;
      segment.start = from + info.bytes;
      if (record.some((cell) => cell.trim() !== ''))
        yield { line: segment.line, cells: record, bytes: segment.start };
      segment.line += 1 + lineBreaksIn(record);
    }
  } finally {
    input.destroy();
  }
}

/**
 * With quotes relaxed, csv-parse takes a quote that neither separator nor line break follows for the end of the quoted
 * text and for a part of the cell. So a quote that was never closed runs on to the next stray one, and all rows
 * between the two are in one cell, which begins with that quote.
 */
function mayHaveSwallowedRows(cell: string): boolean {
  return cell.startsWith('"') && /[\r\n]/.test(cell);
}

/** Whether every cell that begins with a quote ends with one (RFC 4180). */
function closesItsQuotes(text: string, delimiter: string): boolean {
  const ends = `${delimiter}\r\n`;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') {
      at = text.indexOf('"', at + 1);
      while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
      if (at === -1) return false;
      at++;
      if (at < text.length && !ends.includes(text[at]!)) return false;
    } else while (at < text.length && !ends.includes(text[at]!)) at++;
  }
  return true;
}

async function readText(file: string, start: number, end: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const bytes = Buffer.alloc(end - start);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    return bytes.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '');
  } finally {
    await handle.close();
  }
}

/** csv-parse counts a CRLF inside quotes as two lines, so lines are counted here. */
function lineBreaksIn(record: readonly string[]): number {
  let breaks = 0;
  for (const cell of record) {
    for (let i = cell.search(/[\r\n]/); i !== -1 && i < cell.length; i++) {
      const unit = cell.charCodeAt(i);
      if (unit === 10 || (unit === 13 && cell.charCodeAt(i + 1) !== 10)) breaks++;
    }
  }
  return breaks;
}

/** End of the first line at or after a byte that is not blank, and how many blank ones came before it. */
async function nextLine(
  file: string,
  start: number,
  totalBytes: number,
): Promise<{ end: number; blankLines: number }> {
  const handle = await open(file, 'r');
  try {
    const chunk = Buffer.alloc(1 << 16);
    let blankLines = 0;
    let empty = true;
    let position = start;
    while (position < totalBytes) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
      if (bytesRead === 0) break;
      for (let i = 0; i < bytesRead; i++) {
        if (chunk[i] === 10) {
          if (!empty) return { end: position + i + 1, blankLines };
          blankLines++;
        } else if (chunk[i] !== 13) empty = false;
      }
      position += bytesRead;
    }
    return { end: totalBytes, blankLines };
  } finally {
    await handle.close();
  }
}
