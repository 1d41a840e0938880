import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/paths.ts';
import { operator } from './importing.ts';

const DATA = path.join(PACKAGE_ROOT, '..', 'shared', 'data');
const SONGS = path.join(DATA, 'spotify_songs.csv');
const MOODS = path.join(DATA, 'data_moods.csv');

describe.skipIf(!existsSync(SONGS))('the public tables', () => {
  test('32,833 rows of playlists and 686 moods become one catalogue', async () => {
    const ana = operator();
    const songs = await ana.imports(SONGS);
    expect(songs).toMatchObject({
      rows: 32_833,
      songs: 28_352,
      listeners: 471,
      skippedRows: 5,
      problems: { counts: { 'no title': 5 } },
    });
    expect(songs.problems.first.map(({ line }) => line)).toEqual([8153, 9284, 9285, 19570, 19813]);

    const moods = await ana.imports(MOODS);
    expect(moods).toMatchObject({ rows: 686, songs: 686, newSongs: 578, labels: 686, skippedRows: 0 });

    const catalogue = (await ana.catalogue())!;
    expect(catalogue.size).toBe(28_930);
    expect(catalogue.listeners).toHaveLength(471);
    const count = (emotion: string) => catalogue.labels.filter((label) => label.emotion === emotion).length;
    expect(['sad', 'calm', 'energetic', 'happy'].map(count)).toEqual([197, 195, 154, 140]);
    const found = catalogue.search('memories maroon', 3).map((i) => catalogue.song(i).title);
    expect(found[0]).toBe('Memories');
  });
});
