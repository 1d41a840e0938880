import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import { createRandom } from '../random.ts';
import type { Recommender, ScoreOptions } from '../recommender.ts';
import { writeWish } from './batches.ts';
import type { GanConfig } from './config.ts';
import { FLOOR, logDensity, logDensityOfAll } from './density.ts';
import { judgeCrossed, listenerSide, placeOf, type Sides, songSide, withDensity } from './discriminator.ts';
import { drawNoise, generate } from './generator.ts';
import type { Contexts } from './listener.ts';
import { probabilityOwn } from './losses.ts';
import { type SavedGan, saveNetworks } from './saved.ts';
import { inPlaceOrder, profileScale, type SongVectors } from './songs.ts';
import { disposeNetworks, type GanMetrics, type Networks } from './train.ts';

/** Songs that were generated for a listener, in the space of the catalogue's own. */
export interface GeneratedSongs {
  readonly count: number;
  /** count × items, standardised like the catalogue's item vectors. */
  readonly items: Float32Array;
  /** count × emotions, each a distribution. */
  readonly profiles: Float32Array;
  /** D of each. */
  readonly d: Float32Array;
}

/** The GAN at work. */
export interface GanRecommender extends Recommender {
  readonly metrics: GanMetrics;
  /** Songs that the generator makes up for this listener. */
  generate(liked: Int32Array, options?: ScoreOptions & { readonly count?: number }): GeneratedSongs;
  /** D(x) in (0, 1) of every song of the catalogue for this listener. */
  discriminate(liked: Int32Array, options?: ScoreOptions): Float32Array;
  save(): SavedGan;
  dispose(): void;
}

const DEFAULT_SEED = 1;
/** Songs of a listener that a catalogue is compared with; more of them hardly change the density. */
const MOST_NEIGHBOURS = 64;

/** Subtracts the mean and divides by the deviation, in place, so that two kinds of score can be added. */
function standardise(scores: Float32Array): Float32Array {
  let sum = 0;
  let squares = 0;
  for (const score of scores) {
    sum += score;
    squares += score * score;
  }
  const mean = sum / scores.length;
  const deviation = Math.sqrt(Math.max(0, squares / scores.length - mean * mean)) || 1;
  for (let i = 0; i < scores.length; i++) scores[i] = (scores[i]! - mean) / deviation;
  return scores;
}

/**
 * `tf.tidy` for results that are no tensors. It must not see them: it looks for tensors in every element of
 * what it returns, which takes longer for 30,000 scores than to compute them.
 */
function releasing<T>(tf: Tf, compute: () => T): T {
  let result: T | undefined;
  tf.tidy(() => {
    result = compute();
  });
  return result as T;
}

/** ½|x|² of each row but for its last column, which is 1. */
function halfNorms(tf: Tf, rows: Tensor2D): Float32Array {
  return releasing(
    tf,
    () =>
      tf
        .mul(tf.sub(tf.sum(tf.square(rows), 1), 1), 0.5)
        .dataSync()
        .slice() as Float32Array,
  );
}

/** At most `most` songs, evenly spread: those in canonical order are thinned out evenly over the taste. */
function thinned(songs: Int32Array, most: number): Int32Array {
  if (songs.length <= most) return songs;
  return Int32Array.from({ length: most }, (_, i) => songs[Math.floor((i * songs.length) / most)]!);
}

/**
 * Puts trained networks to work on a catalogue. What does not depend on the listener (the discriminator's
 * song side) is computed once here.
 *
 * A song's score is the discriminator's log odds that it is one of the listener's own rather than any song
 * of the catalogue, plus `config.closeness` times its closeness to `config.generated` generated songs (their
 * log density at the song, in the discriminator's learned space); both standardised over the catalogue.
 */
