import type { Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import type { Random } from '../random.ts';
import type { Batch } from './batches.ts';
import type { GanConfig } from './config.ts';
import {
  judge,
  judgeCrossed,
  type Logits,
  liken,
  listenerSide,
  placeOf,
  type Sides,
  songSide,
  together,
} from './discriminator.ts';
import { drawNoise, generate, type Noise } from './generator.ts';
import type { Contexts } from './listener.ts';
import type { Judged } from './losses.ts';
import type { SongVectors } from './songs.ts';
import type { Taste } from './taste.ts';

export interface Networks {
  readonly generator: ReadonlyMap<string, Variable>;
  readonly discriminator: ReadonlyMap<string, Variable>;
  /** Where artists and albums are known: corrects the discriminator by them. */
  readonly affinity?: ReadonlyMap<string, Variable>;
}

/** What both halves of a step compute with. */
export interface StepInput {
  readonly contexts: Contexts;
  readonly wish: Tensor3D;
  readonly noise: Noise;
}

/** What the two halves of a training step work out, on fixed shapes: B listeners, T slots each, R = B·T rows. */
export function createStep(tf: Tf, vectors: SongVectors, config: GanConfig, networks: Networks) {
  const { shape, width } = vectors;
  const { listeners: B, targets: T, mismatched: M, context: K, hidden: H } = config;
  const R = B * T;

  const inputs = (batch: Batch, random: Random): StepInput => ({
    contexts: { songs: tf.tensor3d(batch.songs, [B, K, width]), mask: tf.tensor2d(batch.mask, [B, K]) },
    wish: tf.tensor3d(batch.wish, [B, T, shape.emotions + 1]),
    noise: drawNoise(tf, random, B, T, K, config),
  });
  const imagine = ({ contexts, wish, noise }: StepInput) =>
    generate(tf, networks.generator, config, shape, contexts, wish, noise);
  const side = ({ contexts, wish }: StepInput) => listenerSide(tf, networks.discriminator, contexts, wish);
  const rows = (of: Sides, from: number, count: number): Sides => ({
    own: tf.slice(of.own, [from, 0], [count, H]),
    generated: tf.slice(of.generated, [from, 0], [count, H]),
  });
  /** Row t of each listener gets the song of row t + 1. */
  const turned = (songs: Tensor2D) => {
    const columns = songs.shape[1];
    const slots = tf.reshape(songs, [B, T, columns]) as Tensor3D;
    const first = tf.slice(slots, [0, 0, 0], [B, 1, columns]);
    const rest = tf.slice(slots, [0, 1, 0], [B, T - 1, columns]);
    return tf.reshape(tf.concat([rest, first], 1), [R, columns]) as Tensor2D;
  };
  const contextPlaces = ({ contexts }: StepInput) => placeOf(tf, networks.discriminator, contexts.songs);
  const like = (
    tastes: readonly Taste[],
    { contexts }: StepInput,
    songs: Tensor3D,
    places: Tensor3D,
  ): Logits => liken(tf, networks.discriminator, songs, tastes, places, contexts.mask);
  const slots = (songs: Tensor2D) => tf.reshape(songs, [B, T, width]) as Tensor3D;
  const asRows = (logits: Logits): Logits => ({
    own: tf.reshape(logits.own, [R, 1]),
    generated: tf.reshape(logits.generated, [R, 1]),
  });

  /** Judges all kinds of songs with one pass through each half of the discriminator. */
  const judgeAll = (input: StepInput, batch: Batch, generated: Tensor2D): Judged => {
    const real = tf.tensor2d(batch.real, [R, width]);
    const mismatched = tf.tensor2d(batch.mismatched, [M, width]);
    const songs = songSide(tf, networks.discriminator, tf.concat([real, generated, mismatched], 0));
    const listener = side(input);
    const own = rows(songs, 0, R);
    const otherSongs = { own: turned(own.own), generated: turned(own.generated) };
    const places = contextPlaces(input);
    const likeReal = asRows(like(batch.tastes, input, slots(real), places));
    const likeOthers = like(batch.tastes, input, tf.reshape(mismatched, [1, M, width]) as Tensor3D, places);
    const crossed = judgeCrossed(tf, rows(songs, 2 * R, M), listener);
    // The rows of one listener share what its songs say of a song: B × T × M plus B × 1 × M.
    const shared = (logits: Tensor2D) => tf.reshape(logits, [B, 1, M]);
    return {
      real: together(tf, judge(tf, own, listener), likeReal),
      generated: together(
        tf,
        judge(tf, rows(songs, R, R), listener),
        asRows(like(batch.tastes, input, slots(generated), places)),
      ),
      unwished: together(tf, judge(tf, otherSongs, listener), {
        own: turned(likeReal.own as Tensor2D),
        generated: turned(likeReal.generated as Tensor2D),
      }),
      mismatched: {
        own: tf.add(tf.reshape(crossed.own, [B, T, M]), shared(likeOthers.own as Tensor2D)),
        generated: tf.add(tf.reshape(crossed.generated, [B, T, M]), shared(likeOthers.generated as Tensor2D)),
      },
    };
  };

  /** Judges generated songs, for the generator's half of a step. */
  const judgeGenerated = (
    tastes: readonly Taste[],
    input: StepInput,
    generated: Tensor2D,
    listener: Sides,
    places: Tensor3D,
  ): Logits =>
    together(
      tf,
      judge(tf, songSide(tf, networks.discriminator, generated), listener),
      asRows(like(tastes, input, slots(generated), places)),
    );

  return { inputs, imagine, side, contextPlaces, judgeAll, judgeGenerated };
}
