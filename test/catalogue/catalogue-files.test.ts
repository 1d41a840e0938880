import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { buildCatalogue } from '../../src/catalogue/catalogue.ts';
import { CatalogueError, writeFailure } from '../../src/catalogue/catalogue-error.ts';
import {
  currentCatalogueDir,
  openCatalogue,
  openCurrentCatalogue,
  watchCatalogue,
  writeCatalogue,
} from '../../src/catalogue/catalogue-files.ts';
import { songOf, temporaryFolder } from './songs.ts';

function someCatalogue(name = 'test') {
  return buildCatalogue({
    name,
    demo: false,
    songs: [
      songOf('a', { title: 'Ärger', artists: ['Ünal', 'Zoë'], genre: 'pop', year: 1999, popularity: 7 }),
      songOf('b', { snippet: { kind: 'spotify' }, spotifyUri: 'spotify:track:b', explicit: true }),
      songOf('c', { lyrics: { language: 'de', words: 12, repetition: 0.25 } }),
    ],
    listeners: [
      { id: 'p1', name: 'Morning', songs: Int32Array.of(0, 2), source: 'songs' },
      { id: 'p2', name: 'Nobody', songs: new Int32Array(0) },
    ],
    labels: [{ songId: 'c', emotion: 'calm', weight: 5, source: 'moods' }],
  });
}

describe('a catalogue on disk', () => {
  test('comes back as it was written', async () => {
    const stateDir = temporaryFolder();
    const written = someCatalogue();
    const folder = await writeCatalogue(stateDir, written);
    const read = await openCatalogue(folder);
    expect(read.version).toBe(written.version);
    expect(path.basename(folder)).toBe(written.version);
    expect([0, 1, 2].map((i) => read.song(i))).toEqual([0, 1, 2].map((i) => written.song(i)));
    expect(read.listeners).toEqual(written.listeners);
    expect(read.labels).toEqual(written.labels);
    expect(read.features).toEqual(written.features);
    expect(read.search('arger', 3)).toEqual([0]);
    expect([read.name, read.demo]).toEqual(['test', false]);
  });

  test('may be empty', async () => {
    const stateDir = temporaryFolder();
    await writeCatalogue(
      stateDir,
      buildCatalogue({ name: 'e', demo: false, songs: [], listeners: [], labels: [] }),
    );
    expect((await openCurrentCatalogue(stateDir))?.size).toBe(0);
  });

  test('becomes the current one, with the one before kept and older ones removed', async () => {
    const stateDir = temporaryFolder();
    expect(await openCurrentCatalogue(stateDir)).toBeUndefined();
    expect(await currentCatalogueDir(stateDir)).toBeUndefined();
    for (const name of ['one', 'two', 'three']) await writeCatalogue(stateDir, someCatalogue(name));
    expect((await openCurrentCatalogue(stateDir))?.name).toBe('three');
    const left = readdirSync(path.join(stateDir, 'catalogue')).sort();
    expect(left).toEqual(
      ['current.json', someCatalogue('two').version, someCatalogue('three').version].sort(),
    );
  });

  test('written twice is the same one, and repairs what is damaged', async () => {
    const stateDir = temporaryFolder();
    const folder = await writeCatalogue(stateDir, someCatalogue());
    truncateSync(path.join(folder, 'columns.bin'), 4);
    expect(await writeCatalogue(stateDir, someCatalogue())).toBe(folder);
    expect((await openCatalogue(folder)).size).toBe(3);
  });

  test('leaves the old one in use when a process dies before the rename, and its remains go at the next write', async () => {
    const stateDir = temporaryFolder();
    await writeCatalogue(stateDir, someCatalogue('old'));
    const dead = spawnSync(process.execPath, ['--version']).pid;
    const remains = path.join(stateDir, 'catalogue', `.writing-${dead}-0000`);
    mkdirSync(remains);
    writeFileSync(path.join(remains, 'columns.bin'), 'half');
    expect((await openCurrentCatalogue(stateDir))?.name).toBe('old');
    await writeCatalogue(stateDir, someCatalogue('new'));
    expect(readdirSync(path.join(stateDir, 'catalogue'))).not.toContain(path.basename(remains));
  });

  test('tells a running bot that another process has imported', async () => {
    const stateDir = temporaryFolder();
    await writeCatalogue(stateDir, someCatalogue('old'));
    const changed = new Promise<void>((resolve) => onTestFinished(watchCatalogue(stateDir, resolve, 5)));
    await writeCatalogue(stateDir, someCatalogue('new'));
    await changed;
    expect((await openCurrentCatalogue(stateDir))?.name).toBe('new');
  });

  test('tells a running bot of the first import, too', async () => {
    const stateDir = temporaryFolder();
    const changed = new Promise<void>((resolve) => onTestFinished(watchCatalogue(stateDir, resolve, 5)));
    await writeCatalogue(stateDir, someCatalogue());
    await changed;
  });
});

