import { beforeAll, describe, expect, it } from 'vitest';
import { type Backend, loadBackend } from '../../ml/backend.ts';
import {
  fitGan,
  type GanConfig,
  type GanRecommender,
  loadGan,
  SavedGanError,
  WITHOUT_GENERATOR,
} from '../../ml/gan/gan.ts';
import { createRandom } from '../../ml/random.ts';
import type { RecommenderData } from '../../ml/recommender.ts';
import { CENTRES, interactionsOf, likedBy, plant } from './gan-planted.ts';

const small: Partial<GanConfig> = { hidden: 24, channels: 12, listeners: 16, context: 24, mismatched: 48 };
const nothing = new Int32Array(0);

/** A catalogue of any size with random features and two emotions. */
function anyData(songs: number, lists: readonly (readonly number[])[]): RecommenderData {
  const random = createRandom(9);
  return {
    interactions: interactionsOf(lists, songs),
    items: {
      rows: songs,
      columns: 3,
      values: Float32Array.from({ length: songs * 3 }, () => random.normal()),
    },
    profiles: { rows: songs, columns: 2, values: new Float32Array(songs * 2).fill(0.5) },
  };
}

/** Share of (liked, not liked) pairs of songs in the right order. */
function orderedPairs(scores: Float32Array, wanted: Int32Array, unwanted: Int32Array): number {
  let right = 0;
  for (const a of wanted) for (const b of unwanted) if (scores[a]! > scores[b]!) right++;
  return right / (wanted.length * unwanted.length);
}

