import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { bytesOf, type Column, type Columns } from './catalogue.ts';

/** All columns, one after the other in the order of the manifest. */
export const COLUMNS_FILE = 'columns.bin';

/** What a column holds: little-endian numbers, or bytes of UTF-8 text. */
const KINDS = {
  text: (bytes: Buffer): Column => bytes,
  u8: ({ buffer, length }: Buffer): Column => new Uint8Array(buffer, 0, length),
  f32: ({ buffer, length }: Buffer): Column => new Float32Array(buffer, 0, length / 4),
  i32: ({ buffer, length }: Buffer): Column => new Int32Array(buffer, 0, length / 4),
  u32: ({ buffer, length }: Buffer): Column => new Uint32Array(buffer, 0, length / 4),
} as const;
export type ColumnKind = keyof typeof KINDS;

/** A column as the manifest names it. */
export interface ColumnEntry {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Where in the file it begins. */
  readonly offset: number;
  readonly bytes: number;
  readonly sha256: string;
}

function kindOf(column: Column): ColumnKind {
  if (column instanceof Float32Array) return 'f32';
  if (column instanceof Int32Array) return 'i32';
  if (column instanceof Uint32Array) return 'u32';
  return Buffer.isBuffer(column) ? 'text' : 'u8';
}

/**
 * Writes the columns into a folder and waits for the disk. One file, because every file more is one more wait.
 * Numbers are written as this machine has them: little-endian, like every machine that Node.js runs on today.
 */
export async function writeColumns(
  folder: string,
  columns: Columns,
  digests: Readonly<Record<string, string>>,
): Promise<ColumnEntry[]> {
  const entries: ColumnEntry[] = [];
  const handle = await open(path.join(folder, COLUMNS_FILE), 'w');
  try {
    let offset = 0;
    for (const [name, column] of Object.entries(columns)) {
      const bytes = bytesOf(column);
      entries.push({ name, kind: kindOf(column), offset, bytes: bytes.length, sha256: digests[name]! });
      await handle.writeFile(bytes);
      offset += bytes.length;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return entries;
}

/** @returns the columns, or a sentence about the first thing that is not what the manifest says */
export async function readColumns(
  folder: string,
  entries: readonly ColumnEntry[],
): Promise<Columns | string> {
  const handle = await openIfThere(path.join(folder, COLUMNS_FILE));
  if (handle === undefined) return `${COLUMNS_FILE} is missing`;
  try {
    const expected = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    const { size } = await handle.stat();
    if (size !== expected) return `${COLUMNS_FILE} has ${size} bytes instead of ${expected}`;
    const columns: Record<string, Column> = {};
    for (const { name, kind, offset, bytes, sha256 } of entries) {
      // Memory of its own: typed arrays need it to begin at a multiple of four.
      const column = Buffer.allocUnsafeSlow(bytes);
      for (let at = 0; at < bytes; ) {
        const { bytesRead } = await handle.read(column, at, bytes - at, offset + at);
        if (bytesRead === 0) return `${COLUMNS_FILE} ends in the middle of ${name}`;
        at += bytesRead;
      }
      if (createHash('sha256').update(column).digest('hex') !== sha256)
        return `${name} in ${COLUMNS_FILE} does not match its checksum`;
      columns[name] = KINDS[kind](column);
    }
    return columns;
  } finally {
    await handle.close();
  }
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
