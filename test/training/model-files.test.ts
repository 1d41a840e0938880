import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildItems } from '../../ml/items.ts';
import type { TrainingMetrics } from '../../src/domain/training.ts';
import { exposureFor } from '../../src/training/load-ranking.ts';
import {
  currentModelDir,
  loadRanking,
  modelDir,
  modelsDir,
  readModel,
  setCurrentModel,
  tidyModels,
} from '../../src/training/model-files.ts';
import {
  ModelError,
  readStoredModel,
  type StoredModel,
  writeModel,
} from '../../src/training/model-format.ts';
import { rawSongs } from '../../src/training/profile-stage.ts';
import { plantCatalogue, temporaryFolder } from './planted.ts';

const METRICS: TrainingMetrics = {
  seconds: { train: 1 },
  peakMemoryMiB: 1,
  backend: 'none',
  songs: 3,
  votes: 0,
  voters: 0,
  labelledSongs: 0,
  listeners: 0,
};

const { catalogue } = plantCatalogue({ songs: 24, listeners: 4 });

function storedModel(
  id: string,
  songIds: readonly string[] = ['song-0', 'song-1', 'a "quoted"\nid'],
): StoredModel {
  return {
    id,
    createdAt: 5,
    catalogueVersion: catalogue.version,
    emotions: ['happy', 'sad'],
    metrics: METRICS,
    scaler: buildItems(rawSongs(catalogue)).scaler,
    recommender: { kind: 'item-knn' },
    songIds,
    profiles: Float32Array.from(songIds.flatMap(() => [0.75, 0.25])),
    confidence: Float32Array.from(songIds, () => 0.5),
    voted: Uint8Array.from(songIds, (_, i) => (i === 0 ? 1 : 0)),
    voters: {
      format: 1,
      songs: { concentration: 3, mean: [0.5, 0.5] },
      salt: '00'.repeat(16),
      members: { feed: [0.25], beef: [0.5, 7] },
    },
  };
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let models: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  models = modelsDir(folder.dir);
  await mkdir(models, { recursive: true });
});
afterEach(() => folder.remove());

describe('a model on disk', () => {
  test('keeps what everybody is recommended, song by song, also for another catalogue', async () => {
    const stored = storedModel('m1', ['song-3', 'gone', 'song-1']);
    const exposure = Float32Array.of(0.5, 0.25, 0.125);
    const dir = await writeModel(models, { ...stored, recommender: { kind: 'item-knn', exposure } });
    const read = await readStoredModel(dir);
    expect(read.recommender.exposure).toEqual(exposure);
    const brought = exposureFor(read, catalogue)!;
    expect([brought.length, brought[1], brought[3]]).toEqual([24, 0.125, 0.5]);
    expect(brought.reduce((a, b) => a + b)).toBe(0.625);
    await truncate(path.join(dir, 'exposure.f32'), 8);
    await expect(readStoredModel(dir)).rejects.toThrow(ModelError);
  });

  test('comes back as it was written', async () => {
    const written = storedModel('m1');
    const dir = await writeModel(models, written, { 'report.md': '# Hello\n' });
    expect(await readStoredModel(dir)).toEqual({
      ...written,
      recommender: { kind: 'item-knn', meta: undefined, weights: undefined, exposure: undefined },
    });
    expect(await readFile(path.join(dir, 'report.md'), 'utf8')).toBe('# Hello\n');
  });

  test('says of each song what it knows, and nothing of a song it has not seen', async () => {
    const model = await readModel(await writeModel(models, storedModel('m1')));
    expect(model.profile('song-0')).toEqual({
      distribution: Float32Array.from([0.75, 0.25]),
      confidence: 0.5,
      voted: true,
    });
    expect(model.profile('a "quoted"\nid')?.voted).toBe(false);
    expect(model.profile('song-99')).toBeUndefined();
  });

  test('of an older version, without the weights of members, serves all but labels of the moment', async () => {
    const { voters: _, ...older } = storedModel('older');
    await writeModel(models, older);
    const model = await readModel(modelDir(folder.dir, 'older'));
    expect(model.profile('song-0')?.voted).toBe(true);
    expect(model.label([{ memberId: 'a', emotion: 'sad' }])).toBeUndefined();
    await writeModel(models, storedModel('newer'));
    const newer = await readModel(modelDir(folder.dir, 'newer'));
    expect(newer.label([{ memberId: 'a', emotion: 'sad' }])?.primary).toEqual(['sad']);
  });

  test.each(['songs.txt', 'profiles.f32', 'confidence.f32', 'voted.u8', 'voters.json', 'model.json'])(
    'is refused when %s is cut off, and the file is named',
    async (name) => {
      const dir = await writeModel(models, storedModel('m1'));
      const file = path.join(dir, name);
      await truncate(file, (await readFile(file)).byteLength - 1);
      if (name === 'model.json') await truncate(file, 40);
      const refusal = readModel(dir);
      await expect(refusal).rejects.toThrow(ModelError);
      await expect(refusal).rejects.toMatchObject({
        code: 'damaged',
        message: expect.stringContaining(file),
      });
    },
  );

  test('is refused when one byte was changed', async () => {
    const dir = await writeModel(models, storedModel('m1'));
    const file = path.join(dir, 'profiles.f32');
    const bytes = await readFile(file);
    bytes[2] ^= 1;
    await writeFile(file, bytes);
    await expect(readModel(dir)).rejects.toMatchObject({ code: 'damaged' });
  });

  test('is refused when it lacks its weights', async () => {
    const gan = { ...storedModel('m1'), recommender: { kind: 'gan' as const, meta: {} } };
    await expect(readModel(await writeModel(models, gan))).rejects.toMatchObject({ code: 'damaged' });
  });

  test.each([
    ['foreign', { kind: 'something-else' }],
    ['other-version', { kind: 'reactune-model', format: 2 }],
    ['other-version', { kind: 'reactune-model', format: 0 }],
    ['damaged', { kind: 'reactune-model', format: 1 }],
    ['foreign', null],
  ])('is refused as %s when its head is %j', async (code, head) => {
    const dir = modelDir(folder.dir, 'x');
    await mkdir(dir);
    await writeFile(path.join(dir, 'model.json'), JSON.stringify(head));
    await expect(readModel(dir)).rejects.toMatchObject({ code });
  });

  test('is refused as missing when there is none', async () => {
    await expect(readModel(modelDir(folder.dir, 'none'))).rejects.toMatchObject({ code: 'missing' });
  });
});

