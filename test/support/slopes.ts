import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { Tf } from '../../ml/backend.ts';

/** Numbers that are all different and the same every time. */
export const constant = (tf: Tf, shape: number[]): Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i + 1)),
    shape,
  );

/** A fixed weighting makes a number of any output without hiding an element. */
export const weighed = (tf: Tf, y: Tensor): Scalar => tf.sum(tf.mul(y, constant(tf, y.shape))) as Scalar;

const STEP = 2e-3;

/**
 * Asserts that a slope is the one that is measured. It lies between those on the left and on the right: at the kink of
 * a rectifier they differ.
 * @param loss with the value of one element instead of its own
 */
function expectSlope(slope: number, here: number, loss: (value: number) => number, value: number): void {
  const left = (here - loss(value - STEP)) / STEP;
  const right = (loss(value + STEP) - here) / STEP;
  const tolerance = 0.02 * Math.max(1, Math.abs(left), Math.abs(right));
  expect(slope).toBeGreaterThan(Math.min(left, right) - tolerance);
  expect(slope).toBeLessThan(Math.max(left, right) + tolerance);
}

/** Asserts that the derivatives of a loss by every element of some variables are the slopes that are measured. */
export function expectMeasuredSlopes(tf: Tf, loss: () => Scalar, variables: readonly Variable[]): void {
  tf.tidy(() => {
    const { value: before, grads } = tf.variableGrads(loss, [...variables]);
    const here = before.dataSync()[0]!;
    for (const variable of variables) {
      const slopes = grads[variable.name]!.dataSync();
      const values = variable.dataSync().slice() as Float32Array;
      const assign = (to: Float32Array) => variable.assign(tf.tensor(to.slice(), variable.shape));
      values.forEach((value, i) => {
        const at = (shifted: number) =>
          tf.tidy(() => {
            const moved = values.slice();
            moved[i] = shifted;
            assign(moved);
            return loss().dataSync()[0]!;
          });
        expectSlope(slopes[i]!, here, at, value);
      });
      assign(values);
    }
  });
}
