import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createRandom } from '../../ml/random.ts';
import { buildCatalogue, type ColumnarCatalogue } from '../../src/catalogue/catalogue.ts';
import type { Song } from '../../src/domain/song.ts';

/** Where songs of each planted emotion lie: happy, angry, sad and calm at the corners of the plane. */
const CORNERS = [
  { emotion: 'happy', valence: 0.85, energy: 0.8, acousticness: 0.2 },
  { emotion: 'angry', valence: 0.2, energy: 0.9, acousticness: 0.05 },
  { emotion: 'sad', valence: 0.15, energy: 0.2, acousticness: 0.7 },
  { emotion: 'calm', valence: 0.75, energy: 0.2, acousticness: 0.9 },
] as const;

export interface Planted {
  readonly catalogue: ColumnarCatalogue;
  /** Emotion that was planted in each song. */
  readonly emotions: readonly string[];
}

export interface PlantedOptions {
  readonly songs?: number;
  /** Each likes songs of one corner only. */
  readonly listeners?: number;
  readonly seed?: number;
}

/** Songs in four clusters, and listeners who each like one of them: what a run should find again. */
export function plantCatalogue({ songs = 120, listeners = 24, seed = 7 }: PlantedOptions = {}): Planted {
  const random = createRandom(seed);
  const emotions: string[] = [];
  const list: Song[] = [];
  for (let i = 0; i < songs; i++) {
    const corner = CORNERS[i % CORNERS.length];
    const near = (value: number) => Math.min(1, Math.max(0, value + 0.06 * random.normal()));
    emotions.push(corner.emotion);
    list.push({
      id: `song-${i}`,
      title: `Song ${i}`,
      artists: [`Artist ${i % 17}`],
      genre: 'planted',
      year: 2000 + (i % 20),
      popularity: i % 100,
      snippet: { kind: 'none' },
      features: {
        valence: near(corner.valence),
        energy: near(corner.energy),
        acousticness: near(corner.acousticness),
        danceability: near(0.5),
        loudness: -20 + 15 * near(corner.energy),
        speechiness: near(0.1),
        instrumentalness: near(0.2),
        liveness: near(0.2),
        tempo: 70 + 80 * near(corner.energy),
        durationMs: 180_000 + Math.round(10_000 * random.normal()),
        mode: 1,
      },
    });
  }
  const catalogue = buildCatalogue({
    name: `planted ${seed}`,
    demo: true,
    songs: list,
    labels: [],
    listeners: Array.from({ length: listeners }, (_, l) => ({
      id: `listener-${l}`,
      name: `Listener ${l}`,
      songs: Int32Array.from({ length: songs }, (_, i) => i).filter(
        (i) => i % CORNERS.length === l % CORNERS.length && random.next() < 0.5,
      ),
    })),
  });
  return { catalogue, emotions };
}

/** A folder that is gone after the test; hand `remove` to `afterEach`. */
export async function temporaryFolder(): Promise<{ readonly dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-training-'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}
