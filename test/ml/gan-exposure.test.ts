import { describe, expect, it } from 'vitest';
import { exposurePenalty, measureExposure } from '../../ml/gan/exposure.ts';
import { interactionsFromLists } from '../../ml/interactions.ts';
import { createRandom } from '../../ml/random.ts';

const SONGS = 50;
const HUB = 49;

/** Listener l likes song l; song 49 is near to everybody, song l + 12 to whoever likes l. */
const score = (liked: Int32Array): Float32Array => {
  const odds = new Float32Array(SONGS);
  odds[HUB] = 4;
  for (const song of liked) odds[song + 12] = 3.5;
  for (const song of liked) odds[song] = 9;
  return odds;
};
const listeners = (count: number) =>
  interactionsFromLists(
    SONGS,
    Array.from({ length: count }, (_, listener) => [listener]),
  );
const measure = (count: number, seen: number[] = []) =>
  measureExposure(score, listeners(count), createRandom(1), (fraction) => seen.push(fraction));

describe('exposure', () => {
  it('is each song’s share of what everybody is recommended, own songs left out', async () => {
    const seen: number[] = [];
    const exposure = (await measure(12, seen))!;
    expect(exposure.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(exposure[HUB]).toBeGreaterThan(0.3);
    expect(exposure[12]).toBeCloseTo(exposure[23]!, 5);
    expect(exposure[12]).toBeLessThan(exposure[HUB]! / 10);
    // Nobody but song 0's own listener rates it, who has it already.
    expect(exposure[0]).toBeCloseTo(exposure[40]!, 2);
    expect(seen.at(-1)).toBe(1);
  });

  it('is not measured on a handful of listeners', async () => {
    expect(await measure(9)).toBeUndefined();
    expect(await measure(10)).toBeDefined();
  });

  it('takes a hub from the top, and nothing from what nobody gets', async () => {
    const penalty = exposurePenalty((await measure(12))!, 0.5);
    const odds = score(Int32Array.of(3));
    expect(odds[15]).toBeLessThan(odds[HUB]!);
    expect(odds[15]! - penalty[15]!).toBeGreaterThan(odds[HUB]! - penalty[HUB]!);
    expect(exposurePenalty(new Float32Array(3), 0.5)).toEqual(new Float32Array(3));
  });

  it('stands listeners who like everything', async () => {
    const all = Array.from({ length: SONGS - 12 }, (_, song) => song);
    const lists = interactionsFromLists(SONGS, Array<number[]>(10).fill(all));
    const onlyOwn = (liked: Int32Array) => {
      const odds = new Float32Array(SONGS).fill(Number.NEGATIVE_INFINITY);
      for (const song of liked) odds[song] = 1;
      return odds;
    };
    const exposure = await measureExposure(onlyOwn, lists, createRandom(1), () => {});
    expect(exposure).toEqual(new Float32Array(SONGS));
  });
});
