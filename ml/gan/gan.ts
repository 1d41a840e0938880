import type { Tensor3D } from '@tensorflow/tfjs-core';
import { type Backend, loadBackend, type Tf } from '../backend.ts';
import type { Random } from '../random.ts';
import type { Interactions, RecommenderData } from '../recommender.ts';
import { createAffinity } from './affinity.ts';
import { buildAffinityLayer, canLearnAffinity, trainAffinity } from './affinity-layer.ts';
import { DEFAULT_GAN, type GanConfig } from './config.ts';
import { measureExposure } from './exposure.ts';
import { drawNoise, generate } from './generator.ts';
import { contextOf } from './listener.ts';
import { createRanker, type GanRecommender } from './rank.ts';
import { restoreNetworks, type SavedGan } from './saved.ts';
import { type SongVectors, songVectors } from './songs.ts';
import type { Networks } from './step.ts';
import { train } from './train.ts';
import { measureVariety, type Variety } from './variety.ts';

export { type GanConfig, WITHOUT_GENERATOR } from './config.ts';
export type { GanRecommender } from './rank.ts';
export { type SavedGan, SavedGanError } from './saved.ts';

/**
 * The project's recommender: a conditional GAN whose generator makes up songs for a listener and whose
 * discriminator tells the listener's own songs from made-up ones and from everybody else's.
 *
 * @param config replaces defaults
 * @param backend absent = the fastest that loads
 * @returns a `FitRecommender` whose result can also be saved, asked for songs and asked for D
 */
export function fitGan(config: Partial<GanConfig> = {}, backend?: Backend) {
  return async (
    data: RecommenderData,
    random: Random,
    onProgress?: (fraction: number, detail?: string) => void,
  ): Promise<GanRecommender> => {
    const { tf } = backend ?? (await loadBackend('auto'));
    const settings = { ...DEFAULT_GAN, ...config };
    const vectors = songVectors(data.items, data.profiles);
    const affinity = affinityFor(data);
    const shares = affinity ? SHARES.withAffinity : SHARES.alone;
    const { networks, metrics: ofTraining } = await train(
      tf,
      data,
      vectors,
      settings,
      random.fork('gan'),
      onProgress && ((fraction, detail) => onProgress(shares.networks * fraction, detail)),
    );
    const metrics = settings.adversarial
      ? {
          ...ofTraining,
          variety: await varietyOf(tf, networks, settings, vectors, data.interactions, random),
        }
      : ofTraining;
    const layer = affinity && buildAffinityLayer(tf, random.fork('affinity'));
    const gan = createRanker(
      tf,
      layer ? { ...networks, affinity: layer } : networks,
      vectors,
      settings,
      metrics,
      affinity,
    );
    try {
      if (affinity && layer) {
        await trainAffinity(
          tf,
          layer,
          affinity,
          data,
          gan.judge,
          random.fork('lists'),
          metrics.steps,
          (fraction) => onProgress?.(shares.networks + shares.affinity * fraction, 'artists and albums'),
        );
      }
      const exposure = await measureExposure(
        (liked) => gan.score(liked),
        data.interactions,
        random.fork('exposure'),
        (fraction) =>
          onProgress?.(
            shares.networks + shares.affinity + shares.exposure * fraction,
            'songs that everybody gets',
          ),
      );
      if (exposure) gan.correct(exposure);
    } catch (error) {
      gan.dispose();
      throw error;
    }
    onProgress?.(1);
    return gan;
  };
}

/** How varied the songs are that a trained generator makes for the listeners it learned from. */
async function varietyOf(
  tf: Tf,
  networks: Networks,
  config: GanConfig,
  vectors: SongVectors,
  interactions: Interactions,
  random: Random,
): Promise<Variety | undefined> {
  const noise = random.fork('variety noise');
  const make = (shown: Int32Array, count: number) =>
    tf.tidy(() => {
      const contexts = contextOf(tf, vectors, shown);
      const noWish: Tensor3D = tf.zeros([1, count, vectors.shape.emotions + 1]);
      const drawn = drawNoise(tf, noise, 1, count, shown.length, config);
      const songs = generate(tf, networks.generator, config, vectors.shape, contexts, noWish, drawn);
      return songs.dataSync().slice() as Float32Array;
    });
  return await measureVariety(make, interactions, vectors, random.fork('variety'));
}

/** Parts of the progress. */
const SHARES = {
  alone: { networks: 0.9, affinity: 0, exposure: 0.1 },
  withAffinity: { networks: 0.63, affinity: 0.27, exposure: 0.1 },
} as const;

/** Undefined where artists and albums are not known, or no listener has songs enough to learn from. */
function affinityFor({ groups, interactions, companions }: RecommenderData) {
  if (!groups || !canLearnAffinity(interactions)) return undefined;
  return createAffinity(groups, companions ?? interactions);
}

/**
 * A saved GAN, ready to rank a catalogue (the one it was trained on, or a later one with the same features
 * and emotions).
 *
 * @param data groups: without them a GAN that was trained with them goes by features alone; companions: lists of
 * other listeners, to find artists that go together
 * @throws SavedGanError when the file is foreign, truncated, damaged or made for other features
 */
export async function loadGan(
  saved: SavedGan,
  {
    items,
    profiles,
    groups,
    companions,
  }: Pick<RecommenderData, 'items' | 'profiles' | 'groups' | 'companions'>,
  backend: Backend,
): Promise<GanRecommender> {
  const vectors = songVectors(items, profiles);
  const networks = restoreNetworks(backend.tf, saved, vectors.shape);
  const gan = createRanker(
    backend.tf,
    networks,
    vectors,
    { ...DEFAULT_GAN, ...saved.meta.config },
    saved.meta.metrics,
    groups && networks.affinity && createAffinity(groups, companions ?? nobody(items.rows)),
  );
  if (saved.exposure) gan.correct(saved.exposure);
  return gan;
}

function nobody(songCount: number): Interactions {
  return { listenerCount: 0, songCount, offsets: new Int32Array(1), songs: new Int32Array(0) };
}
