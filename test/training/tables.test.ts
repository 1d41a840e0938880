import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTable, type TableRow } from '../../src/training/tables.ts';
import { temporaryFolder } from './planted.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

async function read(text: string | Uint8Array, required = ['song_id', 'emotion']): Promise<TableRow[]> {
  const file = path.join(folder.dir, 'table.csv');
  await writeFile(file, text);
  const table = await openTable(file, required);
  const rows: TableRow[] = [];
  for await (const batch of table.batches) rows.push(...batch);
  return rows;
}

test('rows come with the line they begin on, through quotes, line feeds in them, CRLF, a BOM and blank lines', async () => {
  const rows = await read('\uFEFF"song_id",emotion\r\n"a\r\nb","x ""y"""\r\n\r\nc,calm\r\n');
  expect(rows).toEqual([
    { line: 2, fields: ['a\r\nb', 'x "y"'] },
    { line: 5, fields: ['c', 'calm'] },
  ]);
});

test('the last line needs no line feed', async () => {
  expect(await read('song_id,emotion\na,calm')).toEqual([{ line: 2, fields: ['a', 'calm'] }]);
});

test('a table of many batches is read to its end', async () => {
  const lines = Array.from({ length: 5001 }, (_, i) => `song-${i},calm\n`);
  const rows = await read(`song_id,emotion\n${lines.join('')}`);
  expect(rows).toHaveLength(5001);
  expect(rows.at(-1)).toEqual({ line: 5002, fields: ['song-5000', 'calm'] });
});

test.each([
  ['a row with too few fields', 'song_id,emotion\na,calm\nb\n', 'line 3: 1 fields instead of 2'],
  ['a row with too many fields', 'song_id,emotion\na,calm,2\n', 'line 2: 3 fields instead of 2'],
  ['a quote that never ends', 'song_id,emotion\n"a,calm\n', 'line 2: Quote Not Closed'],
  ['a missing column', 'song_id,mood\na,calm\n', 'line 1: the column emotion is missing'],
  ['two missing columns', 'id,mood\na,calm\n', 'line 1: the columns song_id, emotion are missing'],
  ['an empty file', '', 'is empty'],
])('%s is refused with its place', async (_, text, message) => {
  await expect(read(text)).rejects.toThrow(message);
});

test('a missing file and a folder are told apart', async () => {
  await expect(openTable(path.join(folder.dir, 'none.csv'), [])).rejects.toThrow('is not there');
  await mkdir(path.join(folder.dir, 'sub'));
  await expect(openTable(path.join(folder.dir, 'sub'), [])).rejects.toThrow('is a folder');
});

test.each([
  ['UTF-16 without a mark', Buffer.from('song_id,emotion\na,calm\n', 'utf16le')],
  ['a broken quote', Buffer.from('song_id,emotion\na,ca\u001b[31m"lm\n')],
  ['bytes that are no text', Buffer.from([0x80, 0xff, 0x00, 0x1b, 0x2c, 0x0a])],
])('%s is refused without its bytes reaching the terminal', async (_, bytes) => {
  const error = await read(bytes).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ name: 'TableError' });
  expect((error as Error).message).not.toContain('\u0000');
  expect((error as Error).message).not.toMatch(/u001b|value is/);
});
