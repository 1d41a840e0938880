import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accuracy,
  argmax,
  calibrationError,
  coverage,
  macroF1,
  ndcgAt,
  pairedBootstrap,
  precisionAt,
  recallAt,
  shareError,
} from '../../ml/metrics.ts';
import { createRandom } from '../../ml/random.ts';

describe('emotion metrics', () => {
  it('are those of the confusion table worked by hand', () => {
    const truth = [0, 0, 0, 1, 1, 2];
    const said = [0, 0, 1, 1, 2, 2];
    expect(accuracy(said, truth)).toBeCloseTo(4 / 6);
    // F1: class 0 = 4/5, class 1 = 2/4, class 2 = 2/3.
    expect(macroF1(said, truth, 3)).toBeCloseTo((0.8 + 0.5 + 2 / 3) / 3);
    // A class that occurs nowhere does not count.
    expect(macroF1(said, truth, 9)).toBeCloseTo((0.8 + 0.5 + 2 / 3) / 3);
    expect(shareError([0.5, 0.5], [0.25, 0.75])).toBeCloseTo(0.25);
    expect(argmax([9, 1, 3, 3], 1, 3)).toBe(1);
  });

  it('find a calibrated forecaster calibrated and a boaster not', () => {
    const random = createRandom(1);
    const stated = Float64Array.from({ length: 20_000 }, () => random.next());
    const right = stated.map((p) => (random.next() < p ? 1 : 0));
    expect(calibrationError(stated, right)).toBeLessThan(0.02);
    expect(calibrationError(new Float64Array(20_000).fill(1), right)).toBeCloseTo(0.5, 1);
  });

  it('refuse lists of different length', () => {
    expect(() => accuracy([1], [1, 2])).toThrow(RangeError);
    expect(() => shareError([1], [1, 2])).toThrow(RangeError);
  });
});

describe('ranking metrics', () => {
  const ranked = { ranking: [7, 3, 9, 1], wanted: new Set([3, 1, 5]) };

  it('are those worked by hand', () => {
    const gain = 1 / Math.log2(3) + 1 / Math.log2(5);
    const ideal = 1 + 1 / Math.log2(3) + 1 / Math.log2(4);
    expect(ndcgAt(ranked, 10)).toBeCloseTo(gain / ideal);
    expect(ndcgAt(ranked, 2)).toBeCloseTo(1 / Math.log2(3) / (1 + 1 / Math.log2(3)));
    expect(recallAt(ranked, 50)).toBeCloseTo(2 / 3);
    expect(precisionAt(ranked, 10)).toBeCloseTo(0.2);
    expect(
      coverage(
        [
          [1, 2, 3],
          [2, 9],
        ],
        2,
        10,
      ),
    ).toBeCloseTo(0.3);
  });

  it('are 1 for the ideal ranking, 0 for a miss, and 0 where nothing is wanted', () => {
    expect(ndcgAt({ ranking: [5, 1, 3, 8], wanted: ranked.wanted }, 10)).toBe(1);
    expect(ndcgAt({ ranking: [2, 4], wanted: ranked.wanted }, 10)).toBe(0);
    expect(ndcgAt({ ranking: [2], wanted: new Set() }, 10)).toBe(0);
    expect(recallAt({ ranking: [], wanted: ranked.wanted }, 50)).toBe(0);
  });

  it('never fall when a wanted song moves up', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 29 }), (seed, at) => {
        const random = createRandom(seed);
        const ranking = random.shuffle(Array.from({ length: 30 }, (_, i) => i));
        const wanted = new Set([ranking[at], ranking[random.integer(30)]]);
        const better = [...ranking];
        [better[at - 1], better[at]] = [better[at], better[at - 1]];
        expect(ndcgAt({ ranking: better, wanted }, 10)).toBeGreaterThanOrEqual(
          ndcgAt({ ranking, wanted }, 10) - 1e-12,
        );
      }),
    );
  });
});

describe('the paired bootstrap', () => {
  const random = createRandom(2);
  const base = Float64Array.from({ length: 300 }, () => random.next());

  it('sees a small steady difference that the spread of the listeners would hide', () => {
    const better = base.map((value) => value + 0.02 + 0.01 * random.normal());
    const { difference, low, high } = pairedBootstrap(better, base, createRandom(3));
    expect(difference).toBeCloseTo(0.02, 2);
    expect(low).toBeGreaterThan(0.015);
    expect(high).toBeLessThan(0.025);
  });

  it('does not see one where there is none, and is the same for the same seed', () => {
    const same = base.map((value) => value + 0.1 * random.normal());
    const first = pairedBootstrap(same, base, createRandom(4));
    expect(first.low).toBeLessThan(0);
    expect(first.high).toBeGreaterThan(0);
    expect(pairedBootstrap(same, base, createRandom(4))).toEqual(first);
    expect(pairedBootstrap([], [], createRandom(4))).toEqual({ difference: 0, low: 0, high: 0 });
  });
});
