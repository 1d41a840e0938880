import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import { type Builder, dense, type Parameters, parameter } from '../gan/layers.ts';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/**
 * What an LSTM cell does after its products, as one operation with its derivative: some fifteen kernel calls
 * otherwise, each on a small tensor.
 *
 * @param linear batch × 4·hidden: input, forget, candidate and output gate before their curves
 * @param memory batch × hidden: the cell state c before
 * @param mask batch: 0 where there is no song; the state is 0 then
 * @returns batch × 2·hidden: the output h, then the new cell state
 */
export function lstmGates(tf: Tf, linear: Tensor2D, memory: Tensor2D, mask: Float32Array): Tensor2D {
  const [batch, hidden] = memory.shape;
  const layer = tf.customGrad((...args) => {
    const [gates, before] = args as unknown as [Tensor2D, Tensor2D];
    const x = gates.dataSync();
    const c = before.dataSync();
    const out = new Float32Array(batch * 2 * hidden);
    // σ or tanh of each gate, then tanh of the new state, for the derivative.
    const curves = new Float32Array(batch * 5 * hidden);
    for (let b = 0; b < batch; b++) {
      for (let j = 0; j < hidden; j++) {
        const at = b * 4 * hidden + j;
        const input = sigmoid(x[at]!);
        const forget = sigmoid(x[at + hidden]!);
        const candidate = Math.tanh(x[at + 2 * hidden]!);
        const output = sigmoid(x[at + 3 * hidden]!);
        const state = mask[b]! * (forget * c[b * hidden + j]! + input * candidate);
        const squashed = Math.tanh(state);
        out[b * 2 * hidden + j] = output * squashed;
        out[(b * 2 + 1) * hidden + j] = state;
        const to = b * 5 * hidden + j;
        curves[to] = input;
        curves[to + hidden] = forget;
        curves[to + 2 * hidden] = candidate;
        curves[to + 3 * hidden] = output;
        curves[to + 4 * hidden] = squashed;
      }
    }
    return {
      value: tf.tensor2d(out, [batch, 2 * hidden]),
      gradFunc: (dy: Tensor) => {
        const d = dy.dataSync();
        const dLinear = new Float32Array(batch * 4 * hidden);
        const dMemory = new Float32Array(batch * hidden);
        for (let b = 0; b < batch; b++) {
          for (let j = 0; j < hidden; j++) {
            const at = b * 5 * hidden + j;
            const i = curves[at]!;
            const f = curves[at + hidden]!;
            const g = curves[at + 2 * hidden]!;
            const o = curves[at + 3 * hidden]!;
            const squashed = curves[at + 4 * hidden]!;
            const dOut = d[b * 2 * hidden + j]!;
            const dState = mask[b]! * (d[(b * 2 + 1) * hidden + j]! + dOut * o * (1 - squashed * squashed));
            const to = b * 4 * hidden + j;
            dLinear[to] = dState * g * i * (1 - i);
            dLinear[to + hidden] = dState * c[b * hidden + j]! * f * (1 - f);
            dLinear[to + 2 * hidden] = dState * i * (1 - g * g);
            dLinear[to + 3 * hidden] = dOut * squashed * o * (1 - o);
            dMemory[b * hidden + j] = dState * f;
          }
        }
        return [tf.tensor2d(dLinear, [batch, 4 * hidden]), tf.tensor2d(dMemory, [batch, hidden])];
      },
    };
  });
  return layer(linear, memory) as Tensor2D;
}

/** Weights of an LSTM under `name`: `inputs` numbers a step, a state of `hidden`. */
export function buildLstm(builder: Builder, name: string, inputs: number, hidden: number): void {
  builder.dense(`${name}/input`, inputs, 4 * hidden, 0.7);
  builder.dense(`${name}/state`, hidden, 4 * hidden, 0.7);
}

/**
 * The last output (batch × hidden) of a long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of
 * Gers et al. 2000) over sequences. A sequence that is shorter than the longest is padded at its front; one without
 * steps gives zeros.
 *
 * @param steps length · batch × inputs: the first step of every sequence, then the second …
 * @param mask length · batch: 1 where there is a step, 0 where there is padding
 */
export function lstm(
  tf: Tf,
  parameters: Parameters,
  name: string,
  steps: Tensor2D,
  mask: Float32Array,
  batch: number,
): Tensor2D {
  const hidden = parameter(parameters, `${name}/state/w`).shape[0] as number;
  const length = mask.length / batch;
  // Gers et al.: an open forget gate at first, so that slopes reach early steps (Jozefowicz et al. 2015).
  const open = tf.concat([tf.zeros([hidden]), tf.ones([hidden]), tf.zeros([2 * hidden])], 0);
  const inputs = tf.add(dense(tf, parameters, `${name}/input`, steps, 'linear'), open);
  const perStep = tf.split(inputs, length, 0) as Tensor2D[];
  let output = tf.zeros([batch, hidden]) as Tensor2D;
  let memory = output;
  perStep.forEach((input, step) => {
    const linear = tf.add(input, dense(tf, parameters, `${name}/state`, output, 'linear')) as Tensor2D;
    const seen = mask.subarray(step * batch, (step + 1) * batch);
    const next = lstmGates(tf, linear, memory, seen);
    [output, memory] = tf.split(next, 2, 1) as [Tensor2D, Tensor2D];
  });
  return output;
}
