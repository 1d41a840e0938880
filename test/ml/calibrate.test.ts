import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyCalibration, type Checked, fitPower, matchMix } from '../../ml/calibrate.ts';
import { createRandom } from '../../ml/random.ts';
import { draw } from './votes.ts';

/** Means of the columns, each row counting its weight. */
function meansOf(rows: Float32Array, weights: Float32Array, classes: number): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: classes }, (_, e) =>
    weights.reduce((sum, weight, i) => sum + (weight * rows[i * classes + e]) / total, 0),
  );
}

function apply(said: Float32Array, factors: readonly number[], power = 1): Float32Array {
  const result = Float32Array.from(said);
  applyCalibration(result, { factors, power });
  return result;
}

/** Rows whose truth is drawn from `honest`, of which `said` is what somebody says. */
function planted(rows: number, seed: number, say: (honest: number[]) => number[]): Checked {
  const random = createRandom(seed);
  const [said, truth]: number[][] = [[], []];
  for (let i = 0; i < rows; i++) {
    const odds = [0, 1, 2].map(() => Math.exp(1.5 * random.normal()));
    const sum = odds.reduce((a, b) => a + b);
    const honest = odds.map((one) => one / sum);
    const emotion = draw(honest, random);
    said.push(...say(honest));
    truth.push(...[0, 1, 2].map((e) => (e === emotion ? 1 : 0)));
  }
  return {
    said: Float32Array.from(said),
    truth: Float32Array.from(truth),
    weights: new Float32Array(rows).fill(1),
  };
}

const normalised = (values: number[]) => {
  const sum = values.reduce((a, b) => a + b);
  return values.map((value) => value / sum);
};

describe('what was said', () => {
  it('is multiplied by the factors, raised to the power, and sums to 1 again', () => {
    const said = Float32Array.of(0.5, 0.25, 0.25, 0.2, 0.2, 0.6);
    const [a, b, c] = apply(said, [1, 2, 4]);
    expect([a, b, c]).toEqual([0.25, 0.25, 0.5].map(Math.fround));
    const squared = apply(said, [1, 1, 1], 2);
    expect(squared[0]).toBeCloseTo(0.25 / 0.375, 6);
    expect(squared[5]).toBeCloseTo(0.36 / 0.44, 6);
  });

  it('is uniform where nothing is left, or where it was no number', () => {
    expect([...apply(Float32Array.of(0, 0, 0, 0), [1, 1, 1, 1])]).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect([...apply(Float32Array.of(1, 0), [0, 1])]).toEqual([0.5, 0.5]);
    expect([...apply(Float32Array.of(Number.NaN, 1), [1, 1])]).toEqual([0.5, 0.5]);
    expect(apply(Float32Array.of(1), [1])[0]).toBe(1);
  });

  it('keeps its order under any power, also where shares are tiny', () => {
    const said = Float32Array.of(1e-30, 4e-30, 2e-30);
    for (const power of [0.25, 1, 6]) {
      const [low, high, middle] = apply(said, [1, 1, 1], power);
      expect(low).toBeGreaterThan(0);
      expect(high).toBeGreaterThan(middle);
      expect(middle).toBeGreaterThan(low);
    }
  });
});

