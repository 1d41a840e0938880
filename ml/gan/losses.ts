import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import type { Batch } from './batches.ts';
import type { GanConfig } from './config.ts';
import type { Logits } from './discriminator.ts';

/** The four kinds of pairs of a song and a listener, judged. */
export interface Judged {
  readonly real: Logits;
  readonly generated: Logits;
  /** Songs of the catalogue that are not the listener's. */
  readonly mismatched: Logits;
  /** The listener's own songs under another song's wish. */
  readonly unwished: Logits;
}

type Weights = Pick<
  GanConfig,
  'adversarial' | 'objective' | 'smoothing' | 'mismatchWeight' | 'unwishedWeight' | 'rankWeight'
>;

/** How likely each of the three answers ought to be. */
type Target = readonly [own: number, generated: number, mismatched: number];

/**
 * Mean cross-entropy of the three-way softmax over (own, generated, 0) with a target, as one operation with
 * its derivative (probability minus target). In one pass over typed arrays: put together from tensor
 * operations it takes some fifteen kernel calls, several of them slow on narrow tensors.
 *
 * @param shift added to both logits
 * @param weights one per pair; absent = all 1
 */
export function crossEntropy(
  tf: Tf,
  { own, generated }: Logits,
  target: Target,
  { shift = 0, weights }: { readonly shift?: number; readonly weights?: Float32Array } = {},
): Scalar {
  const loss = tf.customGrad((...args) => {
    const [first, second, save] = args as unknown as [Tensor, Tensor, (tensors: Tensor[]) => void];
    const a = first.dataSync();
    const b = second.dataSync();
    const count = a.length;
    const dOwn = new Float32Array(count);
    const dGenerated = new Float32Array(count);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const x = a[i]! + shift;
      const y = b[i]! + shift;
      const top = Math.max(x, y, 0);
      const [ex, ey, ez] = [Math.exp(x - top), Math.exp(y - top), Math.exp(-top)];
      const sum = ex + ey + ez;
      const weight = (weights ? weights[i]! : 1) / count;
      total += weight * (top + Math.log(sum) - target[0] * x - target[1] * y);
      dOwn[i] = weight * (ex / sum - target[0]);
      dGenerated[i] = weight * (ey / sum - target[1]);
    }
    save([tf.tensor(dOwn, first.shape), tf.tensor(dGenerated, second.shape)]);
    return {
      value: tf.scalar(total),
      gradFunc: (dy: Tensor, saved: Tensor[]) => saved.map((derivative) => tf.mul(derivative, dy)),
    };
  });
  return loss(own, generated) as Scalar;
}

/**
 * Mean probability of "own" in the three-way softmax over (own, generated, 0), as one operation with its derivative.
 * @param shift added to both logits
 */
export function meanOwn(tf: Tf, { own, generated }: Logits, shift: number): Scalar {
  const mean = tf.customGrad((...args) => {
    const [first, second, save] = args as unknown as [Tensor, Tensor, (tensors: Tensor[]) => void];
    const b = second.dataSync();
    const count = b.length;
    const dOwn = new Float32Array(count);
    const dGenerated = new Float32Array(count);
    let total = 0;
    first.dataSync().forEach((value, i) => {
      const top = Math.max(value + shift, b[i]! + shift, 0);
      const [x, y] = [Math.exp(value + shift - top), Math.exp(b[i]! + shift - top)];
      const sum = x + y + Math.exp(-top);
      total += x / sum / count;
      dOwn[i] = ((x / sum) * (1 - x / sum)) / count;
      dGenerated[i] = (-(x / sum) * (y / sum)) / count;
    });
    save([tf.tensor(dOwn, first.shape), tf.tensor(dGenerated, second.shape)]);
    return {
      value: tf.scalar(total),
      gradFunc: (dy: Tensor, saved: Tensor[]) => saved.map((derivative) => tf.mul(derivative, dy)),
    };
  });
  return mean(own, generated) as Scalar;
}

/**
 * How far real songs stand above the catalogue: the mean of −log(e^x / (e^x + Σ w·e^y)) over real songs x, y being the
 * scores of the songs that stand for the catalogue with the same listener and wish (a sampled softmax, Jean et al.
 * 2015). The cross-entropy of single songs asks for right probabilities; this asks for a right order, at its top above
 * all.
 *
 * @param real one element per real song
 * @param others real songs × songs of the catalogue
 * @param standsFor listeners × songs of the catalogue: for how many songs each stands; listeners have equally many
 * real songs, one after the other
 */
