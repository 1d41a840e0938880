import type { Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import { moveByAdam } from '../gan/adam.ts';
import type { Random } from '../random.ts';

/**
 * Rows of a matrix (rows × width), in the order asked for and as often. With its own derivative, as the WASM backend has
 * none for `gather` (tensorflow/tfjs#8082).
 */
export function lookUp(tf: Tf, matrix: Tensor2D, rows: Int32Array): Tensor2D {
  const [count, width] = matrix.shape;
  const layer = tf.customGrad((...args) => {
    const [all] = args as unknown as [Tensor2D];
    const values = all.dataSync();
    const picked = new Float32Array(rows.length * width);
    rows.forEach((row, i) => {
      picked.set(values.subarray(row * width, (row + 1) * width), i * width);
    });
    return {
      value: tf.tensor2d(picked, [rows.length, width]),
      gradFunc: (dy: Tensor) => {
        const d = dy.dataSync();
        const slopes = new Float32Array(count * width);
        rows.forEach((row, i) => {
          for (let c = 0; c < width; c++) slopes[row * width + c]! += d[i * width + c]!;
        });
        return tf.tensor2d(slopes, [count, width]);
      },
    };
  });
  return layer(matrix) as Tensor2D;
}

/** The rows of a table that one step is about. */
interface Part {
  /** Rows × width: each of them once. */
  readonly vectors: Variable;
  /** Where in `vectors` each of the rows that were asked for is. */
  readonly places: Int32Array;
  /** Moves these rows of the table against their gradient. */
  apply(gradient: Tensor, rate: number): void;
}

/** A table of free vectors, one for each song or listener. */
export interface Embeddings {
  readonly width: number;
  /** Rows × width. */
  readonly values: Float32Array;
  /** The caller disposes of `vectors`. */
  part(tf: Tf, rows: Int32Array): Part;
}

/**
 * Embeddings that a step trains by the rows that it is about: they lie outside of TensorFlow.js, and Adam's averages of
 * the other rows stay as they are (as in PyTorch's SparseAdam). A step then takes as long in a catalogue of a million
 * songs as in a small one.
 */
export function createEmbeddings(rows: number, width: number, random: Random): Embeddings {
  const values = Float32Array.from({ length: rows * width }, () => DEVIATION * random.normal());
  const moments = { mean: new Float32Array(values.length), square: new Float32Array(values.length) };
  let step = 0;
  return {
    width,
    values,
    part(tf, asked) {
      const placeOf = new Map<number, number>();
      const places = asked.map((row) => {
        const place = placeOf.get(row) ?? placeOf.size;
        placeOf.set(row, place);
        return place;
      });
      const own = [...placeOf.keys()];
      const part = new Float32Array(own.length * width);
      own.forEach((row, place) => {
        part.set(values.subarray(row * width, (row + 1) * width), place * width);
      });
      return {
        vectors: tf.tidy(() => tf.variable(tf.tensor2d(part, [own.length, width]))),
        places,
        apply(gradient, rate) {
          step++;
          const slopes = gradient.dataSync() as Float32Array;
          own.forEach((row, place) => {
            const slope = slopes.subarray(place * width, (place + 1) * width);
            moveByAdam(values, moments, slope, row * width, step, rate, SETTINGS);
          });
        },
      };
    },
  };
}

const DEVIATION = 0.1;
const SETTINGS = { beta1: 0.9, beta2: 0.999, decay: 0 };
