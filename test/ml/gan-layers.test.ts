import type { Scalar, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BackendName, loadBackend, type Tf } from '../../ml/backend.ts';
import { lookUp } from '../../ml/baselines/embeddings.ts';
import { buildLstm, lstm, lstmGates } from '../../ml/baselines/lstm.ts';
import { convolve } from '../../ml/gan/convolution.ts';
import { logDensity } from '../../ml/gan/density.ts';
import { createBuilder, dense, leaky } from '../../ml/gan/layers.ts';
import { crossEntropy, meanOwn, rankingLoss } from '../../ml/gan/losses.ts';
import { backgroundOf, compare, tasteOf } from '../../ml/gan/taste.ts';
import { createRandom } from '../../ml/random.ts';
import { constant, expectMeasuredSlopes, weighed } from '../support/slopes.ts';

type Operation = (tf: Tf, x: Tensor) => Tensor;

const builderFor = (tf: Tf) => {
  const builder = createBuilder(tf, createRandom(3));
  builder.dense('layer', 3, 4);
  builder.dense('conv', 9, 4);
  return builder.parameters;
};

const halfMask = (tf: Tf) => tf.tensor2d([1, 1, 1, 0, 0, 1, 0, 1, 1, 1], [2, 5]);

/** Tastes of two listeners in a catalogue of 50 songs with three columns. */
const tastes = () => {
  const random = createRandom(7);
  const values = Float32Array.from({ length: 150 }, () => random.normal());
  const background = backgroundOf(values, 50, 3);
  return [[1, 2, 3, 5, 8], [13]].map((liked) => tasteOf(values, 3, liked, background));
};

/** Every operation on the way of a gradient, with an input of shape 2 × 4 × 3. */
const operations: Readonly<Record<string, Operation>> = {
  'a dense layer': (tf, x) => dense(tf, builderFor(tf), 'layer', x),
  'a linear layer': (tf, x) => dense(tf, builderFor(tf), 'layer', x, 'linear'),
  'the leaky rectifier': (tf, x) => leaky(tf, x),
  'the convolution': (tf, x) => convolve(tf, builderFor(tf), 'conv', x as Tensor3D, 3),
  'cross-entropy': (tf, x) => {
    const flat = tf.reshape(x, [2, 12]);
    const own = tf.slice(flat, [0, 0], [1, 12]);
    const generated = tf.slice(flat, [1, 0], [1, 12]);
    const weights = Float32Array.from({ length: 12 }, (_, i) => i % 3);
    return crossEntropy(tf, { own, generated }, [0.7, 0.2, 0.1], { shift: 0.5, weights });
  },
  'the mean probability of "own"': (tf, x) => {
    const flat = tf.reshape(x, [2, 12]);
    return meanOwn(
      tf,
      { own: tf.slice(flat, [0, 0], [1, 12]), generated: tf.slice(flat, [1, 0], [1, 12]) },
      0.5,
    );
  },
  'the ranking loss': (tf, x) => {
    const flat = tf.reshape(x, [4, 6]);
    const real = tf.slice(flat, [0, 0], [4, 1]);
    const others = tf.slice(flat, [0, 1], [4, 5]) as Tensor2D;
    return rankingLoss(
      tf,
      real,
      others,
      Float32Array.from({ length: 10 }, (_, i) => i % 4),
    );
  },
  'the comparison with tastes': (tf, x) => compare(tf, x as Tensor3D, tastes()),
  'the comparison of songs that all listeners share': (tf, x) =>
    compare(tf, tf.slice(x, [0, 0, 0], [1, 4, 3]) as Tensor3D, tastes()),
  'the log density, by the songs': (tf, x) =>
    logDensity(tf, x as Tensor3D, constant(tf, [2, 5, 3]) as Tensor3D, halfMask(tf)),
  'the log density, by songs that all listeners share': (tf, x) => {
    const shared = tf.slice(x, [0, 0, 0], [1, 4, 3]) as Tensor3D;
    return logDensity(tf, shared, constant(tf, [2, 5, 3]) as Tensor3D, halfMask(tf));
  },
  'the log density, by the listener': (tf, x) => {
    const mask = tf.tensor2d([1, 1, 1, 1, 1, 0, 0, 1], [2, 4]);
    return logDensity(tf, constant(tf, [2, 5, 3]) as Tensor3D, x as Tensor3D, mask);
  },
  'the gates of an LSTM, by what goes in': (tf, x) => {
    const memory = constant(tf, [3, 2]) as Tensor2D;
    return lstmGates(tf, tf.reshape(x, [3, 8]), memory, Float32Array.of(1, 0, 1));
  },
  'the gates of an LSTM, by the state': (tf, x) => {
    const linear = constant(tf, [4, 24]) as Tensor2D;
    return lstmGates(tf, linear, tf.reshape(x, [4, 6]), Float32Array.of(1, 1, 0, 1));
  },
  'an LSTM over sequences of which one is padded': (tf, x) => {
    const builder = createBuilder(tf, createRandom(6));
    buildLstm(builder, 'lstm', 3, 5);
    const mask = Float32Array.of(0, 1, 0, 1, 1, 1, 1, 1);
    return lstm(tf, builder.parameters, 'lstm', tf.reshape(x, [8, 3]), mask, 2);
  },
  'a look-up': (tf, x) => lookUp(tf, tf.reshape(x, [6, 4]), Int32Array.of(5, 0, 5, 3)),
  'a split': (tf, x) => {
    const [first, , third] = tf.split(x, [1, 2, 1], 1);
    return tf.mul(first!, third!);
  },
  'a sum with broadcasting': (tf, x) => tf.add(constant(tf, [2, 1, 3]), tf.mul(x, tf.sum(x, 1, true))),
  'a difference': (tf, x) => tf.sub(tf.mean(x, 0), tf.mul(x, x)),
  'a difference from a mean': (tf, x) => tf.mul(tf.sub(x, tf.mean(x, 2, true)), x),
  'a copy in another shape': (tf, x) => tf.reshape(tf.clone(x), [6, 4]),
  'a mean over an axis': (tf, x) => tf.mul(tf.mean(x, [1]), 2),
  softmax: (tf, x) => tf.softmax(x),
  'concatenation and slices': (tf, x) => tf.concat([tf.slice(x, [0, 1, 0], [2, 2, 3]), x, x], 1),
  'a product with a matrix': (tf, x) => tf.matMul(x, constant(tf, [2, 3, 5])),
  'a product with a transposed matrix': (tf, x) => tf.matMul(x, constant(tf, [2, 5, 3]), false, true),
  'a transposed product': (tf, x) => tf.matMul(x, constant(tf, [2, 4, 5]), true, false),
  'a product of two transposed': (tf, x) => tf.matMul(constant(tf, [2, 3, 5]), x, true, true),
};

