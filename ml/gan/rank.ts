import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import { createRandom } from '../random.ts';
import type { Recommender, ScoreOptions } from '../recommender.ts';
import type { Affinity } from './affinity.ts';
import { withAffinity } from './affinity-layer.ts';
import { writeWish } from './batches.ts';
import type { GanConfig } from './config.ts';
import { FLOOR, logDensityOfAll } from './density.ts';
import {
  densityInput,
  judgeCrossed,
  liken,
  likeness,
  likenessOwn,
  likenessWidth,
  listenerOwn,
  listenerSide,
  placeOf,
  type Sides,
  songSide,
  together,
} from './discriminator.ts';
import { exposurePenalty } from './exposure.ts';
import { drawNoise, generate } from './generator.ts';
import { type Contexts, contextOf } from './listener.ts';
import { probabilityOwn } from './losses.ts';
import { type SavedGan, saveNetworks } from './saved.ts';
import { bestOf, createFirstLook, onOneScale } from './shortlist.ts';
import { inPlaceOrder, profileScale, type SongVectors } from './songs.ts';
import type { Networks } from './step.ts';
import { compareSong, type Taste, tasteOf } from './taste.ts';
import { disposeNetworks, type GanMetrics } from './train.ts';

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
  /** Log odds by the songs' features that some songs are liked by who likes these; artists and albums left aside. */
  judge(liked: Int32Array, songs: Int32Array): Float32Array;
  /** D(x) in (0, 1) of every song of the catalogue for this listener. */
  discriminate(liked: Int32Array, options?: ScoreOptions): Float32Array;
  /**
   * How much of everybody's recommendations each song takes up (see `measureExposure`); from then on `score` takes
   * less of what everybody gets.
   */
  correct(exposure: Float32Array): void;
  save(): SavedGan;
  dispose(): void;
}

const DEFAULT_SEED = 1;
/** Songs of a listener that a catalogue is compared with; more of them hardly change the density. */
const MOST_NEIGHBOURS = 32;

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

/** Copies of some rows of a row-major matrix. */
function rowsOf(matrix: Float32Array, rows: Int32Array, width: number): Float32Array {
  const copy = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * width;
    for (let c = 0; c < width; c++) copy[i * width + c] = matrix[from + c]!;
  }
  return copy;
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

