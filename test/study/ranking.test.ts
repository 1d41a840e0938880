import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fitItemKnn } from '../../ml/baselines.ts';
import { evaluateRanking } from '../../ml/evaluate.ts';
import { songsOf } from '../../ml/interactions.ts';
import { createRandom } from '../../ml/random.ts';
import type { RecommenderData } from '../../ml/recommender.ts';
import { fitMethod, recommenderData } from '../../src/cli/methods.ts';
import { once, type StudyContext } from '../../src/study/context.ts';
import { drawLabelled, labelsOf } from '../../src/study/moods.ts';
import { RANK } from '../../src/study/rank-part.ts';
import { besideEachOther, measureRanking, perListener, rank } from '../../src/study/ranking.ts';
import { openResults } from '../../src/study/results.ts';
import { openSongWorld, type SongWorld } from '../../src/study/song-world.ts';
import { temporaryFolder } from '../training/planted.ts';
import { plantTables } from './tables.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let world: SongWorld;
beforeAll(async () => {
  folder = await temporaryFolder();
  await plantTables(folder.dir);
  world = await openSongWorld(folder.dir);
});
afterAll(() => folder.remove());

describe('what is hidden', () => {
  it('is about a fifth of the songs, none of them shown as well, and depends on the seed alone', async () => {
    const [split, again, other] = [
      await world.split('heldout', 1),
      await world.split('heldout', 1),
      await world.split('heldout', 2),
    ];
    const hidden = split.test.songs.length / (split.test.songs.length + split.train.songs.length);
    expect(hidden).toBeGreaterThan(0.13);
    expect(hidden).toBeLessThan(0.27);
    expect(again.test.songs).toEqual(split.test.songs);
    expect(other.test.songs).not.toEqual(split.test.songs);
    for (let listener = 0; listener < split.listeners.length; listener++) {
      const shown = new Set(songsOf(split.train, listener));
      for (const song of songsOf(split.test, listener)) expect(shown.has(song)).toBe(false);
    }
  });

  it('is whole artists where new ones are to be found, and nothing by a known one is ranked', async () => {
    const { train, test, exclude } = await world.split('discovery', 1);
    const artists = (song: number) => world.catalogue.song(song).artists;
    let hidden = 0;
    for (let listener = 0; listener < train.listenerCount; listener++) {
      const known = new Set([...songsOf(train, listener)].flatMap(artists));
      const excluded = new Set(exclude!(listener));
      for (const song of songsOf(test, listener)) {
        hidden++;
        expect(artists(song).some((artist) => known.has(artist))).toBe(false);
        expect(excluded.has(song)).toBe(false);
      }
      for (let song = 0; song < world.catalogue.size; song++) {
        expect(excluded.has(song)).toBe(artists(song).some((artist) => known.has(artist)));
      }
    }
    expect(hidden).toBeGreaterThan(30);
  });
});

describe('measuring', () => {
  it('gives the same figures as the evaluation of a training run', async () => {
    const split = await world.split('heldout', 1);
    const data = await recommenderData(world.catalogue, split.train, 'all', undefined);
    const knn = await fitItemKnn()(data, createRandom(1));
    const [own, reference] = [
      measureRanking(knn, split, 1),
      await evaluateRanking(knn, split.train, split.test),
    ];
    expect(own.ndcg10).toEqual([...reference.ndcg10]);
    expect(own.recall50).toEqual([...reference.recall50]);
    expect(own.coverage).toBeGreaterThan(0);
    expect(own.coverage).toBeLessThanOrEqual(1);
  });

  it('takes the mean of a listener over the seeds', () => {
    const base = { recall50: [0, 0], coverage: 0, fingerprint: '' };
    const values = perListener(
      [
        { ...base, listeners: ['a', 'b'], ndcg10: [0.2, 0.5] },
        { ...base, listeners: ['b', 'c'], ndcg10: [0.7, 1] },
      ],
      'ndcg10',
    );
    expect(Object.fromEntries(values)).toEqual({ a: 0.2, b: 0.6, c: 1 });
  });

  it('names a method that breaks down, keeps nothing of it, and measures the others', async () => {
    const context: StudyContext = {
      data: folder.dir,
      seeds: [1],
      methods: ['random', 'item-knn', 'gan'],
      backend: 'auto',
      fit: async (name, data, seed) => {
        if (name === 'gan') throw new Error('training broke down at step 7\nand more');
        return await fitMethod(name, data, seed, 'auto');
      },
      songs: once(() => Promise.resolve(world)),
      results: openResults(`${folder.dir}/results`),
      made: (part) => `reactune reproduce --parts ${part}`,
      tell: () => {},
    };
    const { blocks } = await RANK.run(context);
    const texts = blocks.flatMap((block) => (block.kind === 'text' ? [block.text] : []));
    expect(texts).toContain(
      'gan with everything that is known could not be measured: training broke down at step 7',
    );
    expect(blocks.filter(({ kind }) => kind === 'table')).toHaveLength(3);
    const task = { protocol: 'heldout', features: 'all', method: 'gan', seed: 1 } as const;
    const mended = { ...context, fit: () => fitItemKnn()({ ...data }, createRandom(1)) };
    const data = await recommenderData(
      world.catalogue,
      (await world.split('heldout', 1)).train,
      'all',
      undefined,
    );
    expect(await rank(mended, task)).toHaveProperty('ndcg10');
  });
});

