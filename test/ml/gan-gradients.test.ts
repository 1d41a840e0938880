import type { Scalar, Tensor, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type BackendName, loadBackend, type Tf } from '../../ml/backend.ts';
import { createAffinity } from '../../ml/gan/affinity.ts';
import { buildAffinityLayer, withAffinity } from '../../ml/gan/affinity-layer.ts';
import { DEFAULT_GAN, type GanConfig } from '../../ml/gan/config.ts';
import {
  buildDiscriminator,
  judge,
  judgeCrossed,
  liken,
  listenerSide,
  placeOf,
  songSide,
  together,
} from '../../ml/gan/discriminator.ts';
import { buildGenerator, drawNoise, generate } from '../../ml/gan/generator.ts';
import { createBuilder, dense, leaky } from '../../ml/gan/layers.ts';
import { buildListenerEncoder, encodeListener } from '../../ml/gan/listener.ts';
import { discriminatorLoss, generatorLoss } from '../../ml/gan/losses.ts';
import { backgroundOf, tasteOf } from '../../ml/gan/taste.ts';
import { createRandom } from '../../ml/random.ts';
import { constant, expectMeasuredSlopes, weighed } from '../support/slopes.ts';
import { interactionsOf } from './gan-planted.ts';

const shape = { items: 2, emotions: 2 };
const WIDTH = shape.items + shape.emotions;
const config: GanConfig = { ...DEFAULT_GAN, hidden: 3, compare: 2, channels: 2, noise: 1 };
/** Two listeners, one of three songs and one of whom nothing is known; two slots each. */
const [LISTENERS, SLOTS, LENGTH, OTHERS] = [2, 2, 4, 3];

/** What is to be differentiated, and by what. */
interface Differentiable {
  readonly loss: () => Scalar;
  readonly by: readonly Variable[];
}

const contexts = (tf: Tf) => ({
  songs: constant(tf, [LISTENERS, LENGTH, WIDTH]) as Tensor3D,
  mask: tf.tensor2d([1, 1, 1, 0, 0, 0, 0, 0], [LISTENERS, LENGTH]),
});
const wish = (tf: Tf) => constant(tf, [LISTENERS, SLOTS, shape.emotions + 1]) as Tensor3D;
const noise = (tf: Tf) => drawNoise(tf, createRandom(4), LISTENERS, SLOTS, LENGTH, config);
const tastes = () => {
  const random = createRandom(7);
  const values = Float32Array.from({ length: 50 * WIDTH }, () => random.normal());
  const background = backgroundOf(values, 50, WIDTH);
  return [[1, 2, 3], []].map((liked) => tasteOf(values, WIDTH, liked, background));
};
const variable = (tf: Tf, dimensions: number[]) => {
  const random = createRandom(9);
  const values = Float32Array.from({ length: tf.util.sizeFromShape(dimensions) }, () => random.normal());
  return tf.variable(tf.tensor(values, dimensions));
};

/** What a discriminator says of songs, row by row of two listeners of two slots. */
function judgeRows(tf: Tf, parameters: ReadonlyMap<string, Variable>, songs: Tensor) {
  const listener = listenerSide(tf, parameters, contexts(tf), wish(tf));
  const places = placeOf(tf, parameters, contexts(tf).songs);
  const asked = tf.reshape(songs, [LISTENERS, SLOTS, WIDTH]) as Tensor3D;
  const like = liken(tf, parameters, asked, tastes(), places, contexts(tf).mask);
  const rows = tf.reshape(songs, [LISTENERS * SLOTS, WIDTH]) as Tensor2D;
  const judged = judge(tf, songSide(tf, parameters, rows), listener);
  return { listener, places, logits: together(tf, like, judged) };
}

const product = (left: number[], right: number[], transposeA: boolean, transposeB: boolean) => (tf: Tf) => {
  const [a, b] = [variable(tf, left), variable(tf, right)];
  return { loss: () => weighed(tf, tf.matMul(a, b, transposeA, transposeB)), by: [a, b] };
};

