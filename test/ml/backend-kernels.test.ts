import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BackendName, loadBackend, type Tf } from '../../ml/backend.ts';
import { registerWasmKernels, restoreWasmKernels } from '../../ml/backend-kernels.ts';
import { createRandom, type Random } from '../../ml/random.ts';

const tensor = (tf: Tf, random: Random, shape: readonly number[]) =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, () => random.normal()),
    [...shape],
  );

interface Case {
  /** Matrices of each operand; 1 for the same one throughout. */
  readonly left: number;
  readonly right: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly seed: number;
}

const size = fc.integer({ min: 1, max: 20 });
const shapes: fc.Arbitrary<Case> = fc
  .record({
    left: fc.integer({ min: 1, max: 3 }),
    broadcast: fc.constantFrom('none', 'left', 'right'),
    rows: size,
    // Sums are worked out in pieces of 256.
    inner: fc.oneof(size, fc.integer({ min: 250, max: 600 })),
    columns: size,
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    seed: fc.integer(),
  })
  .map(({ left, broadcast, ...rest }) => ({
    ...rest,
    left: broadcast === 'left' ? 1 : left,
    right: broadcast === 'right' ? 1 : left,
  }));

function operands(tf: Tf, random: Random, { left, right, rows, inner, columns, ...flags }: Case) {
  return {
    a: tensor(tf, random, [left, ...(flags.transposeA ? [inner, rows] : [rows, inner])]),
    b: tensor(tf, random, [right, ...(flags.transposeB ? [columns, inner] : [inner, columns])]),
  };
}

async function onBoth(of: (tf: Tf, one: Case) => Tensor, cases: readonly Case[]): Promise<void> {
  const results = async (name: BackendName) => {
    const { tf } = await loadBackend(name);
    return cases.map((one) => {
      const result = tf.tidy(() => of(tf, one));
      const values = { shape: result.shape, values: Array.from(result.dataSync()) };
      result.dispose();
      return values;
    });
  };
  const expected = await results('cpu');
  const actual = await results('wasm');
  actual.forEach(({ shape, values }, index) => {
    expect(shape).toEqual(expected[index]!.shape);
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[index]!.values[i]!, 3);
    });
  });
}

describe('the WebAssembly kernels', () => {
  const cases = fc.sample(shapes, { numRuns: 80, seed: 7 });

  it('multiply matrices, transposed or not, as plain JavaScript does', async () => {
    await onBoth((tf, one) => {
      const { a, b } = operands(tf, createRandom(one.seed), one);
      return tf.matMul(a, b, one.transposeA, one.transposeB);
    }, cases);
  });

  it('work out layers with bias and rectifier as plain JavaScript does', async () => {
    await onBoth((tf, one) => {
      const random = createRandom(one.seed);
      const bias = tensor(tf, random, [one.columns]);
      const { transposeA, transposeB } = one;
      const activation = one.seed % 2 === 0 ? 'leakyrelu' : 'linear';
      return tf
        .engine()
        .runKernel(
          '_FusedMatMul',
          { ...operands(tf, random, one), bias },
          { transposeA, transposeB, activation, leakyreluAlpha: 0.2 },
        ) as Tensor;
    }, cases);
  });

  it('leave what they cannot do to the kernels of the backend', async () => {
    const { tf } = await loadBackend('wasm');
    const random = createRandom(1);
    const [a, b] = [tensor(tf, random, [2, 1, 3, 4]), tensor(tf, random, [1, 5, 4, 2])];
    expect(tf.matMul(a, b).shape).toEqual([2, 5, 3, 2]);
    const relu = tf.fused.matMul({
      a: tensor(tf, random, [3, 4]),
      b: tensor(tf, random, [4, 2]),
      activation: 'relu',
    });
    expect(Math.min(...relu.dataSync())).toBe(0);
    expect(() => tf.matMul(tf.tensor2d([[1]], [1, 1], 'int32'), tf.tensor2d([[1]], [1, 1], 'int32'))).toThrow(
      'float32',
    );
  });

  it('carry what is not a number on', async () => {
    const { tf } = await loadBackend('wasm');
    const values = tf.matMul(tf.tensor2d([[Number.NaN, 1]]), tf.tensor2d([[1], [1]])).dataSync();
    expect(values[0]).toBeNaN();
  });

  it('leave no tensor behind', async () => {
    const { tf } = await loadBackend('wasm');
    const random = createRandom(1);
    const [a, b] = [tensor(tf, random, [3, 4]), tensor(tf, random, [3, 5])];
    const multiply = () => tf.tidy(() => tf.matMul(a, b, true, false).dataSync());
    multiply();
    const [tensors, ids] = [tf.memory().numTensors, tf.backend().numDataIds()];
    for (let i = 0; i < 20; i++) multiply();
    expect(tf.memory().numTensors).toBe(tensors);
    expect(tf.backend().numDataIds()).toBe(ids);
    tf.dispose([a, b]);
  });

  it('can be taken out and put in again', async () => {
    const { tf } = await loadBackend('wasm');
    const own = tf.getKernel('BatchMatMul', 'wasm')!.kernelFunc;
    restoreWasmKernels(tf);
    const plain = tf.getKernel('BatchMatMul', 'wasm')!.kernelFunc;
    restoreWasmKernels(tf);
    expect(tf.getKernel('BatchMatMul', 'wasm')!.kernelFunc).toBe(plain);
    registerWasmKernels(tf);
    registerWasmKernels(tf);
    const again = tf.getKernel('BatchMatMul', 'wasm')!.kernelFunc;
    expect([own === plain, again === plain]).toEqual([false, false]);
    restoreWasmKernels(tf);
    expect(tf.getKernel('BatchMatMul', 'wasm')!.kernelFunc).toBe(plain);
    registerWasmKernels(tf);
  });
});
