import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KnnGraph, knnGraph } from '../../ml/graph.ts';
import { invertPositive } from '../../ml/linear.ts';
import { labelPropagation, labelSpreading, type PropagationOptions } from '../../ml/propagate.ts';
import { createRandom } from '../../ml/random.ts';
import { symmetrise, type WeightScheme } from '../../ml/spread.ts';

function cloud(n: number, d: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: n * d }, () => random.normal());
}

/** (I − αS)^-1 Y by solving, rows normalised: what the iteration of Zhou et al. converges to. */
function closedForm(graph: KnnGraph, y: Float32Array, c: number, alpha: number, weighting: WeightScheme) {
  const w = symmetrise(graph, weighting);
  const n = graph.size;
  const system = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    system[i * n + i] = 1;
    for (let at = w.offsets[i]; at < w.offsets[i + 1]; at++) {
      const j = w.columns[at];
      system[i * n + j] -= (alpha * w.values[at]) / Math.sqrt(w.degrees[i] * w.degrees[j]);
    }
  }
  const inverse = invertPositive(system, n);
  const f = new Float64Array(n * c);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let e = 0; e < c; e++) {
      for (let j = 0; j < n; j++) f[i * c + e] += inverse[i * n + j] * y[j * c + e];
      sum += f[i * c + e];
    }
    for (let e = 0; e < c; e++) f[i * c + e] /= sum;
  }
  return f;
}

/** Every tenth song labelled with one of c emotions. */
function seeds(n: number, c: number, seed: number) {
  const random = createRandom(seed);
  const labels = new Float32Array(n * c);
  const weights = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    if (i >= c && random.next() > 0.1) continue;
    weights[i] = 0.2 + random.next();
    labels[i * c + (i < c ? i : random.integer(c))] = 1;
  }
  return { labels, weights };
}

const precise: PropagationOptions = { iterations: 2000, tolerance: 1e-7 };