/** Songs to be judged, with what is known of them beforehand. */
interface Pool {
  readonly songs: Int32Array;
  /** Songs in the space of taste, then a column of ones. */
  readonly places: Tensor2D;
  readonly halfNorms: Float32Array;
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
 * log density at the song, in the discriminator's learned space). In a large catalogue a first look picks
 * `config.shortlist` songs to be judged so; the others keep their first look, on the same scale.
 *
 * @param affinity where artists and albums are known; used if `networks` has the layer for it
 */
export function createRanker(
  tf: Tf,
  networks: Networks,
  vectors: SongVectors,
  config: GanConfig,
  metrics: GanMetrics,
  affinity?: Affinity,
): GanRecommender {
  const { shape, width, count } = vectors;
  const scale = profileScale(shape.emotions);
  // Kept outside of TensorFlow.js: taking rows out of a tensor is slow on WASM (20 times a copy here).
  const [own, places, norms] = releasing(tf, () => {
    const songs = tf.tensor2d(vectors.values, [count, width]);
    const rows = tf.concat([placeOf(tf, networks.discriminator, songs), tf.ones([count, 1]) as Tensor2D], 1);
    const sides = songSide(tf, networks.discriminator, songs).own;
    return [sides, rows]
      .map((tensor) => tensor.dataSync().slice() as Float32Array)
      .concat(halfNorms(tf, rows));
  }) as [Float32Array, Float32Array, Float32Array];
  const everySong = Int32Array.from({ length: count }, (_, song) => song);
  const firstLook = createFirstLook(vectors);
  const poolOf = (songs: Int32Array): Pool => ({
    songs,
    places: tf.tensor2d(rowsOf(places, songs, width + 1), [songs.length, width + 1]),
    halfNorms: rowsOf(norms, songs, 1),
  });

  const checkSongs = (songs: Int32Array): void => {
    for (const song of songs) {
      if (!(song >= 0 && song < count))
        throw new RangeError(`there is no song ${song}, only 0..${count - 1}`);
    }
  };
  const contextFor = (liked: Int32Array): Contexts => {
    checkSongs(liked);
    return contextOf(tf, vectors, liked);
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
    return generate(tf, networks.generator, config, shape, contexts, wish, noise);
  };
  const listenerFor = (contexts: Contexts, wish: Float32Array | undefined): Tensor2D =>
    listenerOwn(tf, networks.discriminator, contexts, wishOf(wish, 1));
  const listenerOf = (contexts: Contexts, wish: Float32Array | undefined): Sides =>
    listenerSide(tf, networks.discriminator, contexts, wishOf(wish, 1));

  /** Log density of some songs at every song of the pool. */
  const densityOf = (pool: Pool, songs: Tensor2D): Float32Array =>
    logDensityOfAll(tf, pool.places, pool.halfNorms, placeOf(tf, networks.discriminator, songs));
  const densityOfLiked = (pool: Pool, liked: Int32Array): Float32Array => {
    if (liked.length === 0) return new Float32Array(pool.songs.length).fill(Math.log(FLOOR));
    const known = thinned(inPlaceOrder(liked, vectors), MOST_NEIGHBOURS);
    const songs = new Float32Array(known.length * width);
    known.forEach((song, row) => {
      songs.set(vectors.values.subarray(song * width, (song + 1) * width), row * width);
    });
    return densityOf(pool, tf.tensor2d(songs, [known.length, width]));
  };
  const tasteFor = (liked: Int32Array): Taste => tasteOf(vectors.values, width, liked, vectors.background);
  /** Every song of a pool beside the listener's songs, 1 × songs × likeness width. */
  const compared = (pool: Pool, liked: Int32Array, taste: Taste): Tensor3D => {
    const size = likenessWidth(width);
    const n = pool.songs.length;
    const density = densityOfLiked(pool, liked);
    const input = new Float32Array(n * size);
    for (let i = 0; i < n; i++) {
      compareSong(vectors.values, pool.songs[i]! * width, taste, input, i * size);
      input[(i + 1) * size - 1] = densityInput(density[i]!);
    }
    return tf.tensor3d(input, [1, n, size]);
  };

  /** The log odds alone. */
  const judgeOwn = (pool: Pool, liked: Int32Array, taste: Taste, listener: Tensor2D): Float32Array => {
    const input = compared(pool, liked, taste);
    const odds = likenessOwn(tf, networks.discriminator, input).dataSync().slice() as Float32Array;
    // Dot products with rows where they lie: copying them into a tensor takes longer than multiplying them.
    const { hidden } = config;
    const side = listener.dataSync();
    pool.songs.forEach((song, i) => {
      let sum = 0;
      for (let j = 0, at = song * hidden; j < hidden; j++) sum += own[at + j]! * side[j]!;
      odds[i] += sum;
    });
    return odds;
  };

  let exposure: Float32Array | undefined;
  let penalty: Float32Array | undefined;

  return {
    name: config.adversarial ? 'gan' : 'gan-without-generator',
    metrics,
    correct(shares) {
      if (shares.length !== count) throw new RangeError(`${shares.length} shares are not ${count} songs`);
      exposure = shares;
      penalty = exposurePenalty(shares, config.exposureWeight);
    },
    score(liked, options = {}) {
      checkSongs(liked);
      const taste = tasteFor(liked);
      const looks = firstLook.scores(taste, options.wish);
      const met = networks.affinity && affinity?.meet(liked);
      met?.addTo(looks);
      const shortlist = bestOf(looks, config.shortlist);
      const judged = releasing(tf, () => {
        const pool = poolOf(shortlist);
        const contexts = contextFor(liked);
        let scores = judgeOwn(pool, liked, taste, listenerFor(contexts, options.wish));
        if (networks.affinity && met) {
          const corrected = withAffinity(tf, networks.affinity, met, shortlist, scores);
          scores = corrected.dataSync().slice() as Float32Array;
        }
        if (config.closeness === 0) return scores;
        const near = densityOf(pool, imagine(contexts, options, config.generated));
        for (let i = 0; i < scores.length; i++) scores[i] = scores[i]! + config.closeness * near[i]!;
        return scores;
      });
      const scores = onOneScale(looks, shortlist, judged);
      if (penalty) for (let song = 0; song < count; song++) scores[song] -= penalty[song]!;
      return scores;
    },
    judge(liked, songs) {
      checkSongs(liked);
      checkSongs(songs);
      return releasing(tf, () =>
        judgeOwn(poolOf(songs), liked, tasteFor(liked), listenerFor(contextFor(liked), undefined)),
      );
    },
    discriminate(liked, options = {}) {
      return releasing(tf, () => {
        const listener = listenerOf(contextFor(liked), options.wish);
        const songs = songSide(tf, networks.discriminator, tf.tensor2d(vectors.values, [count, width]));
        // The songs are the left factor, as what is turned for a product had better be small.
        const crossed = judgeCrossed(tf, listener, songs);
        return probabilityOwn(
          together(
            tf,
            crossed,
            likeness(tf, networks.discriminator, compared(poolOf(everySong), liked, tasteFor(liked))),
          ),
          config,
        );
      });
    },
    generate(liked, { count: slots = config.generated, ...options } = {}) {
      return releasing(tf, () => {
        const contexts = contextFor(liked);
        const made = imagine(contexts, options, slots);
        const listener = listenerOf(contexts, options.wish);
        const asked = tf.reshape(made, [1, slots, width]) as Tensor3D;
        const places = placeOf(tf, networks.discriminator, contexts.songs);
        const logits = together(
          tf,
          judgeCrossed(tf, songSide(tf, networks.discriminator, made), listener),
          liken(tf, networks.discriminator, asked, [tasteFor(liked)], places, contexts.mask),
        );
        const moods = tf.slice(made, [0, shape.items], [slots, shape.emotions]);
        return {
          count: slots,
          items: tf.slice(made, [0, 0], [slots, shape.items]).dataSync().slice() as Float32Array,
          profiles: tf.div(tf.sub(moods, scale.offset), scale.factor).dataSync().slice() as Float32Array,
          d: probabilityOwn(logits, config),
        };
      });
    },
    save: () => ({ ...saveNetworks(networks, shape, config, metrics), exposure }),
    dispose() {
      disposeNetworks(networks);
    },
  };
}