describe('factors for the mix', () => {
  it('bring the mean of what was said to the mean of the truth', () => {
    // Whoever says this likes the first emotion too much.
    const checked = planted(400, 1, (honest) => normalised([4 * honest[0], honest[1], honest[2] / 2]));
    const wanted = meansOf(checked.truth, checked.weights, 3);
    expect(Math.abs(meansOf(checked.said, checked.weights, 3)[0] - wanted[0])).toBeGreaterThan(0.2);
    const factors = matchMix(checked, 3);
    const got = meansOf(apply(checked.said, factors), checked.weights, 3);
    for (const [e, mean] of got.entries()) expect(mean).toBeCloseTo(wanted[e], 3);
    // They undo what was planted, but for what is left to chance.
    expect(factors[1] / factors[0]).toBeGreaterThan(3);
    expect(factors[1] / factors[0]).toBeLessThan(5.5);
    expect(factors.reduce((product, factor) => product * factor, 1)).toBeCloseTo(1, 9);
  });

  it('give each row its weight', () => {
    const said = Float32Array.of(0.5, 0.5, 0.5, 0.5);
    const truth = Float32Array.of(1, 0, 0, 1);
    const [first, second] = matchMix({ said, truth, weights: Float32Array.of(3, 1) }, 2);
    expect(first / second).toBeCloseTo(3, 5);
  });

  it('are 0 for what never occurs, and 1 for one that is all there is', () => {
    const said = Float32Array.of(0.6, 0.4, 0.2, 0.8);
    const one = { said, truth: Float32Array.of(1, 0, 1, 0), weights: Float32Array.of(1, 1) };
    expect(matchMix(one, 2)).toEqual([1, 0]);
    const single = Float32Array.of(1, 1);
    expect(matchMix({ said: single, truth: single, weights: single }, 1)).toEqual([1]);
  });

  it('are numbers for any rows, none, and rows that are no numbers', () => {
    const share = fc.oneof(fc.float({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, Number.NaN));
    const row = fc.record({
      said: fc.tuple(share, share),
      truth: fc.constantFrom([1, 0], [0, 1]),
      weight: fc.float({ min: 0, max: 2, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const checked = {
          said: Float32Array.from(rows.flatMap(({ said }) => said)),
          truth: Float32Array.from(rows.flatMap(({ truth }) => truth)),
          weights: Float32Array.from(rows, ({ weight }) => weight),
        };
        const factors = matchMix(checked, 2);
        expect(factors).toHaveLength(2);
        expect(factors.every((factor) => factor >= 0 && Number.isFinite(factor))).toBe(true);
        const applied = apply(checked.said, factors, 2);
        for (const i of rows.keys()) expect(applied[2 * i] + applied[2 * i + 1]).toBeCloseTo(1, 5);
      }),
    );
  });

  it('do not make much of what was next to never said, even where it is the truth', () => {
    const said = Float32Array.of(1, 1e-40, 1, 1e-40, 1, 1e-40);
    const truth = Float32Array.of(0, 1, 0, 1, 1, 0);
    const factors = matchMix({ said, truth, weights: Float32Array.of(1, 1, 1) }, 2);
    expect(apply(said, factors)[1]).toBeLessThan(1e-6);
  });
});

describe('the power', () => {
  const flat = [1, 1, 1];
  const none = { usual: 1, trust: 0 };

  it.each([0.5, 1, 2, 3])('is found where everything was said with the %f-th root of it', (power) => {
    const checked = planted(1500, 2, (honest) => normalised(honest.map((value) => value ** (1 / power))));
    const found = fitPower(checked, flat, none);
    expect(Math.abs(Math.log(found / power))).toBeLessThan(0.15);
  });

  it('undoes what the factors do not belong to: both are raised together', () => {
    const factors = [0.5, 1, 2];
    const checked = planted(1500, 3, (honest) =>
      normalised(honest.map((value, e) => Math.sqrt(value) / factors[e])),
    );
    const power = fitPower(checked, factors, none);
    expect(Math.abs(Math.log(power / 2))).toBeLessThan(0.15);
  });

  it('is the usual one without rows, with a single class, and nearly so while few are known', () => {
    const nothing = { said: new Float32Array(0), truth: new Float32Array(0), weights: new Float32Array(0) };
    const usual = { usual: 1.4, trust: 5 };
    expect(fitPower(nothing, flat, usual)).toBeCloseTo(1.4, 3);
    const single = Float32Array.of(1, 1, 1);
    expect(fitPower({ said: single, truth: single, weights: single }, [1], usual)).toBeCloseTo(1.4, 3);
    const shy = (rows: number) =>
      fitPower(
        planted(rows, 4, (honest) => normalised(honest.map((value) => value ** (1 / 3)))),
        flat,
        { usual: 1, trust: 20 },
      );
    expect(shy(5)).toBeLessThan(1.5);
    expect(shy(2000)).toBeGreaterThan(2.4);
  });

  it('stays within bounds where what was said is always right, always wrong, or no number', () => {
    const said = Float32Array.of(0.9, 0.1, 0.1, 0.9);
    const weights = Float32Array.of(1, 1);
    const right = fitPower({ said, truth: Float32Array.of(1, 0, 0, 1), weights }, [1, 1], none);
    const wrong = fitPower({ said, truth: Float32Array.of(0, 1, 1, 0), weights }, [1, 1], none);
    expect(right).toBeGreaterThan(3);
    expect(right).toBeLessThanOrEqual(6);
    expect(wrong).toBeCloseTo(0.25, 2);
    const broken = { said: new Float32Array(4).fill(Number.NaN), truth: said, weights };
    expect(fitPower(broken, [1, 1], { usual: 1.4, trust: 1 })).toBeCloseTo(1.4, 3);
  });
});
