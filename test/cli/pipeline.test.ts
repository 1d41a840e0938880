import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRandom } from '../../ml/random.ts';
import { writeCatalogue } from '../../src/catalogue/catalogue-files.ts';
import {
  aggregateCommand,
  evaluateCommand,
  propagateCommand,
  rankCommand,
  trainCommand,
} from '../../src/cli/pipeline.ts';
import { lockState } from '../../src/durable/index.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';
import { withoutListeners } from '../training/house.ts';
import { type Planted, plantCatalogue, temporaryFolder } from '../training/planted.ts';

// Whole training runs: seconds on a quiet machine, more on a busy one.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const SHARED = path.join(PACKAGE_ROOT, '..', 'shared', 'data');
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let planted: Planted;
beforeEach(async () => {
  folder = await temporaryFolder();
  planted = plantCatalogue();
  await writeCatalogue(folder.dir, planted.catalogue);
});
afterEach(() => folder.remove());

const file = (name: string) => path.join(folder.dir, name);

/** Runs a command as from the shell. */
async function reactune(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name === 'stdout' ? 'out' : 'err'] += String(text);
      return true;
    }),
  );
  process.exitCode = 0;
  try {
    const program = new Command('reactune').exitOverride();
    for (const make of [aggregateCommand, propagateCommand, rankCommand, evaluateCommand, trainCommand]) {
      program.addCommand(make().exitOverride());
    }
    await program.parseAsync(args, { from: 'user' }).catch((error: { exitCode?: number }) => {
      process.exitCode = error.exitCode ?? 1;
    });
    return { code: Number(process.exitCode ?? 0), ...said };
  } finally {
    process.exitCode = 0;
    for (const spy of spies) spy.mockRestore();
  }
}

