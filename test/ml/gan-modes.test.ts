import { describe, expect, it } from 'vitest';
import { loadBackend } from '../../ml/backend.ts';
import { fidelity } from '../../ml/gan/fidelity.ts';
import { fitGan, type GanConfig } from '../../ml/gan/gan.ts';
import { createRandom } from '../../ml/random.ts';
import type { RecommenderData } from '../../ml/recommender.ts';
import { interactionsOf, likedBy } from './gan-planted.ts';

const SPREAD = 0.05;
const ring = Array.from({ length: 8 }, (_, i) => [
  1.4 * Math.cos((i * Math.PI) / 4),
  1.4 * Math.sin((i * Math.PI) / 4),
]);
const grid = Array.from({ length: 25 }, (_, i) => [0.7 * ((i % 5) - 2), 0.7 * (Math.floor(i / 5) - 2)]);

/** Settings of a generator that keeps to every mode: it picks one song, stays near it and learns slowly. */
const careful: Partial<GanConfig> = {
  hidden: 32,
  channels: 16,
  steps: 150,
  temperature: 0.1,
  firstMove: 0.01,
  generatorRate: 1e-4,
};

/** Half of the catalogue lies in the modes, half anywhere; listeners like 200 songs, as many of every mode. */
function mixture(modes: readonly (readonly number[])[]): RecommenderData {
  const random = createRandom(3);
  const [inModes, songs] = [1000, 2000];
  const items = Float32Array.from({ length: 2 * songs }, () => 4 * random.next() - 2);
  for (let song = 0; song < inModes; song++) {
    const [x, y] = modes[song % modes.length]!;
    items[2 * song] = x! + SPREAD * random.normal();
    items[2 * song + 1] = y! + SPREAD * random.normal();
  }
  const lists = Array.from({ length: 40 }, () =>
    modes.flatMap((_, mode) => {
      const all = Array.from({ length: inModes / modes.length }, (_, i) => mode + i * modes.length);
      return random.shuffle(all).slice(0, 200 / modes.length);
    }),
  );
  return {
    interactions: interactionsOf(lists, songs),
    items: { rows: songs, columns: 2, values: items },
    profiles: { rows: songs, columns: 1, values: new Float32Array(songs).fill(1) },
  };
}

describe.each([
  ['8 modes on a ring', ring],
  ['25 modes on a grid', grid],
])('a GAN trained on a mixture of %s', (_, modes) => {
  it('reaches every mode, as often as the listener does, until D cannot tell', async () => {
    const data = mixture(modes);
    const backend = await loadBackend('wasm');
    const gan = await fitGan(careful, backend)(data, createRandom(1));
    const liked = likedBy(data, 0);
    const made = gan.generate(liked, { count: 2000 });
    const found = modes.map(([x, y]) => {
      let near = 0;
      for (let i = 0; i < made.count; i++) {
        if (Math.hypot(made.items[2 * i]! - x!, made.items[2 * i + 1]! - y!) < 3 * SPREAD) near++;
      }
      return near / made.count;
    });
    const missed = found.filter((share) => share < 0.01);
    expect(missed).toEqual([]);

    const own = Float32Array.from(
      [...liked].flatMap((song) => [...data.items.values.subarray(2 * song, 2 * song + 2)]),
    );
    const { recall, density, coverage } = fidelity(own, made.items, 2);
    expect(recall).toBeGreaterThan(0.8);
    expect(coverage).toBeGreaterThan(0.8);
    expect(density).toBeGreaterThan(0.5);

    // Of three kinds D gives each its share. Asked only whether a song is own or generated, it comes near one half.
    const { dRealOfTwo, dFakeOfTwo } = gan.metrics;
    expect(Math.abs(dRealOfTwo! - 0.5)).toBeLessThan(0.1);
    expect(Math.abs(dFakeOfTwo! - 0.5)).toBeLessThan(0.1);
    gan.dispose();
  });
});

describe('recall, density and coverage', () => {
  const random = createRandom(2);
  const cloud = (x: number, count = 200) =>
    Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? x : 0) + random.normal());
  const both = (a: Float32Array, b: Float32Array) => Float32Array.of(...a, ...b);

  it('are high for two samples of one distribution', () => {
    const { recall, density, coverage } = fidelity(cloud(0), cloud(0), 2);
    expect(recall).toBeGreaterThan(0.85);
    expect(coverage).toBeGreaterThan(0.85);
    expect(density).toBeGreaterThan(0.8);
  });

  it('tell a missing half from points in the wrong place', () => {
    const real = both(cloud(-50), cloud(50));
    const missing = fidelity(real, cloud(-50, 400), 2);
    expect(missing.recall).toBeCloseTo(0.5, 1);
    expect(missing.coverage).toBeLessThan(0.55);
    expect(missing.density).toBeGreaterThan(0.8);
    const wrong = fidelity(real, both(real, cloud(1000, 400)), 2);
    expect(wrong.recall).toBe(1);
    // A copy of a real point lies in its own ball and, on average, in five others; half of the points lie in none.
    expect(wrong.density).toBeCloseTo(0.6, 2);
  });

  it('are refused for too few points', () => {
    expect(() => fidelity(cloud(0, 5), cloud(0), 2)).toThrow(RangeError);
  });
});
