import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';

/** Density that is left where there is no song near: log FLOOR is the least a density can be. */
export const FLOOR = 1e-4;
/** Kernels below this are nothing beside the floor. */
const FAR = -12;

/** exp on [FAR, 0] at equal steps, the nearest of which is right to 0.1%: enough to rank by, at twice the speed. */
const STEPS_PER_UNIT = 512;
const EXPONENTIAL = Float32Array.from({ length: -FAR * STEPS_PER_UNIT + 1 }, (_, step) =>
  Math.exp(FAR + step / STEPS_PER_UNIT),
);

/**
 * The log density at songs of a mixture with one Gaussian at each of a listener's songs,
 * log(FLOOR + mean over c of exp(−½|x − c|²)), in a space where distances mean taste (a kernel density
 * estimate, Parzen 1962; the space is learned). As one operation with its derivative: what is far adds
 * nothing and is skipped, which is most.
 *
 * @param songs batch × songs × k, or 1 × songs × k for the same songs at every listener
 * @param contexts batch × length × k
 * @param mask batch × length: 1 where there is a song
 * @returns batch × songs
 */
export function logDensity(tf: Tf, songs: Tensor3D, contexts: Tensor3D, mask: Tensor2D): Tensor2D {
  const [batch, length, k] = contexts.shape;
  const count = songs.shape[1];
  const present = mask.dataSync();
  const operation = tf.customGrad((...args) => {
    const [songTensor, contextTensor, save] = args as unknown as [
      Tensor3D,
      Tensor3D,
      (tensors: Tensor[]) => void,
    ];
    const shared = songTensor.shape[0] === 1;
    const x = songTensor.dataSync();
    const c = contextTensor.dataSync();
    const value = new Float32Array(batch * count);
    /** Derivative of each value by minus half a squared distance. */
    const share = new Float32Array(batch * count * length);
    for (let b = 0; b < batch; b++) {
      let size = 0;
      for (let i = 0; i < length; i++) size += present[b * length + i]!;
      for (let s = 0; s < count; s++) {
        const at = ((shared ? 0 : b * count) + s) * k;
        const row = (b * count + s) * length;
        let sum = 0;
        for (let i = 0; i < length; i++) {
          if (present[b * length + i] === 0) continue;
          const from = (b * length + i) * k;
          let exponent = 0;
          for (let j = 0; j < k && exponent > FAR; j++) {
            const difference = x[at + j]! - c[from + j]!;
            exponent -= 0.5 * difference * difference;
          }
          if (exponent <= FAR) continue;
          const kernel = Math.exp(exponent) / size;
          share[row + i] = kernel;
          sum += kernel;
        }
        const density = FLOOR + sum;
        value[b * count + s] = Math.log(density);
        if (sum > 0) for (let i = 0; i < length; i++) share[row + i] = share[row + i]! / density;
      }
    }
    save([songTensor, contextTensor]);
    return {
      value: tf.tensor2d(value, [batch, count]),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [x, c] = saved.map((tensor) => tensor.dataSync()) as [Float32Array, Float32Array];
        const d = dy.dataSync();
        const dx = new Float32Array(x.length);
        const dc = new Float32Array(c.length);
        for (let b = 0; b < batch; b++) {
          for (let s = 0; s < count; s++) {
            const at = ((shared ? 0 : b * count) + s) * k;
            const row = (b * count + s) * length;
            for (let i = 0; i < length; i++) {
              const pull = share[row + i]! * d[b * count + s]!;
              if (pull === 0) continue;
              const from = (b * length + i) * k;
              for (let j = 0; j < k; j++) {
                const force = pull * (c[from + j]! - x[at + j]!);
                dx[at + j] = dx[at + j]! + force;
                dc[from + j] = dc[from + j]! - force;
              }
            }
          }
        }
        return [tf.tensor(dx, songs.shape), tf.tensor(dc, contexts.shape)];
      },
    };
  });
  return operation(songs, contexts) as Tensor2D;
}

/**
 * The same density at every song of a catalogue for one set of songs, without derivatives.
 *
 * @param catalogue songs × (k + 1): the songs in the learned space, then a column of ones
 * @param halfNorms ½|x|² of each song
 * @param set n × k, n > 0
 */
export function logDensityOfAll(
  tf: Tf,
  catalogue: Tensor2D,
  halfNorms: Float32Array,
  set: Tensor2D,
): Float32Array {
  const n = set.shape[0];
  // −½|x − c|² = x·c − ½|c|² − ½|x|²; the first two terms are one product for all songs.
  const half = tf.mul(tf.sum(tf.square(set), 1, true), -0.5) as Tensor2D;
  const products = tf.matMul(catalogue, tf.concat([set, half], 1), false, true).dataSync();
  const result = new Float32Array(halfNorms.length);
  for (let song = 0; song < result.length; song++) {
    const own = halfNorms[song]!;
    let sum = 0;
    for (let at = song * n; at < (song + 1) * n; at++) {
      const exponent = products[at]! - own;
      // Rounding can put a distance a little below 0.
      const bounded = exponent < FAR ? FAR : exponent > 0 ? 0 : exponent;
      sum += EXPONENTIAL[((bounded - FAR) * STEPS_PER_UNIT + 0.5) | 0]!;
    }
    result[song] = Math.log(FLOOR + sum / n);
  }
  return result;
}
