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

/** What people felt. */
export interface VotedEmotions {
  /** Songs with votes, ascending. */
  readonly songs: Int32Array;
  /** All songs × emotions: shares of votes, and the same for every emotion where nobody voted. */
  readonly profiles: Matrix;
  readonly votes: number;
}

/**
 * Reads `votes.csv` of the data folder.
 * @throws TableError with the line
 */
export async function votedEmotions(data: string, catalogue: Catalogue): Promise<VotedEmotions> {
  const { table, songs: names, emotions } = await readVotes(path.join(data, VOTES));
  const labels = shareOfVotes(table);
  const columns = emotions.length;
  const values = new Float32Array(catalogue.size * columns).fill(1 / columns);
  const songs: number[] = [];
  for (const [row, name] of names.entries()) {
    const song = catalogue.indexOf(name);
    if (song < 0) continue;
    songs.push(song);
    values.set(labels.shares.subarray(row * columns, (row + 1) * columns), song * columns);
  }
  return {
    songs: Int32Array.from(songs).sort(),
    profiles: { rows: catalogue.size, columns, values },
    votes: table.songs.length,
  };
}