async function rowsOf(name: string): Promise<string[][]> {
  const text = await readFile(file(name), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
}

describe('aggregate', () => {
  test('turns votes into labels with a share per emotion, by the share of votes if told so', async () => {
    await writeFile(
      file('votes.csv'),
      'song_id,member_id,emotion\na,m1,calm\na,m2,calm\na,m3,sad\nb,m1,sad\n',
    );
    expect(
      await reactune(
        ...['aggregate', '--votes', file('votes.csv'), '--out', file('labels.csv')],
        ...['--method', 'shares'],
      ),
    ).toMatchObject({
      code: 0,
    });
    const [head, a, b] = await rowsOf('labels.csv');
    expect(head).toEqual(['song_id', 'primary', 'secondary', 'confidence', 'votes', 'calm', 'sad']);
    expect([a[0], a[1], a[2], a[4], a[5], a[6]]).toEqual(['a', 'calm', '', '3', '0.666667', '0.333333']);
    expect([b[0], b[1], b[4], b[5], b[6]]).toEqual(['b', 'sad', '1', '0', '1']);
    expect(Number(a[3])).toBeGreaterThan(0);
  });

  test('weighs members by how far they listen, and reports it with the agreement', async () => {
    const lines = ['song_id,member_id,emotion'];
    for (let song = 0; song < 60; song++) {
      const emotions = song % 2 === 0 ? ['calm', 'calm', 'sad'] : ['happy', 'happy', 'tense'];
      for (let i = 0; i < 6; i++) lines.push(`s${song},m${(song + 3 * i) % 17},${emotions[(song + i) % 3]}`);
      lines.push(`s${song},always,tense`);
    }
    await writeFile(file('votes.csv'), `${lines.join('\n')}\n`);
    const { code, out, err } = await reactune(
      ...['aggregate', '--votes', file('votes.csv'), '--out', file('labels.csv')],
      ...['--members', file('members.csv'), '--report'],
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('420 votes of 18 members on 60 songs.');
    expect(out).toContain('1 of 18 members count less than half');
    expect(out).toMatch(
      /Agreement \(Krippendorff's alpha\): 0\.\d\d\n {2}calm: 0\.\d\d\n {2}happy: 0\.\d\d\n/,
    );
    const [head, ...members] = await rowsOf('members.csv');
    expect(head).toEqual(['member_id', 'votes', 'reliability', 'in_step']);
    const reliability = Object.fromEntries(members.map(([id, , value]) => [id, Number(value)]));
    expect(reliability.always).toBeLessThan(0.1);
    expect(reliability.m3).toBeGreaterThan(0.9);
    const [, first, second] = await rowsOf('labels.csv');
    expect([first[1], second[1]]).toEqual(['calm', 'happy']);
  });

  test.each(['honest', 'shares', 'dawid-skene'])(
    '%s makes something of one vote, one member, one emotion',
    async (method) => {
      await writeFile(file('votes.csv'), 'song_id,member_id,emotion\na,m1,calm\n');
      const { code, out, err } = await reactune(
        ...['aggregate', '--votes', file('votes.csv'), '--method', method, '--report'],
        ...['--members', file('members.csv')],
      );
      expect(code).toBe(0);
      expect(out.split('\n')[1]).toMatch(/^a,calm,,[\d.]+,1,1$/);
      expect(err).toContain('calm: –');
      expect(await rowsOf('members.csv')).toHaveLength(2);
    },
  );

  test.each([
    ['song_id,member_id,emotion\na,m1,calm\nb,,sad\n', 'line 3: the member_id is missing'],
    ['song_id,member_id,emotion\na,m1\n', 'line 2: 2 fields instead of 3'],
    ['song_id,emotion\na,calm\n', 'line 1: the column member_id is missing'],
    ['song_id,member_id,emotion\n', 'no votes below it'],
    ['song_id,member_id,emotion\na,m1,votes\n', 'an emotion cannot be called "votes"'],
  ])('refuses %j and says where', async (text, message) => {
    await writeFile(file('votes.csv'), text);
    const { code, err, out } = await reactune('aggregate', '--votes', file('votes.csv'));
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(err).not.toContain('    at ');
    expect(out).toBe('');
  });

  test('says when the result cannot be written', async () => {
    await writeFile(file('votes.csv'), 'song_id,member_id,emotion\na,m1,calm\n');
    const { code, err } = await reactune(
      'aggregate',
      '--votes',
      file('votes.csv'),
      '--out',
      file('no/such/folder.csv'),
    );
    expect(code).toBe(1);
    expect(err).toContain('cannot be written (ENOENT)');
  });
});

describe('propagate', () => {
  test('gives every song of the catalogue a profile over the emotions of the labels', async () => {
    const lines = planted.emotions.slice(0, 24).map((emotion, i) => `song-${i},${emotion}`);
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
    expect(rows).toHaveLength(planted.catalogue.size);
    const right = rows.filter((row, song) => row[1] === planted.emotions[song]);
    expect(right.length).toBeGreaterThan(0.9 * rows.length);
    for (const row of rows) {
      const shares = row.slice(2, 6).map(Number);
      expect(shares.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
      expect(Number(row[6])).toBe(Math.max(...shares));
    }
  });

  test.each(['trees', 'spreading', 'propagation'])('infers by %s and explains a song', async (method) => {
    const lines = planted.emotions.slice(0, 24).map((emotion, i) => `song-${i},${emotion}`);
    await writeFile(file('labels.csv'), `song_id,emotion\n${lines.join('\n')}\n`);
    const args = ['--state-dir', folder.dir, '--labels', file('labels.csv'), '--method', method];
    await reactune('propagate', ...args, '--out', file('emotions.csv'));
    const rows = (await rowsOf('emotions.csv')).slice(1);
    expect(rows.map((row) => row.at(-1))).toEqual(rows.map((_, i) => (i < 24 ? 'voted' : 'inferred')));
    const right = rows.filter((row, song) => row[1] === planted.emotions[song]);
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
    const votes = planted.emotions.slice(0, 24).flatMap((emotion, i) => [
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

describe('rank', () => {
  async function writeInteractions(): Promise<void> {
    const lines = planted.catalogue.listeners.flatMap(({ id, songs }) =>
      Array.from(songs, (song) => `${id},${planted.catalogue.idAt(song)}`),
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
    expect(rows).toHaveLength(10 * planted.catalogue.listeners.length);
    const own = rows.filter((row) => row[0] === 'listener-0');
    expect(own.map((row) => Number(row[1]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const liked = new Set(
      Array.from(planted.catalogue.listeners[0].songs, (song) => planted.catalogue.idAt(song)),
    );
    expect(own.some((row) => liked.has(row[2]))).toBe(false);
    expect(planted.emotions[planted.catalogue.indexOf(own[0][2])]).toBe('happy');
  });

  test('--discover ranks only songs by artists that are new to the listener', async () => {
    await writeFile(file('train.csv'), 'listener_id,song_id\nana,song-0\nana,song-1\n');
    await reactune(
      ...['rank', '--state-dir', folder.dir, '--interactions', file('train.csv'), '--discover'],
      ...['--method', 'item-knn', '--top', '1000', '--out', file('ranking.csv')],
    );
    const [, ...rows] = await rowsOf('ranking.csv');
    const artists = new Set(
      rows.flatMap((row) => planted.catalogue.song(planted.catalogue.indexOf(row[2])).artists),
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
    const all = planted.catalogue.listeners.flatMap(({ id, songs }) =>
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
    await writeCatalogue(folder.dir, withoutListeners(planted));
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

test('evaluate wants what belongs together, also where only emotions are given', async () => {
  const { code, err } = await reactune('evaluate', '--emotions', file('emotions.csv'));
  expect(code).toBe(1);
  expect(err).toContain('--emotions and --truth');
});
