import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../ml/random.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';
import { pipelineFolder, reactune } from './pipeline-folder.ts';

const SHARED = path.join(PACKAGE_ROOT, '..', 'shared', 'data');
const folder = pipelineFolder();
const { file, rowsOf } = folder;

describe('propagate', () => {
  test('gives every song of the catalogue a profile over the emotions of the labels', async () => {
    const lines = folder.planted.emotions.slice(0, 24).map((emotion, i) => `song-${i},${emotion}`);
    await writeFile(file('labels.csv'), `song_id,emotion\n${lines.join('\n')}\n`);
    const { code } = await reactune(
      'propagate',
      '--state-dir',
      folder.dir,
      '--labels',
      file('labels.csv'),
      '--out',
      file('emotions.csv'),
    );
    expect(code).toBe(0);
    const [head, ...rows] = await rowsOf('emotions.csv');
    expect(head).toEqual(['song_id', 'emotion', 'angry', 'calm', 'happy', 'sad', 'confidence', 'source']);
    expect(rows).toHaveLength(folder.planted.catalogue.size);
    const right = rows.filter((row, song) => row[1] === folder.planted.emotions[song]);
    expect(right.length).toBeGreaterThan(0.9 * rows.length);
    for (const row of rows) {
      const shares = row.slice(2, 6).map(Number);
      expect(shares.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
      expect(Number(row[6])).toBe(Math.max(...shares));
    }
  });

  test.each(['trees', 'spreading', 'propagation'])('infers by %s and explains a song', async (method) => {
    const lines = folder.planted.emotions.slice(0, 24).map((emotion, i) => `song-${i},${emotion}`);
    await writeFile(file('labels.csv'), `song_id,emotion\n${lines.join('\n')}\n`);
    const args = ['--state-dir', folder.dir, '--labels', file('labels.csv'), '--method', method];
    await reactune('propagate', ...args, '--out', file('emotions.csv'));
    const rows = (await rowsOf('emotions.csv')).slice(1);
    expect(rows.map((row) => row.at(-1))).toEqual(rows.map((_, i) => (i < 24 ? 'voted' : 'inferred')));
    const right = rows.filter((row, song) => row[1] === folder.planted.emotions[song]);
    expect(right.length).toBeGreaterThan(0.85 * rows.length);

    const { code, out } = await reactune('propagate', ...args, '--explain', 'song-30');
    expect(code).toBe(0);
    expect(out).toContain(`(inferred): ${rows[30][1]} 0.`);
    expect(out).not.toContain('song_id,emotion');
    expect(out).toMatch(/ 0\.\d{3} {2}(angry|calm|happy|sad) \((voted|inferred)\)/);
    if (method === 'trees') expect(out).toMatch(/\+0\.\d{3} {2}\w+ /);
    const { code: no, err } = await reactune('propagate', ...args, '--explain', 'song-x');
    expect(no).toBe(1);
    expect(err).toContain('no song "song-x"');
  });

  test('uses the genre where it tells the emotion, says so, and names it as a reason', async () => {
    const lines = ['id,name,artist,genre,year,danceability,energy,valence,tempo'];
    const labels = ['song_id,emotion'];
    const random = createRandom(5);
    const truth = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? 'calm' : 'tense'));
    truth.forEach((emotion, i) => {
      const genre = emotion === 'calm' ? '"Ambient, Folk"' : 'Metal';
      const numbers = [random.next(), random.next(), random.next(), 60 + 100 * random.next()];
      lines.push(`s${i},Song ${i},A,${i % 10 === 9 ? '' : genre},9999,${numbers.join(',')}`);
      if (i < 100) labels.push(`s${i},${emotion}`);
    });
    await writeFile(file('songs.csv'), `${lines.join('\n')}\n`);
    await writeFile(file('labels.csv'), `${labels.join('\n')}\n`);
    const args = ['--catalogue', file('songs.csv'), '--labels', file('labels.csv')];
    const rightOf = async (...more: string[]) => {
      const { code, err } = await reactune('propagate', ...args, '--out', file('emotions.csv'), ...more);
      expect(code).toBe(0);
      const rows = (await rowsOf('emotions.csv')).slice(101);
      return { err, right: rows.filter((row, i) => row[1] === truth[100 + i]).length / rows.length };
    };
    const all = await rightOf();
    expect(all.err).toMatch(
      /^Genre: used\. The right emotion of 100 hidden songs was given 9\d\.\d % probability/,
    );
    expect(all.err.trim().split('\n')).toHaveLength(1);
    expect(all.right).toBeGreaterThan(0.9);
    const sound = await rightOf('--features', 'audio');
    expect(sound.err).toBe('');
    expect(sound.right).toBeLessThan(0.75);
    const explained = async (song: string) => (await reactune('propagate', ...args, '--explain', song)).out;
    expect(await explained('s150')).toMatch(
      /features add to calm[^\n]*\n {2}\+0\.\d{3} {2}genre ambient, folk\n/,
    );
    expect(await explained('s159')).toContain('genre missing');
  });

  test('hears what the lyrics of a table say, and passes over a flag that says nothing', async () => {
    const random = createRandom(6);
    const anyOf = (words: string) => words.split(' ')[random.integer(words.split(' ').length)];
    const lines = ['id,name,artist,explicit,release_date,danceability,energy,valence,lyrics'];
    const labels = ['song_id,emotion'];
    for (let i = 0; i < 160; i++) {
      const glad = i % 2 === 0;
      const lyrics = Array.from({ length: 60 }, () => {
        if (random.next() < 0.7) return anyOf('the a and we you in on night road way home down through');
        return anyOf(glad ? 'love happy smile joy great laugh' : 'cry sad lonely pain broken lost');
      });
      const sound = [random.next(), random.next(), random.next()];
      lines.push(`s${i},Song ${i},A,${anyOf('True False NA')},0000,${sound.join(',')},${lyrics.join(' ')}`);
      if (i < 80) labels.push(`s${i},${glad ? 'happy' : 'sad'}`);
    }
    await writeFile(file('songs.csv'), `${lines.join('\n')}\n`);
    await writeFile(file('labels.csv'), `${labels.join('\n')}\n`);
    const args = ['--catalogue', file('songs.csv'), '--labels', file('labels.csv'), '--explain', 's100'];
    const { code, out, err } = await reactune('propagate', ...args, '--out', file('emotions.csv'));
    expect(code).toBe(0);
    expect(err).toMatch(
      /^Explicit flag: not used\. .*\nLyrics \([^)]*\): used\. The right emotion of 80 hidden songs/,
    );
    expect(err).not.toContain('Release year');
    expect(out).toMatch(
      /features add to happy[^\n]*\n {2}\+0\.\d{3} {2}sentiment of the lyrics 0\.\d\d \(−1 to 1\)\n/,
    );
    expect(out).not.toContain('explicit');
    const rows = (await rowsOf('emotions.csv')).slice(81);
    expect(rows.filter((row, i) => row[1] === (i % 2 === 0 ? 'happy' : 'sad')).length).toBeGreaterThan(76);
  });

  test('takes what aggregate wrote, and so gives the same as from the votes counted by hand', async () => {
    const votes = folder.planted.emotions.slice(0, 24).flatMap((emotion, i) => [
      [`song-${i}`, 'ana', emotion],
      [`song-${i}`, 'ben', emotion],
      [`song-${i}`, 'eve', i % 3 === 0 ? 'sad' : emotion],
    ]);
    const lines = (rows: string[][]) => rows.map((row) => row.join(',')).join('\n');
    await writeFile(file('votes.csv'), `song_id,member_id,emotion\n${lines(votes)}\n`);
    await reactune('aggregate', '--votes', file('votes.csv'), '--out', file('labels.csv'));
    await writeFile(
      file('counted.csv'),
      `song_id,emotion\n${lines(votes.map(([song, , emotion]) => [song, emotion]))}\n`,
    );
    for (const labels of ['labels', 'counted']) {
      const { code } = await reactune(
        ...['propagate', '--state-dir', folder.dir, '--labels', file(`${labels}.csv`)],
        ...['--out', file(`from-${labels}.csv`)],
      );
      expect(code).toBe(0);
    }
    const [, ...rows] = await rowsOf('from-labels.csv');
    const [, ...counted] = await rowsOf('from-counted.csv');
    expect(rows.map((row) => row.slice(0, 2))).toEqual(counted.map((row) => row.slice(0, 2)));
  });

  test.each([
    ['song_id,emotion,weight\nsong-1,calm,-2\n', 'line 2: the weight "-2" is not a number from 0'],
    ['song_id,emotion,weight\nsong-1,calm,1e39\n', 'line 2: the weight "1e39" is not a number from 0'],
    ['song_id,emotion\n', 'no labels below it'],
    ['song_id,emotion,weight\nsong-1,calm,NaN\n', 'line 2: the weight "NaN" is not a number from 0'],
    ['song_id,emotion\nnobody,calm\n', 'none of its songs is in the catalogue'],
  ])('refuses %j and says where', async (text, message) => {
    await writeFile(file('labels.csv'), text);
    const { code, err } = await reactune(
      'propagate',
      '--state-dir',
      folder.dir,
      '--labels',
      file('labels.csv'),
    );
    expect(code).toBe(1);
    expect(err).toContain(message);
  });

  test('asks for a catalogue when there is none', async () => {
    await writeFile(file('labels.csv'), 'song_id,emotion\na,calm\n');
    const { code, err } = await reactune(
      'propagate',
      '--state-dir',
      file('empty'),
      '--labels',
      file('labels.csv'),
    );
    expect(code).toBe(1);
    expect(err).toContain('give a table with --catalogue');
  });
});

