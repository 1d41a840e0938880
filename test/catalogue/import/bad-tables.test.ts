import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ImportError } from '../../../src/catalogue/import/report.ts';
import { operator, small } from './importing.ts';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

describe('a table that is broken as a whole is refused, and says what to do', () => {
  test.each<[what: string, code: string, content: string | Buffer, advice: RegExp]>([
    ['empty', 'empty', '', /is empty/],
    ['of blank lines', 'empty', '\n\n  \n', /blank lines/],
    ['with a header only', 'header-only', 'id,name,energy\n', /nothing below it/],
    ['without features', 'no-features', 'id,name,duration_ms\n1,A,1000\n', /--map energy=/],
    ['without titles', 'no-title', 'id,energy\n1,0.5\n', /--map title=/],
    ['that is a picture', 'binary', PNG, /PNG picture/],
    ['with zero bytes', 'binary', Buffer.from('id,name\n\0\0\0\x01'), /binary/],
    ['in UTF-16 with a mark', 'utf-16', Buffer.from('\uFEFFid,name,energy\n1,A,0.5\n', 'utf16le'), /UTF-8/],
    ['in UTF-16 of other letters', 'utf-16', Buffer.from('\uFEFF番号,曲名\n一,夜\n', 'utf16le'), /UTF-8/],
    ['in UTF-16 without a mark', 'utf-16', Buffer.from('id,name,energy\n1,A,0.5\n', 'utf16le'), /UTF-8/],
    ['that is a workbook', 'compressed', Buffer.from('504b030414000600', 'hex'), /save the sheet as CSV/],
    ['that is compressed', 'compressed', Buffer.from('1f8b080000', 'hex'), /Unpack/],
    ['with an open quote in the header', 'binary', '"id,name,energy\n1,A,0.5\n', /header/],
    [
      'with no good row',
      'nothing-usable',
      'id,name,energy\n1,A,80\n2,B,\n',
      /line 2: energy is 80, outside 0\.\.1/,
    ],
  ])('%s', async (_, code, content, advice) => {
    const ana = operator();
    await ana.importsSongs('good.csv', small('a,A,X,0.5,0.5'));
    const error = await ana.imports(ana.file('table.csv', content)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ImportError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(advice) });
    expect((await ana.catalogue())?.idAt(0)).toBe('a');
  });

  test('that is not there, or a folder', async () => {
    const ana = operator();
    await expect(ana.imports(path.join(ana.folder, 'no.csv'))).rejects.toMatchObject({ code: 'missing' });
    await expect(ana.imports(ana.folder)).rejects.toMatchObject({ code: 'folder' });
  });

  test('with a map that names columns or fields that are not there', async () => {
    const ana = operator();
    const file = ana.file('t.csv', small('a,A,X,0.5,0.5'));
    await expect(ana.imports(file, { map: { title: 'Song' } })).rejects.toThrow(/no such column.*id, name/);
    await expect(ana.imports(file, { map: { colour: 'name' } })).rejects.toThrow(
      /does not know.*danceability/,
    );
  });
});

