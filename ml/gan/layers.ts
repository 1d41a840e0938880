import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import type { Random } from '../random.ts';

/** Slope of the leaky rectifier below 0; also TensorFlow.js's own, as its native layers take no other. */
const LEAK = 0.2;

/** Named trainable tensors, in the order in which they were made. */
export type Parameters = ReadonlyMap<string, Variable>;

/** Makes the parameters of a network; the same seed makes the same ones. */
export interface Builder {
  readonly parameters: Map<string, Variable>;
  /** A dense layer's weights (inputs × outputs) and bias. `gain` scales the initial weights. */
  dense(name: string, inputs: number, outputs: number, gain?: number): void;
  /** A free vector, small at first. */
  vector(name: string, size: number): void;
  /** A dense layer that starts as a diagonal matrix: every input at its own scale. */
  diagonal(name: string, scales: readonly number[]): void;
  /** A dense layer with one output that starts with these weights. */
  weighing(name: string, weights: readonly number[]): void;
  /** A single number with its initial value. */
  number(name: string, value: number): void;
}

export function createBuilder(tf: Tf, random: Random): Builder {
  const parameters = new Map<string, Variable>();
  const add = (name: string, shape: number[], value: () => number) => {
    const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, value);
    parameters.set(
      name,
      tf.tidy(() => tf.variable(tf.tensor(values, shape, 'float32'), true)),
    );
  };
  return {
    parameters,
    dense(name, inputs, outputs, gain = 1) {
      // He et al. 2015, for rectifiers.
      const deviation = gain * Math.sqrt(2 / inputs);
      add(`${name}/w`, [inputs, outputs], () => deviation * random.normal());
      add(`${name}/b`, [outputs], () => 0);
    },
    diagonal(name, scales) {
      const size = scales.length;
      let at = 0;
      add(`${name}/w`, [size, size], () => {
        const [row, column] = [Math.floor(at / size), at % size];
        at++;
        return row === column ? scales[row]! : 0;
      });
      add(`${name}/b`, [size], () => 0);
    },
    weighing(name, weights) {
      let at = 0;
      add(`${name}/w`, [weights.length, 1], () => weights[at++]!);
      add(`${name}/b`, [1], () => 0);
    },
    number(name, value) {
      add(name, [1], () => value);
    },
    vector(name, size) {
      add(name, [size], () => 0.1 * random.normal());
    },
  };
}

export function parameter(parameters: Parameters, name: string): Variable {
  const found = parameters.get(name);
  if (!found) throw new Error(`the network has no parameter "${name}"`);
  return found;
}

/**
 * The leaky rectifier, max(x, LEAK·x). Written as PReLU forward and a step function backward because both
 * use vector instructions on WASM, where `leakyRelu`, `greater` and `where` take ten times as long.
 */
export function leaky<T extends Tensor>(tf: Tf, x: T): T {
  const rectifier = tf.customGrad((...args) => {
    const [input, save] = args as unknown as [Tensor, (tensors: Tensor[]) => void];
    save([input]);
    return {
      value: rectify(tf, input),
      gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(dy, tf.step(saved[0]!, LEAK)),
    };
  });
  return rectifier(x) as T;
}

function rectify<T extends Tensor>(tf: Tf, x: T): T {
  return tf.prelu(x, tf.fill([x.shape.at(-1) as number], LEAK)) as T;
}

/**
 * A dense layer on the last axis: x (… × inputs) → (… × outputs), as one operation with bias and rectifier, which takes
 * half the kernel calls of the same thing put together. Its derivative is in `backend-gradients.ts`.
 */
export function dense<T extends Tensor>(
  tf: Tf,
  parameters: Parameters,
  name: string,
  x: T,
  activation: 'linear' | 'leaky' = 'leaky',
): T {
  const w = parameter(parameters, `${name}/w`);
  const bias = parameter(parameters, `${name}/b`);
  const [inputs, outputs] = w.shape as [number, number];
  const rows = tf.engine().runKernel(
    '_FusedMatMul',
    { a: tf.reshape(x, [1, -1, inputs]), b: tf.reshape(w, [1, inputs, outputs]), bias },
    {
      transposeA: false,
      transposeB: false,
      activation: activation === 'leaky' ? 'leakyrelu' : 'linear',
      leakyreluAlpha: LEAK,
    },
  ) as Tensor;
  return tf.reshape(rows, [...x.shape.slice(0, -1), outputs]) as T;
}