describe('a catalogue that cannot be used says so and what to do', () => {
  async function broken(damage: (folder: string) => void): Promise<CatalogueError> {
    const folder = await writeCatalogue(temporaryFolder(), someCatalogue());
    damage(folder);
    const error = await openCatalogue(folder).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CatalogueError);
    return error as CatalogueError;
  }
  const columnsOf = (folder: string) => path.join(folder, 'columns.bin');
  const manifestOf = (folder: string) => path.join(folder, 'manifest.json');

  test.each([
    ['truncated', (folder: string) => truncateSync(columnsOf(folder), 8), /columns\.bin has 8 bytes/],
    ['without columns', (folder: string) => rmSync(columnsOf(folder)), /columns\.bin is missing/],
    [
      'changed',
      (folder: string) => {
        const bytes = readFileSync(columnsOf(folder));
        bytes[bytes.indexOf('Ärger')]! ^= 1;
        writeFileSync(columnsOf(folder), bytes);
      },
      /titles in columns\.bin does not match/,
    ],
    ['emptied', (folder: string) => truncateSync(manifestOf(folder), 0), /no JSON/],
    [
      'of something else',
      (folder: string) => writeFileSync(manifestOf(folder), '{"name":"x"}'),
      /not a catalogue's/,
    ],
    [
      'without a column',
      (folder: string) => {
        const manifest = JSON.parse(readFileSync(manifestOf(folder), 'utf8'));
        truncateSync(columnsOf(folder), manifest.columns.pop().offset);
        writeFileSync(manifestOf(folder), JSON.stringify(manifest));
      },
      /names no column label-sources-offsets/,
    ],
    [
      'renamed',
      (folder: string) =>
        writeFileSync(
          manifestOf(folder),
          readFileSync(manifestOf(folder), 'utf8').replace('"test"', '"text"'),
        ),
      /does not belong/,
    ],
  ])('%s', async (_, damage, message) => {
    const error = await broken(damage);
    expect(error.code).toBe('damaged');
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/Import the table again/);
  });

  test('from a newer version', async () => {
    const error = await broken((folder) =>
      writeFileSync(
        manifestOf(folder),
        readFileSync(manifestOf(folder), 'utf8').replace('"format": 1', '"format": 2'),
      ),
    );
    expect(error.code).toBe('newer-version');
    expect(error.message).toMatch(/Update Reactune/);
  });

  test('not there', async () => {
    await expect(openCatalogue(path.join(temporaryFolder(), 'nothing'))).rejects.toMatchObject({
      code: 'missing',
    });
  });

  test.each(['columns.bin', 'manifest.json'])(
    'without %s: removing what the message names leads back to the demo',
    async (name) => {
      const stateDir = temporaryFolder();
      rmSync(path.join(await writeCatalogue(stateDir, someCatalogue()), name));
      const error = await openCurrentCatalogue(stateDir).catch((caught: unknown) => caught);
      const folder = /or remove (\S+) to start with the demo songs/.exec(
        (error as CatalogueError).message,
      )![1];
      rmSync(folder, { recursive: true });
      expect(await openCurrentCatalogue(stateDir)).toBeUndefined();
    },
  );

  test('with a damaged current.json', async () => {
    const stateDir = temporaryFolder();
    await writeCatalogue(stateDir, someCatalogue());
    writeFileSync(path.join(stateDir, 'catalogue', 'current.json'), '{"version":"../../etc"}');
    await expect(openCurrentCatalogue(stateDir)).rejects.toMatchObject({ code: 'damaged' });
    await writeCatalogue(stateDir, someCatalogue());
    expect((await openCurrentCatalogue(stateDir))?.size).toBe(3);
  });

  test('in a folder that cannot be written', async () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(writeCatalogue(file, someCatalogue())).rejects.toBeInstanceOf(CatalogueError);
  });

  test.each([
    ['EACCES', 'read-only', /Give the user write access/],
    ['EROFS', 'read-only', /STATE_DIR/],
    ['ENOSPC', 'full', /Free some space/],
    ['EIO', 'failed', /cannot be written/],
  ])('on a disk that answers %s', (code, named, advice) => {
    const error = writeFailure('/srv/state', Object.assign(new Error('no'), { code }));
    expect(error.code).toBe(named);
    expect(error.message).toMatch(advice);
    expect(error.message).toContain('/srv/state');
  });

  test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('in a read-only folder', async () => {
    const stateDir = temporaryFolder();
    chmodSync(stateDir, 0o500);
    await expect(writeCatalogue(stateDir, someCatalogue())).rejects.toMatchObject({ code: 'read-only' });
    chmodSync(stateDir, 0o700);
  });
});
