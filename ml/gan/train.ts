import type { NamedTensorMap, Scalar, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import type { Random } from '../random.ts';
import type { Interactions } from '../recommender.ts';
import { createAdam } from './adam.ts';
import { type Batch, createSampler } from './batches.ts';
import { type GanConfig, stepsFor } from './config.ts';
import {
  buildDiscriminator,
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
import { buildGenerator, drawNoise, generate, type Noise } from './generator.ts';
import type { Contexts } from './listener.ts';
import {
  discriminatorLoss,
  generatorLoss,
  type Judged,
  paperObjective,
  probabilityOwn,
  probabilityOwnOfTwo,
} from './losses.ts';
import { profileScale, type SongVectors } from './songs.ts';
import type { Taste } from './taste.ts';
import type { Variety } from './variety.ts';

export interface GanMetrics {
  readonly steps: number;
  /** Means over the last tenth of the steps. */
  readonly generatorLoss: number;
  readonly discriminatorLoss: number;
  /** ½ E[1 − D(x)] + E[D(G(z))]. */
  readonly paperObjective: number;
  /** Mean D on the listeners' hidden real songs, on generated ones and on real songs that are not theirs. */
  readonly dReal: number;
  readonly dFake: number;
  readonly dMismatched: number;
  /**
   * Mean D where only "own" and "generated" are possible, on hidden real songs and on generated ones: near one half where
   * they cannot be told apart. Models of earlier versions have none.
   */
  readonly dRealOfTwo?: number;
  readonly dFakeOfTwo?: number;
  /** How varied generated songs are; absent without a generator that learns, and where no listener has songs enough. */
  readonly variety?: Variety;
  /** At most some hundred points over the whole training. */
  readonly curve: readonly CurvePoint[];
}

export interface CurvePoint {
  readonly step: number;
  readonly generatorLoss: number;
  readonly discriminatorLoss: number;
  readonly dReal: number;
  readonly dFake: number;
  readonly dMismatched: number;
  readonly dRealOfTwo: number;
  readonly dFakeOfTwo: number;
}

export interface Networks {
  readonly generator: ReadonlyMap<string, Variable>;
  readonly discriminator: ReadonlyMap<string, Variable>;
  /** Where artists and albums are known: corrects the discriminator by them. */
  readonly affinity?: ReadonlyMap<string, Variable>;
}

const CURVE_POINTS = 100;

interface StepInput {
  readonly contexts: Contexts;
  readonly tastes: readonly Taste[];
  readonly wish: Tensor3D;
  readonly noise: Noise;
}

/** Everything that a step does, on fixed shapes: B listeners, T slots each, R = B·T rows. */
function createStep(tf: Tf, vectors: SongVectors, config: GanConfig, networks: Networks) {
  const { shape, width } = vectors;
  const { listeners: B, targets: T, mismatched: M, context: K, hidden: H } = config;
  const R = B * T;

  const inputs = (batch: Batch, random: Random): StepInput => ({
    contexts: { songs: tf.tensor3d(batch.songs, [B, K, width]), mask: tf.tensor2d(batch.mask, [B, K]) },
    tastes: batch.tastes,
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
  const like = ({ contexts, tastes }: StepInput, songs: Tensor3D, places: Tensor3D): Logits =>
    liken(tf, networks.discriminator, songs, tastes, places, contexts.mask);
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
    const likeReal = asRows(like(input, slots(real), places));
    const likeOthers = like(input, tf.reshape(mismatched, [1, M, width]) as Tensor3D, places);
    const crossed = judgeCrossed(tf, rows(songs, 2 * R, M), listener);
    // The rows of one listener share what its songs say of a song: B × T × M plus B × 1 × M.
    const shared = (logits: Tensor2D) => tf.reshape(logits, [B, 1, M]);
    return {
      real: together(tf, judge(tf, own, listener), likeReal),
      generated: together(
        tf,
        judge(tf, rows(songs, R, R), listener),
        asRows(like(input, slots(generated), places)),
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

  /** Judges generated songs, for the generator's step. */
  const judgeGenerated = (input: StepInput, generated: Tensor2D, listener: Sides, places: Tensor3D): Logits =>
    together(
      tf,
      judge(tf, songSide(tf, networks.discriminator, generated), listener),
      asRows(like(input, slots(generated), places)),
    );

  return { inputs, imagine, side, contextPlaces, judgeAll, judgeGenerated };
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function release(gradients: NamedTensorMap): void {
  for (const gradient of Object.values(gradients)) gradient.dispose();
}

/**
 * Trains generator and discriminator in turn. Between steps it lets other work of the process run; an error
 * that `onProgress` throws ends it, and everything is released.
 *
 * @throws Error when the losses are no longer finite
 */
export async function train(
  tf: Tf,
  interactions: Interactions,
  vectors: SongVectors,
  config: GanConfig,
  random: Random,
  onProgress: (fraction: number, detail?: string) => void = () => {},
): Promise<{ networks: Networks; metrics: GanMetrics }> {
  const steps = stepsFor(interactions.songs.length, config);
  const scale = profileScale(vectors.shape.emotions);
  const draw = createSampler(interactions, vectors, config, random.fork('examples'), scale);
  const networks: Networks = {
    generator: buildGenerator(tf, vectors.shape, config, random.fork('generator')),
    discriminator: buildDiscriminator(tf, vectors.shape, config, random.fork('discriminator')),
  };
  const generatorVariables = [...networks.generator.values()];
  const discriminatorVariables = [...networks.discriminator.values()];
  const generatorAdam = createAdam(tf, networks.generator);
  const discriminatorAdam = createAdam(tf, networks.discriminator, { weightDecay: config.weightDecay });
  const step = createStep(tf, vectors, config, networks);
  const noise = random.fork('noise');
  const curve: CurvePoint[] = [];
  const every = Math.max(1, Math.floor(steps / CURVE_POINTS));

  /** One step of both networks; measures D only when asked, as that costs a few kernel calls. */
  const both = (rate: number, at: number, measure: boolean): CurvePoint | undefined =>
    tf.tidy(() => {
      const batch = draw();
      const input = step.inputs(batch, noise);
      const generated = step.imagine(input);
      let judged: Judged | undefined;
      const forDiscriminator = tf.variableGrads(() => {
        judged = step.judgeAll(input, batch, generated);
        if (measure) {
          for (const { own, generated } of Object.values(judged)) {
            tf.keep(own);
            tf.keep(generated);
          }
        }
        return discriminatorLoss(tf, judged, batch, config);
      }, discriminatorVariables);
      discriminatorAdam.apply(forDiscriminator.grads, rate * config.discriminatorRate);
      release(forDiscriminator.grads);

      const listener = step.side(input);
      const places = step.contextPlaces(input);
      const ofGenerator = () =>
        generatorLoss(tf, step.judgeGenerated(input, step.imagine(input), listener, places), config);
      let deceived: Scalar | undefined;
      if (config.adversarial) {
        const { value, grads } = tf.variableGrads(ofGenerator, generatorVariables);
        generatorAdam.apply(grads, rate * config.generatorRate);
        release(grads);
        deceived = value;
      }
      if (!measure || !judged) return undefined;

      const point = {
        step: at,
        generatorLoss: lossOf(deceived ?? ofGenerator()),
        discriminatorLoss: lossOf(forDiscriminator.value),
        dReal: mean(probabilityOwn(judged.real, config)),
        dFake: mean(probabilityOwn(judged.generated, config)),
        dMismatched: mean(probabilityOwn(judged.mismatched, config)),
        dRealOfTwo: mean(probabilityOwnOfTwo(judged.real)),
        dFakeOfTwo: mean(probabilityOwnOfTwo(judged.generated)),
      };
      tf.dispose(judged as unknown as NamedTensorMap);
      return point;
    });

  try {
    for (let at = 1; at <= steps; at++) {
      // Constant for the first half, then linearly down: the last weights should not jump about.
      const rate = Math.min(1, (2 * (steps - at + 1)) / steps);
      const point = both(rate, at, at % every === 0 || at === steps);
      if (point) {
        if (!Number.isFinite(point.generatorLoss + point.discriminatorLoss)) {
          throw new Error(`training broke down at step ${at}: the losses are not finite numbers`);
        }
        curve.push(point);
        onProgress(at / steps, `step ${at} of ${steps}`);
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    return { networks, metrics: summarise(curve, steps) };
  } catch (error) {
    disposeNetworks(networks);
    throw error;
  }
}

function lossOf(value: Scalar): number {
  return value.dataSync()[0] as number;
}

function summarise(curve: readonly CurvePoint[], steps: number): GanMetrics {
  const last = curve.slice(-Math.max(1, Math.ceil(curve.length / 10)));
  const average = (of: (point: CurvePoint) => number) =>
    last.reduce((sum, point) => sum + of(point), 0) / last.length;
  const dReal = average((point) => point.dReal);
  const dFake = average((point) => point.dFake);
  return {
    steps,
    generatorLoss: average((point) => point.generatorLoss),
    discriminatorLoss: average((point) => point.discriminatorLoss),
    paperObjective: paperObjective(dReal, dFake),
    dReal,
    dFake,
    dMismatched: average((point) => point.dMismatched),
    dRealOfTwo: average((point) => point.dRealOfTwo),
    dFakeOfTwo: average((point) => point.dFakeOfTwo),
    curve,
  };
}

export function disposeNetworks(networks: Networks): void {
  for (const network of Object.values(networks) as Networks['generator'][]) {
    for (const variable of network.values()) variable.dispose();
  }
}
