import type { NamedTensorMap } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import { type Parameters, parameter } from './layers.ts';

const EPSILON = 1e-8;

export interface Optimizer {
  /** Moves the parameters against their gradients. */
  apply(gradients: NamedTensorMap, rate: number): void;
}

/** Running averages of gradients and of their squares, one number for each parameter. */
interface Moments {
  readonly mean: Float32Array;
  readonly square: Float32Array;
}

interface Settings {
  readonly beta1: number;
  readonly beta2: number;
  /** Of the weights towards 0, per step and unit of rate. */
  readonly decay: number;
}

/** One step of Adam on `gradient.length` parameters from place `from` on; `step` counts from 1. */
export function moveByAdam(
  values: Float32Array,
  { mean, square }: Moments,
  gradient: Float32Array,
  from: number,
  step: number,
  rate: number,
  { beta1, beta2, decay }: Settings,
): void {
  // Factors, because a division takes several times as long as a product.
  const meanCorrection = 1 / (1 - beta1 ** step);
  const squareCorrection = 1 / (1 - beta2 ** step);
  for (let i = 0, at = from; i < gradient.length; i++, at++) {
    const g = gradient[i]!;
    const m = beta1 * mean[at]! + (1 - beta1) * g;
    const s = beta2 * square[at]! + (1 - beta2) * g * g;
    mean[at] = m;
    square[at] = s;
    const value = values[at]!;
    const move = (m * meanCorrection) / (Math.sqrt(s * squareCorrection) + EPSILON);
    values[at] = value - rate * (move + decay * value);
  }
}

/**
 * Adam (Kingma & Ba 2015) with decoupled weight decay (AdamW, Loshchilov & Hutter 2019), on typed arrays.
 * The networks are small: fetching some twenty gradients and doing the arithmetic here is several times
 * faster than the dozen kernel calls that TensorFlow.js's own optimizer makes for each parameter.
 *
 * @param beta1 0.5 for GANs (Radford et al. 2016): less momentum, less oscillation
 */
export function createAdam(
  tf: Tf,
  parameters: Parameters,
  { beta1 = 0.5, beta2 = 0.999, weightDecay = 0 } = {},
): Optimizer {
  const states = [...parameters].map(([name, variable]) => ({
    name,
    values: variable.dataSync().slice() as Float32Array,
    moments: { mean: new Float32Array(variable.size), square: new Float32Array(variable.size) },
    decay: variable.rank > 1 ? weightDecay : 0,
  }));
  let step = 0;
  return {
    apply(gradients, rate) {
      step++;
      for (const { name, values, moments, decay } of states) {
        const variable = parameter(parameters, name);
        const gradient = gradients[variable.name]?.dataSync() as Float32Array | undefined;
        if (!gradient) continue;
        moveByAdam(values, moments, gradient, 0, step, rate, { beta1, beta2, decay });
        tf.tidy(() => variable.assign(tf.tensor(values.slice(), variable.shape, 'float32')));
      }
    },
  };
}
