import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { writeCatalogue } from '../../src/catalogue/catalogue-files.ts';
import { lockState } from '../../src/durable/index.ts';
import { withoutListeners } from '../training/house.ts';
import { pipelineFolder, reactune } from './pipeline-folder.ts';

const folder = pipelineFolder();
const { file, rowsOf } = folder;

describe('rank', () => {
  async function writeInteractions(): Promise<void> {
    const lines = folder.planted.catalogue.listeners.flatMap(({ id, songs }) =>
      Array.from(songs, (song) => `${id},${folder.planted.catalogue.idAt(song)}`),
    );
    await writeFile(file('train.csv'), `listener_id,song_id\n${lines.join('\n')}\n`);
  }

  test('ranks songs that a listener does not have, nearest to the taste first', async () => {
    await writeInteractions();
    const { code } = await reactune(
      ...['rank', '--state-dir', folder.dir, '--interactions', file('train.csv')],
      ...['--method', 'item-knn', '--top', '10', '--out', file('ranking.csv')],
    );
    expect(code).toBe(0);
    const [head, ...rows] = await rowsOf('ranking.csv');
    expect(head).toEqual(['listener_id', 'rank', 'song_id', 'score']);
    expect(rows).toHaveLength(10 * folder.planted.catalogue.listeners.length);
    const own = rows.filter((row) => row[0] === 'listener-0');
    expect(own.map((row) => Number(row[1]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const liked = new Set(
      Array.from(folder.planted.catalogue.listeners[0].songs, (song) => folder.planted.catalogue.idAt(song)),
    );
    expect(own.some((row) => liked.has(row[2]))).toBe(false);
    expect(folder.planted.emotions[folder.planted.catalogue.indexOf(own[0][2])]).toBe('happy');
  });

  test('--discover ranks only songs by artists that are new to the listener', async () => {
    await writeFile(file('train.csv'), 'listener_id,song_id\nana,song-0\nana,song-1\n');
    await reactune(
      ...['rank', '--state-dir', folder.dir, '--interactions', file('train.csv'), '--discover'],
      ...['--method', 'item-knn', '--top', '1000', '--out', file('ranking.csv')],
    );
    const [, ...rows] = await rowsOf('ranking.csv');
    const artists = new Set(
      rows.flatMap((row) => folder.planted.catalogue.song(folder.planted.catalogue.indexOf(row[2])).artists),
    );
    expect(artists.size).toBe(15);
    expect(artists.has('Artist 0')).toBe(false);
  });

  test('the same seed gives the same file', async () => {
    await writeInteractions();
    for (const name of ['one.csv', 'two.csv']) {
      await reactune(
        ...['rank', '--state-dir', folder.dir, '--interactions', file('train.csv')],
        ...['--method', 'random', '--seed', '5', '--out', file(name)],
      );
    }
    expect(await readFile(file('one.csv'), 'utf8')).toBe(await readFile(file('two.csv'), 'utf8'));
  });

  test('refuses probabilities that are none, with the line', async () => {
    await writeInteractions();
    await writeFile(file('emotions.csv'), 'song_id,emotion,calm,sad\nsong-0,calm,0.5,0.5\nsong-1,calm,x,1\n');
    const { code, err } = await reactune(
      ...['rank', '--state-dir', folder.dir, '--interactions', file('train.csv')],
      ...['--method', 'item-knn', '--emotions', file('emotions.csv')],
    );
    expect(code).toBe(1);
    expect(err).toContain('line 3: the probability "x" of calm');
  });
});

describe('evaluate', () => {
  test('compares methods on what was hidden', async () => {
    const all = folder.planted.catalogue.listeners.flatMap(({ id, songs }) =>
      Array.from(songs, (song, i) => ({ line: `${id},song-${song}`, hidden: i % 4 === 0 })),
    );
    const table = (hidden: boolean) =>
      `listener_id,song_id\n${all
        .filter((row) => row.hidden === hidden)
        .map((row) => row.line)
        .join('\n')}\n`;
    await writeFile(file('train.csv'), table(false));
    await writeFile(file('test.csv'), table(true));
    const { code, out } = await reactune(
      ...['evaluate', '--state-dir', folder.dir, '--train', file('train.csv'), '--test', file('test.csv')],
      ...['--methods', 'random,item-knn'],
    );
    expect(code).toBe(0);
    const figures = [...out.matchAll(/^(\S+)\s+(0\.\d+)/gm)].map(
      ([, name, ndcg]) => [name, Number(ndcg)] as const,
    );
    expect(figures.map(([name]) => name)).toEqual(['random', 'item-knn']);
    expect(figures[1][1]).toBeGreaterThan(figures[0][1]);
  });

  test('scores a ranking that any program wrote', async () => {
    await writeFile(file('ranking.csv'), 'listener_id,rank,song_id\nana,2,b\nana,1,a\nana,3,c\n');
    await writeFile(file('test.csv'), 'listener_id,song_id\nana,a\nana,c\n');
    const { out } = await reactune('evaluate', '--ranking', file('ranking.csv'), '--test', file('test.csv'));
    // (1 + 1/2) / (1 + 1/log2 3)
    expect(out).toContain('0.9197');
  });

  test('says what is missing when there is no model yet', async () => {
    const { code, err } = await reactune('evaluate', '--state-dir', folder.dir);
    expect(code).toBe(1);
    expect(err).toContain('There is no model');
  });
});

describe('train', () => {
  test('trains on the folder and leaves a model and its report', async () => {
    // Without listeners there is no GAN to train, which is not what this is about.
    await writeCatalogue(folder.dir, withoutListeners(folder.planted));
    const { code, out } = await reactune('train', '--state-dir', folder.dir, '--backend', 'wasm');
    expect(out).toContain('published');
    expect(code).toBe(0);
    const report = /Report: (.*)/.exec(out)?.[1] ?? '';
    expect(existsSync(report)).toBe(true);
    expect((await reactune('evaluate', '--state-dir', folder.dir)).out).toContain('# Training report');
  });

  test('refuses a folder that a bot is using', async () => {
    const lock = await lockState(folder.dir);
    try {
      const { code, err } = await reactune('train', '--state-dir', folder.dir);
      expect(code).toBe(1);
      expect(err).toContain(String(process.pid));
    } finally {
      await lock.release();
    }
  });

  test('refuses a folder without a catalogue', async () => {
    const { code, err } = await reactune('train', '--state-dir', file('empty'));
    expect(code).toBe(1);
    expect(err).toContain('import one first');
  });
});

test('evaluate wants what belongs together, also where only emotions are given', async () => {
  const { code, err } = await reactune('evaluate', '--emotions', file('emotions.csv'));
  expect(code).toBe(1);
  expect(err).toContain('--emotions and --truth');
});
