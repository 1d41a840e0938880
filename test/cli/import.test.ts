import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { importCommand } from '../../src/cli/import.ts';
import { temporaryFolder } from '../catalogue/songs.ts';

/** Runs `reactune import` as a shell would, and gives back what it printed and its exit code. */
async function reactuneImport(...args: string[]) {
  const printed: string[] = [];
  const complained: string[] = [];
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text)),
    vi.spyOn(console, 'error').mockImplementation((text: string) => void complained.push(text)),
  ];
  const before = process.exitCode;
  onTestFinished(() => {
    process.exitCode = before;
  });
  process.exitCode = undefined;
  await importCommand().parseAsync(args, { from: 'user' });
  for (const spy of spies) spy.mockRestore();
  return { out: printed.join('\n'), err: complained.join('\n'), code: process.exitCode ?? 0 };
}

function folderWith(files: Record<string, string>): { folder: string; state: string[] } {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  return { folder, state: ['--state-dir', path.join(folder, 'state')] };
}

test('songs, then votes on them, are summed up in plain words', async () => {
  const { folder, state } = folderWith({
    'songs.csv':
      'id,name,artist,energy,mood,colour\na,A,X,0.5,Sad,red\na,A,X,0.5,Sad,red\nb,,X,0.5,Sad,red\n',
    'votes.csv': 'song_id,member_id,emotion\na,m1,happy\nzzz,m1,happy\n',
  });
  const songs = await reactuneImport(path.join(folder, 'songs.csv'), ...state);
  expect(songs.out.split('\n')).toEqual([
    'Imported songs: 1 song, 1 of them new.',
    '1 row named a song again and joined it.',
    '1 mood became a label.',
    'The catalogue now has 1 song. A running bot takes it up by itself; train again to make use of it.',
    '1 of 3 rows could not be used.',
    '  no title: 1',
    '    line 4: the title is missing',
    'Columns that were not used: colour',
  ]);
  expect(songs).toMatchObject({ err: '', code: 0 });

  const votes = await reactuneImport(path.join(folder, 'votes.csv'), ...state);
  expect(votes.out).toMatch(/1 new vote by 1 member on 1 song/);
  expect(votes.out).toMatch(/line 3: the catalogue has no song with the id "zzz"/);
  expect(votes.code).toBe(0);
  // The state folder is free again.
  expect(existsSync(path.join(folder, 'state', 'lock.json'))).toBe(false);
});

test('columns are mapped on the command line or by a file', async () => {
  const { folder, state } = folderWith({
    'songs.csv': 'Song,"Power, raw"\nA,0.5\n',
    'map.json': '\uFEFF{"title": "Song", "energy": "Power, raw"}',
  });
  const songs = path.join(folder, 'songs.csv');
  expect(await reactuneImport(songs, '--map', path.join(folder, 'map.json'), ...state)).toMatchObject({
    code: 0,
  });
  const wrong = await reactuneImport(songs, '--map', 'title=Song,energy=Power', ...state);
  expect(wrong).toMatchObject({ code: 1, out: '' });
  expect(wrong.err).toMatch(/no such column/);
  expect((await reactuneImport(songs, '--map', 'title=', ...state)).err).toMatch(/field=column/);
  expect((await reactuneImport(songs, '--map', path.join(folder, 'no.json'), ...state)).err).toMatch(
    /cannot be read/,
  );
});

test('what cannot be imported is a sentence on standard error and exit code 1', async () => {
  const { folder, state } = folderWith({ 'empty.csv': '' });
  const failed = await reactuneImport(path.join(folder, 'empty.csv'), ...state);
  expect(failed).toEqual({ code: 1, out: '', err: expect.stringMatching(/^empty\.csv is empty\. Export/) });
});

test('the folder is the one that the bot takes from .env', async () => {
  const { folder } = folderWith({
    'songs.csv': 'id,name,energy\na,A,0.5\n',
    '.env': 'STATE_DIR=kept-here\n',
  });
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder);
  vi.stubEnv('STATE_DIR', undefined);
  try {
    expect(await reactuneImport(path.join(folder, 'songs.csv'))).toMatchObject({ code: 0, err: '' });
  } finally {
    cwd.mockRestore();
    vi.unstubAllEnvs();
  }
  expect(existsSync(path.join(folder, 'kept-here', 'catalogue', 'current.json'))).toBe(true);
});

test('a folder or a setting that cannot be is told in a sentence', async () => {
  const { folder } = folderWith({ 'songs.csv': 'id,name,energy\na,A,0.5\n', file: '' });
  const songs = path.join(folder, 'songs.csv');
  const inFile = await reactuneImport(songs, '--state-dir', path.join(folder, 'file'));
  expect(inFile.code).toBe(1);
  expect(inFile.err).not.toMatch(/lstat|problems-/);
  vi.stubEnv('LOG_LEVEL', 'loud');
  onTestFinished(() => void vi.unstubAllEnvs());
  expect((await reactuneImport(songs)).err).toMatch(/LOG_LEVEL must be trace/);
});
