import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { buildItems } from '../../ml/items.ts';
import { createRandom } from '../../ml/random.ts';
import { buildCatalogue, type ColumnarCatalogue } from '../../src/catalogue/catalogue.ts';
import { writeCatalogue } from '../../src/catalogue/catalogue-files.ts';
import type { Taxonomy } from '../../src/domain/emotion.ts';
import type { Model } from '../../src/domain/model.ts';
import type { Song, SongId } from '../../src/domain/song.ts';
import { loadTaxonomy } from '../../src/domain/taxonomy.ts';
import type { TrainingMetrics } from '../../src/domain/training.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { modelsDir, readModel, setCurrentModel } from '../../src/training/model-files.ts';
import { type StoredModel, writeModel } from '../../src/training/model-format.ts';
import { rawSongs } from '../../src/training/profile-stage.ts';

export const taxonomy: Taxonomy = loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json'));
export const silent = pino({ level: 'silent' });

export const METRICS: TrainingMetrics = {
  seconds: {},
  peakMemoryMiB: 1,
  backend: 'wasm',
  songs: 0,
  votes: 40,
  voters: 4,
  labelledSongs: 12,
  listeners: 4,
};

/** `calm 3` by `Calm band 1`, and so on: what a song is called says which emotion was planted in it. */
export function plantedSongs(
  perEmotion: number,
  over: (song: Song, i: number) => Partial<Song> = () => ({}),
) {
  const random = createRandom(5);
  const songs: Song[] = [];
  for (const { key, name, valence, arousal } of taxonomy.emotions) {
    for (let i = 0; i < perEmotion; i++) {
      const near = (value: number) => Math.min(1, Math.max(0, (value + 1) / 2 + 0.03 * random.normal()));
      const song: Song = {
        id: `${key}-${i}`,
        title: `${name} song ${i}`,
        artists: [`${name} band ${i % 5}`],
        album: `${name} nights`,
        genre: 'planted',
        year: 2000 + (i % 3),
        snippet: { kind: 'own' },
        features: {
          valence: near(valence),
          energy: near(arousal),
          acousticness: near(-arousal),
          danceability: near(0),
          loudness: -30 + 25 * near(arousal),
          tempo: 60 + 90 * near(arousal),
          durationMs: 180_000 + 1000 * (i % 3),
        },
      };
      songs.push({ ...song, ...over(song, i) });
    }
  }
  return songs;
}

export function plantedCatalogue(
  songs: readonly Song[],
  listeners: readonly SongId[][] = [],
  demo = true,
): ColumnarCatalogue {
  const indexOf = new Map(songs.map(({ id }, index) => [id, index]));
  return buildCatalogue({
    name: 'Planted songs',
    demo,
    songs,
    labels: [],
    listeners: listeners.map((ids, i) => ({
      id: `listener:${i}`,
      name: `Listener ${i}`,
      songs: Int32Array.from(ids, (id) => indexOf.get(id) ?? -1).sort(),
    })),
  });
}

/** A song carries the emotion that its id names, and a little of those nearby on the plane. */
export function plantedProfile(id: SongId): Float32Array {
  const own = taxonomy.get(id.replace(/-\d+$/, ''));
  if (!own) throw new Error(`${id} names no emotion`);
  const weights = taxonomy.emotions.map(({ valence, arousal }) =>
    Math.exp(-3 * Math.hypot(valence - own.valence, arousal - own.arousal)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Float32Array.from(weights, (weight) => weight / sum);
}

/** Before anybody votes a song may be anything, and everybody's votes count in full. */
const plantedVoters = (width: number): StoredModel['voters'] => ({
  format: 1,
  songs: { concentration: 2, mean: Array(width).fill(1 / width) },
  salt: '0'.repeat(32),
  members: {},
});

/** Writes a model that knows the planted emotions, and puts it into use. */
export async function plantModel(
  stateDir: string,
  catalogue: ColumnarCatalogue,
  id = 'm1',
  more: Partial<StoredModel> = {},
): Promise<Model> {
  const width = taxonomy.emotions.length;
  const songIds = Array.from({ length: catalogue.size }, (_, i) => catalogue.idAt(i));
  const profiles = new Float32Array(catalogue.size * width);
  for (const [row, songId] of songIds.entries()) profiles.set(plantedProfile(songId), row * width);
  const folder = await writeModel(modelsDir(stateDir), {
    id,
    createdAt: Date.UTC(2026, 10, 20, 4),
    catalogueVersion: catalogue.version,
    emotions: taxonomy.emotions.map(({ key }) => key),
    metrics: { ...METRICS, songs: catalogue.size },
    scaler: buildItems(rawSongs(catalogue)).scaler,
    recommender: { kind: 'item-knn' },
    songIds,
    profiles,
    confidence: new Float32Array(catalogue.size).fill(0.8),
    voted: Uint8Array.from(songIds, (_, i) => (i % 3 === 0 ? 1 : 0)),
    voters: plantedVoters(width),
    ...more,
  });
  await setCurrentModel(stateDir, id);
  return readModel(folder);
}

/** A state folder with a catalogue and a real store in it, gone after the test. */
export async function plantedState(catalogue: ColumnarCatalogue, now: () => number) {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), 'reactune-playlists-'));
  const catalogueDir = await writeCatalogue(stateDir, catalogue);
  const store = await openLowdbStore({ dir: path.join(stateDir, 'store'), log: silent, now });
  return {
    stateDir,
    catalogueDir,
    store,
    async remove() {
      await store.close();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
