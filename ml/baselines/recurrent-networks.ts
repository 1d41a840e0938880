import type { Scalar, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import { createBuilder, dense, type Parameters } from '../gan/layers.ts';
import { rankingLoss } from '../gan/losses.ts';
import type { Random } from '../random.ts';
import { buildLstm, lstm } from './lstm.ts';

export interface RecurrentSizes {
  /** Width of the look-up embeddings of songs and of listeners. */
  readonly width: number;
  /** Width of the LSTM's state and of the perceptrons' hidden layers. */
  readonly hidden: number;
  /** Length of the noise z. */
  readonly noise: number;
}

export interface RecurrentNetworks {
  readonly generator: ReadonlyMap<string, Variable>;
  readonly discriminator: ReadonlyMap<string, Variable>;
}

export function buildNetworks(
  tf: Tf,
  { width, hidden, noise }: RecurrentSizes,
  random: Random,
): RecurrentNetworks {
  const generator = createBuilder(tf, random.fork('generator'));
  buildLstm(generator, 'lstm', width, hidden);
  generator.dense('generator/hidden', hidden + width + noise, hidden);
  generator.dense('generator/song', hidden, width, 0.5);
  const discriminator = createBuilder(tf, random.fork('discriminator'));
  discriminator.dense('discriminator/hidden', hidden + 2 * width, hidden);
  discriminator.dense('discriminator/out', hidden, 1, 0.5);
  return { generator: generator.parameters, discriminator: discriminator.parameters };
}

export function disposeNetworks({ generator, discriminator }: RecurrentNetworks): void {
  for (const network of [generator, discriminator]) {
    for (const variable of network.values()) variable.dispose();
  }
}

/**
 * What is known of listeners, batch × (hidden + width): the LSTM's state after their songs, then their embedding.
 *
 * @param songs length · batch × width, as `lstm` takes them
 * @param listeners batch × width
 */
export function describe(
  tf: Tf,
  parameters: Parameters,
  songs: Tensor2D,
  mask: Float32Array,
  listeners: Tensor2D,
): Tensor2D {
  const state = lstm(tf, parameters, 'lstm', songs, mask, listeners.shape[0]);
  return tf.concat([state, listeners], 1) as Tensor2D;
}

/** Songs in the space of the embeddings, one for each row of what is known and of noise. */
export function generate(tf: Tf, parameters: Parameters, known: Tensor2D, noise: Tensor2D): Tensor2D {
  const hidden = dense(tf, parameters, 'generator/hidden', tf.concat([known, noise], 1));
  return dense(tf, parameters, 'generator/song', hidden, 'linear') as Tensor2D;
}

/** Logits that songs are real and the listener's, rows × 1. */
export function judge(tf: Tf, parameters: Parameters, known: Tensor2D, songs: Tensor2D): Tensor2D {
  const hidden = dense(tf, parameters, 'discriminator/hidden', tf.concat([known, songs], 1));
  return dense(tf, parameters, 'discriminator/out', hidden, 'linear') as Tensor2D;
}

/** Each row `times` times, one after the other: rows × columns → rows · times × columns. */
export function repeated(tf: Tf, rows: Tensor2D, times: number): Tensor2D {
  const [count, columns] = rows.shape;
  const spread = tf.add(tf.reshape(rows, [count, 1, columns]), tf.zeros([count, times, columns]));
  return tf.reshape(spread, [count * times, columns]) as Tensor2D;
}

export function drawNormal(tf: Tf, random: Random, rows: number, columns: number): Tensor2D {
  const values = Float32Array.from({ length: rows * columns }, () => random.normal());
  return tf.tensor2d(values, [rows, columns]);
}

/** Mean logistic loss of logits (rows × 1) that should say "real", or "not": a ranking against one fixed 0. */
export function logistic(tf: Tf, logits: Tensor2D, real: boolean): Scalar {
  const rows = logits.size;
  const zeros = tf.zeros([rows, 1]) as Tensor2D;
  return rankingLoss(tf, tf.mul(logits, real ? 1 : -1), zeros, new Float32Array(rows).fill(1));
}
