import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createRandom } from '../../ml/random.ts';
import { buildCatalogue, type ColumnarCatalogue } from '../../src/catalogue/catalogue.ts';
import type { Song } from '../../src/domain/song.ts';
import type { TrainingRun } from '../../src/domain/training.ts';
import { loadRanking, modelDir } from '../../src/training/model-files.ts';
import { type House, openHouse } from './house.ts';
import { type Planted, plantCatalogue } from './planted.ts';

// Whole training runs: seconds on a quiet machine, more on a busy one.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let house: House;
afterEach(() => house.close());

const planted = plantCatalogue();
const songsIn = ({ catalogue }: Planted): Song[] =>
  Array.from({ length: catalogue.size }, (_, index) => catalogue.song(index));

/** The planted listeners, or the lists given, on other songs. */
function catalogueOf(songs: readonly Song[], lists?: readonly (readonly number[])[]): ColumnarCatalogue {
  return buildCatalogue({
    name: 'odd',
    demo: true,
    songs,
    labels: [],
    listeners:
      lists?.map((list, l) => ({ id: `odd-${l}`, name: `Odd ${l}`, songs: Int32Array.from(list).sort() })) ??
      planted.catalogue.listeners,
  });
}

/** Trains on a catalogue and ranks with what came of it, for nobody's taste and for each taste given. */
async function trainOn(catalogue: ColumnarCatalogue, tastes: readonly ArrayLike<number>[] = []) {
  house = await openHouse({ ...planted, catalogue });
  const run = await house.train();
  expect(run).toMatchObject({ outcome: 'published', modelId: run.id });
  const ranking = await loadRanking(modelDir(house.dir, run.id), catalogue, 'wasm');
  for (const taste of [[], ...tastes]) {
    const scores = ranking.recommender.score(Int32Array.from(taste), { seed: 1 });
    expect(scores).toHaveLength(catalogue.size);
    expect([...scores].every(Number.isFinite)).toBe(true);
  }
  ranking.recommender.dispose?.();
  return { run, report: await readFile(path.join(modelDir(house.dir, run.id), 'report.md'), 'utf8') };
}

const measured = ({ metrics }: TrainingRun) => (metrics?.ranking ?? []).map(({ method }) => method);

describe('a training run stands', () => {
  test('a catalogue of one song', async () => {
    const { run, report } = await trainOn(catalogueOf(songsIn(planted).slice(0, 1), [[0]]), [[0]]);
    expect(run.reason).toContain('The GAN needs at least 10 listeners');
    expect(report).toContain('(1 song, version');
  });

  test('one song that everybody likes', async () => {
    const everybody = Array.from({ length: 30 }, () => [0]);
    const { run } = await trainOn(catalogueOf(songsIn(planted).slice(0, 1), everybody), [[0]]);
    expect(run.reason).toContain('there are 0');
  });

  test('two listeners in all', async () => {
    const lists = planted.catalogue.listeners.slice(2, 4).map(({ songs }) => [...songs]);
    const { run } = await trainOn(catalogueOf(songsIn(planted), lists), lists);
    expect(run.reason).toContain('there are 2: until then songs are ranked by how near they are');
    expect(measured(run)).toEqual(['random', 'popularity', 'item-knn', 'ease']);
  });

  test('songs that all sound the same, of one year and popularity', async () => {
    const [first] = songsIn(planted);
    const same = songsIn(planted).map((song) => ({
      ...song,
      features: first.features,
      year: first.year,
      popularity: first.popularity,
    }));
    await trainOn(catalogueOf(same), [[0, 1, 2]]);
  });

  test('songs that differ in nothing but who likes them', async () => {
    const [first] = songsIn(planted);
    const same = songsIn(planted).map((song) => ({ ...first, id: song.id }));
    const { run } = await trainOn(catalogueOf(same), [[0, 1, 2]]);
    expect(measured(run).length).toBeGreaterThan(0);
  });

  test('songs that nothing is known of but title and artist', async () => {
    const bare = songsIn(planted).map(({ id, title, artists, snippet }) => ({
      id,
      title,
      artists,
      snippet,
      features: {},
    }));
    await trainOn(catalogueOf(bare), [[0, 1, 2]]);
  });

  test('songs all by one artist', async () => {
    const songs = songsIn(planted).map((song) => ({ ...song, artists: ['The One'], album: 'Only' }));
    const { run } = await trainOn(catalogueOf(songs), [[0, 4, 8]]);
    expect(measured(run)).toContain('gan');
  });

  test('listeners with no, one and 10,000 songs, and one who likes everything', async () => {
    const big = plantCatalogue({ songs: 10_500, listeners: 0 });
    const random = createRandom(3);
    const all = Array.from({ length: big.catalogue.size }, (_, i) => i);
    const draw = (count: number) => [...random.shuffle(Int32Array.from(all))].slice(0, count);
    const lists = [[], [7], draw(10_000), all, ...Array.from({ length: 12 }, () => draw(30))];
    const { run } = await trainOn(catalogueOf(songsIn(big), lists), lists.slice(0, 4));
    expect(measured(run)).toContain('gan');
    expect(run.metrics?.listeners).toBe(lists.length - 1);
  });

  test('tastes with songs that the catalogue does not have, which are counted', async () => {
    house = await openHouse(planted);
    await house.vote(planted, 4);
    const member = await house.store.findMember('room:0');
    await house.store.setTaste(
      member?.id ?? '',
      ['song-0', 'gone-1', 'gone-2'].map((songId) => ({
        songId,
        liked: true,
        source: 'added' as const,
        at: 1,
      })),
    );
    const run = await house.train();
    expect(run.outcome).toBe('published');
    expect(run.reason).toContain('2 tastes were passed over');
    expect(run.metrics?.listeners).toBe(planted.catalogue.listeners.length + 1);
  });
});
