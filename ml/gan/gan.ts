import { type Backend, loadBackend } from '../backend.ts';
import type { Random } from '../random.ts';
import type { Matrix, RecommenderData } from '../recommender.ts';
import { DEFAULT_GAN, type GanConfig } from './config.ts';
import { createRanker, type GanRecommender } from './rank.ts';
import { restoreNetworks, type SavedGan } from './saved.ts';
import { songVectors } from './songs.ts';
import { train } from './train.ts';

export type { GanConfig } from './config.ts';
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
    const { networks, metrics } = await train(
      tf,
      data.interactions,
      vectors,
      settings,
      random.fork('gan'),
      onProgress,
    );
    return createRanker(tf, networks, vectors, settings, metrics);
  };
}

/**
 * A saved GAN, ready to rank a catalogue (the one it was trained on, or a later one with the same features
 * and emotions).
 *
 * @throws SavedGanError when the file is foreign, truncated, damaged or made for other features
 */
export async function loadGan(
  saved: SavedGan,
  { items, profiles }: { readonly items: Matrix; readonly profiles: Matrix },
  backend: Backend,
): Promise<GanRecommender> {
  const vectors = songVectors(items, profiles);
  const networks = restoreNetworks(backend.tf, saved, vectors.shape);
  return createRanker(
    backend.tf,
    networks,
    vectors,
    { ...DEFAULT_GAN, ...saved.meta.config },
    saved.meta.metrics,
  );
}
