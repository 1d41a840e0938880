import type { Tensor, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import type { Random } from '../random.ts';
import type { GanConfig, Shape } from './config.ts';
import { FLOOR, logDensity } from './density.ts';
import { createBuilder, dense, type Parameters } from './layers.ts';
import { buildListenerEncoder, type Contexts, encodeListener } from './listener.ts';
import { compare, comparisonWidth, type Taste } from './taste.ts';

export function buildDiscriminator(
  tf: Tf,
  shape: Shape,
  config: GanConfig,
  random: Random,
): Map<string, Variable> {
  const builder = createBuilder(tf, random);
  const { hidden } = config;
  const width = shape.items + shape.emotions;
  buildListenerEncoder(builder, shape, config);
  builder.dense('discriminator/song1', width, hidden);
  builder.dense('discriminator/song2', hidden, hidden);
  for (const answer of ANSWERS) {
    builder.dense(`discriminator/song/${answer}`, hidden, hidden, 0.5);
    builder.dense(`discriminator/listener/${answer}`, hidden, hidden, 0.5);
    builder.dense(`discriminator/wish/${answer}`, shape.emotions + 1, hidden, 0.5);
    builder.dense(`discriminator/compared/${answer}`, config.compare, 1, 0.3);
    builder.weighing(`discriminator/at-once/${answer}`, firstWeights(width));
  }
  builder.dense('discriminator/compare', likenessWidth(width), config.compare);
  // Starts as item space itself, about as wide a kernel as nearest neighbours do best with.
  builder.diagonal('discriminator/place', [
    ...Array<number>(shape.items).fill(PLACE_OF_ITEMS),
    ...Array<number>(shape.emotions).fill(PLACE_OF_EMOTIONS),
  ]);
  return builder.parameters;
}

/** What each column's log ratio counts before anything is learned; all 1 would be naive Bayes. */
const WEIGHT_OF_RATIO = 0.2;

/** A young discriminator goes by the density and the log ratios, which suits a handful of listeners. */
function firstWeights(width: number): number[] {
  const weights = new Array<number>(likenessWidth(width)).fill(0);
  weights.fill(WEIGHT_OF_RATIO, 0, width);
  weights[weights.length - 1] = MIDDLE;
  return weights;
}

const PLACE_OF_ITEMS = 0.9;
const PLACE_OF_EMOTIONS = 0.3;
const ANSWERS = ['own', 'generated'] as const;

/** One vector per answer; the dot product of a song's and a listener's is the answer's logit. */
export interface Sides {
  /** rows × hidden. */
  readonly own: Tensor2D;
  /** rows × hidden. */
  readonly generated: Tensor2D;
}

function sides(of: (answer: (typeof ANSWERS)[number]) => Tensor2D): Sides {
  return { own: of('own'), generated: of('generated') };
}

/** The half of the discriminator that sees only the song (rows × (items + emotions)). */
export function songSide(tf: Tf, parameters: Parameters, songs: Tensor2D): Sides {
  const first = dense(tf, parameters, 'discriminator/song1', songs);
  const second = dense(tf, parameters, 'discriminator/song2', first);
  return sides((answer) => dense(tf, parameters, `discriminator/song/${answer}`, second, 'linear'));
}

/** The half that sees the listener and the wish (batch × slots × (emotions + 1)): batch · slots rows. */
export function listenerSide(tf: Tf, parameters: Parameters, contexts: Contexts, wish: Tensor3D): Sides {
  const encoded = encodeListener(tf, parameters, contexts);
  return sides((answer) => listenerAnswer(tf, parameters, encoded, wish, answer));
}

/** {@link listenerSide} of "own" alone, which is what a ranking goes by. */
export function listenerOwn(tf: Tf, parameters: Parameters, contexts: Contexts, wish: Tensor3D): Tensor2D {
  return listenerAnswer(tf, parameters, encodeListener(tf, parameters, contexts), wish, 'own');
}

function listenerAnswer(
  tf: Tf,
  parameters: Parameters,
  encoded: Tensor2D,
  wish: Tensor3D,
  answer: (typeof ANSWERS)[number],
): Tensor2D {
  const listener = dense(tf, parameters, `discriminator/listener/${answer}`, encoded, 'linear');
  const wished = dense(tf, parameters, `discriminator/wish/${answer}`, wish, 'linear');
  const [batch, hidden] = listener.shape;
  return tf.reshape(tf.add(tf.reshape(listener, [batch, 1, hidden]), wished), [-1, hidden]) as Tensor2D;
}

/** Logits of a song and a listener, against 0 for "mismatched"; both tensors have one element a pair. */
export interface Logits {
  readonly own: Tensor;
  readonly generated: Tensor;
}

/**
 * Logits of "one of the listener's own songs" and of "generated", against 0 for "a song of the catalogue
 * that is not the listener's", for songs and listeners row by row. Three classes and not two, so that the
 * discriminator, having seen all three kinds, still says something about real songs when the generator has
 * become perfect (Reed et al. 2016 for matching-aware; Salimans et al. 2016 for more than two classes). The
 * logit is a dot product: with a listener that is a mean over songs, that is a density estimate with a
 * learned kernel, and a whole catalogue is judged by one product of a matrix and a vector.
 */
export function judge(tf: Tf, song: Sides, listener: Sides): Logits {
  const logit = (answer: (typeof ANSWERS)[number]) => {
    const product = tf.mul(song[answer], listener[answer]) as Tensor2D;
    return tf.matMul(product, tf.ones([product.shape[1], 1]) as Tensor2D);
  };
  return { own: logit('own'), generated: logit('generated') };
}

/** The same for every listener (rows) with every song (columns). */
export function judgeCrossed(tf: Tf, song: Sides, listener: Sides): Logits {
  const logit = (answer: (typeof ANSWERS)[number]) => tf.matMul(listener[answer], song[answer], false, true);
  return { own: logit('own'), generated: logit('generated') };
}

/** Where songs lie in the learned space of taste: … × (items + emotions) → the same shape. */
export function placeOf<T extends Tensor>(tf: Tf, parameters: Parameters, songs: T): T {
  return dense(tf, parameters, 'discriminator/place', songs, 'linear');
}

/** Densities run from log FLOOR to 0; this puts their middle at 0, so that young logits are neutral. */
const MIDDLE = -Math.log(FLOOR) / 2;

/** Numbers per song that `likeness` goes by: the comparison with the taste, then the density. */
export function likenessWidth(width: number): number {
  return comparisonWidth(width) + 1;
}

/** A log density as `likeness` takes it: about -1 to 1. */
export function densityInput(logDensity: number): number {
  return logDensity / MIDDLE + 1;
}

/**
 * What the comparison with the listener's taste and the density of the listener's songs at a song say of it. The
 * density is what nearest neighbours go by; the comparison sees which columns matter to this listener. Means over
 * all songs of a listener blur both.
 *
 * @param input batch × rows × likeness width
 * @returns logits of batch × rows, to be added to those of `judge`
 */
export function likeness(tf: Tf, parameters: Parameters, input: Tensor3D): Logits {
  const hidden = dense(tf, parameters, 'discriminator/compare', input);
  const logit = (answer: (typeof ANSWERS)[number]) => likenessAnswer(tf, parameters, input, hidden, answer);
  return { own: logit('own'), generated: logit('generated') };
}

/** {@link likeness} of "own" alone, which is what a ranking goes by. */
export function likenessOwn(tf: Tf, parameters: Parameters, input: Tensor3D): Tensor {
  return likenessAnswer(tf, parameters, input, dense(tf, parameters, 'discriminator/compare', input), 'own');
}

function likenessAnswer(
  tf: Tf,
  parameters: Parameters,
  input: Tensor3D,
  hidden: Tensor3D,
  answer: (typeof ANSWERS)[number],
): Tensor {
  const [batch, rows] = input.shape;
  const learned = dense(tf, parameters, `discriminator/compared/${answer}`, hidden, 'linear');
  const atOnce = dense(tf, parameters, `discriminator/at-once/${answer}`, input, 'linear');
  return tf.reshape(tf.add(learned, atOnce), [batch, rows]);
}

/**
 * {@link likeness} of songs that are tensors themselves, so that derivatives pass to them.
 * @param songs batch × rows × width, or 1 × rows × width for all listeners
 * @param tastes one per listener
 * @param places where the listeners' songs lie (`placeOf`), batch × length × width
 * @param mask 1 for each of those that is there, batch × length
 * @returns logits of batch × rows
 */
export function liken(
  tf: Tf,
  parameters: Parameters,
  songs: Tensor3D,
  tastes: readonly Taste[],
  places: Tensor3D,
  mask: Tensor2D,
): Logits {
  const density = logDensity(tf, placeOf(tf, parameters, songs), places, mask);
  const [batch, rows] = density.shape;
  const column = tf.reshape(tf.add(tf.mul(density, 1 / MIDDLE), 1), [batch, rows, 1]) as Tensor3D;
  return likeness(tf, parameters, tf.concat([compare(tf, songs, tastes), column], 2));
}

/** The sum of two judgements of the same pairs, in the shape of the second. */
export function together(tf: Tf, a: Logits, b: Logits): Logits {
  return {
    own: tf.add(tf.reshape(a.own, b.own.shape), b.own),
    generated: tf.add(tf.reshape(a.generated, b.generated.shape), b.generated),
  };
}
