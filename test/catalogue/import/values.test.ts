import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseArtists,
  parseNumber,
  parsePythonList,
  parseYear,
} from '../../../src/catalogue/import/values.ts';

/** As Python's `repr` writes a string: in double quotes if it has a single and no double one. */
function repr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('\r', '\\r');
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

describe('a list as Python prints it', () => {
  test('is read back, whatever is in it', () => {
    const text = fc.string({
      unit: fc.constantFrom("'", '"', '\\', ',', ' ', '[', ']', '\n', 'a', 'é', '夜'),
    });
    fc.assert(
      fc.property(fc.array(text), (items) => {
        expect(parsePythonList(`[${items.map(repr).join(', ')}]`)).toEqual(items);
      }),
    );
  });

  test.each(['[spunge]', "['a'", "['a' 'b']", "['a', b]", 'a'])('is not what %s is', (text) => {
    expect(parsePythonList(text)).toBeUndefined();
  });
});

test('artists are a list, names between semicolons, or one name', () => {
  expect(parseArtists(`['A', "B's"]`)).toEqual(['A', "B's"]);
  expect(parseArtists('Gen Hoshino;Ingrid')).toEqual(['Gen Hoshino', 'Ingrid']);
  expect(parseArtists('Tyler, The Creator')).toEqual(['Tyler, The Creator']);
  expect(parseArtists('[dunkelbunt]')).toEqual(['[dunkelbunt]']);
  expect(parseArtists("['A', 'A']")).toEqual(['A']);
  expect(parseArtists('')).toEqual([]);
  expect(parseArtists('[]')).toEqual([]);
});

test('numbers are finite decimal numbers, missing, or none', () => {
  expect(['0.5', ' -3 ', '1e-05', '.5', '4.'].map((cell) => parseNumber(cell))).toEqual([
    0.5, -3, 1e-5, 0.5, 4,
  ]);
  expect(['', ' ', 'NA', 'null', undefined].map((cell) => parseNumber(cell))).toEqual(
    Array(5).fill(undefined),
  );
  for (const cell of ['NaN', 'Infinity', '-inf', '1e400', '0x10', '1,5', '1 2', '--1', 'true'])
    expect(parseNumber(cell)).toBeNull();
  expect(parseNumber('1,5', true)).toBe(1.5);
});

test('years are found in dates, and the year zero is no year', () => {
  expect(['1999', '1999-11-02', '31.12.2001', '2019-06', '0', '0000', '', '19990'].map(parseYear)).toEqual([
    1999,
    1999,
    2001,
    2019,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
