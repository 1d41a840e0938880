import type { Variable } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import type { GanConfig, Shape } from './config.ts';
import type { Networks } from './step.ts';
import type { GanMetrics } from './train.ts';

const FORMAT = 'reactune-gan';
/** 4: the discriminator compares songs with tastes; there may be a layer for affinity, of 22 numbers. */
const VERSION = 4;

export interface SavedGanMeta {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly shape: Shape;
  readonly config: GanConfig;
  readonly metrics: GanMetrics;
  /** In the order of the weights file. */
  readonly parameters: readonly {
    readonly network: keyof Networks;
    readonly name: string;
    readonly shape: readonly number[];
  }[];
  /** FNV-1a of the weights' bytes. */
  readonly checksum: number;
}

/** A trained GAN at rest: `meta` as JSON, `weights` as a file of little-endian 32-bit floats. */
export interface SavedGan {
  readonly meta: SavedGanMeta;
  readonly weights: ArrayBuffer;
  /** Per song of the catalogue; see `measureExposure`. */
  readonly exposure?: Float32Array;
}

/** The file is not a GAN of ours, not whole, or made for another kind of catalogue. */
export class SavedGanError extends Error {
  constructor(problem: string) {
    super(`The stored recommender cannot be used: ${problem}. Train again to replace it.`);
    this.name = 'SavedGanError';
  }
}

function checksumOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

export function saveNetworks(
  networks: Networks,
  shape: Shape,
  config: GanConfig,
  metrics: GanMetrics,
): SavedGan {
  const all = (['generator', 'discriminator', 'affinity'] as const).flatMap((network) =>
    [...(networks[network] ?? [])].map(([name, variable]) => ({ network, name, variable })),
  );
  const size = all.reduce((sum, { variable }) => sum + variable.size, 0);
  const weights = new ArrayBuffer(4 * size);
  const view = new DataView(weights);
  let at = 0;
  for (const { variable } of all) {
    for (const value of variable.dataSync()) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return {
    meta: {
      format: FORMAT,
      version: VERSION,
      shape,
      config,
      metrics,
      parameters: all.map(({ network, name, variable }) => ({ network, name, shape: variable.shape })),
      checksum: checksumOf(new Uint8Array(weights)),
    },
    weights,
  };
}

/**
 * @param shape of the catalogue that is to be ranked
 * @throws SavedGanError
 */
export function restoreNetworks(tf: Tf, { meta, weights }: SavedGan, shape: Shape): Networks {
  if (meta?.format !== FORMAT) throw new SavedGanError('it is not a recommender of Reactune');
  if (meta.version !== VERSION) {
    throw new SavedGanError(`it has version ${meta.version} and this program reads version ${VERSION}`);
  }
  if (meta.shape.items !== shape.items || meta.shape.emotions !== shape.emotions) {
    throw new SavedGanError(
      `it was trained on ${meta.shape.items} features and ${meta.shape.emotions} emotions, and there are ` +
        `now ${shape.items} and ${shape.emotions}`,
    );
  }
  const size = meta.parameters.reduce((sum, p) => sum + tf.util.sizeFromShape([...p.shape]), 0);
  if (weights.byteLength !== 4 * size) {
    throw new SavedGanError(`its weights have ${weights.byteLength} bytes instead of ${4 * size}`);
  }
  if (checksumOf(new Uint8Array(weights)) !== meta.checksum) {
    throw new SavedGanError('its weights are not those that were saved (the checksum differs)');
  }
  const view = new DataView(weights);
  const networks = {
    generator: new Map<string, Variable>(),
    discriminator: new Map<string, Variable>(),
    affinity: new Map<string, Variable>(),
  };
  let at = 0;
  for (const { network, name, shape: size } of meta.parameters) {
    const values = Float32Array.from({ length: tf.util.sizeFromShape([...size]) }, () => {
      at += 4;
      return view.getFloat32(at - 4, true);
    });
    networks[network].set(
      name,
      tf.tidy(() => tf.variable(tf.tensor(values, [...size], 'float32'), true)),
    );
  }
  const { affinity, ...both } = networks;
  return affinity.size > 0 ? networks : both;
}
