import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reproduceCommand } from '../../src/cli/reproduce.ts';
import { builtEntry } from '../../src/paths.ts';
import { runCommand } from '../cli/shell.ts';
import { temporaryFolder } from '../training/planted.ts';
import { plantTables, plantVotes } from './tables.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (...names: string[]) => path.join(folder.dir, ...names);
const read = (...names: string[]) => readFile(at(...names), 'utf8');

beforeAll(async () => {
  folder = await temporaryFolder();
  await plantTables(at('data'));
  await plantVotes(at('data'));
});
afterAll(() => folder.remove());

const SHORT = ['--methods', 'random,item-knn', '--seeds', '1'];

function reproduce(data: string, out: string, ...more: string[]) {
  return runCommand(reproduceCommand(), ['--data', at(data), '--out', at(out), ...more]);
}

/** The rows of the table that stands below this caption, cell by cell, the head first. */
function tableIn(markdown: string, caption: string): string[][] {
  const lines = markdown
    .slice(markdown.indexOf(`**${caption}**`))
    .split('\n')
    .slice(2);
  return lines
    .slice(0, lines.indexOf(''))
    .filter((_, i) => i !== 1)
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()));
}

describe('the study of planted tables', () => {
  beforeAll(async () => {
    const { code, err, out } = await reproduce('data', 'out', ...SHORT);
    expect(err).not.toContain('    at ');
    expect(code).toBe(0);
    expect(out).toBe(`${at('out', 'report.html')}\n${at('out', 'report.md')}\n`);
  });

  test('is one page that loads nothing, with every part and every figure told in words', async () => {
    const page = await read('out', 'report.html');
    for (const id of ['explore', 'propagate', 'rank', 'discovery', 'emotion', 'cold-start', 'losses']) {
      expect(page).toContain(`<section id="${id}">`);
    }
    expect(page).not.toMatch(/<(script|link|img|iframe)\b|(src|href)="(?!#)/);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
    const figures = page.split('<figure ').slice(1);
    expect(figures.length).toBeGreaterThanOrEqual(13);
    for (const figure of figures) {
      expect(figure).toMatch(/<title id="\S+-title">[^<]+<\/title>/);
      expect(figure).toMatch(/<desc id="\S+-alt">[^<]{20,}<\/desc>/);
      expect(figure).toMatch(/reactune reproduce --data .+--seed 1/s);
    }
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    // A genre's name is somebody else's text.
    expect(page).toContain('lo&lt;fi');
    expect(page).not.toContain('lo<fi');
  });

  test('is Markdown too, whose figures lie beside it', async () => {
    const markdown = await read('out', 'report.md');
    const figures = [...markdown.matchAll(/^!\[.+\]\(figures\/(\S+)\)$/gm)].map(([, name]) => name);
    expect(new Set(figures)).toEqual(new Set(await readdir(at('out', 'figures'))));
    expect(figures.length).toBeGreaterThanOrEqual(13);
  });

  test('finds what was planted', async () => {
    const markdown = await read('out', 'report.md');
    expect(markdown).toContain('Danceability has a strong correlation with valence (r = 0.9');
    expect(markdown).toMatch(/valence is highest in pop \(median 0\.[78]\d?\)/);
    const emotions = tableIn(markdown, 'Mean and 95 % interval');
    const spreading = emotions.find(([method, share]) => method === 'label spreading' && share === '10 %');
    expect(Number.parseFloat(spreading![2]!)).toBeGreaterThan(0.95);
    for (const caption of [
      'Hidden songs, with audio features alone',
      'Hidden artists, with everything that is known',
    ]) {
      const [, random, knn] = tableIn(markdown, caption);
      expect([random![0], knn![0]]).toEqual(['random', 'item-knn']);
      // Its interval lies above the other's: clusters are what playlists are made of.
      expect(Number.parseFloat(knn![1]!.split('[')[1]!)).toBeGreaterThan(Number.parseFloat(random![1]!));
    }
    expect(markdown).toContain('The paper’s promise was not tested: it takes both gan and item-knn.');
  });

  test('gives emotions to each method in the way that it can take them', async () => {
    const markdown = await read('out', 'report.md');
    for (const kind of ['inferred from audio', 'voted by people']) {
      const rows = tableIn(markdown, `NDCG@10 with and without emotions that were ${kind}`);
      expect(rows.slice(1).map((row) => [row[0], row.at(-1)])).toEqual([
        ['random', 'does not look at songs'],
        ['item-knn', 'as further columns of the songs'],
        ['random', 'does not look at songs'],
        ['item-knn', 'as further columns of the songs'],
      ]);
    }
  });

  test('is the same to the letter when it runs again, and measures nothing twice', async () => {
    const [page, markdown] = [await read('out', 'report.html'), await read('out', 'report.md')];
    const { err } = await reproduce('data', 'out', ...SHORT);
    expect(err).toMatch(/\n0 results were measured, \d+ were there already\.\n$/);
    expect([await read('out', 'report.html'), await read('out', 'report.md')]).toEqual([page, markdown]);
  });

  test('measures again what changed data would change, and only that', async () => {
    await cp(at('data'), at('changed'), { recursive: true });
    await cp(at('out'), at('changed-out'), { recursive: true });
    const moods = await read('changed', 'data_moods.csv');
    await writeFile(at('changed', 'data_moods.csv'), moods.replace('Happy', 'Sad'));
    const { err } = await reproduce('changed', 'changed-out', ...SHORT, '--parts', 'propagate,rank');
    expect(err).toContain('15 results were measured, 6 were there already.');
  });
});

test('without votes, moods that people gave to songs of the playlists stand in for them', async () => {
  const emotions = async (out: string) => {
    expect((await reproduce('given', out, ...SHORT, '--parts', 'emotion')).code).toBe(0);
    return await read(out, 'report.md');
  };
  await mkdir(at('given'));
  for (const name of ['spotify_songs.csv', 'data_moods.csv']) await cp(at('data', name), at('given', name));
  expect(await emotions('few-out')).toContain('they are known of 0 songs of the playlists');

  // The songs of the other table are those of the playlists now.
  const moods = await read('given', 'data_moods.csv');
  await writeFile(at('given', 'data_moods.csv'), moods.replace(/\bm(?=0+\d)/g, 's'));
  const markdown = await emotions('given-out');
  expect(markdown).toContain('nobody’s votes could be tested');
  const rows = tableIn(markdown, 'NDCG@10 with and without emotions that were given by people');
  expect(rows.map(([method]) => method)).toEqual(['method', 'random', 'item-knn', 'random', 'item-knn']);
}, 60_000);

test('a run that was killed goes on where it stopped, to the same report', async () => {
  const more = [...SHORT, '--parts', 'rank'];
  const child = spawn(process.execPath, [
    ...[builtEntry('cli'), 'reproduce', '--data', at('data'), '--out', at('killed')],
    ...more,
  ]);
  let said = '';
  for await (const chunk of child.stderr) {
    said += String(chunk);
    if (said.includes('heldout, all, random')) break;
  }
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(said).toContain('heldout, audio, item-knn');
  const { err } = await reproduce('data', 'killed', ...more);
  const [, measured, found] = /(\d+) results were measured, (\d+) were there/.exec(err)!.map(Number);
  expect(found).toBeGreaterThanOrEqual(4);
  expect(measured! + found!).toBe(6);
  await reproduce('data', 'whole', ...more);
  const whole = await read('whole', 'report.html');
  expect((await read('killed', 'report.html')).replaceAll(at('killed'), at('whole'))).toBe(whole);
});

describe('bad input', () => {
  test('a missing table is named, and only its parts are left out', async () => {
    await mkdir(at('moods-only'));
    await cp(at('data', 'data_moods.csv'), at('moods-only', 'data_moods.csv'));
    const { code } = await reproduce('moods-only', 'moods-out', ...SHORT);
    expect(code).toBe(0);
    const markdown = await read('moods-out', 'report.md');
    expect(markdown).toContain('Left out: spotify\\_songs.csv is not in the data folder.');
    expect(markdown).toContain('Skipped: spotify\\_songs.csv is not in the data folder.');
    expect(markdown).toContain('**Mean and 95 % interval**');
  });

  test('nothing to measure is a failure that says so', async () => {
    await mkdir(at('empty'));
    const { code, err } = await reproduce('empty', 'empty-out');
    expect(code).toBe(1);
    expect(err).toContain('Nothing could be measured with the tables in');
    expect(err).toContain('rank is left out: spotify_songs.csv is not in the data folder.');
    expect(await read('empty-out', 'report.md')).toContain('spotify\\_songs.csv is not in the data folder.');
  });

  test('a folder that is not there, or is none, and a place that cannot be written to are named', async () => {
    expect(await reproduce('nowhere', 'x')).toMatchObject({
      code: 1,
      err: expect.stringContaining('is not there'),
    });
    await writeFile(at('file'), '');
    expect(await reproduce('file', 'x')).toMatchObject({
      code: 1,
      err: expect.stringContaining('is not a folder'),
    });
    expect((await reproduce('data', 'file')).err).toContain('there is a file in its place');
    const { code, err } = await reproduce('data', path.join('file', 'out'));
    expect(code).toBe(1);
    expect(err).toContain('Nothing can be written to');
    expect(err).toContain('there is a file in its place');
    expect(err).not.toContain('    at ');
  });

  test('cells that hold no number are counted and left out', async () => {
    await mkdir(at('holes'));
    const songs = (await read('data', 'spotify_songs.csv')).split('\n');
    const valence = songs[0]!.split(',').indexOf('valence');
    const broken = songs.map((line, row) => {
      // The artist's name has a comma in it.
      const cells = line.split(',');
      if (row > 0 && row <= 60) cells[valence + 1] = row % 2 === 0 ? 'NaN' : '';
      return cells.join(',');
    });
    await writeFile(at('holes', 'spotify_songs.csv'), broken.join('\n'));
    const { code } = await reproduce('holes', 'holes-out', ...SHORT, '--parts', 'explore,rank');
    expect(code).toBe(0);
    expect(await read('holes-out', 'report.md')).toMatch(/[1-9]\d* cells hold no number/);
    expect(await read('holes-out', 'report.html')).not.toMatch(/NaN|undefined/);
  });

  test('a damaged table leaves its parts out and says where', async () => {
    await cp(at('data'), at('damaged'), { recursive: true });
    const songs = await read('damaged', 'spotify_songs.csv');
    await writeFile(at('damaged', 'spotify_songs.csv'), songs.replace('valence', 'sadness'));
    const { code } = await reproduce('damaged', 'damaged-out', ...SHORT, '--parts', 'explore,propagate');
    expect(code).toBe(0);
    expect(await read('damaged-out', 'report.md')).toContain('the column valence is missing');
  });

  test.each([
    [['--parts', 'explore,dance'], 'Choose from explore, propagate, rank'],
    [['--methods', 'magic'], 'Choose from random'],
    [['--seeds', '0'], 'whole number from 1'],
  ])('refuses %j', async (more, message) => {
    const { code, err } = await reproduce('data', 'x', ...more);
    expect(code).toBe(1);
    expect(err).toContain(message);
  });
});
