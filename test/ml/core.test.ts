import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsLikeLabelled } from '../../ml/core.ts';
import type { Table } from '../../ml/forest.ts';
import { createRandom } from '../../ml/random.ts';

const count = (n: number, from = 0) => Int32Array.from({ length: n }, (_, i) => from + i);

/** 60 labelled songs, 140 others of their kind, and 2,800 of another kind that overlaps a little. */
function twoKinds(seed: number): Table {
  const random = createRandom(seed);
  const values = new Float32Array(3000 * 3);
  for (let row = 0; row < 3000; row++) {
    const centre = row < 200 ? 0 : 3;
    for (let column = 0; column < 3; column++) values[row * 3 + column] = centre + random.normal();
  }
  return { rows: 3000, columns: 3, values };
}

function expectSample(sample: Int32Array, labelled: Int32Array, size: number): void {
  expect(sample).toHaveLength(size);
  expect([...sample]).toEqual([...new Set(sample)].sort((a, b) => a - b));
  const known = new Set(labelled);
  expect(sample.some((row) => known.has(row))).toBe(false);
}

describe('unlabelled songs like the labelled ones', () => {
  it('are found among twenty times as many of another kind', () => {
    for (const seed of [1, 2, 3]) {
      const sample = rowsLikeLabelled(twoKinds(seed), count(60), 140, createRandom(seed));
      expectSample(sample, count(60), 140);
      // By chance it would be 5 %.
      expect(sample.filter((row) => row < 200).length / 140).toBeGreaterThan(0.7);
    }
  });

  it('are all others where no more are there than wanted', () => {
    const table = twoKinds(1);
    expect(rowsLikeLabelled(table, count(2990), 10, createRandom(1))).toEqual(count(10, 2990));
    expect(rowsLikeLabelled(table, count(60), 5000, createRandom(1))).toEqual(count(2940, 60));
    expect(rowsLikeLabelled(table, count(3000), 10, createRandom(1))).toHaveLength(0);
  });

  it('are the same for the same seed, and others for another', () => {
    const draw = (seed: number) => rowsLikeLabelled(twoKinds(1), count(60), 100, createRandom(seed));
    expect(draw(4)).toEqual(draw(4));
    expect(draw(4)).not.toEqual(draw(5));
  });

  it('are drawn like lots where songs cannot be told apart', () => {
    const flat = { rows: 400, columns: 3, values: new Float32Array(1200).fill(7) };
    const chosen = new Float64Array(400);
    for (let seed = 0; seed < 60; seed++) {
      for (const row of rowsLikeLabelled(flat, count(20), 95, createRandom(seed))) chosen[row]++;
    }
    // 380 others, a quarter of them each time: 15 times of 60, give or take six deviations.
    expect(Math.min(...chosen.subarray(20))).toBeGreaterThan(0);
    expect(Math.max(...chosen)).toBeLessThan(36);
  });

  it('are a sample without repetition, whatever is missing, constant or infinite', () => {
    const value = fc.oneof(
      fc.float({ noNaN: true, min: -100, max: 100 }),
      fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, value), { minLength: 5, maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(12),
        fc.nat(),
        (list, known, wanted, seed) => {
          const table = { rows: list.length, columns: 2, values: Float32Array.from(list.flat()) };
          const sample = rowsLikeLabelled(table, count(known), wanted, createRandom(seed));
          expectSample(sample, count(known), Math.min(wanted, list.length - known));
        },
      ),
      { numRuns: 30 },
    );
  });
});
