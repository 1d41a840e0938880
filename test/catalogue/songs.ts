import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Song } from '../../src/domain/song.ts';

/** A song with everything that a test does not care about filled in. */
export function songOf(id: string, parts: Partial<Song> = {}): Song {
  return {
    id,
    title: `Title ${id}`,
    artists: [`Artist ${id}`],
    features: { danceability: 0.5, energy: 0.25, loudness: -8, tempo: 120 },
    snippet: { kind: 'none' },
    ...parts,
  };
}

/** A folder of its own that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'reactune-catalogue-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
