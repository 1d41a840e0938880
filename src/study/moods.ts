import path from 'node:path';
import type { Random } from '../../ml/random.ts';
import { openAnyCatalogue } from '../cli/open-catalogue.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { MOODS } from './files.ts';

/** Songs whose emotion is known. */
export interface LabelledSongs {
  readonly catalogue: Catalogue;
  readonly emotions: readonly string[];
  /** Emotion of each song; -1 where the table does not say. */
  readonly of: Int32Array;
}

/**
 * The paper's labelled table.
 * @throws TableError, CatalogueError or ImportError when it cannot be read
 */
export async function readMoods(data: string): Promise<LabelledSongs> {
  const catalogue = await openAnyCatalogue(path.join(data, MOODS), undefined);
  const emotions = [...new Set(catalogue.labels.map(({ emotion }) => emotion))].sort();
  const of = new Int32Array(catalogue.size).fill(-1);
  for (const { songId, emotion } of catalogue.labels) {
    const song = catalogue.indexOf(songId);
    if (song >= 0 && of[song] === -1) of[song] = emotions.indexOf(emotion);
  }
  return { catalogue, emotions, of };
}

/**
 * Chooses a share of the labelled songs, the same share of every emotion but at least one song of each.
 * @returns 1 for each song whose label is shown
 */
export function drawLabelled(
  { of, emotions }: Pick<LabelledSongs, 'of' | 'emotions'>,
  share: number,
  random: Random,
) {
  const shown = new Uint8Array(of.length);
  for (const emotion of emotions.keys()) {
    const songs = random.shuffle([...of.keys()].filter((song) => of[song] === emotion));
    for (const song of songs.slice(0, Math.max(1, Math.round(share * songs.length)))) shown[song] = 1;
  }
  return shown;
}

/** The labels of the shown songs, songs × emotions. */
export function labelsOf(
  { of, emotions }: Pick<LabelledSongs, 'of' | 'emotions'>,
  shown?: Uint8Array,
): Float32Array {
  const labels = new Float32Array(of.length * emotions.length);
  for (const [song, emotion] of of.entries()) {
    if (emotion >= 0 && (shown === undefined || shown[song] === 1))
      labels[song * emotions.length + emotion] = 1;
  }
  return labels;
}