export function createRanker(
  tf: Tf,
  networks: Networks,
  vectors: SongVectors,
  config: GanConfig,
  metrics: GanMetrics,
): GanRecommender {
  const { shape, width, count } = vectors;
  const scale = profileScale(shape.emotions);
  const centred = (profile: Tensor3D) => tf.add(tf.mul(profile, scale.factor), scale.offset) as Tensor3D;
  const [ownSide, places] = tf.tidy(() => {
    const songs = tf.tensor2d(vectors.values, [count, width]);
    const place = placeOf(tf, networks.discriminator, songs);
    return [
      songSide(tf, networks.discriminator, songs).own,
      tf.concat([place, tf.ones([count, 1]) as Tensor2D], 1),
    ];
  }) as [Tensor2D, Tensor2D];
  const norms = halfNorms(tf, places);

  const contextOf = (liked: Int32Array): Contexts => {
    for (const song of liked) {
      if (!(song >= 0 && song < count))
        throw new RangeError(`there is no song ${song}, only 0..${count - 1}`);
    }
    // One row of zeros stands for the empty set: shapes without rows are not for every kernel.
    const length = Math.max(1, liked.length);
    const songs = new Float32Array(length * width);
    inPlaceOrder(liked, vectors).forEach((song, position) => {
      songs.set(vectors.values.subarray(song * width, (song + 1) * width), position * width);
    });
    const mask = new Float32Array(length).fill(liked.length > 0 ? 1 : 0);
    return { songs: tf.tensor3d(songs, [1, length, width]), mask: tf.tensor2d(mask, [1, length]) };
  };
  const wishOf = (wish: Float32Array | undefined, slots: number): Tensor3D => {
    if (wish && wish.length !== shape.emotions) {
      throw new RangeError(`a wish has ${shape.emotions} emotions, not ${wish.length}`);
    }
    const values = new Float32Array(slots * (shape.emotions + 1));
    for (let slot = 0; slot < slots; slot++) {
      writeWish(values, slot * (shape.emotions + 1), shape.emotions, wish, scale);
    }
    return tf.tensor3d(values, [1, slots, shape.emotions + 1]);
  };
  const imagine = (contexts: Contexts, options: ScoreOptions, slots: number): Tensor2D => {
    const random = createRandom(options.seed ?? DEFAULT_SEED);
    const noise = drawNoise(tf, random, 1, slots, contexts.mask.shape[1], config);
    const wish = wishOf(options.wish, slots);
    return tf.reshape(generate(tf, networks.generator, config, shape, contexts, wish, noise, centred), [
      slots,
      width,
    ]) as Tensor2D;
  };
  const listenerOf = (contexts: Contexts, wish: Float32Array | undefined): Sides =>
    listenerSide(tf, networks.discriminator, contexts, wishOf(wish, 1));

  const densityOf = (songs: Tensor2D): Float32Array =>
    logDensityOfAll(tf, places, norms, placeOf(tf, networks.discriminator, songs));
  /** Log density of the listener's songs at every song of the catalogue. */
  const density = (liked: Int32Array): Float32Array => {
    if (liked.length === 0) return new Float32Array(count).fill(Math.log(FLOOR));
    const known = thinned(inPlaceOrder(liked, vectors), MOST_NEIGHBOURS);
    const songs = new Float32Array(known.length * width);
    known.forEach((song, row) => {
      songs.set(vectors.values.subarray(song * width, (song + 1) * width), row * width);
    });
    return densityOf(tf.tensor2d(songs, [known.length, width]));
  };
  /** Both scores of every song: the log odds of D and the closeness to generated songs. */
  const parts = (liked: Int32Array, options: ScoreOptions): { d: Float32Array; near: Float32Array } =>
    releasing(tf, () => {
      const contexts = contextOf(liked);
      const { own } = listenerOf(contexts, options.wish);
      const made = imagine(contexts, options, config.generated);
      // The catalogue is the left factor, as what is turned for a product had better be small.
      const dots = tf.matMul(ownSide, own, false, true);
      const logits = withDensity(
        tf,
        networks.discriminator,
        { own: dots, generated: dots },
        tf.tensor2d(density(liked), [count, 1]),
      );
      return { d: logits.own.dataSync().slice() as Float32Array, near: densityOf(made) };
    });

  return {
    name: 'gan',
    metrics,
    score(liked, options = {}) {
      const { d, near } = parts(liked, options);
      standardise(d);
      standardise(near);
      for (let song = 0; song < count; song++) d[song] = d[song]! + config.closeness * near[song]!;
      return d;
    },
    discriminate(liked, options = {}) {
      return releasing(tf, () => {
        const listener = listenerOf(contextOf(liked), options.wish);
        const songs = tf.tensor2d(vectors.values, [count, width]);
        const songSides = songSide(tf, networks.discriminator, songs);
        const dots = judgeCrossed(tf, songSides, listener);
        const near = tf.tensor2d(density(liked), [1, count]);
        return probabilityOwn(withDensity(tf, networks.discriminator, dots, near), config);
      });
    },
    generate(liked, { count: slots = config.generated, ...options } = {}) {
      return releasing(tf, () => {
        const contexts = contextOf(liked);
        const made = imagine(contexts, options, slots);
        const listener = listenerOf(contexts, options.wish);
        const dots = judgeCrossed(tf, songSide(tf, networks.discriminator, made), listener);
        const near = logDensity(
          tf,
          tf.reshape(placeOf(tf, networks.discriminator, made), [1, slots, width]) as Tensor3D,
          placeOf(tf, networks.discriminator, contexts.songs),
          contexts.mask,
        );
        const logits = withDensity(tf, networks.discriminator, dots, near);
        const moods = tf.slice(made, [0, shape.items], [slots, shape.emotions]);
        return {
          count: slots,
          items: tf.slice(made, [0, 0], [slots, shape.items]).dataSync().slice() as Float32Array,
          profiles: tf.div(tf.sub(moods, scale.offset), scale.factor).dataSync().slice() as Float32Array,
          d: probabilityOwn(logits, config),
        };
      });
    },
    save: () => saveNetworks(networks, shape, config, metrics),
    dispose() {
      tf.dispose([ownSide, places]);
      disposeNetworks(networks);
    },
  };
}
