import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cholesky, choleskySolve, invertPositive } from '../../ml/linear.ts';
import { createRandom } from '../../ml/random.ts';

/** A·Aᵀ + I of a random A. */
function positive(n: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const a = Float64Array.from({ length: n * n }, () => random.normal());
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < n; k++) matrix[i * n + j] += a[i * n + k] * a[j * n + k];
    }
    matrix[i * n + i]++;
  }
  return matrix;
}

describe('linear algebra', () => {
  it('solves systems and inverts matrices', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), fc.integer(), (n, seed) => {
        const matrix = positive(n, seed);
        const inverse = invertPositive(matrix.slice(), n);
        const lower = matrix.slice();
        cholesky(lower, n);
        const x = Float64Array.from({ length: n }, (_, i) => i + 1);
        choleskySolve(lower, n, x);
        for (let i = 0; i < n; i++) {
          let product = 0;
          for (let j = 0; j < n; j++) product += matrix[i * n + j] * x[j];
          expect(product).toBeCloseTo(i + 1, 6);
          for (let j = 0; j < n; j++) {
            let unit = 0;
            for (let k = 0; k < n; k++) unit += matrix[i * n + k] * inverse[k * n + j];
            expect(unit).toBeCloseTo(i === j ? 1 : 0, 6);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('refuses a matrix that is not positive definite', () => {
    expect(() => cholesky(Float64Array.from([1, 2, 2, 1]), 2)).toThrow(/not positive definite/);
    expect(() => cholesky(Float64Array.from([Number.NaN]), 1)).toThrow(RangeError);
  });
});
