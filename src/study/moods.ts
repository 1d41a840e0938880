import path from 'node:path';
import { accuracy, argmax, calibrationError, macroF1 } from '../../ml/metrics.ts';
import type { Seeds } from '../../ml/propagate.ts';
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

/** The emotion that each song of a catalogue came with; of several the first. */
export function emotionsIn(catalogue: Catalogue): LabelledSongs {
  const emotions = [...new Set(catalogue.labels.map(({ emotion }) => emotion))].sort();
  const of = new Int32Array(catalogue.size).fill(-1);
  for (const { songId, emotion } of catalogue.labels) {
    const song = catalogue.indexOf(songId);
    if (song >= 0 && of[song] === -1) of[song] = emotions.indexOf(emotion);
  }
  return { catalogue, emotions, of };
}

/**
 * The paper's labelled table.
 * @throws TableError, CatalogueError or ImportError when it cannot be read
 */
export async function readMoods(data: string): Promise<LabelledSongs> {
  return emotionsIn(await openAnyCatalogue(path.join(data, MOODS), undefined));
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

/** The labels of the shown songs, or of all; each counts in full. */
export function labelsOf(
  { of, emotions }: Pick<LabelledSongs, 'of' | 'emotions'>,
  shown?: Uint8Array,
): Seeds {
  const labels = new Float32Array(of.length * emotions.length);
  const weights = new Float32Array(of.length);
  for (const [song, emotion] of of.entries()) {
    if (emotion < 0 || shown?.[song] === 0) continue;
    labels[song * emotions.length + emotion] = 1;
    weights[song] = 1;
  }
  return { labels, weights };
}

/** How right profiles are about the songs that were not shown; each 0..1. */
export interface HiddenScore {
  readonly accuracy: number;
  readonly macroF1: number;
  /** Of the probability that the profile gives its likeliest emotion. */
  readonly calibration: number;
}

/**
 * Scores profiles (songs × emotions) on the songs whose emotion is known and was not shown.
 * @returns undefined when there is no such song
 */
export function scoreHidden(
  { of, emotions }: Pick<LabelledSongs, 'of' | 'emotions'>,
  shown: Uint8Array,
  profiles: Float32Array,
): HiddenScore | undefined {
  const c = emotions.length;
  const right: number[] = [];
  const said: number[] = [];
  const stated: number[] = [];
  for (const [song, emotion] of of.entries()) {
    if (emotion < 0 || shown[song] === 1) continue;
    const guess = argmax(profiles, song * c, c);
    right.push(emotion);
    said.push(guess);
    stated.push(profiles[song * c + guess]!);
  }
  if (right.length === 0) return undefined;
  const isRight = right.map((emotion, i) => emotion === said[i]);
  return {
    accuracy: accuracy(said, right),
    macroF1: macroF1(said, right, c),
    calibration: calibrationError(stated, isRight),
  };
}
