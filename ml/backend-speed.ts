import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from './backend.ts';
import { createAdam } from './gan/adam.ts';
import { createBuilder, dense } from './gan/layers.ts';
import { createRandom } from './random.ts';

const BATCH = 256;
/** Until the compiler of hot code is done with the kernels. */
const WARM_UP = 30;

/** What the measured network is called for people. */
export const MEASURED_NETWORK = 'a 64-256-256-1 network';
/** More is too slow to train a whole catalogue in time. */
export const TRAINING_STEP_BUDGET_MS = 8;

/** Median milliseconds of one training step (forward, back, Adam) of a 64-256-256-1 network with 256 rows. */
export function measureTrainingStep(tf: Tf, repeats = 25): number {
  const random = createRandom(1);
  const { parameters, ...builder } = createBuilder(tf, random);
  builder.dense('a', 64, 256);
  builder.dense('b', 256, 256);
  builder.dense('c', 256, 1);
  const adam = createAdam(tf, parameters);
  const x = tf.tensor2d(
    Float32Array.from({ length: BATCH * 64 }, () => random.normal()),
    [BATCH, 64],
  );
  const loss = () => {
    const hidden = dense(tf, parameters, 'b', dense(tf, parameters, 'a', x));
    const output = dense(tf, parameters, 'c', hidden, 'linear') as Tensor2D;
    return tf.mean(tf.mul(output, output)) as Scalar;
  };
  const step = () => {
    const from = performance.now();
    tf.tidy(() => adam.apply(tf.variableGrads(loss, [...parameters.values()]).grads, 1e-3));
    return performance.now() - from;
  };
  for (let i = 0; i < WARM_UP; i++) step();
  const times = Array.from({ length: repeats }, step).sort((a, b) => a - b);
  tf.dispose([x, ...parameters.values()]);
  return times[repeats >> 1]!;
}
