import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import type { GanConfig, Shape } from './config.ts';
import { type Builder, dense, type Parameters, parameter } from './layers.ts';
import { inPlaceOrder, type SongVectors } from './songs.ts';

/** Songs that listeners are known to like, padded to one length. */
export interface Contexts {
  /** batch × length × (items + emotions); zeros beyond a listener's songs. */
  readonly songs: Tensor3D;
  /** batch × length: 1 where there is a song, 0 beyond. */
  readonly mask: Tensor2D;
}

const FAR = 1e9;

/** One listener's songs, whatever their number and order. */
export function contextOf(tf: Tf, vectors: SongVectors, liked: Int32Array): Contexts {
  const { values, width } = vectors;
  // One row of zeros stands for the empty set: shapes without rows are not for every kernel.
  const length = Math.max(1, liked.length);
  const songs = new Float32Array(length * width);
  inPlaceOrder(liked, vectors).forEach((song, position) => {
    songs.set(values.subarray(song * width, (song + 1) * width), position * width);
  });
  const mask = new Float32Array(length).fill(liked.length > 0 ? 1 : 0);
  return { songs: tf.tensor3d(songs, [1, length, width]), mask: tf.tensor2d(mask, [1, length]) };
}

export function buildListenerEncoder(builder: Builder, shape: Shape, config: GanConfig): void {
  const width = shape.items + shape.emotions;
  builder.dense('listener/song1', width, config.hidden);
  builder.dense('listener/song2', config.hidden, config.hidden);
  builder.dense('listener/attention', config.hidden, 1, 0.1);
  builder.vector('listener/nobody', 2 * config.hidden);
  builder.dense('listener/out', 2 * config.hidden + 1, config.hidden);
  builder.dense('listener/straight', 2 * config.hidden + 1, config.hidden);
}

/**
 * What a listener likes, as one vector (batch × hidden) that does not depend on the order of the songs
 * (Zaheer et al. 2017, Deep Sets): every song goes through the same small network; the mean of the results
 * and an attention-weighted mean describe the set, a learned vector stands for the empty one. Means, not
 * sums or maxima, so that 500 songs look like the few dozen that training showed.
 */
export function encodeListener(tf: Tf, parameters: Parameters, { songs, mask }: Contexts): Tensor2D {
  const [batch, length] = mask.shape;
  const perSong = dense(
    tf,
    parameters,
    'listener/song2',
    dense(tf, parameters, 'listener/song1', songs),
  ) as Tensor3D;
  const count = tf.sum(mask, 1, true) as Tensor2D;
  const uniform = tf.div(mask, tf.maximum(count, 1)) as Tensor2D;
  const logits = tf.reshape(dense(tf, parameters, 'listener/attention', perSong, 'linear'), [batch, length]);
  const attention = tf.mul(tf.softmax(tf.add(logits, tf.mul(tf.sub(mask, 1), FAR))), tf.minimum(count, 1));
  const rows = [uniform, attention].map((weights) => tf.reshape(weights, [batch, 1, length]));
  const weights = tf.concat(rows, 1) as Tensor3D;
  const pooled = tf.reshape(tf.matMul(weights, perSong), [batch, -1]) as Tensor2D;
  const empty = tf.sub(1, tf.minimum(count, 1)) as Tensor2D;
  const known = tf.add(pooled, tf.mul(empty, tf.reshape(parameter(parameters, 'listener/nobody'), [1, -1])));
  const howMany = tf.div(tf.log1p(tf.minimum(count, 32)), Math.log1p(32)) as Tensor2D;
  const all = tf.concat([known as Tensor2D, howMany], 1);
  // The straight way keeps the mean over songs a mean, which makes the discriminator a density estimate.
  return tf.add(
    dense(tf, parameters, 'listener/straight', all, 'linear'),
    dense(tf, parameters, 'listener/out', all),
  );
}
