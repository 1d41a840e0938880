import { open } from 'node:fs/promises';
import path from 'node:path';
import { ImportError } from './report.ts';

const HEAD_BYTES = 1 << 16;

/** What the first bytes of a table say. */
export interface TableHead {
  readonly totalBytes: number;
  readonly delimiter: ',' | ';' | '\t' | '|';
}

const SIGNATURES: readonly (readonly [bytes: string, what: string, compressed: boolean])[] = [
  ['1f8b', 'gzip-compressed', true],
  ['504b0304', 'a ZIP archive or an Excel workbook', true],
  ['377abcaf', 'a 7-Zip archive', true],
  ['28b52ffd', 'Zstandard-compressed', true],
  ['425a68', 'bzip2-compressed', true],
  ['89504e47', 'a PNG picture', false],
  ['ffd8ff', 'a JPEG picture', false],
  ['25504446', 'a PDF document', false],
  ['50415231', 'a Parquet file', false],
  ['d0cf11e0', 'an old Excel workbook', false],
  ['53514c69', 'an SQLite database', false],
];

/**
 * Looks at the beginning of a file, to say at once when it can be no table of text.
 * @throws ImportError
 */
export async function sniffTable(file: string): Promise<TableHead> {
  const name = path.basename(file);
  const { head, totalBytes } = await readHead(file, name);
  if (head.length === 0)
    throw new ImportError(
      'empty',
      `${name} is empty. Export the table again, with a header line and one song per line.`,
    );

  const hex = head.subarray(0, 4).toString('hex');
  for (const [bytes, what, compressed] of SIGNATURES) {
    if (!hex.startsWith(bytes)) continue;
    throw compressed
      ? new ImportError(
          'compressed',
          `${name} is ${what}. Unpack it, or save the sheet as CSV (UTF-8), and import the CSV file.`,
        )
      : new ImportError(
          'binary',
          `${name} is ${what}, not a table of text. Export the table as CSV (UTF-8) and import that.`,
        );
  }
  if (hex.startsWith('fffe') || hex.startsWith('feff') || looksLikeUtf16(head))
    throw new ImportError(
      'utf-16',
      `${name} is encoded in UTF-16. Save it as UTF-8 (Excel: "CSV UTF-8") and import that.`,
    );
  if (head.includes(0))
    throw new ImportError(
      'binary',
      `${name} is a binary file, not a table of text. Export the table as CSV (UTF-8) and import that.`,
    );
  const text = head.toString('utf8').replace(/^\uFEFF/, '');
  if (text.trim() === '')
    throw new ImportError(
      'empty',
      `${name} holds nothing but blank lines. Export the table again, with a header line.`,
    );
  return { totalBytes, delimiter: delimiterOf(text) };
}

async function readHead(file: string, name: string): Promise<{ head: Buffer; totalBytes: number }> {
  try {
    const handle = await open(file, 'r');
    try {
      const info = await handle.stat();
      if (info.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
      const head = Buffer.alloc(HEAD_BYTES);
      const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
      return { head: head.subarray(0, bytesRead), totalBytes: info.size };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new ImportError('missing', `There is no file ${file}. Check the path.`, { cause });
    if (code === 'EISDIR')
      throw new ImportError('folder', `${file} is a folder. Name the CSV file in it.`, { cause });
    throw new ImportError('unreadable', `${name} cannot be read (${code}). Check that you may read it.`, {
      cause,
    });
  }
}

/** Without a byte order mark: Latin text in UTF-16 has a zero in every other byte. */
function looksLikeUtf16(head: Buffer): boolean {
  if (head.length < 4) return false;
  const zeros: [number, number] = [0, 0];
  for (let i = 0; i < head.length; i++) if (head[i] === 0) zeros[i % 2 === 0 ? 0 : 1]++;
  const half = head.length / 2;
  return Math.max(...zeros) > half * 0.7 && Math.min(...zeros) < half * 0.1;
}

/** The separator that splits the header line most; a comma when there is none. */
function delimiterOf(text: string): TableHead['delimiter'] {
  const header = text
    .trimStart()
    .split(/\r\n|\n|\r/, 1)[0]!
    .replace(/"[^"]*"/g, '');
  let best: TableHead['delimiter'] = ',';
  for (const candidate of [';', '\t', '|'] as const) {
    if (header.split(candidate).length > header.split(best).length) best = candidate;
  }
  return best;
}