/** The custom layers, whole networks and both losses: everything that a step differentiates. */
const parts: Readonly<Record<string, (tf: Tf) => Differentiable>> = {
  'the listener encoder': (tf) => {
    const builder = createBuilder(tf, createRandom(2));
    buildListenerEncoder(builder, shape, config);
    const loss = () => weighed(tf, encodeListener(tf, builder.parameters, contexts(tf)));
    return { loss, by: [...builder.parameters.values()] };
  },
  'the generator with its choice of a stretch': (tf) => {
    const parameters = buildGenerator(tf, shape, config, createRandom(3));
    const loss = () =>
      weighed(tf, generate(tf, parameters, config, shape, contexts(tf), wish(tf), noise(tf)));
    return { loss, by: [...parameters.values()] };
  },
  'what the discriminator says, by its weights and by the songs': (tf) => {
    const parameters = buildDiscriminator(tf, shape, config, createRandom(5));
    const songs = variable(tf, [LISTENERS * SLOTS, WIDTH]);
    const loss = () => {
      const { own, generated } = judgeRows(tf, parameters, songs).logits;
      return tf.add(weighed(tf, own), tf.mul(weighed(tf, generated), 0.5)) as Scalar;
    };
    return { loss, by: [...parameters.values(), songs] };
  },
  'the discriminator’s loss': (tf) => {
    const parameters = buildDiscriminator(tf, shape, config, createRandom(5));
    const loss = () => {
      const { listener, places, logits } = judgeRows(
        tf,
        parameters,
        constant(tf, [LISTENERS * SLOTS, WIDTH]),
      );
      const made = judgeRows(tf, parameters, tf.mul(constant(tf, [LISTENERS * SLOTS, WIDTH]), -1)).logits;
      const others = tf.mul(constant(tf, [OTHERS, WIDTH]), 0.7) as Tensor2D;
      const crossed = judgeCrossed(tf, songSide(tf, parameters, others), listener);
      const shared = liken(
        tf,
        parameters,
        tf.reshape(others, [1, OTHERS, WIDTH]) as Tensor3D,
        tastes(),
        places,
        contexts(tf).mask,
      );
      const spread = (answer: 'own' | 'generated') =>
        tf.add(
          tf.reshape(crossed[answer], [LISTENERS, SLOTS, OTHERS]),
          tf.reshape(shared[answer], [LISTENERS, 1, OTHERS]),
        );
      const judged = {
        real: logits,
        generated: made,
        mismatched: { own: spread('own'), generated: spread('generated') },
        unwished: made,
      };
      const batch = { wished: Float32Array.of(1, 0, 1, 1), standsFor: Float32Array.of(5, 5, 0, 5, 5, 5) };
      return discriminatorLoss(tf, judged, batch, config);
    };
    return { loss, by: [...parameters.values()] };
  },
  'the generator’s loss, through the discriminator': (tf) => {
    const generator = buildGenerator(tf, shape, config, createRandom(3));
    const discriminator = buildDiscriminator(tf, shape, config, createRandom(5));
    const loss = () => {
      const songs = generate(tf, generator, config, shape, contexts(tf), wish(tf), noise(tf));
      return generatorLoss(tf, judgeRows(tf, discriminator, songs).logits, config);
    };
    return { loss, by: [...generator.values()] };
  },
  'the affinity layer': (tf) => {
    const parameters = buildAffinityLayer(tf, createRandom(6));
    // It starts with an output of zeros, behind which nothing else would have a slope.
    const out = parameters.get('affinity/out/w')!;
    out.assign(constant(tf, out.shape) as typeof out);
    const groups = {
      artists: Int32Array.of(0, 0, 1, 1, 2),
      albums: Int32Array.of(0, 1, 2, 2, 3),
      titles: Int32Array.of(0, 1, 2, 3, 4),
    };
    const met = createAffinity(groups, interactionsOf([[0, 2], [1, 4], [3]], 5)).meet(Int32Array.of(0, 3));
    const content = Float32Array.of(0.5, -1, 2, 0.1, -0.3);
    const loss = () => weighed(tf, withAffinity(tf, parameters, met, Int32Array.of(0, 1, 2, 3, 4), content));
    return { loss, by: [...parameters.values()] };
  },
  'a dense layer': (tf) => {
    const builder = createBuilder(tf, createRandom(3));
    builder.dense('layer', 3, 4);
    const x = variable(tf, [2, 2, 3]);
    const loss = () => weighed(tf, dense(tf, builder.parameters, 'layer', x as Tensor));
    return { loss, by: [...builder.parameters.values(), x] };
  },
  'the leaky rectifier': (tf) => {
    const x = variable(tf, [3, 5]);
    return { loss: () => weighed(tf, leaky(tf, x as Tensor)), by: [x] };
  },
  'a product of matrices': product([3, 4], [4, 2], false, false),
  'products, the left transposed': product([2, 4, 3], [2, 4, 5], true, false),
  'products, the right transposed': product([2, 3, 4], [2, 5, 4], false, true),
  'products, both transposed': product([2, 4, 3], [2, 5, 4], true, true),
  'products with one left matrix for all': product([1, 3, 4], [3, 4, 2], false, false),
  'products with one right matrix for all': product([3, 3, 4], [1, 4, 2], false, false),
  'products with one left matrix for all, both transposed': product([1, 4, 3], [3, 2, 4], true, true),
  'products with one right matrix for all, transposed': product([3, 3, 4], [1, 2, 4], false, true),
};

/** The loss and all derivatives, one after the other. */
function differentiated(tf: Tf, part: (tf: Tf) => Differentiable): number[] {
  const numbers: number[] = [];
  tf.tidy(() => {
    const { loss, by } = part(tf);
    const { value, grads } = tf.variableGrads(loss, [...by]);
    numbers.push(value.dataSync()[0]!);
    for (const { name } of by) numbers.push(...grads[name]!.dataSync());
    for (const one of by) one.dispose();
  });
  return numbers;
}

describe('derivatives on WebAssembly', () => {
  it.each(Object.entries(parts))('of %s are those of plain JavaScript', async (_, part) => {
    const on = async (name: BackendName) => differentiated((await loadBackend(name)).tf, part);
    const [expected, actual] = [await on('cpu'), await on('wasm')];
    expect(actual).toHaveLength(expected.length);
    actual.forEach((number, i) => {
      expect(Math.abs(number - expected[i]!)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected[i]!)));
    });
    // A part that says nothing would be the same everywhere.
    expect(actual.filter((number) => number !== 0).length).toBeGreaterThan(actual.length / 3);
  });
});

describe.each<BackendName>(['cpu', 'wasm'])('derivatives on %s', (name) => {
  it.each(Object.entries(parts))('of %s are the slopes that are measured', async (_, part) => {
    const { tf } = await loadBackend(name);
    const { loss, by } = part(tf);
    expectMeasuredSlopes(tf, loss, by);
    tf.dispose([...by]);
  });
});
