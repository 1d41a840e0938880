import type { Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import type { Random } from '../random.ts';
import type { GanConfig, Shape } from './config.ts';
import { convolve } from './convolution.ts';
import { type Builder, createBuilder, dense, type Parameters, parameter } from './layers.ts';
import type { Contexts } from './listener.ts';
import { profileScale } from './songs.ts';

/** What a generated song is drawn from. `slots` songs are generated for each listener. */
export interface Noise {
  /** batch × slots × noise, standard normal. */
  readonly z: Tensor3D;
  /** batch × slots × (length + 1), standard Gumbel: decides the window of songs that a song starts from. */
  readonly choice: Tensor3D;
}

const FAR = 1e9;

export function buildGenerator(
  tf: Tf,
  shape: Shape,
  config: GanConfig,
  random: Random,
): Map<string, Variable> {
  const builder: Builder = createBuilder(tf, random);
  const width = shape.items + shape.emotions;
  const { channels, hidden, kernel, noise, firstMove } = config;
  builder.dense('generator/conv1', kernel * width, channels);
  builder.dense('generator/conv2', kernel * channels, channels);
  builder.vector('generator/nobody', channels + width);
  builder.dense('generator/query', noise + shape.emotions + 1, channels, 0.3);
  builder.dense('generator/hidden1', channels + width + noise + shape.emotions + 1, hidden);
  builder.dense('generator/hidden2', hidden, hidden);
  builder.dense('generator/item', hidden, shape.items, firstMove);
  builder.dense('generator/profile', hidden, shape.emotions, 0.3);
  return builder.parameters;
}

/**
 * Songs that a listener might like: the networks' song vectors, batch · slots rows × (items + emotions).
 *
 * Two convolutions run over the listener's songs, which lie in a canonical order so that neighbours are
 * alike; each position then describes a stretch of the listener's taste. Noise and wish choose a stretch
 * (softmax with Gumbel noise, Jang et al. 2017, Maddison et al. 2017), so that every side of a mixed taste
 * is drawn, and a small network moves on from there. With no songs it starts from a learned vector.
 *
 * @param wish batch × slots × (emotions + 1)
 */
export function generate(
  tf: Tf,
  parameters: Parameters,
  config: GanConfig,
  shape: Shape,
  { songs, mask }: Contexts,
  wish: Tensor3D,
  { z, choice }: Noise,
): Tensor2D {
  const [batch, length] = mask.shape;
  const slots = wish.shape[1];
  const seen = tf.reshape(mask, [batch, length, 1]) as Tensor3D;
  const first = tf.mul(convolve(tf, parameters, 'generator/conv1', songs, config.kernel), seen) as Tensor3D;
  const second = convolve(tf, parameters, 'generator/conv2', first, config.kernel);

  const nobody = tf.reshape(parameter(parameters, 'generator/nobody'), [1, 1, -1]);
  const stretches = tf.concat([tf.concat([second, songs], 2), tf.add(tf.zeros([batch, 1, 1]), nobody)], 1);
  const condition = tf.concat([z, wish], 2);
  const query = dense(tf, parameters, 'generator/query', condition, 'linear');
  const keys = tf.slice(stretches, [0, 0, 0], [batch, length + 1, config.channels]);
  const affinity = tf.mul(tf.matMul(query, keys, false, true), 1 / Math.sqrt(config.channels));
  const anySong = tf.minimum(tf.sum(mask, 1, true), 1);
  const open = tf.concat([mask, tf.sub(1, anySong)], 1);
  const closed = tf.mul(tf.sub(tf.reshape(open, [batch, 1, length + 1]), 1), FAR);
  const weights = tf.softmax(
    tf.mul(tf.add(tf.add(affinity, choice), closed), 1 / config.temperature),
  ) as Tensor3D;
  const picked = tf.matMul(weights, stretches as Tensor3D);

  const start = tf.slice(picked, [0, 0, config.channels], [batch, slots, shape.items]);
  const mood = tf.slice(picked, [0, 0, config.channels + shape.items], [batch, slots, shape.emotions]);
  const hidden = dense(
    tf,
    parameters,
    'generator/hidden2',
    dense(tf, parameters, 'generator/hidden1', tf.concat([picked, condition], 2)),
  );
  const item = tf.add(start, dense(tf, parameters, 'generator/item', hidden, 'linear'));
  const profile = tf.softmax(
    tf.add(mood, dense(tf, parameters, 'generator/profile', hidden, 'linear')) as Tensor3D,
  );
  const { factor, offset } = profileScale(shape.emotions);
  const centred = tf.add(tf.mul(profile, factor), offset) as Tensor3D;
  const width = shape.items + shape.emotions;
  return tf.reshape(tf.concat([item as Tensor3D, centred], 2), [batch * slots, width]) as Tensor2D;
}

/** Standard normal and Gumbel noise as tensors. */
export function drawNoise(
  tf: Tf,
  random: Random,
  batch: number,
  slots: number,
  length: number,
  config: GanConfig,
): Noise {
  const normal = Float32Array.from({ length: batch * slots * config.noise }, () => random.normal());
  const gumbel = Float32Array.from(
    { length: batch * slots * (length + 1) },
    () => -Math.log(-Math.log(random.next() + 1e-10) + 1e-10),
  );
  return {
    z: tf.tensor3d(normal, [batch, slots, config.noise]),
    choice: tf.tensor3d(gumbel, [batch, slots, length + 1]),
  };
}