export function rankingLoss(tf: Tf, real: Tensor, others: Tensor2D, standsFor: Float32Array): Scalar {
  const loss = tf.customGrad((...args) => {
    const [first, second, save] = args as unknown as [Tensor, Tensor2D, (tensors: Tensor[]) => void];
    const x = first.dataSync();
    const y = second.dataSync();
    const [rows, songs] = second.shape;
    const perListener = (rows * songs) / standsFor.length;
    const dx = new Float32Array(rows);
    const dy = new Float32Array(y.length);
    let total = 0;
    for (let r = 0; r < rows; r++) {
      const at = r * songs;
      const weights = Math.floor(r / perListener) * songs;
      let top = x[r]!;
      for (let s = 0; s < songs; s++) if (standsFor[weights + s]! > 0) top = Math.max(top, y[at + s]!);
      const own = Math.exp(x[r]! - top);
      let sum = own;
      for (let s = 0; s < songs; s++) {
        // A song that stands for none may score any number, whose exponential would be infinite.
        if (standsFor[weights + s]! === 0) continue;
        dy[at + s] = standsFor[weights + s]! * Math.exp(y[at + s]! - top);
        sum += dy[at + s]!;
      }
      total += Math.log(sum) + top - x[r]!;
      dx[r] = (own / sum - 1) / rows;
      for (let s = 0; s < songs; s++) dy[at + s]! /= sum * rows;
    }
    save([tf.tensor(dx, first.shape), tf.tensor(dy, second.shape)]);
    return {
      value: tf.scalar(total / rows),
      gradFunc: (d: Tensor, saved: Tensor[]) => saved.map((derivative) => tf.mul(derivative, d)),
    };
  });
  return loss(real, others) as Scalar;
}

/**
 * Training sees `mismatchWeight` mismatched songs for one real and one generated; adding this to the logits
 * takes that out, so that the three kinds are equally likely beforehand.
 */
function balance({ mismatchWeight }: Weights): number {
  return Math.log(mismatchWeight);
}

/**
 * What the discriminator minimises: the cross-entropy of the three kinds, the real ones smoothed (with the paper's
 * objective ½ E[1 − D(x)] + E[D(G(z))] for the real and the generated ones), and the ranking loss of real against
 * mismatched ones.
 */
export function discriminatorLoss(
  tf: Tf,
  judged: Judged,
  { wished, standsFor, counts }: Pick<Batch, 'wished' | 'standsFor' | 'counts'>,
  config: Weights,
): Scalar {
  const others = tf.reshape(judged.mismatched.own, [judged.real.own.size, -1]) as Tensor2D;
  const game =
    config.objective === 'paper'
      ? [
          tf.mul(tf.sub(1, meanOwn(tf, judged.real, balance(config))), 0.5),
          ...(config.adversarial ? [meanOwn(tf, judged.generated, balance(config))] : []),
        ]
      : [
          crossEntropy(tf, judged.real, [1 - config.smoothing, config.smoothing, 0]),
          ...(config.adversarial ? [crossEntropy(tf, judged.generated, [0, 1, 0])] : []),
        ];
  const parts = [
    tf.mul(rankingLoss(tf, judged.real.own, others, standsFor), config.rankWeight),
    ...game,
    tf.mul(crossEntropy(tf, judged.mismatched, [0, 0, 1], { weights: counts }), config.mismatchWeight),
    tf.mul(crossEntropy(tf, judged.unwished, [0, 0, 1], { weights: wished }), config.unwishedWeight),
  ];
  return parts.reduce((sum, part) => tf.add(sum, part)) as Scalar;
}

/**
 * What the generator minimises: the non-saturating −log D(G(z)) of Goodfellow et al. 2014, or −E[D(G(z))], its part of
 * the paper's objective.
 */
export function generatorLoss(tf: Tf, generated: Logits, config: Weights): Scalar {
  if (config.objective === 'paper') return tf.mul(meanOwn(tf, generated, balance(config)), -1);
  return crossEntropy(tf, generated, [1, 0, 0], { shift: balance(config) });
}

/** D(x): the probability that a song is one of the listener's own, one per pair. */
export function probabilityOwn({ own, generated }: Logits, config: Weights): Float32Array {
  const shift = balance(config);
  const a = own.dataSync();
  const b = generated.dataSync();
  return Float32Array.from(a, (value, i) => {
    const top = Math.max(value, b[i]!) + shift;
    const own = Math.exp(value + shift - top);
    return own / (own + Math.exp(b[i]! + shift - top) + Math.exp(-top));
  });
}

/**
 * D where only "own" and "generated" are possible, one per pair. Training shows as many of both, so this is one half
 * where the discriminator cannot tell them apart (a little less with smoothing: 0.45 for 0.1).
 */
export function probabilityOwnOfTwo({ own, generated }: Logits): Float32Array {
  const b = generated.dataSync();
  return Float32Array.from(own.dataSync(), (value, i) => 1 / (1 + Math.exp(b[i]! - value)));
}

/**
 * The objective of the paper this project follows, ½ E[1 − D(x)] + E[D(G(z))], which is always reported. It is
 * not the one trained with by default: its gradients vanish where the discriminator is sure, which is where a young
 * generator lives.
 */
export function paperObjective(dReal: number, dGenerated: number): number {
  return 0.5 * (1 - dReal) + dGenerated;
}
