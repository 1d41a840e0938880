import path from 'node:path';
import { shareOfVotes } from '../../ml/aggregate.ts';
import { createRandom } from '../../ml/random.ts';
import type { Matrix } from '../../ml/recommender.ts';
import { readVotes } from '../cli/tables.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { rawSongs } from '../training/profile-stage.ts';
import { DEFAULT_EMOTION_METHOD, EMOTION_METHODS } from './emotion-methods.ts';
import { VOTES } from './files.ts';
import { type LabelledSongs, labelsOf } from './moods.ts';

/**
 * Emotion profiles of a catalogue's songs, inferred from their audio features by the project's default way from the
 * songs whose mood is known.
 * @returns songs of the catalogue × emotions
 */
export function inferredEmotions(catalogue: Catalogue, moods: LabelledSongs, seed: number): Matrix {
  const [labelled, others] = [rawSongs(moods.catalogue), rawSongs(catalogue)];
  const size = labelled.size + others.size;
  const features = new Float32Array(size * others.names.length);
  features.set(labelled.features);
  features.set(others.features, labelled.features.length);
  const columns = moods.emotions.length;
  const known = labelsOf(moods);
  const seeds = { labels: new Float32Array(size * columns), weights: new Float32Array(size) };
  seeds.labels.set(known.labels);
  seeds.weights.set(known.weights);
  const infer = EMOTION_METHODS[DEFAULT_EMOTION_METHOD]!({ size, features, names: others.names });
  const profiles = infer(seeds, columns, createRandom(seed));
  return { rows: others.size, columns, values: profiles.slice(labelled.size * columns) };
}

/** What people felt at some songs. */
export interface FeltEmotions {
  /** The songs of which it is known, ascending. */
  readonly songs: Int32Array;
  /** All songs × emotions; the same for every emotion where nothing is known. */
  readonly profiles: Matrix;
}

function feltEmotions(
  catalogue: Catalogue,
  columns: number,
  known: Iterable<readonly [song: string, shares: ArrayLike<number>]>,
): FeltEmotions {
  const values = new Float32Array(catalogue.size * columns).fill(1 / columns);
  const songs = new Set<number>();
  for (const [name, shares] of known) {
    const song = catalogue.indexOf(name);
    if (song < 0) continue;
    songs.add(song);
    values.set(shares, song * columns);
  }
  return {
    songs: Int32Array.from(songs).sort(),
    profiles: { rows: catalogue.size, columns, values },
  };
}

/**
 * Reads `votes.csv` of the data folder: the shares of each song's votes.
 * @throws TableError with the line
 */
export async function votedEmotions(
  data: string,
  catalogue: Catalogue,
): Promise<FeltEmotions & { readonly votes: number }> {
  const { table, songs, emotions } = await readVotes(path.join(data, VOTES));
  const { shares } = shareOfVotes(table);
  const columns = emotions.length;
  const known = songs.map(
    (song, row) => [song, shares.subarray(row * columns, (row + 1) * columns)] as const,
  );
  return { ...feltEmotions(catalogue, columns, known), votes: table.songs.length };
}

/** The moods of songs that another table gives, for the same songs of a catalogue. */
export function givenEmotions(moods: LabelledSongs, catalogue: Catalogue): FeltEmotions {
  const columns = moods.emotions.length;
  const known = [...moods.of].flatMap((emotion, song) => {
    if (emotion < 0) return [];
    const shares = moods.emotions.map((_, e) => (e === emotion ? 1 : 0));
    return [[moods.catalogue.idAt(song), shares] as const];
  });
  return feltEmotions(catalogue, columns, known);
}