describe('a bad row is reported with its line and does not stop the import', () => {
  test.each([
    ['loudness 900', 'a,A,X,900,0.5,120', 'out of range', /loudness is 900, outside -100\.\.20/],
    ['danceability 7', 'a,A,X,-5,7,120', 'out of range', /danceability is 7/],
    ['tempo -3', 'a,A,X,-5,0.5,-3', 'out of range', /tempo is -3/],
    ['NaN', 'a,A,X,NaN,0.5,120', 'not a number', /loudness is "NaN"/],
    ['Infinity', 'a,A,X,-5,Infinity,120', 'not a number', /danceability is "Infinity"/],
    ['a number too large to be one', 'a,A,X,-5,0.5,1e999', 'not a number', /tempo/],
    ['words', 'a,A,X,loud,0.5,120', 'not a number', /loudness is "loud"/],
    ['hexadecimal', 'a,A,X,-5,0.5,0x7f', 'not a number', /tempo/],
    ['no title', 'a,,X,-5,0.5,120', 'no title', /title is missing/],
    ['no title of nobody', 'a,NA,NA,-5,0.5,120', 'no title', /title is missing/],
    ['no id', ',A,X,-5,0.5,120', 'no id', /id/],
    ['an id as long as a text', `${'a'.repeat(201)},A,X,-5,0.5,120`, 'no id', /the id is "aaa.*…"/],
    ['no features', 'a,A,X,,,', 'no features', /every audio feature is missing/],
    ['too few columns', 'a,A,X,-5', 'wrong number of columns', /4 columns instead of 6/],
    ['too many columns', 'a,A,X,-5,0.5,120,', 'wrong number of columns', /7 columns instead of 6/],
  ])('%s', async (_, bad, reason, detail) => {
    const { report, catalogue } = await operator().importsSongs(
      't.csv',
      `id,name,artist,loudness,danceability,tempo\nx,First,Y,-5,0.5,120\n\n${bad}\nz,Last,Y,-5,0.5,120\n`,
    );
    expect(report).toMatchObject({ rows: 3, skippedRows: 1, songs: 2 });
    expect(report.problems.counts).toEqual({ [reason]: 1 });
    expect(report.problems.first).toEqual([
      { line: 4, reason, kept: false, detail: expect.stringMatching(detail) },
    ]);
    expect([catalogue.idAt(0), catalogue.idAt(1)]).toEqual(['x', 'z']);
  });

  test('a key or mode between two', async () => {
    const { report } = await operator().importsSongs(
      't.csv',
      'id,name,energy,key,mode\na,A,0.5,5,1\nb,B,0.5,5.5,1\nc,C,0.5,5,0.5\n',
    );
    expect(report.problems.first.map(({ line, detail }) => [line, detail])).toEqual([
      [3, 'key is 5.5, outside -1..11'],
      [4, 'mode is 0.5, outside 0..1'],
    ]);
  });

  test('the same id twice with different features: the first counts, and what differs is said', async () => {
    const { report, catalogue } = await operator().importsSongs(
      't.csv',
      small('a,A,X,0.5,0.1', 'a,A,X,0.5,0.1', 'a,A!,X,0.75,0.1'),
    );
    expect(report).toMatchObject({ songs: 1, repeatedRows: 2, skippedRows: 0 });
    expect(report.problems.first).toEqual([
      {
        line: 4,
        reason: 'same id, other values',
        kept: true,
        detail:
          'a was there already with the title "A" (here "A!"), energy 0.5 (here 0.75); the first row counts',
      },
    ]);
    expect(catalogue.song(0).features.energy).toBe(0.5);
  });

  test('an odd popularity or letters that are not UTF-8 cost only themselves', async () => {
    const table = Buffer.from('id,name,energy,popularity\na,Caf\xe9,0.5,900\n', 'latin1');
    const { report, catalogue } = await operator().importsSongs('t.csv', table);
    expect(report.problems.counts).toEqual({ 'not UTF-8': 1, 'out of range': 1 });
    expect(catalogue.song(0).popularity).toBeUndefined();
  });

  test('many bad rows are counted, a few shown, and all of them written to a file', async () => {
    const ana = operator();
    const rows = Array.from({ length: 3000 }, (_, i) => `b${i},"B, ""${i}""",X,${i % 2 ? 'loud' : 7},0.5`);
    const { report } = await ana.importsSongs('many.csv', small('a,A,X,0.5,0.5', ...rows));
    expect(report.problems.counts).toEqual({ 'out of range': 1500, 'not a number': 1500 });
    expect(report.problems.first).toHaveLength(10);
    const lines = readFileSync(report.problems.file!, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(3001);
    expect(lines[2]).toBe('4,not a number,no,"energy is ""loud"", which is no number"');
    // The next import of a mended table takes the list away.
    await ana.importsSongs('many.csv', small('a,A,X,0.5,0.5'));
    expect(existsSync(report.problems.file!)).toBe(false);
  });
});

test('a state folder that cannot be written is named', async () => {
  const ana = operator();
  const table = ana.file('t.csv', small('a,A,X,0.5,0.5'));
  ana.file('state', 'a file, where the folder should be');
  await expect(ana.imports(table)).rejects.toThrow(/state/);
});

test('a folder named like a table is no table', async () => {
  const ana = operator();
  mkdirSync(path.join(ana.folder, 'songs.csv'));
  await expect(ana.imports(path.join(ana.folder, 'songs.csv'))).rejects.toThrow(/is a folder/);
});