describe.skipIf(!existsSync(SHARED))('on public data', () => {
  test('a tenth of the moods labels the rest as well as published methods do', async () => {
    const moods = path.join(SHARED, 'data_moods.csv');
    const { code } = await reactune(
      ...['propagate', '--catalogue', moods, '--labels', path.join(SHARED, 'splits', 'moods-10pct-1.csv')],
      ...['--out', file('emotions.csv')],
    );
    expect(code).toBe(0);
    const text = await readFile(moods, 'utf8');
    const truth = text
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => `${/,([A-Za-z0-9]{22}),\d{4}/.exec(line)?.[1]},${line.split(',').at(-1)?.trim()}`);
    await writeFile(file('truth.csv'), `song_id,emotion\n${truth.join('\n')}\n`);
    const { out } = await reactune(
      ...['evaluate', '--emotions', file('emotions.csv'), '--truth', file('truth.csv')],
      ...['--labels', path.join(SHARED, 'splits', 'moods-10pct-1.csv')],
    );
    const [songs, accuracy] = out.trim().split('\n')[1].trim().split(/\s+/);
    expect(Number(songs)).toBe(617);
    // scikit-learn's LabelSpreading with defaults: 0.705.
    expect(Number(accuracy)).toBeGreaterThan(0.7);
  });
});
