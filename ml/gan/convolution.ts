import type { Tensor3D } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import { dense, type Parameters } from './layers.ts';

/**
 * The windows of a one-dimensional convolution (im2col): batch × length × channels →
 * batch × length × (kernel · channels), zeros beyond both ends.
 *
 * @param kernel odd
 */
export function windows(tf: Tf, x: Tensor3D, kernel: number): Tensor3D {
  const [batch, length, channels] = x.shape;
  const reach = (kernel - 1) / 2;
  const edge = tf.zeros([batch, reach, channels]) as Tensor3D;
  const padded = tf.concat([edge, x, edge], 1);
  const shifted = Array.from({ length: kernel }, (_, offset) =>
    tf.slice(padded, [0, offset, 0], [batch, length, channels]),
  );
  return tf.concat(shifted, 2);
}

/**
 * A one-dimensional convolution with stride 1 and `same` padding, then a leaky rectifier. Exactly
 * `tf.conv1d`, written as windows times a matrix, because the WASM backend has no derivative for `conv1d`
 * (tensorflow/tfjs#8474) and multiplies matrices fast. The weights `name/w` are
 * (kernel · inputs) × outputs: `tf.conv1d`'s filter of shape [kernel, inputs, outputs], flattened.
 */
export function convolve(
  tf: Tf,
  parameters: Parameters,
  name: string,
  x: Tensor3D,
  kernel: number,
  activation: 'linear' | 'leaky' = 'leaky',
): Tensor3D {
  return dense(tf, parameters, name, windows(tf, x, kernel), activation);
}