it('ranks some of the songs alone by all that is known of them, artists and albums too', async () => {
  let given: RecommenderData | undefined;
  const context: StudyContext = {
    data: folder.dir,
    seeds: [1],
    methods: ['item-knn'],
    backend: 'auto',
    fit: async (name, data, seed) => {
      given = data;
      return await fitMethod(name, data, seed, 'auto');
    },
    songs: once(() => Promise.resolve(world)),
    results: openResults(`${folder.dir}/results-of-some`),
    made: (part) => part,
    tell: () => {},
  };
  const songs = Int32Array.from({ length: 60 }, (_, i) => 3 * i + 1);
  const task = { protocol: 'heldout', features: 'all', method: 'item-knn', seed: 1 } as const;
  expect(await rank(context, { ...task, only: { name: 'some', songs } })).toHaveProperty('ndcg10');
  const whole = await recommenderData(world.catalogue, given!.interactions, 'all', undefined);
  expect(given!.groups).toEqual({
    artists: songs.map((song) => whole.groups!.artists[song]!),
    albums: songs.map((song) => whole.groups!.albums[song]!),
    titles: songs.map((song) => whole.groups!.titles[song]!),
  });
  expect([given!.items.rows, given!.interactions.songCount]).toEqual([60, 60]);
});

it('says what the adversarial part adds, listener by listener', async () => {
  const context: StudyContext = {
    data: folder.dir,
    seeds: [1],
    methods: ['gan-without-generator', 'gan'],
    backend: 'auto',
    // A ranking by nearness to what is liked against one that knows nothing.
    fit: async (name, data) => await fitMethod(name === 'gan' ? 'item-knn' : 'random', data, 1, 'auto'),
    songs: once(() => Promise.resolve(world)),
    results: openResults(`${folder.dir}/results-of-two`),
    made: (part) => part,
    tell: () => {},
  };
  const { blocks } = await RANK.run(context);
  const findings = blocks.flatMap((block) => (block.kind === 'finding' ? [block.text] : []));
  expect(findings.at(-1)).toMatch(/it adds with audio features alone \(0\.\d+ \[0\.\d+, 0\.\d+\]\); it adds/);
});

describe('columns beside each other', () => {
  it('keep the first and standardise the second; a constant one says nothing', () => {
    const items = { rows: 4, columns: 1, values: Float32Array.of(9, 8, 7, 6) };
    const profiles = { rows: 4, columns: 2, values: Float32Array.of(0, 0.5, 1, 0.5, 0, 0.5, 1, 0.5) };
    const both = besideEachOther(items, profiles);
    expect(both.columns).toBe(3);
    expect([...both.values]).toEqual([9, -1, 0, 8, 1, 0, 7, -1, 0, 6, 1, 0]);
  });
});

describe('labels that are shown', () => {
  const songs = {
    emotions: ['calm', 'sad'],
    of: Int32Array.from({ length: 100 }, (_, i) => (i < 70 ? 0 : i < 98 ? 1 : -1)),
  };

  it('are the same share of every emotion, and at least one of each', () => {
    const count = (share: number, emotion: number) => {
      const shown = drawLabelled(songs, share, createRandom(2));
      return songs.of.filter((own, song) => own === emotion && shown[song] === 1).length;
    };
    expect([count(0.1, 0), count(0.1, 1), count(0.1, -1)]).toEqual([7, 3, 0]);
    expect([count(0.001, 0), count(0.001, 1)]).toEqual([1, 1]);
  });

  it('are all that methods see', () => {
    const shown = drawLabelled(songs, 0.1, createRandom(2));
    const { labels, weights } = labelsOf(songs, shown);
    for (const [song, emotion] of songs.of.entries()) {
      const row = [...labels.subarray(2 * song, 2 * song + 2)];
      expect(row).toEqual(shown[song] === 1 ? [emotion === 0 ? 1 : 0, emotion === 1 ? 1 : 0] : [0, 0]);
      expect(weights[song]).toBe(shown[song]);
    }
  });
});