describe('a GAN trained on planted tastes', () => {
  const planted = plant();
  let backend: Backend;
  let gan: GanRecommender;
  beforeAll(async () => {
    backend = await loadBackend('wasm');
    gan = await fitGan({ ...small, steps: 300 }, backend)(planted.data, createRandom(1));
  }, 300_000);

  const clusterOf = (x: number, y: number) => {
    const distances = CENTRES.map(([cx, cy]) => Math.hypot(x - cx, y - cy));
    return distances.indexOf(Math.min(...distances));
  };
  const clustersMadeFor = (listener: number) => {
    const made = gan.generate(likedBy(planted.data, listener), { count: 200 });
    return Array.from({ length: made.count }, (_, i) =>
      clusterOf(made.items[2 * i]!, made.items[2 * i + 1]!),
    );
  };

  it('makes up songs near those that the listener likes', () => {
    for (const listener of [0, 1, 2, 3]) {
      const near = clustersMadeFor(listener).filter((c) => planted.likes[listener]!.includes(c));
      expect(near.length / 200).toBeGreaterThan(0.8);
    }
  });

  it('makes up songs for every side of a mixed taste', () => {
    for (const listener of [1, 3, 5, 7]) {
      const made = clustersMadeFor(listener);
      for (const side of planted.likes[listener]!) {
        expect(made.filter((c) => c === side).length / 200).toBeGreaterThan(0.15);
      }
    }
  });

  it('makes up emotion profiles that are distributions', () => {
    const { profiles, count } = gan.generate(likedBy(planted.data, 0));
    for (let i = 0; i < count; i++) {
      expect(profiles[2 * i]! + profiles[2 * i + 1]!).toBeCloseTo(1, 3);
      expect(profiles[2 * i]!).toBeGreaterThanOrEqual(-1e-4);
    }
  });

  it('ends where real and generated songs are as good as each other to the discriminator', () => {
    const { dReal, dFake, dMismatched, paperObjective } = gan.metrics;
    expect(Math.abs(dReal - dFake)).toBeLessThan(0.2);
    // With mismatched songs in play the balance lies a little under one half.
    expect(dReal).toBeGreaterThan(0.3);
    expect(dReal).toBeLessThan(0.65);
    expect(dMismatched).toBeLessThan(0.6 * dReal);
    expect(paperObjective).toBeCloseTo(0.5 * (1 - dReal) + dFake, 6);
  });

  it('makes songs as varied as the listeners’ own, which it reports', () => {
    const { listeners, generated, own } = gan.metrics.variety!;
    expect(listeners).toBe(40);
    expect(generated.spread).toBeGreaterThan(0.8);
    expect(generated.spread).toBeLessThan(1.25);
    expect(generated.recall).toBeGreaterThan(0.8 * own.recall);
    expect(generated.density).toBeGreaterThan(0.6 * own.density);
  });

  it('ranks the songs that were held out far above chance', () => {
    const shares = planted.held.map((held, listener) => {
      const strangers = [...planted.cluster.keys()].filter(
        (song) => !planted.likes[listener]!.includes(planted.cluster[song]!),
      );
      return orderedPairs(gan.score(likedBy(planted.data, listener)), held, Int32Array.from(strangers));
    });
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeGreaterThan(0.95);
    expect(Math.min(...shares)).toBeGreaterThan(0.7);
  });

  it('moves songs that carry the wished emotion up, within the listener\u2019s taste', () => {
    const liked = likedBy(planted.data, 0);
    const shareOfFirst = (scores: Float32Array) => {
      const top = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, 30);
      return top.reduce((sum, song) => sum + planted.data.profiles.values[2 * song]!, 0) / 30;
    };
    const first = shareOfFirst(gan.score(liked, { wish: Float32Array.of(1, 0) }));
    const second = shareOfFirst(gan.score(liked, { wish: Float32Array.of(0, 1) }));
    expect(first - second).toBeGreaterThan(0.3);
  });

  it('does not care about the order in which a listener\u2019s songs are given', () => {
    const liked = likedBy(planted.data, 1);
    const turned = createRandom(3).shuffle(liked.slice());
    expect(gan.score(turned)).toEqual(gan.score(liked));
  });

  it('ranks for listeners with no, one and 500 songs', () => {
    const many = Int32Array.from({ length: 500 }, (_, i) => i % planted.data.items.rows);
    for (const liked of [nothing, Int32Array.of(7), many]) {
      const scores = gan.score(liked);
      expect(scores).toHaveLength(planted.data.items.rows);
      expect(scores.every(Number.isFinite)).toBe(true);
      expect(gan.discriminate(liked).every((d) => d > 0 && d < 1)).toBe(true);
    }
  });

  it('refuses songs and wishes that do not belong to the catalogue', () => {
    expect(() => gan.score(Int32Array.of(400))).toThrow(RangeError);
    expect(() => gan.score(Int32Array.of(-1))).toThrow(RangeError);
    expect(() => gan.score(nothing, { wish: Float32Array.of(1) })).toThrow(/2 emotions/);
  });

  it('gives the same scores after it was saved and loaded', async () => {
    const { meta, weights, exposure } = gan.save();
    const saved = { meta: JSON.parse(JSON.stringify(meta)), weights: weights.slice(0), exposure };
    const loaded = await loadGan(saved, planted.data, backend);
    const liked = likedBy(planted.data, 2);
    expect(loaded.score(liked)).toEqual(gan.score(liked));
    expect(loaded.metrics).toEqual(gan.metrics);
    loaded.dispose();
  });

  it('loads what was saved before variety and D of two answers were measured', async () => {
    const { meta, ...rest } = gan.save();
    const { variety, dRealOfTwo, dFakeOfTwo, ...metrics } = meta.metrics;
    const loaded = await loadGan({ meta: { ...meta, metrics }, ...rest }, planted.data, backend);
    expect([variety, dRealOfTwo, dFakeOfTwo]).not.toContain(undefined);
    expect(loaded.metrics).toEqual(metrics);
    expect(loaded.score(nothing)).toEqual(gan.score(nothing));
    loaded.dispose();
  });

  it('refuses weights that are truncated, damaged or of something else', async () => {
    const { meta, weights } = gan.save();
    const load = (saved: Parameters<typeof loadGan>[0], data: RecommenderData = planted.data) =>
      loadGan(saved, data, backend);
    await expect(load({ meta, weights: weights.slice(0, 1000) })).rejects.toThrow(/1000 bytes instead of/);
    const damaged = weights.slice(0);
    new Uint8Array(damaged)[17]! ^= 1;
    await expect(load({ meta, weights: damaged })).rejects.toThrow(/checksum/);
    const foreign = { format: 'something', version: 1 } as unknown as typeof meta;
    await expect(load({ meta: foreign, weights })).rejects.toThrow(SavedGanError);
    for (const version of [3, 5]) {
      const other = { ...meta, version } as unknown as typeof meta;
      await expect(load({ meta: other, weights })).rejects.toThrow(`version ${version} and this program`);
    }
    await expect(load({ meta, weights }, anyData(5, [[1]]))).rejects.toThrow(/now 3 and 2/);
  });

  it('keeps no tensor from ranking', () => {
    const liked = likedBy(planted.data, 0);
    gan.score(liked);
    const before = backend.tf.memory().numTensors;
    for (let i = 0; i < 5; i++) {
      gan.score(liked, { wish: Float32Array.of(1, 0) });
      gan.discriminate(liked);
      gan.generate(liked);
    }
    expect(backend.tf.memory().numTensors).toBe(before);
  });
});

