import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse';

/** A table cannot be used. `message` names the file, the line where there is one, and what to do. */
export class TableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TableError';
  }
}

export interface TableRow {
  /** Where the row begins; 1 is the header. */
  readonly line: number;
  /** One text per column of the header. */
  readonly fields: readonly string[];
}

export interface OpenTable {
  /** As the header has them, trimmed. */
  readonly columns: readonly string[];
  /** To be read once, to the end or until you break. */
  readonly batches: AsyncIterable<readonly TableRow[]>;
}

const ROWS_PER_BATCH = 2000;

function lineFeeds(fields: readonly string[]): number {
  let count = 0;
  for (const field of fields) {
    for (let at = field.indexOf('\n'); at >= 0; at = field.indexOf('\n', at + 1)) count++;
  }
  return count;
}

async function checkFile(file: string): Promise<void> {
  const information = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'is not there' : `cannot be read (${cause.code})`;
    throw new TableError(`${file} ${why}.`, { cause });
  });
  if (information.isDirectory()) throw new TableError(`${file} is a folder, not a CSV file.`);
  if (information.isFile() && information.size === 0)
    throw new TableError(`${file} is empty: it needs a header line and rows.`);
}

/**
 * Opens a CSV table (RFC 4180, comma, UTF-8 with or without a byte-order mark). Its own line count is three times
 * as fast as the parser's.
 * @param required columns that have to be there
 * @param instead or else these
 * @throws TableError with file and line; also while reading the batches
 */
export async function openTable(
  file: string,
  required: readonly string[],
  instead: readonly string[] = required,
): Promise<OpenTable> {
  await checkFile(file);
  const source = createReadStream(file);
  const parser = source.pipe(parse({ bom: true, relax_column_count: true }));
  source.on('error', (error) => parser.destroy(error));
  const records = (parser as AsyncIterable<string[]>)[Symbol.asyncIterator]();

  let line = 1;
  async function next(): Promise<string[] | undefined> {
    try {
      const { value, done } = await records.next();
      return done ? undefined : value;
    } catch (cause) {
      const at = cause instanceof CsvError ? ((cause as CsvError & { lines?: number }).lines ?? line) : line;
      // The parser repeats what it read; a cell of any size and of any bytes is not for a terminal.
      const why =
        cause instanceof CsvError
          ? cause.message.replace(/,? value is [\s\S]*$/, '')
          : (cause as Error).message;
      throw new TableError(`${file}, line ${at}: ${why}.`, { cause });
    }
  }

  const header = await next();
  if (header?.some((name) => name.includes('\0') || name.includes('\uFFFD'))) {
    source.destroy();
    throw new TableError(`${file} is no table of text in UTF-8. Save it as CSV (UTF-8).`);
  }
  const columns = (header ?? []).map((name) => name.trim());
  const missing = required.filter((name) => !columns.includes(name));
  if (missing.length > 0 && !instead.every((name) => columns.includes(name))) {
    source.destroy();
    const [noun, verb] = missing.length > 1 ? ['columns', 'are'] : ['column', 'is'];
    throw new TableError(
      `${file}, line 1: the ${noun} ${missing.join(', ')} ${verb} missing; ` +
        `the header has ${columns.join(', ').slice(0, 200)}.`,
    );
  }
  line += 1 + lineFeeds(header ?? []);

  async function* batches(): AsyncGenerator<readonly TableRow[]> {
    let batch: TableRow[] = [];
    try {
      for (let fields = await next(); fields !== undefined; fields = await next()) {
        const begin = line;
        line += 1 + lineFeeds(fields);
        if (fields.length === 1 && fields[0]?.trim() === '') continue;
        if (fields.length !== columns.length) {
          throw new TableError(
            `${file}, line ${begin}: ${fields.length} fields instead of ${columns.length}.`,
          );
        }
        batch.push({ line: begin, fields });
        if (batch.length >= ROWS_PER_BATCH) {
          yield batch;
          batch = [];
        }
      }
      if (batch.length > 0) yield batch;
    } finally {
      source.destroy();
    }
  }
  return { columns, batches: batches() };
}

/** Turns texts into consecutive numbers, first seen first. */
export interface Interner {
  readonly texts: readonly string[];
  of(text: string): number;
}

export function createInterner(): Interner {
  const numbers = new Map<string, number>();
  const texts: string[] = [];
  return {
    texts,
    of(text) {
      let number = numbers.get(text);
      if (number === undefined) {
        number = texts.length;
        numbers.set(text, number);
        texts.push(text);
      }
      return number;
    },
  };
}

/** An Int32Array that grows. */
export interface GrowingInts {
  readonly length: number;
  push(value: number): void;
  /** A copy of what was pushed. */
  toArray(): Int32Array;
}

export function growingInts(): GrowingInts {
  let values = new Int32Array(1024);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      if (length === values.length) {
        const larger = new Int32Array(2 * length);
        larger.set(values);
        values = larger;
      }
      values[length++] = value;
    },
    toArray: () => values.slice(0, length),
  };
}
