import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { buildCatalogue } from '../../../src/catalogue/catalogue.ts';
import { openCatalogue, writeCatalogue } from '../../../src/catalogue/catalogue-files.ts';
import { lockState } from '../../../src/durable/index.ts';
import { PACKAGE_ROOT } from '../../../src/paths.ts';
import { songOf } from '../songs.ts';
import { operator, small } from './importing.ts';

/** A program for a process of its own; beside the built ones, where it finds the npm packages. */
async function bundled(source: URL): Promise<string> {
  const outfile = path.join(PACKAGE_ROOT, 'dist', 'test', 'killed-import.js');
  await build({
    entryPoints: [fileURLToPath(source)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  return outfile;
}

const PLAYLISTS = 'track_id,track_name,track_artist,playlist_id,playlist_name,energy,valence,mode\n';
const MOODS = 'id,name,artist,energy,valence,time_signature,mood\n';

describe('an import joins what is there', () => {
  test('songs are the same by id: what the new table says counts, what it leaves out stays', async () => {
    const ana = operator();
    await ana.importsSongs('songs.csv', `${PLAYLISTS}a,A,X,p,P,0.5,0.5,1\nb,B,Y,p,P,0.5,0.5,0\n`);
    const { report, catalogue } = await ana.importsSongs(
      'moods.csv',
      `${MOODS}c,C,Z,0.25,0.25,4,Sad\nb,B (live),Y,0.75,,3,Calm\na,A,X,0.5,0.5,4,\n`,
    );
    expect(report).toMatchObject({ songs: 3, newSongs: 1, labels: 2, catalogue: { songs: 3 } });
    expect(catalogue.name).toBe('songs + moods');
    expect(['a', 'b', 'c'].map((id) => catalogue.indexOf(id))).toEqual([0, 1, 2]);
    expect(catalogue.song(1)).toMatchObject({
      title: 'B (live)',
      features: { energy: 0.75, valence: 0.5, mode: 0, timeSignature: 3 },
    });
    expect(catalogue.listeners.map(({ id, songs }) => [id, [...songs]])).toEqual([['p', [0, 1]]]);
    expect(catalogue.labels.map(({ songId, emotion, source }) => [songId, emotion, source])).toEqual([
      ['c', 'sad', 'moods'],
      ['b', 'calm', 'moods'],
    ]);
  });

  test('the same table again replaces its own listeners and labels and leaves those of others', async () => {
    const ana = operator();
    await ana.importsSongs('one.csv', `${PLAYLISTS}a,A,X,p,P,0.5,0.5,1\nb,B,Y,p,P,0.5,0.5,0\n`);
    await ana.importsSongs('two.csv', `${PLAYLISTS}c,C,X,q,Q,0.5,0.5,1\n`);
    await ana.importsSongs('moods.csv', `${MOODS}a,A,X,0.5,0.5,4,Sad\n`);
    await ana.importsSongs('moods.csv', `${MOODS}a,A,X,0.5,0.5,4,Happy\n`);
    const { catalogue } = await ana.importsSongs('one.csv', `${PLAYLISTS}b,B,Y,r,R,0.5,0.5,0\n`);
    expect(catalogue.listeners.map(({ id, songs, source }) => [id, [...songs], source])).toEqual([
      ['q', [2], 'two'],
      ['r', [1], 'one'],
    ]);
    expect(catalogue.labels.map(({ emotion }) => emotion)).toEqual(['happy']);
    expect(catalogue.size).toBe(3);
  });

  test('the same table unchanged is the same version', async () => {
    const ana = operator();
    const table = `${PLAYLISTS}a,A,X,p,P,0.5,0.5,1\nb,B,Y,p,P,0.5,0.5,0\n`;
    const first = await ana.importsSongs('one.csv', table);
    const second = await ana.importsSongs('one.csv', table);
    expect(second.catalogue.version).toBe(first.catalogue.version);
    expect(second.report.newSongs).toBe(0);
  });

  test('a playlist that two tables know likes what either says', async () => {
    const ana = operator();
    await ana.importsSongs('one.csv', `${PLAYLISTS}a,A,X,p,P,0.5,0.5,1\n`);
    const { catalogue } = await ana.importsSongs(
      'two.csv',
      `${PLAYLISTS}b,B,X,p,P,0.5,0.5,1\na,A,X,p,P,0.5,0.5,1\n`,
    );
    expect(catalogue.listeners.map(({ id, songs }) => [id, [...songs]])).toEqual([['p', [0, 1]]]);
  });

  test('tables that each number their songs from 1 are not mixed up', async () => {
    const ana = operator();
    const { catalogue } = await ana.importsSongs(
      'one.csv',
      small('1,Yesterday,X,0.5,0.5', '2,Help,X,0.5,0.5'),
    );
    await expect(ana.importsSongs('two.csv', small('1,Jóga,Y,0.5,0.5', '2,Venus,Y,0.5,0.5'))).rejects.toThrow(
      /2 of 2.*1 is "Yesterday" in the catalogue and "Jóga" in the table/,
    );
    expect((await ana.catalogue())?.version).toBe(catalogue.version);
  });

  test('the demo songs give way', async () => {
    const ana = operator();
    await writeCatalogue(
      ana.stateDir,
      buildCatalogue({ name: 'Demo', demo: true, songs: [songOf('demo-1')], listeners: [], labels: [] }),
    );
    const { report, catalogue } = await ana.importsSongs('t.csv', small('a,A,X,0.5,0.5'));
    expect(report.replacedDemo).toBe(true);
    expect(catalogue).toMatchObject({ demo: false, size: 1, name: 't' });
  });

  test('a catalogue that cannot be read is replaced, and the report says so', async () => {
    const ana = operator();
    const { report } = await ana.importsSongs('t.csv', small('a,A,X,0.5,0.5'));
    writeFileSync(path.join(report.catalogue.dir, 'columns.bin'), 'x');
    const again = await ana.importsSongs('u.csv', small('b,B,X,0.5,0.5'));
    expect(again.report.replacedDamaged).toMatch(/damaged/);
    expect(again.catalogue.size).toBe(1);
  });
});

describe('the old catalogue stays in use until the new one is complete', () => {
  test('when the import is stopped', async () => {
    const ana = operator();
    const { catalogue } = await ana.importsSongs('t.csv', small('a,A,X,0.5,0.5'));
    const stop = new AbortController();
    const rows = Array.from({ length: 5000 }, (_, i) => `n${i},N,X,0.5,0.5`);
    const onProgress = () => stop.abort();
    await expect(
      ana.imports(ana.file('u.csv', small(...rows)), { signal: stop.signal, onProgress }),
    ).rejects.toThrow(/abort/i);
    expect((await ana.catalogue())?.version).toBe(catalogue.version);
    // And nothing is left locked.
    await ana.importsSongs('u.csv', small('b,B,X,0.5,0.5'));
  });

  test('when the importing process is killed at any stage', async () => {
    const ana = operator();
    const { catalogue } = await ana.importsSongs('t.csv', small('a,A,X,0.5,0.5'));
    const rows = Array.from({ length: 20_000 }, (_, i) => `n${i},N,X,0.5,0.5`);
    const file = ana.file('u.csv', small(...rows));
    const program = await bundled(new URL('./killed-import.ts', import.meta.url));
    for (const stage of ['reading', 'merging', 'writing']) {
      const child = spawn(process.execPath, [program, file, ana.stateDir, stage], { stdio: 'inherit' });
      await once(child, 'exit');
      expect(child.exitCode).not.toBe(0);
      expect((await ana.catalogue())?.version).toBe(catalogue.version);
    }
    const report = await ana.imports(file);
    expect(report).toMatchObject({ songs: 20_000, newSongs: 20_000 });
  });

  test('while a reader has the old one open', async () => {
    const ana = operator();
    const { report } = await ana.importsSongs('t.csv', small('a,A,X,0.5,0.5'));
    const old = await openCatalogue(report.catalogue.dir);
    await ana.importsSongs('u.csv', small('b,B,X,0.5,0.5'));
    expect(old.song(0).title).toBe('A');
    expect((await openCatalogue(report.catalogue.dir)).version).toBe(old.version);
  });
});

test('a second import at the same time is refused, and names the first', async () => {
  const ana = operator();
  const lock = await lockState(path.join(ana.stateDir, 'catalogue'));
  await expect(ana.imports(ana.file('t.csv', small('a,A,X,0.5,0.5')))).rejects.toThrow(
    new RegExp(`process ${process.pid}`),
  );
  await lock.release();
});
