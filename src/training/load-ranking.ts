import { loadBackend } from '../../ml/backend.ts';
import { fitItemKnn } from '../../ml/baselines.ts';
import { loadGan, type SavedGan } from '../../ml/gan/gan.ts';
import { interactionsFromLists } from '../../ml/interactions.ts';
import { buildItems, type ItemScaler } from '../../ml/items.ts';
import { createRandom } from '../../ml/random.ts';
import type { Interactions, Matrix, Recommender } from '../../ml/recommender.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { EmotionKey } from '../domain/emotion.ts';
import { ModelError, readStoredModel, type StoredModel } from './model-format.ts';
import { rawSongs } from './profile-stage.ts';
import { songGroups } from './song-groups.ts';

/** What ranking needs of a model, on the songs of one catalogue (row = song index). */
export interface Ranking {
  readonly modelId: string;
  readonly recommender: Recommender;
  /** size × emotions; a song that the model has not seen has the same share everywhere. */
  readonly profiles: Matrix;
  readonly confidence: Float32Array;
  /** 1 where members voted. */
  readonly voted: Uint8Array;
  readonly emotions: readonly EmotionKey[];
  /** Why the model's own recommender cannot rank; item-kNN stands in for it until the next training run. */
  readonly substitutedBecause?: string;
}

export type BackendWish = 'auto' | 'node' | 'wasm' | 'cpu';

/** Emotion profiles of a stored model brought onto the songs of a catalogue. */
function profilesFor(
  stored: StoredModel,
  catalogue: Catalogue,
): Pick<Ranking, 'profiles' | 'confidence' | 'voted' | 'emotions'> {
  const width = stored.emotions.length;
  const values = new Float32Array(catalogue.size * width).fill(1 / width);
  const confidence = new Float32Array(catalogue.size);
  const voted = new Uint8Array(catalogue.size);
  for (const [row, id] of stored.songIds.entries()) {
    const index = catalogue.indexOf(id);
    if (index < 0) continue;
    values.set(stored.profiles.subarray(row * width, (row + 1) * width), index * width);
    confidence[index] = stored.confidence[row];
    voted[index] = stored.voted[row];
  }
  return {
    profiles: { rows: catalogue.size, columns: width, values },
    confidence,
    voted,
    emotions: stored.emotions,
  };
}

/**
 * A stored model's exposure of songs brought onto the songs of a catalogue; 0 for songs that the model has not seen.
 */
export function exposureFor(
  { recommender, songIds }: StoredModel,
  catalogue: Catalogue,
): Float32Array | undefined {
  const { exposure } = recommender;
  if (exposure === undefined) return undefined;
  const values = new Float32Array(catalogue.size);
  for (const [row, id] of songIds.entries()) {
    const index = catalogue.indexOf(id);
    if (index >= 0) values[index] = exposure[row];
  }
  return values;
}

/** Who likes what of the listeners that came with the catalogue. */
function catalogueInteractions(catalogue: Catalogue): Interactions {
  return interactionsFromLists(
    catalogue.size,
    catalogue.listeners.map((listener) => listener.songs),
  );
}

async function loadItemKnn(
  stored: StoredModel,
  catalogue: Catalogue,
  profiles: Matrix,
): Promise<Recommender> {
  const { items } = buildItems(rawSongs(catalogue), stored.scaler as ItemScaler);
  const interactions = catalogueInteractions(catalogue);
  return await fitItemKnn()({ interactions, items, profiles }, createRandom(1));
}

/**
 * The recommender of a stored model, ready to rank a catalogue's songs with the given emotion profiles.
 * @param companions listeners whose songs may be looked up; absent: all that came with the catalogue
 * @throws ModelError when its weights do not fit
 */
export async function loadRecommender(
  stored: StoredModel,
  catalogue: Catalogue,
  profiles: Matrix,
  backendWish: BackendWish,
  companions: Interactions = catalogueInteractions(catalogue),
): Promise<Recommender> {
  if (stored.recommender.kind === 'item-knn') return loadItemKnn(stored, catalogue, profiles);
  const { items } = buildItems(rawSongs(catalogue), stored.scaler as ItemScaler);
  const { meta, weights } = stored.recommender;
  try {
    const backend = await loadBackend(backendWish);
    const groups = songGroups(catalogue);
    const exposure = exposureFor(stored, catalogue);
    return await loadGan(
      { meta, weights, exposure } as SavedGan,
      { items, profiles, groups, companions },
      backend,
    );
  } catch (cause) {
    throw new ModelError('damaged', (cause as Error).message, { cause });
  }
}

/**
 * Loads the model in `dir` ready to rank the songs of `catalogue`, which may be another version than the one that
 * it was trained on. Files that are whole, with networks that this version of the program does not build, still give
 * a ranking: by item-kNN.
 * @throws ModelError when the model is missing, truncated, foreign or of another version: keep the one you have
 */
export async function loadRanking(
  dir: string,
  catalogue: Catalogue,
  backendWish: BackendWish,
): Promise<Ranking> {
  const stored = await readStoredModel(dir);
  const known = profilesFor(stored, catalogue);
  try {
    const recommender = await loadRecommender(stored, catalogue, known.profiles, backendWish);
    return { modelId: stored.id, recommender, ...known };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const recommender = await loadItemKnn(stored, catalogue, known.profiles);
    return { modelId: stored.id, recommender, ...known, substitutedBecause: error.message };
  }
}
