import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../ml/random.ts';
import {
  difference,
  estimate,
  fitLine,
  median,
  quantile,
  runningMedian,
} from '../../src/study/statistics.ts';

const numbers = fc.array(
  fc.integer({ min: -8000, max: 8000 }).map((value) => value / 8),
  { minLength: 3, maxLength: 50 },
);

describe('a fitted line', () => {
  it('is the planted one, whatever is missing', () => {
    const x = [0, 1, 2, 3, Number.NaN, 5];
    const y = [1, 3, 5, 7, 9, Number.NaN];
    expect(fitLine(x, y)).toMatchObject({ pairs: 4 });
    expect(fitLine(x, y).slope).toBeCloseTo(2, 10);
    expect(fitLine(x, y).intercept).toBeCloseTo(1, 10);
    expect(fitLine(x, y).r).toBeCloseTo(1, 10);
    expect(
      fitLine(
        x,
        y.map((value) => -value),
      ).r,
    ).toBeCloseTo(-1, 10);
  });

  it('has an r from -1 to 1 that does not depend on units, and none for a constant', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const { r } = fitLine(a, b);
        fc.pre(!Number.isNaN(r));
        expect(Math.abs(r)).toBeLessThanOrEqual(1 + 1e-9);
        expect(fitLine(b, a).r).toBeCloseTo(r, 6);
      }),
    );
    expect(fitLine([1, 2, 3], [4, 4, 4]).r).toBeNaN();
    expect(fitLine([], []).pairs).toBe(0);
  });
});

describe('quantiles', () => {
  it('are those of the finite numbers', () => {
    expect(median([3, Number.NaN, 1, 2])).toBe(2);
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('run along the other axis, where there are enough songs', () => {
    const x = Array.from({ length: 400 }, (_, i) => i / 400);
    const course = runningMedian(x, x, 4, 20);
    expect(course.map(([, y]) => Math.round(y * 10) / 10)).toEqual([0.1, 0.4, 0.6, 0.9]);
    expect(runningMedian([1, 1], [1, 2])).toEqual([]);
    expect(runningMedian([0, 1], [0, 1])).toEqual([]);
  });
});

describe('an estimate', () => {
  it('has an interval that narrows with more values and is the same for the same seed', () => {
    const draw = (n: number) => Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 0 : 1));
    const [few, many] = [estimate(draw(10), createRandom(1)), estimate(draw(1000), createRandom(1))];
    expect(many.value).toBe(0.5);
    expect(many.high - many.low).toBeLessThan((few.high - few.low) / 4);
    expect(estimate(draw(10), createRandom(1))).toEqual(few);
    expect(estimate([], createRandom(1)).value).toBeNaN();
  });

  it('of a difference pairs by name', () => {
    const a = new Map([
      ['ana', 0.5],
      ['ben', 0.7],
      ['eve', 0.9],
    ]);
    const b = new Map([
      ['ben', 0.6],
      ['ana', 0.4],
    ]);
    expect(difference(a, b, createRandom(1)).value).toBeCloseTo(0.1, 10);
    expect(difference(a, b, createRandom(1)).count).toBe(2);
  });
});