describe('the model in use', () => {
  test('is none before the first was published', async () => {
    expect(await currentModelDir(folder.dir)).toBeUndefined();
  });

  test('is the one last put in use', async () => {
    await setCurrentModel(folder.dir, 'm1');
    await setCurrentModel(folder.dir, 'm2');
    expect(await currentModelDir(folder.dir)).toBe(modelDir(folder.dir, 'm2'));
  });

  test.each(['', '{', '{"format":1,"id":"../../etc"}'])(
    'is not guessed from a pointer that says %j',
    async (text) => {
      await writeFile(path.join(models, 'current.json'), text);
      await expect(currentModelDir(folder.dir)).rejects.toMatchObject({ code: 'damaged' });
    },
  );

  test('stays, with the newest two besides, when old ones are tidied away', async () => {
    for (const id of ['m1', 'm2', 'm3', 'm4', 'm5']) await writeModel(models, storedModel(id));
    await mkdir(path.join(models, '.tmp-m6'));
    await setCurrentModel(folder.dir, 'm2');
    await tidyModels(folder.dir, 'm2');
    expect((await readdir(models)).sort()).toEqual(['current.json', 'm2', 'm4', 'm5']);
  });
});

describe('ranking with a stored model', () => {
  test('goes on by item-kNN when its networks are of another version of the program, and says why', async () => {
    const recommender = {
      kind: 'gan',
      meta: { format: 'reactune-gan', version: 0 },
      weights: new ArrayBuffer(8),
    };
    const dir = await writeModel(models, { ...storedModel('m1', ['song-3']), recommender } as StoredModel);
    const ranking = await loadRanking(dir, catalogue, 'cpu');
    expect(ranking.substitutedBecause).toMatch(/version 0.*Train again/);
    expect(ranking.recommender.name).toBe('item-knn');
    expect(ranking.profiles.values.subarray(6, 8)).toEqual(Float32Array.from([0.75, 0.25]));
    expect(ranking.recommender.score(Int32Array.from([0, 4]))[8]).toBeGreaterThan(0);
  });

  test('works on a catalogue it was not trained on: unknown songs have every emotion alike', async () => {
    const dir = await writeModel(models, storedModel('m1', ['song-3', 'gone']));
    const ranking = await loadRanking(dir, catalogue, 'cpu');
    expect(ranking.profiles.values.subarray(6, 8)).toEqual(Float32Array.from([0.75, 0.25]));
    expect(ranking.profiles.values.subarray(0, 2)).toEqual(Float32Array.from([0.5, 0.5]));
    expect(Array.from(ranking.confidence.subarray(2, 4))).toEqual([0, 0.5]);
    expect(ranking.voted[3]).toBe(1);
    const scores = ranking.recommender.score(Int32Array.from([0, 4]));
    expect(scores).toHaveLength(catalogue.size);
    // Songs 0 and 4 are of the first of four clusters. One song may be an odd one; all of them together are not.
    const others = Array.from(scores.keys()).filter((song) => song !== 0 && song !== 4);
    const average = (songs: number[]) => songs.reduce((sum, song) => sum + scores[song], 0) / songs.length;
    expect(average(others.filter((song) => song % 4 === 0))).toBeGreaterThan(
      average(others.filter((song) => song % 4 !== 0)),
    );
  });
});
