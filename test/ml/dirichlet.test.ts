import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  digamma,
  fitDirichlet,
  improveDirichlet,
  logGamma,
  logSymmetricMarginal,
} from '../../ml/dirichlet.ts';
import { topProbability } from '../../ml/favourite.ts';
import { createRandom } from '../../ml/random.ts';
import { dirichlet } from './simulate.ts';
import { draw } from './votes.ts';

describe('ln Γ and its derivative', () => {
  it('are exact at known points', () => {
    expect(logGamma(1)).toBeCloseTo(0, 10);
    expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 9);
    expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 9);
    expect(digamma(1)).toBeCloseTo(-0.5772156649015329, 9);
    expect(digamma(0.5)).toBeCloseTo(-0.5772156649015329 - 2 * Math.LN2, 9);
  });

  it('follow their recurrences', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 500, noNaN: true }), (x) => {
        expect(logGamma(x + 1) - logGamma(x)).toBeCloseTo(Math.log(x), 7);
        expect(digamma(x + 1) - digamma(x)).toBeCloseTo(1 / x, 7);
      }),
    );
  });
});

describe('the Dirichlet-multinomial', () => {
  it('is the product of what each draw was likely to be after those before it', () => {
    // Draws 0, 0, 1 of three with one pseudo-draw each: 1/3 · 2/4 · 1/5.
    expect(logSymmetricMarginal([2, 1, 0], 0, 3, 3)).toBeCloseTo(Math.log(1 / 30), 10);
  });
});

describe('the Dirichlet that songs are drawn from', () => {
  it.each([
    [0.5, 12],
    [3, 10],
    [8, 20],
  ])('is recovered: concentration %d from %d votes a song', (concentration, votes) => {
    const random = createRandom(2);
    const mean = [0.4, 0.3, 0.2, 0.1];
    const counts = new Float64Array(3000 * 4);
    for (let s = 0; s < 3000; s++) {
      const shares = dirichlet(
        mean.map((value) => value * concentration),
        random,
      );
      for (let v = 0; v < votes; v++) counts[s * 4 + draw(shares, random)]++;
    }
    let found = fitDirichlet(counts, 4);
    for (let step = 0; step < 200; step++) found = improveDirichlet(counts, found);
    expect(Math.abs(found.concentration / concentration - 1)).toBeLessThan(0.1);
    for (const [e, value] of mean.entries()) expect(Math.abs(found.mean[e] - value)).toBeLessThan(0.03);
  });

  it('is a flat one of a few votes where nothing is known', () => {
    const { mean, concentration } = fitDirichlet(new Float64Array(0), 4);
    expect([...mean]).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(concentration).toBe(4);
  });
});

describe('the probability of being the favourite', () => {
  it('is that of draws from the Dirichlet', () => {
    const random = createRandom(4);
    for (const parameters of [
      [3.4, 0.4, 0.4, 0.4],
      [5.5, 4.5, 0.5],
      [10.4, 5.3, 0.3, 0.3],
      [1, 1, 1, 1, 1],
    ]) {
      const draws = 20_000;
      let top = 0;
      for (let i = 0; i < draws; i++) {
        const shares = dirichlet(parameters, random);
        if (shares.indexOf(Math.max(...shares)) === 0) top++;
      }
      expect(Math.abs(topProbability(parameters, 0, parameters.length, 0) - top / draws)).toBeLessThan(0.02);
    }
  });
});