describe('label spreading', () => {
  it('converges to the closed form (1 − α)(I − αS)^-1 Y', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 6, max: 60 }),
        fc.constantFrom<WeightScheme>('connectivity', 'local', { rbf: 0.5 }),
        fc.constantFrom(0.2, 0.8, 0.95),
        fc.integer(),
        (n, weighting, alpha, seed) => {
          const graph = knnGraph(cloud(n, 3, seed), n, 3, 4);
          const { labels, weights } = seeds(n, 3, seed);
          const y = labels.map((label, at) => label * weights[Math.floor(at / 3)]);
          const { profiles, confidence } = labelSpreading(graph, { labels, weights }, 3, {
            ...precise,
            alpha,
            weighting,
          });
          const truth = closedForm(graph, y, 3, alpha, weighting);
          for (let at = 0; at < truth.length; at++) {
            // Songs that no label reaches have no closed form.
            if (confidence[Math.floor(at / 3)] > 1e-4) expect(profiles[at]).toBeCloseTo(truth[at], 3);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('gives the values worked by hand on a chain of three songs', () => {
    // Songs at 0, 1 and 2.1 with one neighbour each: edges 0–1 and 1–2 of weight 1, degrees 1, 2, 1. Song 0 is
    // of class 0, song 2 of class 1 with weight ½. F = (1 − α)(I − αS)^-1 Y, S01 = S12 = 1/√2, α = ½:
    // song 1: F1 = ½·(F0 + F2)/√2, F0 = ½·F1/√2 + ½·Y0, F2 = ½·F1/√2 + ½·Y2.
    const graph = knnGraph(Float32Array.from([0, 1, 2.1]), 3, 1, 1);
    const { profiles } = labelSpreading(
      graph,
      { labels: Float32Array.from([1, 0, 0, 0, 0, 1]), weights: Float32Array.from([1, 0, 0.5]) },
      2,
      { ...precise, alpha: 0.5, weighting: 'connectivity' },
    );
    const half = 0.5 / Math.SQRT2;
    // Class 0: F1 = half·(F0 + F2), F0 = half·F1 + ½, F2 = half·F1.
    const f1 = (half * 0.5) / (1 - 2 * half * half);
    const [a0, a2] = [half * f1 + 0.5, half * f1];
    // Class 1 is the mirror image at half the size.
    const [b0, b1, b2] = [a2 / 2, f1 / 2, a0 / 2];
    expect(profiles[0]).toBeCloseTo(a0 / (a0 + b0), 5);
    expect(profiles[2]).toBeCloseTo(f1 / (f1 + b1), 5);
    expect(profiles[4]).toBeCloseTo(a2 / (a2 + b2), 5);
  });

  it('carries a few labels to whole clusters', () => {
    const random = createRandom(4);
    const n = 600;
    const truth = Int32Array.from({ length: n }, (_, i) => i % 3);
    const points = Float32Array.from(
      { length: n * 4 },
      (_, at) => (truth[Math.floor(at / 4)] === at % 4 ? 4 : 0) + random.normal(),
    );
    const labels = new Float32Array(n * 3);
    const weights = new Float32Array(n);
    for (let i = 0; i < 9; i++) {
      labels[i * 3 + truth[i]] = 1;
      weights[i] = 1;
    }
    const graph = knnGraph(points, n, 4, 10);
    for (const method of [labelSpreading, labelPropagation]) {
      const { profiles } = method(graph, { labels, weights }, 3);
      let right = 0;
      for (let i = 9; i < n; i++) if (profiles[i * 3 + truth[i]] > 0.5) right++;
      expect(right / (n - 9)).toBeGreaterThan(0.93);
    }
  });

  it('says how many rounds it took, and needs fewer for a smaller alpha', () => {
    const graph = knnGraph(cloud(300, 3, 1), 300, 3, 8);
    const rounds = (alpha: number) => labelSpreading(graph, seeds(300, 3, 1), 3, { alpha }).iterations;
    expect(rounds(0.2)).toBeLessThan(rounds(0.9));
    expect(labelSpreading(graph, seeds(300, 3, 1), 3, { iterations: 3 }).iterations).toBe(3);
  });

  it('keeps a rare emotion alive when classes are balanced', () => {
    const n = 200;
    const graph = knnGraph(cloud(n, 2, 3), n, 2, 8);
    const labels = new Float32Array(n * 2);
    const weights = new Float32Array(n);
    for (let i = 0; i < 40; i++) {
      labels[i * 2 + (i < 36 ? 0 : 1)] = 1;
      weights[i] = 1;
    }
    const rare = (balance: 'none' | 'classes') => {
      const { profiles } = labelSpreading(graph, { labels, weights }, 2, { balance });
      let count = 0;
      for (let i = 40; i < n; i++) if (profiles[i * 2 + 1] > 0.5) count++;
      return count;
    };
    expect(rare('classes')).toBeGreaterThan(2 * rare('none'));
  });
});

describe('label propagation', () => {
  it('gives an unlabelled song the mean of its neighbours and keeps labels as they are', () => {
    const graph = knnGraph(Float32Array.from([0, 1, 2.1]), 3, 1, 1);
    const { profiles } = labelPropagation(
      graph,
      { labels: Float32Array.from([1, 0, 0, 0, 0.25, 0.75]), weights: Float32Array.from([1, 0, 0.3]) },
      2,
      { weighting: 'connectivity', tolerance: 1e-7 },
    );
    expect([...profiles.slice(0, 2)]).toEqual([1, 0]);
    expect(profiles[2]).toBeCloseTo(0.625, 5);
    expect([...profiles.slice(4)]).toEqual([0.25, 0.75]);
  });
});

describe('both', () => {
  const n = 30;
  const graph = knnGraph(cloud(n, 3, 9), n, 3, 4);
  const methods = [labelSpreading, labelPropagation];

  it('give a distribution and a confidence to every song, whatever is labelled', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.integer({ min: 0, max: n - 1 }),
            fc.integer({ min: 0, max: 2 }),
            fc.float({ min: 0, max: 50, noNaN: true }),
          ),
        ),
        fc.constantFrom(...methods),
        fc.constantFrom('none', 'classes'),
        (list, method, balance) => {
          const labels = new Float32Array(n * 3);
          const weights = new Float32Array(n);
          for (const [song, emotion, weight] of list) {
            labels[song * 3 + emotion] += 1;
            weights[song] = weight;
          }
          const { profiles, confidence } = method(graph, { labels, weights }, 3, {
            balance: balance as 'none' | 'classes',
          });
          for (let i = 0; i < n; i++) {
            const row = profiles.subarray(i * 3, i * 3 + 3);
            expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
          }
          expect(profiles.every((share) => share >= 0)).toBe(true);
          expect(confidence.every((value) => value >= 0 && value <= 1)).toBe(true);
        },
      ),
    );
  });

  it('without a label say uniform with confidence 0', () => {
    for (const method of methods) {
      const { profiles, confidence } = method(
        graph,
        { labels: new Float32Array(n * 4), weights: new Float32Array(n) },
        4,
      );
      expect(profiles.every((share) => share === 0.25)).toBe(true);
      expect(confidence.every((value) => value === 0)).toBe(true);
    }
  });

  it('with one label reach every connected song with it', () => {
    for (const method of methods) {
      const labels = new Float32Array(n * 2);
      labels[1] = 1;
      const weights = new Float32Array(n);
      weights[0] = 1;
      const { profiles, confidence } = method(graph, { labels, weights }, 2);
      expect(profiles[n * 2 - 1]).toBeCloseTo(1, 4);
      expect(confidence[0]).toBeGreaterThan(0.8);
    }
  });

  it('know no song better than a voted one, and those far from votes less', () => {
    const line = Float32Array.from({ length: 60 }, (_, i) => i);
    const chain = knnGraph(line, 60, 1, 2);
    const labels = new Float32Array(120);
    labels[0] = 1;
    const weights = new Float32Array(60);
    weights[0] = 1;
    const { confidence } = labelSpreading(chain, { labels, weights }, 2, precise);
    expect(confidence[0]).toBe(Math.max(...confidence));
    expect(confidence[10]).toBeLessThan(confidence[3]);
    expect(confidence[40]).toBeLessThan(0.05);
  });

  it('give songs that no label reaches the mix of all labels, with confidence 0', () => {
    // Two clusters far apart; only the first has labels, three to one.
    const points = Float32Array.from({ length: 20 }, (_, i) => (i < 10 ? i : 1000 + i));
    const far = knnGraph(points, 20, 1, 3);
    const labels = new Float32Array(40);
    const weights = new Float32Array(20);
    for (const [song, emotion] of [
      [0, 0],
      [3, 0],
      [6, 0],
      [9, 1],
    ]) {
      labels[song * 2 + emotion] = 1;
      weights[song] = 1;
    }
    for (const method of methods) {
      const { profiles, confidence } = method(far, { labels, weights }, 2);
      expect(profiles[15 * 2]).toBeCloseTo(0.75);
      expect(confidence[15]).toBe(0);
    }
  });

  it('manage one song, labelled or not', () => {
    const one = knnGraph(Float32Array.from([0.5]), 1, 1, 5);
    for (const method of methods) {
      const known = method(one, { labels: Float32Array.from([0, 2]), weights: Float32Array.from([1]) }, 2);
      expect([...known.profiles]).toEqual([0, 1]);
      const unknown = method(one, { labels: new Float32Array(2), weights: new Float32Array(1) }, 2);
      expect([...unknown.profiles]).toEqual([0.5, 0.5]);
    }
  });

  it.each([
    ['a negative weight', { weights: -1 }, /weights\[3\] is -1/],
    ['a weight that is not a number', { weights: Number.NaN }, /weights\[3\] is NaN/],
    ['an infinite weight', { weights: Number.POSITIVE_INFINITY }, /weights\[3\] is Infinity/],
    ['a negative label', { labels: -0.5 }, /song 1 is -0.5/],
    ['a label that is not a number', { labels: Number.NaN }, /song 1 is NaN/],
  ])('refuse %s and say where', (_what, wrong: { weights?: number; labels?: number }, message) => {
    const labels = new Float32Array(n * 2).fill(0.5);
    const weights = new Float32Array(n).fill(1);
    if (wrong.weights !== undefined) weights[3] = wrong.weights;
    if (wrong.labels !== undefined) labels[3] = wrong.labels;
    for (const method of methods) expect(() => method(graph, { labels, weights }, 2)).toThrow(message);
  });

  it('refuse settings and shapes that cannot be', () => {
    const good = { labels: new Float32Array(n * 2), weights: new Float32Array(n) };
    expect(() => labelSpreading(graph, good, 2, { alpha: 1 })).toThrow(/alpha is 1/);
    expect(() => labelSpreading(graph, good, 2, { alpha: Number.NaN })).toThrow(RangeError);
    expect(() => labelSpreading(graph, good, 2, { iterations: 0 })).toThrow(RangeError);
    expect(() => labelSpreading(graph, good, 2, { weighting: { rbf: -1 } })).toThrow(RangeError);
    expect(() => labelSpreading(graph, good, 3)).toThrow(RangeError);
    expect(() => labelSpreading(graph, { ...good, weights: new Float32Array(2) }, 2)).toThrow(RangeError);
  });
});
