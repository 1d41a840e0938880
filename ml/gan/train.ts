import type { NamedTensorMap, Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import type { Random } from '../random.ts';
import type { Tastes } from '../recommender.ts';
import { createAdam } from './adam.ts';
import { type Batch, createSampler } from './batches.ts';
import { type GanConfig, stepsFor } from './config.ts';
import { buildDiscriminator } from './discriminator.ts';
import { buildGenerator } from './generator.ts';
import {
  discriminatorLoss,
  generatorLoss,
  type Judged,
  paperObjective,
  probabilityOwn,
  probabilityOwnOfTwo,
} from './losses.ts';
import { profileScale, type SongVectors } from './songs.ts';
import { createStep, type Networks, type StepInput } from './step.ts';
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

const CURVE_POINTS = 100;

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
  tastes: Tastes,
  vectors: SongVectors,
  config: GanConfig,
  random: Random,
  onProgress: (fraction: number, detail?: string) => void = () => {},
): Promise<{ networks: Networks; metrics: GanMetrics }> {
  const steps = stepsFor(tastes.interactions.songs.length, config);
  const scale = profileScale(vectors.shape.emotions);
  const draw = createSampler(tastes, vectors, config, random.fork('examples'), scale);
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

  /** The discriminator's half of a step; measures only when asked, as that costs a few kernel calls. */
  const moveDiscriminator = (
    rate: number,
    batch: Batch,
    input: StepInput,
    generated: Tensor2D,
    measure: boolean,
  ) =>
    tf.tidy(() => {
      let judged: Judged | undefined;
      const { value, grads } = tf.variableGrads(() => {
        judged = step.judgeAll(input, batch, generated);
        if (measure) {
          for (const { own, generated } of Object.values(judged)) {
            tf.keep(own);
            tf.keep(generated);
          }
        }
        return discriminatorLoss(tf, judged, batch, config);
      }, discriminatorVariables);
      discriminatorAdam.apply(grads, rate * config.discriminatorRate);
      release(grads);
      if (!measure || !judged) return undefined;

      const measured = {
        discriminatorLoss: lossOf(value),
        dReal: mean(probabilityOwn(judged.real, config)),
        dFake: mean(probabilityOwn(judged.generated, config)),
        dMismatched: mean(probabilityOwn(judged.mismatched, config)),
        dRealOfTwo: mean(probabilityOwnOfTwo(judged.real)),
        dFakeOfTwo: mean(probabilityOwnOfTwo(judged.generated)),
      };
      tf.dispose(judged as unknown as NamedTensorMap);
      return measured;
    });

  /** The generator's half; returns its loss when asked. */
  const moveGenerator = (rate: number, { tastes }: Batch, input: StepInput, measure: boolean) =>
    tf.tidy(() => {
      if (!config.adversarial && !measure) return undefined;
      const listener = step.side(input);
      const places = step.contextPlaces(input);
      const loss = () =>
        generatorLoss(tf, step.judgeGenerated(tastes, input, step.imagine(input), listener, places), config);
      if (!config.adversarial) return lossOf(loss());
      const { value, grads } = tf.variableGrads(loss, generatorVariables);
      generatorAdam.apply(grads, rate * config.generatorRate);
      release(grads);
      return measure ? lossOf(value) : undefined;
    });

  const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));

  /** One step of both networks, one after the other, with a breath between parts that take tens of milliseconds. */
  const both = async (rate: number, at: number, measure: boolean): Promise<CurvePoint | undefined> => {
    const batch = draw();
    await breathe();
    const input = step.inputs(batch, noise);
    let generated: Tensor2D | undefined;
    try {
      generated = tf.tidy(() => step.imagine(input));
      await breathe();
      const measured = moveDiscriminator(rate, batch, input, generated, measure);
      await breathe();
      const deceived = moveGenerator(rate, batch, input, measure);
      if (measured === undefined || deceived === undefined) return undefined;
      return { step: at, generatorLoss: deceived, ...measured };
    } finally {
      generated?.dispose();
      tf.dispose(input as unknown as NamedTensorMap);
    }
  };

  try {
    for (let at = 1; at <= steps; at++) {
      // Constant for the first half, then linearly down: the last weights should not jump about.
      const rate = Math.min(1, (2 * (steps - at + 1)) / steps);
      const point = await both(rate, at, at % every === 0 || at === steps);
      if (point) {
        if (!Number.isFinite(point.generatorLoss + point.discriminatorLoss)) {
          throw new Error(`training broke down at step ${at}: the losses are not finite numbers`);
        }
        curve.push(point);
        onProgress(at / steps, `step ${at} of ${steps}`);
      }
      await breathe();
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
