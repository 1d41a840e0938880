import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { buildCatalogue } from '../../src/catalogue/catalogue.ts';
import { writeCatalogue } from '../../src/catalogue/catalogue-files.ts';
import { pipelineFolder, reactune } from './pipeline-folder.ts';

const folder = pipelineFolder();
const { file, rowsOf } = folder;

/** A table of who likes what. */
async function likes(name: string, lists: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const rows = Object.entries(lists).flatMap(([id, songs]) => songs.map((song) => `${id},${song}`));
  await writeFile(file(name), ['listener_id,song_id', ...rows, ''].join('\n'));
}

const rank = (...more: string[]) =>
  reactune(
    ...['rank', '--state-dir', folder.dir, '--interactions', file('train.csv')],
    ...['--out', file('ranking.csv'), '--method', 'item-knn', ...more],
  );
const songs = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `song-${from + i}`);

describe('rank', () => {
  test('ranks for a listener of unknown songs as for somebody new, and says so', async () => {
    await likes('train.csv', { ana: songs(0, 6), zoe: ['gone-1', 'gone-2'] });
    const { code, err } = await rank('--top', '3');
    expect(code).toBe(0);
    expect(err).toContain('2 rows are about songs that the catalogue lacks.');
    expect(err).toContain('The listener zoe has no song that the catalogue knows: ranked as for somebody');
    expect((await rowsOf('ranking.csv')).filter(([id]) => id === 'zoe')).toHaveLength(3);
  });

  test('says when a listener has everything already', async () => {
    await likes('train.csv', { ana: songs(0, 120), bo: songs(0, 120), cy: songs(0, 3) });
    const { code, err } = await rank();
    expect(code).toBe(0);
    expect(err).toContain('2 listeners (ana, bo) have every song of the catalogue: nothing is left to rank.');
    expect(new Set((await rowsOf('ranking.csv')).slice(1).map(([id]) => id))).toEqual(new Set(['cy']));
    const { err: discover } = await rank('--discover');
    expect(discover).toContain('2 listeners (ana, bo) have something by every artist of the catalogue');
  });

  test('counts a row that is there twice once', async () => {
    await likes('train.csv', { ana: songs(0, 6) });
    await rank();
    const once = await readFile(file('ranking.csv'), 'utf8');
    await likes('train.csv', { ana: [...songs(0, 6), ...songs(0, 6)] });
    await rank();
    expect(await readFile(file('ranking.csv'), 'utf8')).toBe(once);
  });

  test.each(['random', 'popularity', 'item-knn', 'ease', 'co-occurrence', 'ease-artists'])(
    'by %s gives finite scores in a catalogue of one song, to one listener who does not have it',
    async (method) => {
      const song = { ...folder.planted.catalogue.song(0), id: 'only' };
      await writeCatalogue(
        folder.dir,
        buildCatalogue({ name: 'one', demo: false, songs: [song], labels: [], listeners: [] }),
      );
      await likes('train.csv', { ana: ['only'], zoe: ['gone'] });
      const { code, err } = await rank('--method', method);
      expect(code).toBe(0);
      expect(err).toContain('The listener ana has every song');
      const [, ...rows] = await rowsOf('ranking.csv');
      expect(rows.map((row) => row.slice(0, 3))).toEqual([['zoe', '1', 'only']]);
      expect(Number.isFinite(Number(rows[0][3]))).toBe(true);
    },
  );

  test.each([
    ['listener_id,song_id\n', 'has a header but no rows below it'],
    ['', 'is empty: it needs a header line and rows'],
    ['user,song\na,b\n', 'the columns listener_id, song_id are missing; the header has user, song'],
    ['listener_id,song_id\nana,\n', 'line 2: the song_id is missing'],
    ['listener_id,song_id\n,song-1\n', 'line 2: the listener_id is missing'],
    ['listener_id,song_id\nana,gone\n', 'none of its songs is in the catalogue'],
  ])('refuses the table %j in a sentence', async (text, message) => {
    await writeFile(file('train.csv'), text);
    const { code, err } = await rank();
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});

describe('evaluate', () => {
  const evaluate = () =>
    reactune(
      ...['evaluate', '--state-dir', folder.dir, '--train', file('train.csv'), '--test', file('test.csv')],
      ...['--methods', 'popularity'],
    );

  test('refuses a test table that has nothing to be found, instead of calling every method worthless', async () => {
    await likes('train.csv', { ana: songs(0, 6) });
    await likes('test.csv', { bo: songs(6, 8) });
    expect(await evaluate()).toMatchObject({
      code: 1,
      err: expect.stringContaining('test.csv has nothing to be found: it names no listener'),
    });
    await likes('test.csv', { ana: songs(0, 2) });
    expect(await evaluate()).toMatchObject({
      code: 1,
      err: expect.stringContaining('all its songs are in the table to learn from already'),
    });
  });

  test('counts what it cannot use', async () => {
    await likes('train.csv', { ana: [...songs(0, 6), 'gone'], bo: songs(0, 3) });
    await likes('test.csv', { ana: ['song-0', 'song-9', 'gone-2', 'gone-3'], cy: songs(3, 4) });
    const { code, out, err } = await evaluate();
    expect(code).toBe(0);
    expect(out).toMatch(/^popularity /m);
    expect(err).toContain('1 rows to learn from are about songs that the catalogue lacks');
    expect(err).toContain('2 test rows are about songs that the catalogue lacks');
    expect(err).toContain('1 test listeners are not in the table to learn from');
    expect(err).toContain('1 test rows are among those to learn from');
  });

  test('refuses to score a ranking against no rows, and tells whose ranking is missing', async () => {
    await writeFile(file('ranking.csv'), 'listener_id,rank,song_id\nana,1,a\n');
    await likes('test.csv', {});
    const score = () => reactune('evaluate', '--ranking', file('ranking.csv'), '--test', file('test.csv'));
    expect(await score()).toMatchObject({ code: 1, err: expect.stringContaining('no rows below it') });
    await likes('test.csv', { ana: ['a'], bo: ['b'] });
    const { out, err } = await score();
    expect(out).toContain('0.5000');
    expect(err).toContain('1 of 2 test listeners have no ranking; each counts as 0.');
  });
});
