import { describe, expect, it } from 'vitest';
import { createRandom } from '../../ml/random.ts';

const draws = (seed: number, n: number) => {
  const random = createRandom(seed);
  return Array.from({ length: n }, () => random.next());
};

describe('random numbers', () => {
  it('are the same for the same seed', () => {
    expect(draws(7, 20)).toEqual(draws(7, 20));
  });

  it('are uniform from the first draw on, over neighbouring seeds', () => {
    for (const draw of [0, 1, 2]) {
      const values = Array.from({ length: 2_000 }, (_, seed) => draws(seed, 3)[draw]);
      const bins = new Array<number>(10).fill(0);
      for (const value of values) bins[Math.floor(value * 10)]++;
      // Chi-squared with 9 degrees of freedom: 33.7 has probability 0.0001.
      const chi = bins.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
      expect(chi).toBeLessThan(33.7);
    }
  });

  it('of a fork depend on the seed and the name, not on what was drawn before', () => {
    const one = createRandom(3);
    const other = createRandom(3);
    other.next();
    expect(one.fork('a').next()).toBe(other.fork('a').next());
    expect(one.fork('a').next()).not.toBe(one.fork('b').next());
  });

  it('follow the normal distribution where asked', () => {
    const random = createRandom(11);
    const values = Array.from({ length: 20_000 }, () => random.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });

  it('shuffle every place alike', () => {
    const firsts = new Array<number>(5).fill(0);
    for (let seed = 0; seed < 5_000; seed++) firsts[createRandom(seed).shuffle([0, 1, 2, 3, 4])[0]]++;
    for (const count of firsts) expect(Math.abs(count - 1_000)).toBeLessThan(130);
  });

  it('fills a list with what it would draw one by one, and goes on from there', () => {
    const [one, all] = [createRandom(7), createRandom(7)];
    const single = Array.from({ length: 100 }, () => one.next());
    expect([...all.fill(new Float64Array(60)), ...all.fill(new Float64Array(40))]).toEqual(single);
    expect(all.next()).toBe(one.next());
    expect(all.fill(new Float64Array(0))).toHaveLength(0);
  });
});
