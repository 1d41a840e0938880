import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRows } from '../../../src/catalogue/import/rows.ts';
import { sniffTable } from '../../../src/catalogue/import/sniff.ts';
import { temporaryFolder } from '../songs.ts';

async function rowsOf(content: string, folder = temporaryFolder()) {
  const file = path.join(folder, 't.csv');
  writeFileSync(file, content);
  const rows: [line: number, cells: readonly string[] | undefined][] = [];
  let last = 0;
  for await (const { line, cells, bytes } of readRows(file, await sniffTable(file))) {
    rows.push([line, cells]);
    if (bytes <= last) throw new Error(`The row in line ${line} ends where the one before did.`);
    last = bytes;
  }
  expect(last).toBeLessThanOrEqual(statSync(file).size);
  return rows;
}

describe('the rows of a table', () => {
  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('keep their line numbers through quoted line breaks and blank lines (%s)', async (_, end) => {
    const table = ['a,b', `"x${end}${end}y",2`, '', '', '3,4', ',', '5,6'].join(end);
    expect(await rowsOf(table)).toEqual([
      [1, ['a', 'b']],
      [2, [`x${end}${end}y`, '2']],
      [7, ['3', '4']],
      [9, ['5', '6']],
    ]);
  });

  test('may end their lines differently, and begin with a byte order mark', async () => {
    expect(await rowsOf('\uFEFFa,b\r\n1,2\n3,4\r\n')).toEqual([
      [1, ['a', 'b']],
      [2, ['1', '2']],
      [3, ['3', '4']],
    ]);
  });

  test('may have quotes inside a cell that does not begin with one', async () => {
    expect(await rowsOf('a,b\n12" mix,2\n3,4\n')).toEqual([
      [1, ['a', 'b']],
      [2, ['12" mix', '2']],
      [3, ['3', '4']],
    ]);
  });

  test('a quote that is never closed costs its own line only', async () => {
    expect(await rowsOf('a,b\n1,2\n\n"x,3\n4,5\n\n6,7\n')).toEqual([
      [1, ['a', 'b']],
      [2, ['1', '2']],
      [4, undefined],
      [5, ['4', '5']],
      [7, ['6', '7']],
    ]);
  });

  test('so does one that another stray quote further down seems to close', async () => {
    const table = ['a,b', '"x,1', '2,3', '', '"y,4', '5,6', '"z"" ""z",7', '"v\n""w""",8', ''].join('\n');
    expect(await rowsOf(table)).toEqual([
      [1, ['a', 'b']],
      [2, undefined],
      [3, ['2', '3']],
      [5, undefined],
      [6, ['5', '6']],
      [7, ['z" "z', '7']],
      [8, ['v\n"w"', '8']],
    ]);
  });

  test('so does one in a long table, long before its end', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `${i},${'row'.padEnd(90)}`).join('\n');
    const rows = await rowsOf(`a,b\n"open,1\n${many}\n`);
    expect(rows).toHaveLength(20_002);
    expect(rows[1]).toEqual([2, undefined]);
    expect(rows[2]).toEqual([3, ['0', 'row'.padEnd(90)]]);
    expect(rows.at(-1)).toEqual([20_002, ['19999', 'row'.padEnd(90)]]);
  });

  test('come out as they went in, whatever is in their cells', async () => {
    const folder = temporaryFolder();
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', 'é', '夜', ';') });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { maxLength: 6 }), async (table) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const written = table.map((cells) => cells.map(quoted).join(','));
        let line = 2;
        const expected = table.flatMap((cells) => {
          const at = line;
          line += 1 + cells.join('').split('\n').length - 1;
          return cells.some((text) => text.trim() !== '') ? [[at, cells]] : [];
        });
        expect(await rowsOf(['h,i', ...written, ''].join('\n'), folder)).toEqual([
          [1, ['h', 'i']],
          ...expected,
        ]);
      }),
      { numRuns: 60 },
    );
  });
});