describe('training a GAN', () => {
  const few = plant(40, 6);
  const briefly = { ...small, steps: 12 };

  it('gives the same model for the same seed and another for another', async () => {
    const backend = await loadBackend('wasm');
    const scores = async (seed: number) => {
      const gan = await fitGan(briefly, backend)(few.data, createRandom(seed));
      const result = gan.score(likedBy(few.data, 0));
      gan.dispose();
      return result;
    };
    const first = await scores(1);
    expect(await scores(1)).toEqual(first);
    expect(await scores(2)).not.toEqual(first);
  });

  it('releases every tensor, also when it is broken off', async () => {
    const backend = await loadBackend('wasm');
    const before = backend.tf.memory().numTensors;
    const gan = await fitGan(briefly, backend)(few.data, createRandom(1));
    gan.dispose();
    expect(backend.tf.memory().numTensors).toBe(before);
    const stop = () => {
      throw new Error('cancelled');
    };
    await expect(fitGan(briefly, backend)(few.data, createRandom(1), stop)).rejects.toThrow('cancelled');
    expect(backend.tf.memory().numTensors).toBe(before);
  });

  it('reports progress up to the end and lets other work run in between', async () => {
    const backend = await loadBackend('wasm');
    const fractions: number[] = [];
    let turns = 0;
    let training = true;
    const otherWork = () => {
      turns++;
      if (training) setImmediate(otherWork);
    };
    setImmediate(otherWork);
    const gan = await fitGan(briefly, backend)(few.data, createRandom(1), (fraction, detail) => {
      fractions.push(fraction);
      expect(detail ?? 'end').toMatch(/^(step \d+ of 12|end)$/);
    });
    training = false;
    gan.dispose();
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    expect(turns).toBeGreaterThan(5);
  });

  it('gives nearly the same on plain JavaScript as on WebAssembly', async () => {
    const scoresOn = async (name: 'wasm' | 'cpu') => {
      const gan = await fitGan({ ...briefly, steps: 3 }, await loadBackend(name))(few.data, createRandom(1));
      const scores = gan.discriminate(likedBy(few.data, 0));
      gan.dispose();
      return scores;
    };
    const [wasm, cpu] = [await scoresOn('wasm'), await scoresOn('cpu')];
    wasm.forEach((score, song) => {
      expect(score).toBeCloseTo(cpu[song]!, 3);
    });
  });

  it.each([
    ['one song in the catalogue', anyData(1, [[0]])],
    ['two listeners of one song each', anyData(6, [[1], [4]])],
    ['a listener with 500 songs', anyData(600, [Array.from({ length: 500 }, (_, i) => i), [1, 2]])],
    ['listeners without songs', anyData(6, [[], [1, 2, 3], []])],
  ])('works with %s', async (_, data) => {
    const gan = await fitGan(briefly, await loadBackend('wasm'))(data, createRandom(1));
    expect(gan.score(likedBy(data, 0)).every(Number.isFinite)).toBe(true);
    gan.dispose();
  });

  it('says so when nobody likes anything', async () => {
    const train = fitGan(briefly, await loadBackend('wasm'));
    await expect(train(anyData(4, [[], []]), createRandom(1))).rejects.toThrow(/no taste to learn from/);
  });
});

describe('a GAN without its generator', () => {
  const few = plant(120, 20);

  it('leaves the generator as it was made, and learns to rank from real songs alone', async () => {
    const backend = await loadBackend('wasm');
    /** The generator's weights after some steps; they come first in a saved model. */
    const fitted = async (steps: number, config: Partial<GanConfig>) => {
      const gan = await fitGan({ ...small, ...config, steps }, backend)(few.data, createRandom(1));
      const { meta, weights } = gan.save();
      const count = meta.parameters
        .filter(({ network }) => network === 'generator')
        .reduce((sum, { shape }) => sum + shape.reduce((size, side) => size * side, 1), 0);
      return { gan, generator: new Float32Array(weights, 0, count) };
    };
    const [young, trained] = [await fitted(1, WITHOUT_GENERATOR), await fitted(80, WITHOUT_GENERATOR)];
    expect(trained.generator).toEqual(young.generator);
    expect((await fitted(2, {})).generator).not.toEqual(young.generator);

    const { gan } = trained;
    const liked = likedBy(few.data, 0);
    expect(gan.name).toBe('gan-without-generator');
    expect(gan.score(liked, { seed: 1 })).toEqual(gan.score(liked, { seed: 2 }));
    const strangers = [...few.cluster.keys()].filter((song) => !few.likes[0]!.includes(few.cluster[song]!));
    expect(orderedPairs(gan.score(liked), few.held[0]!, Int32Array.from(strangers))).toBeGreaterThan(0.8);
    expect(gan.metrics.dMismatched).toBeLessThan(gan.metrics.dReal);
    // A generator that does not learn has no variety to report.
    expect(gan.metrics.variety).toBeUndefined();
    gan.dispose();
  });

  it("learns by the paper's own objective too, with both networks", async () => {
    const backend = await loadBackend('wasm');
    const fitted = (config: Partial<GanConfig>) =>
      fitGan({ ...small, ...config }, backend)(few.data, createRandom(1));
    const [usual, paper] = [await fitted({ steps: 80 }), await fitted({ steps: 80, objective: 'paper' })];
    const liked = likedBy(few.data, 0);
    const strangers = [...few.cluster.keys()].filter((song) => !few.likes[0]!.includes(few.cluster[song]!));
    expect(orderedPairs(paper.score(liked), few.held[0]!, Int32Array.from(strangers))).toBeGreaterThan(0.8);
    expect(paper.score(liked)).not.toEqual(usual.score(liked));
    // It would be 1 for a discriminator that calls every song the listener's own.
    expect(paper.metrics.paperObjective).toBeLessThan(1);
    expect(paper.save().meta.config.objective).toBe('paper');
    for (const gan of [usual, paper]) gan.dispose();
  });
});
