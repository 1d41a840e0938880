import type { NamedTensorMap, Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { type Backend, loadBackend, type Tf } from '../backend.ts';
import { createAdam } from '../gan/adam.ts';
import { rankingLoss } from '../gan/losses.ts';
import { songVectors } from '../gan/songs.ts';
import { songsOf } from '../interactions.ts';
import { createRandom, type Random } from '../random.ts';
import type { FitRecommender, Interactions, Recommender, RecommenderData } from '../recommender.ts';
import { applyWish } from '../wish.ts';
import { createEmbeddings, type Embeddings, lookUp } from './embeddings.ts';
import {
  buildNetworks,
  describe,
  disposeNetworks,
  drawNormal,
  generate,
  judge,
  logistic,
  type RecurrentNetworks,
  type RecurrentSizes,
  repeated,
} from './recurrent-networks.ts';
import { createSequences, type Example, type SequenceSizes, type Sequences } from './sequences.ts';

export interface RecurrentConfig extends RecurrentSizes, SequenceSizes {
  /** Weight of the adversarial loss of the generator, the softmax over sampled songs being 1. */
  readonly adversarial: number;
  readonly rate: number;
  /** Learning rate of the embeddings, of which a step sees each seldom. */
  readonly embeddingRate: number;
  readonly steps: number;
}

/** Rates: the best of three pairs on a validation part of training data; the rest is what fits into a minute or so. */
const DEFAULTS: RecurrentConfig = {
  width: 32,
  hidden: 48,
  noise: 8,
  length: 32,
  listeners: 24,
  targets: 8,
  mismatched: 192,
  adversarial: 0.1,
  rate: 5e-3,
  embeddingRate: 0.05,
  steps: 600,
};

/** Songs that are generated for one ranking; their mean ranks. */
const GENERATED = 16;
const DEFAULT_SEED = 1;

/**
 * The recurrent conditional GAN of the prior work: look-up embeddings of songs and of listeners, an LSTM over the
 * listener's songs, and multi-layer perceptrons as generator (LSTM state, listener and noise → a song in the space of the
 * embeddings) and as discriminator (LSTM state, listener and song → real or not). Unlike this project's GAN it knows a
 * song by its row alone, so it has nothing to say about one that nobody likes, and a listener whom training did not see
 * gets the mean of the listeners' embeddings.
 *
 * What that work leaves open is done the plain way here. Likes carry no time, so songs are read in the networks' order of
 * likeness (`SongVectors.place`). Embeddings need a loss of their own, else nothing ties them to who likes what: the
 * generated song's products with the songs of the catalogue go through a softmax over sampled songs (Jean et al. 2015),
 * as in other recurrent recommenders (Hidasi et al. 2016). The adversarial loss is the non-saturating one. The
 * discriminator sees real songs that are not the listener's as well as generated ones, takes state and embeddings as they
 * are, and does not rank.
 *
 * @param backend absent = the fastest that loads
 */
export function fitRecurrent(config: Partial<RecurrentConfig> = {}, backend?: Backend): FitRecommender {
  const settings = { ...DEFAULTS, ...config };
  return async (data, random, onProgress) => {
    const { tf } = backend ?? (await loadBackend('auto'));
    const { songCount, listenerCount } = data.interactions;
    const model: Model = {
      songs: createEmbeddings(songCount, settings.width, random.fork('songs')),
      listeners: createEmbeddings(listenerCount, settings.width, random.fork('listeners')),
      networks: buildNetworks(tf, settings, random),
    };
    const sequences = createSequences(data.interactions, songVectors(data.items, data.profiles), settings);
    try {
      await train(tf, model, sequences, settings, random, onProgress);
    } catch (error) {
      disposeNetworks(model.networks);
      throw error;
    }
    return rankWith(tf, model, sequences, data, settings);
  };
}

interface Model {
  readonly songs: Embeddings;
  readonly listeners: Embeddings;
  readonly networks: RecurrentNetworks;
}

/** Tensors of the generator's step that the discriminator learns from, as constants. */
interface Seen {
  readonly known: Tensor2D;
  readonly real: Tensor2D;
  readonly generated: Tensor2D;
  readonly mismatched: Tensor2D;
}

/** One step of both networks and of the embeddings; returns the sum of the losses. */
function createStep(tf: Tf, model: Model, config: RecurrentConfig) {
  const { generator, discriminator } = model.networks;
  const { listeners: B, targets: T, mismatched: M } = config;
  const R = B * T;
  const generatorAdam = createAdam(tf, generator);
  const discriminatorAdam = createAdam(tf, discriminator);
  const ones = (rows: number) => tf.ones([rows, 1]) as Tensor2D;

  const generatorStep = (example: Example, noise: Tensor2D, rate: number): [number, Seen] => {
    const rows = Int32Array.of(...example.context, ...example.real, ...example.mismatched);
    const songs = model.songs.part(tf, rows);
    const listeners = model.listeners.part(tf, example.listeners);
    let seen: Seen | undefined;
    const loss = () => {
      const all = lookUp(tf, songs.vectors as Tensor as Tensor2D, songs.places);
      const [context, real, mismatched] = tf.split(all, [example.context.length, R, M], 0) as Tensor2D[];
      const embedded = lookUp(tf, listeners.vectors as Tensor as Tensor2D, listeners.places);
      const known = repeated(tf, describe(tf, generator, context!, example.mask, embedded), T);
      const generated = generate(tf, generator, known, noise);
      seen = { known, real: real!, generated, mismatched: mismatched! };
      for (const tensor of Object.values(seen)) tf.keep(tensor);
      const own = tf.matMul(tf.mul(generated, real!) as Tensor2D, ones(config.width));
      const others = tf.matMul(generated, mismatched!, false, true) as Tensor2D;
      const softmax = rankingLoss(tf, own, others, example.standsFor);
      const adversarial = logistic(tf, judge(tf, discriminator, known, generated), true);
      return tf.add(softmax, tf.mul(adversarial, config.adversarial)) as Scalar;
    };
    const { value, grads } = tf.variableGrads(loss, [
      ...generator.values(),
      songs.vectors,
      listeners.vectors,
    ]);
    generatorAdam.apply(grads, rate * config.rate);
    songs.apply(grads[songs.vectors.name]!, rate * config.embeddingRate);
    listeners.apply(grads[listeners.vectors.name]!, rate * config.embeddingRate);
    tf.dispose([grads, songs.vectors, listeners.vectors] as unknown as NamedTensorMap);
    return [value.dataSync()[0]!, seen!];
  };

  const discriminatorStep = ({ known, real, generated, mismatched }: Seen, rate: number): number => {
    // As many mismatched songs as real ones, the same for all listeners.
    const strangers = lookUp(
      tf,
      mismatched,
      Int32Array.from({ length: R }, (_, row) => row % M),
    );
    const loss = () => {
      const own = logistic(tf, judge(tf, discriminator, known, real), true);
      const others = [generated, strangers].map((songs) =>
        logistic(tf, judge(tf, discriminator, known, songs), false),
      );
      return others.reduce((sum, other) => tf.add(sum, other), own);
    };
    const { value, grads } = tf.variableGrads(loss, [...discriminator.values()]);
    discriminatorAdam.apply(grads, rate * config.rate);
    tf.dispose(grads);
    return value.dataSync()[0]!;
  };

  return (example: Example, noise: Random, rate: number): number => {
    let total = 0;
    tf.tidy(() => {
      const [loss, seen] = generatorStep(example, drawNormal(tf, noise, R, config.noise), rate);
      total = loss + discriminatorStep(seen, rate);
      tf.dispose(seen as unknown as NamedTensorMap);
    });
    return total;
  };
}

async function train(
  tf: Tf,
  model: Model,
  sequences: Sequences,
  config: RecurrentConfig,
  random: Random,
  onProgress: (fraction: number, detail?: string) => void = () => {},
): Promise<void> {
  if (!sequences.anybody) return;
  const step = createStep(tf, model, config);
  const examples = random.fork('examples');
  const noise = random.fork('noise');
  for (let at = 1; at <= config.steps; at++) {
    // Constant for the first half, then linearly down.
    const rate = Math.min(1, (2 * (config.steps - at + 1)) / config.steps);
    const loss = step(sequences.draw(examples), noise, rate);
    if (!Number.isFinite(loss))
      throw new Error(`training broke down at step ${at}: the loss is not a number`);
    onProgress(at / config.steps, `step ${at} of ${config.steps}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

function meanRow(values: ArrayLike<number>, width: number): Float32Array {
  const mean = new Float32Array(width);
  const rows = Math.max(1, values.length / width);
  for (let i = 0; i < values.length; i++) mean[i % width]! += values[i]! / rows;
  return mean;
}

/** The embedding of a listener who likes exactly these songs; of one whom training did not see, the mean. */
function createEmbeddingOf({ values, width }: Embeddings, interactions: Interactions) {
  const newcomer = meanRow(values, width);
  const byList = new Map<string, number>();
  for (let listener = 0; listener < interactions.listenerCount; listener++) {
    byList.set(songsOf(interactions, listener).join(), listener);
  }
  return (liked: Int32Array): Float32Array => {
    const listener = byList.get(liked.slice().sort().join());
    return listener === undefined ? newcomer : values.subarray(listener * width, (listener + 1) * width);
  };
}

function rankWith(
  tf: Tf,
  { songs, listeners, networks }: Model,
  sequences: Sequences,
  { interactions, profiles }: RecommenderData,
  { width, noise }: RecurrentConfig,
): Recommender {
  const embeddingOf = createEmbeddingOf(listeners, interactions);
  /** The mean of the songs that are generated for a listener. */
  const target = (liked: Int32Array, seed: number): Float32Array => {
    let mean: Float32Array = new Float32Array(width);
    tf.tidy(() => {
      const { rows, mask } = sequences.read(liked);
      const context = new Float32Array(rows.length * width);
      rows.forEach((song, i) => {
        context.set(songs.values.subarray(song * width, (song + 1) * width), i * width);
      });
      const read = tf.tensor2d(context, [rows.length, width]);
      const embedding = tf.tensor2d(embeddingOf(liked), [1, width]);
      const known = describe(tf, networks.generator, read, mask, embedding);
      const drawn = drawNormal(tf, createRandom(seed), GENERATED, noise);
      const made = generate(tf, networks.generator, repeated(tf, known, GENERATED), drawn);
      mean = meanRow(made.dataSync(), width);
    });
    return mean;
  };
  return {
    name: 'recurrent',
    score(liked, { seed = DEFAULT_SEED, wish } = {}) {
      const wanted = target(liked, seed);
      const scores = new Float32Array(interactions.songCount);
      for (let song = 0; song < scores.length; song++) {
        let sum = 0;
        for (let c = 0, at = song * width; c < width; c++) sum += songs.values[at + c]! * wanted[c]!;
        scores[song] = sum;
      }
      return applyWish(scores, profiles, wish);
    },
    dispose: () => disposeNetworks(networks),
  };
}
