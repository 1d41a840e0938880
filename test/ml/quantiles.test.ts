import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyQuantiles, fitQuantiles } from '../../ml/quantiles.ts';
import { createRandom } from '../../ml/random.ts';

const rows = (count: number) => Int32Array.from({ length: count }, (_, row) => row);

/** One column through its own scale. */
function ownRanks(values: readonly number[]): number[] {
  const column = Float32Array.from(values);
  return [...applyQuantiles(column, fitQuantiles(column, 1, rows(column.length)))];
}

describe('quantiles', () => {
  it('are the share of the group below a value, its equals counted half, in straight lines between', () => {
    const scale = fitQuantiles(Float32Array.of(4, 1, 2, 2), 1, rows(4));
    expect(scale).toEqual({ values: [[1, 2, 4]], ranks: [[0.125, 0.5, 0.875]] });
    const asked = Float32Array.of(0, 1, 1.5, 2, 3, 4, 1e9);
    expect([...applyQuantiles(asked, scale)]).toEqual([0.125, 0.125, 0.3125, 0.5, 0.6875, 0.875, 0.875]);
  });

  it('learn from the group alone, each column by itself', () => {
    const values = Float32Array.of(0, 10, 1, 20, 2, 30, 1000, -1000);
    const scale = fitQuantiles(values, 2, Int32Array.of(0, 1, 2));
    expect(scale.values).toEqual([
      [0, 1, 2],
      [10, 20, 30],
    ]);
    const [low, middle, high] = [1 / 6, 1 / 2, 5 / 6].map(Math.fround);
    expect([...applyQuantiles(values, scale)]).toEqual([low, low, middle, middle, high, high, high, low]);
  });

  it('keep the order, have a mean of one half, and follow neither unit nor zero point', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -999, max: 999 }), { minLength: 1, maxLength: 200 }),
        (values) => {
          const ranks = ownRanks(values);
          expect(ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length).toBeCloseTo(0.5, 5);
          expect(ownRanks(values.map((value) => 4 * value + 1024))).toEqual(ranks);
          for (const [i, value] of values.entries()) {
            if (i > 0) expect(Math.sign(ranks[i] - ranks[i - 1])).toBe(Math.sign(value - values[i - 1]));
          }
        },
      ),
    );
  });

  it('need few numbers for many rows, and are off by less than a hundredth', () => {
    const random = createRandom(1);
    // Mostly small, some enormous.
    const values = Float32Array.from({ length: 50_000 }, () => Math.exp(3 * random.normal()));
    const scale = fitQuantiles(values, 1, rows(values.length));
    expect(scale.values[0].length).toBeLessThan(600);
    const sorted = Float32Array.from(values).sort();
    const asked = sorted.filter((_, i) => i % 97 === 0);
    for (const [i, rank] of applyQuantiles(asked, scale).entries()) {
      expect(Math.abs(rank - (97 * i) / sorted.length)).toBeLessThan(0.01);
    }
  });

  it('do not count what is missing, and put it in the middle', () => {
    const values = [Number.NaN, 1, Number.POSITIVE_INFINITY, 2, Number.NEGATIVE_INFINITY];
    expect(ownRanks(values)).toEqual([0.5, 0.25, 0.5, 0.75, 0.5]);
  });

  it('say nothing of a column that is constant, empty or without a group', () => {
    expect(ownRanks([7, 7, 7])).toEqual([0.5, 0.5, 0.5]);
    expect(ownRanks([Number.NaN, Number.NaN])).toEqual([0.5, 0.5]);
    const constant = fitQuantiles(Float32Array.of(7, 7), 1, rows(2));
    expect([...applyQuantiles(Float32Array.of(-5, 7, 900), constant)]).toEqual([0.5, 0.5, 0.5]);
    const nobody = fitQuantiles(Float32Array.of(1, 2, 3), 1, rows(0));
    expect([...applyQuantiles(Float32Array.of(1, 2, 3), nobody)]).toEqual([0.5, 0.5, 0.5]);
    expect(applyQuantiles(new Float32Array(0), fitQuantiles(new Float32Array(0), 3, rows(0)))).toHaveLength(
      0,
    );
  });

  it('are the same after they were stored as JSON', () => {
    const random = createRandom(2);
    const values = Float32Array.from({ length: 3000 }, () => random.normal());
    const scale = fitQuantiles(values, 3, rows(1000));
    expect(applyQuantiles(values, JSON.parse(JSON.stringify(scale)))).toEqual(applyQuantiles(values, scale));
  });
});
