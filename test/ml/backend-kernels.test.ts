import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadBackend, type Tf } from '../../ml/backend.ts';
import { createRandom, type Random } from '../../ml/random.ts';

const tensor = (tf: Tf, random: Random, shape: number[]) =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal()),
    shape,
  );

describe('the WebAssembly kernels', () => {
  it('multiply transposed matrices as plain JavaScript does', async () => {
    const products = async (name: 'wasm' | 'cpu', cases: readonly (readonly number[])[]) => {
      const { tf } = await loadBackend(name);
      return cases.map(([batch, m, k, n, flags, seed]) =>
        tf.tidy(() => {
          const random = createRandom(seed!);
          const [transposeA, transposeB] = [(flags! & 1) === 1, (flags! & 2) === 2];
          const a = tensor(tf, random, [batch!, ...(transposeA ? [k!, m!] : [m!, k!])]);
          const b = tensor(tf, random, [batch!, ...(transposeB ? [n!, k!] : [k!, n!])]);
          return Array.from(tf.matMul(a, b, transposeA, transposeB).dataSync());
        }),
      );
    };
    const size = fc.integer({ min: 1, max: 12 });
    const cases = fc.sample(
      fc.tuple(
        fc.integer({ min: 1, max: 3 }),
        size,
        size,
        size,
        fc.integer({ min: 0, max: 3 }),
        fc.integer(),
      ),
      { numRuns: 60, seed: 7 },
    );
    const expected = await products('cpu', cases);
    const actual = await products('wasm', cases);
    actual.forEach((values, index) => {
      values.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[index]![i]!, 4);
      });
    });
  });

  it('leave no tensor behind', async () => {
    const { tf } = await loadBackend('wasm');
    const random = createRandom(1);
    const [a, b] = [tensor(tf, random, [3, 4]), tensor(tf, random, [3, 5])];
    const multiply = () => tf.tidy(() => tf.matMul(a as Tensor, b, true, false).dataSync());
    multiply();
    const [tensors, ids] = [tf.memory().numTensors, tf.backend().numDataIds()];
    for (let i = 0; i < 20; i++) multiply();
    expect(tf.memory().numTensors).toBe(tensors);
    expect(tf.backend().numDataIds()).toBe(ids);
    tf.dispose([a, b]);
  });
});