const asNumber = (tf: Tf, operation: Operation, x: Tensor): Scalar => weighed(tf, operation(tf, x));

describe('values and derivatives on WebAssembly', () => {
  it.each(Object.entries(operations))('of %s are those of plain JavaScript', async (_, operation) => {
    const on = async (name: BackendName) => {
      const { tf } = await loadBackend(name);
      const random = createRandom(12);
      const values = Float32Array.from({ length: 24 }, () => random.normal());
      const results: number[] = [];
      tf.tidy(() => {
        const x = tf.tensor(values, [2, 4, 3]);
        const slopes = tf.grad((at: Tensor) => asNumber(tf, operation, at))(x);
        results.push(...operation(tf, x).dataSync(), ...slopes.dataSync());
      });
      return results;
    };
    const [expected, actual] = [await on('cpu'), await on('wasm')];
    expect(actual).toHaveLength(expected.length);
    actual.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 4);
    });
  });
});

describe.each<BackendName>(['cpu', 'wasm'])('derivatives on %s', (name) => {
  let tf: Tf;
  beforeAll(async () => {
    ({ tf } = await loadBackend(name));
  });

  it.each(Object.entries(operations))('of %s are the slopes that are measured', (_, operation) => {
    const random = createRandom(11);
    const values = Float32Array.from({ length: 24 }, () => random.normal());
    const x = tf.variable(tf.tensor(values, [2, 4, 3]));
    expectMeasuredSlopes(tf, () => asNumber(tf, operation, x), [x]);
    x.dispose();
  });

  it.each([1, 3, 5])('the convolution with a kernel of %d is tf.conv1d', (kernel) => {
    tf.tidy(() => {
      const builder = createBuilder(tf, createRandom(4));
      builder.dense('conv', kernel * 3, 6);
      const x = constant(tf, [2, 7, 3]) as Tensor3D;
      const ours = convolve(tf, builder.parameters, 'conv', x, kernel, 'linear').dataSync();
      const filter = tf.reshape(builder.parameters.get('conv/w')!, [kernel, 3, 6]) as Tensor3D;
      const theirs = tf.conv1d(x, filter, 1, 'same').dataSync();
      expect(ours.length).toBe(theirs.length);
      ours.forEach((value, i) => {
        expect(value).toBeCloseTo(theirs[i]!, 4);
      });
    });
  });
});
