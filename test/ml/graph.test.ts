import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knnGraph, nearestAmong } from '../../ml/graph.ts';
import { createRandom } from '../../ml/random.ts';

/** Distances to the k nearest other points, by looking at all of them. */
function bruteForce(points: Float32Array, n: number, d: number, k: number): number[][] {
  return Array.from({ length: n }, (_, i) => {
    const all: number[] = [];
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      let sum = 0;
      for (let c = 0; c < d; c++) sum += (points[i * d + c] - points[j * d + c]) ** 2;
      all.push(Math.sqrt(sum));
    }
    return all.sort((a, b) => a - b).slice(0, k);
  });
}

/** Every row has k different others, at the distances that looking at all points finds. */
function expectExact(points: Float32Array, n: number, d: number, k: number): void {
  const graph = knnGraph(points, n, d, k);
  const truth = bruteForce(points, n, d, k);
  expect(graph.k).toBe(Math.max(0, Math.min(k, n - 1)));
  let worst = 0;
  let different = true;
  for (let i = 0; i < n; i++) {
    const row = graph.neighbours.subarray(i * graph.k, (i + 1) * graph.k);
    different &&= new Set(row).size === graph.k && !row.includes(i);
    for (let j = 0; j < graph.k; j++) {
      const claimed = graph.distances[i * graph.k + j];
      let sum = 0;
      for (let c = 0; c < d; c++) sum += (points[i * d + c] - points[row[j] * d + c]) ** 2;
      worst = Math.max(worst, Math.abs(claimed - truth[i][j]), Math.abs(claimed - Math.sqrt(sum)));
    }
  }
  expect(different).toBe(true);
  expect(worst).toBeLessThan(1e-3);
}

describe('the neighbour graph', () => {
  it('finds what looking at all points finds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 150 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom('normal', 'grid', 'stretched'),
        fc.integer(),
        (n, d, k, kind, seed) => {
          const random = createRandom(seed);
          const points = Float32Array.from({ length: n * d }, (_, i) => {
            // A coarse grid is full of duplicates and ties.
            if (kind === 'grid') return random.integer(3);
            return random.normal() * (kind === 'stretched' ? 1 + (i % d) * 5 : 1);
          });
          expectExact(points, n, d, k);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('finds it for correlated columns and a thousand points', () => {
    const random = createRandom(2);
    const n = 1000;
    const points = new Float32Array(n * 8);
    for (let i = 0; i < n; i++) {
      const common = random.normal() * 3;
      for (let c = 0; c < 8; c++) points[i * 8 + c] = common * (c % 2 === 0 ? 1 : -1) + random.normal();
    }
    expectExact(points, n, 8, 5);
  });

  it('manages when all points are one point', () => {
    const graph = knnGraph(new Float32Array(500 * 3).fill(0.3), 500, 3, 4);
    expect(graph.distances.every((distance) => distance === 0)).toBe(true);
    expect(graph.neighbours.every((j, at) => j !== Math.floor(at / 4))).toBe(true);
  });

  it('takes points without columns for one point', () => {
    const graph = knnGraph(new Float32Array(0), 40, 0, 3);
    expect(graph.distances).toEqual(new Float32Array(120));
    expect(graph.neighbours.every((j, at) => j < 40 && j !== Math.floor(at / 3))).toBe(true);
  });

  it('finds what is nearest to other places', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer(),
        (n, d, k, seed) => {
          const random = createRandom(seed);
          const cloud = (rows: number, spread: number) =>
            Float32Array.from({ length: rows * d }, () => spread * random.normal());
          const group = cloud(n, 1);
          const places = cloud(50, 2);
          const near = nearestAmong(group, n, d, places, k);
          expect(near).toMatchObject({ size: 50, k: Math.min(k, n) });
          for (let i = 0; i < 50; i++) {
            const to = (j: number) =>
              Math.hypot(...Array.from({ length: d }, (_, c) => group[j * d + c] - places[i * d + c]));
            const truth = Array.from({ length: n }, (_, j) => to(j)).sort((a, b) => a - b);
            for (let at = 0; at < near.k; at++) {
              const claimed = near.distances[i * near.k + at];
              expect(claimed).toBeCloseTo(truth[at], 4);
              expect(claimed).toBeCloseTo(to(near.neighbours[i * near.k + at]), 4);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('has fewer neighbours when there are fewer points, and none for one', () => {
    expect(knnGraph(Float32Array.from([1, 2, 4]), 3, 1, 10)).toMatchObject({ k: 2 });
    expect(knnGraph(Float32Array.from([1]), 1, 1, 10)).toMatchObject({ size: 1, k: 0 });
    expect(knnGraph(new Float32Array(0), 0, 3, 10)).toMatchObject({ size: 0, k: 0 });
  });

  it('refuses points with gaps, another shape, and no neighbours', () => {
    expect(() => knnGraph(Float32Array.from([1, Number.NaN]), 2, 1, 1)).toThrow(/point 1 has NaN/);
    expect(() => knnGraph(Float32Array.from([1, Number.POSITIVE_INFINITY]), 1, 2, 1)).toThrow(RangeError);
    expect(() => knnGraph(Float32Array.from([1, 1e30]), 1, 2, 1)).toThrow(/standardise/);
    expect(() => knnGraph(new Float32Array(5), 2, 3, 1)).toThrow(RangeError);
    expect(() => knnGraph(new Float32Array(6), 2, 3, 0)).toThrow(RangeError);
  });
});
