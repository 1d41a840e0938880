import { describe, expect, it } from 'vitest';
import { measureVariety, type Variety } from '../../ml/gan/variety.ts';
import { createRandom } from '../../ml/random.ts';
import { interactionsOf } from './gan-planted.ts';

const SONGS = 900;
/** Songs on a line of three clusters; a listener likes 60 songs of two of them. */
const place = (song: number) => 10 * (song % 3);
const random = createRandom(3);
const values = Float32Array.from({ length: 2 * SONGS }, (_, i) =>
  i % 2 === 0 ? place(i >> 1) + random.normal() : random.normal(),
);
const lists = Array.from({ length: 80 }, (_, listener) => {
  const own = Array.from({ length: SONGS }, (_, song) => song).filter((song) => song % 3 !== listener % 3);
  return random.shuffle(own).slice(0, 60);
});
const vectors = { values, width: 2 };

type Make = (shown: Int32Array, count: number) => Float32Array;

/** Points of a maker that says where each is. */
const points =
  (at: (shown: Int32Array, random: ReturnType<typeof createRandom>) => readonly [number, number]): Make =>
  (shown, count) => {
    const drawn = createRandom(shown[0]!);
    return Float32Array.from(Array.from({ length: count }, () => at(shown, drawn)).flat());
  };
const makers = {
  /** Draws from the listener's taste. */
  likeTheListener: points((shown, drawn) => [
    place(shown[drawn.integer(shown.length)]!) + drawn.normal(),
    drawn.normal(),
  ]),
  oneSide: points((shown, drawn) => [place(shown[0]!) + drawn.normal(), drawn.normal()]),
  oneSong: points((shown) => [place(shown[0]!), 0]),
  anything: points((_, drawn) => [place(drawn.integer(3)) + drawn.normal(), drawn.normal()]),
};
const measured = async (make: Make, among = lists): Promise<Variety> => {
  const variety = await measureVariety(make, interactionsOf(among, SONGS), vectors, createRandom(1));
  expect(variety).toBeDefined();
  return variety!;
};

describe('the variety of generated songs', () => {
  it('is that of the listener’s own where they are drawn from the listener’s taste', async () => {
    const { generated, own, listeners } = await measured(makers.likeTheListener);
    expect(listeners).toBe(64);
    for (const { recall, density, coverage, spread } of [generated, own]) {
      expect(recall).toBeGreaterThan(0.7);
      expect(density).toBeGreaterThan(0.8);
      expect(coverage).toBeGreaterThan(0.8);
      expect(spread).toBeCloseTo(1, 1);
    }
  });

  it('is small where one side of a taste is left out, or one song is made again and again', async () => {
    const side = (await measured(makers.oneSide)).generated;
    expect(side.recall).toBeCloseTo(0.5, 1);
    expect(side.spread).toBeLessThan(0.4);
    const song = (await measured(makers.oneSong)).generated;
    expect(song.recall).toBe(0);
    expect(song.spread).toBe(0);
  });

  it('is not bought with songs that are not the listener’s', async () => {
    const { generated, own } = await measured(makers.anything);
    expect(generated.spread).toBeGreaterThan(1.2 * own.spread);
    expect(generated.density).toBeLessThan(0.8 * own.density);
  });

  it('shows the generator half of a list, 40 songs at most, and asks for as many', async () => {
    const asked: number[][] = [];
    const long = Array.from({ length: 200 }, (_, song) => song);
    await measured(
      (shown, count) => {
        asked.push([new Set(shown).size, count]);
        return new Float32Array(2 * count);
      },
      [long, long.slice(0, 21), long.slice(0, 11)],
    );
    expect(asked.sort((a, b) => a[0]! - b[0]!)).toEqual([
      [10, 10],
      [40, 40],
    ]);
  });

  it('is not measured on lists that are too short, or of copies of one song', async () => {
    const on = (among: number[][], of = vectors) =>
      measureVariety(makers.anything, interactionsOf(among, SONGS), of, createRandom(1));
    expect(await on([[1, 2, 3], []])).toBeUndefined();
    expect(await on(lists, { values: new Float32Array(2 * SONGS), width: 2 })).toBeUndefined();
  });
});
