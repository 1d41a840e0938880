import type { Job } from './crew.ts';
import { type LearnSettings, learn, type School } from './learn.ts';
import { argmax } from './metrics.ts';
import { createRandom, type Random } from './random.ts';

export const FOLDS = 5;

/** Learns five times, each time with the labels of one fold hidden, and says those. */
export interface FoldJob extends Job {
  readonly kind: 'fold';
  readonly school: School;
  /** Per labelled song. */
  readonly folds: Uint8Array;
  /** That bring first scores to the labels' mix. */
  readonly factors: readonly number[];
  readonly settings: LearnSettings;
  readonly seed: number;
  /** labelled × classes, in shared memory: what is said of each song while its label is hidden. */
  readonly said: Float32Array;
}

export function openFold({ school, folds, factors, settings, seed, said }: FoldJob): (fold: number) => void {
  const c = school.classes;
  const { mass } = school.lessons;
  return (fold) => {
    const rows = Int32Array.from(folds.keys()).filter((i) => folds[i] !== fold);
    const kept = new Float32Array(rows.length * c);
    rows.forEach((row, i) => {
      kept.set(mass.subarray(row * c, (row + 1) * c), i * c);
    });
    const random = createRandom(seed).fork(`fold ${fold} after ${settings.rounds}`);
    const { scores } = learn(school, { rows, mass: kept }, factors, random, settings);
    for (let i = 0; i < folds.length; i++) {
      if (folds[i] === fold) said.set(scores.subarray(i * c, (i + 1) * c), i * c);
    }
  };
}

/**
 * The fold of each song, stratified by its largest emotion.
 * @param shares songs × classes
 */
export function dealFolds(shares: Float32Array, c: number, random: Random): Uint8Array {
  const folds = new Uint8Array(shares.length / c);
  const songs = random.shuffle(Int32Array.from(folds.keys()));
  let turn = 0;
  for (let e = 0; e < c; e++) {
    for (const i of songs) if (argmax(shares, i * c, c) === e) folds[i] = turn++ % FOLDS;
  }
  return folds;
}
