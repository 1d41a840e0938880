import { applyCalibration } from './calibrate.ts';
import { type Forest, forestProbabilities, growForest, type Lesson, type Table } from './forest.ts';
import { argmax } from './metrics.ts';
import type { Random } from './random.ts';
import { type SparseWeights, spread } from './spread.ts';

/** Songs to learn from, the labelled ones first. Plain data. */
export interface School {
  readonly classes: number;
  /** How many of the rows are labelled. */
  readonly labelled: number;
  readonly table: Table;
  /** The songs' neighbour graph. */
  readonly edges: SparseWeights;
  readonly lessons: Lesson;
}

export interface LearnSettings {
  readonly trees: number;
  /** Share of what a song gets from its neighbours, 0..1 (exclusive). */
  readonly alpha: number;
  /** Rounds of learning from what was inferred. */
  readonly rounds: number;
  /** What an inferred label counts beside a real one. */
  readonly inferredWeight: number;
}

/** Examples that one tree sees: more make each tree slower and the whole forest hardly better. */
const EXAMPLES = 1024;
/** From so many labels on, nothing is gained by learning from what was inferred. */
export const ENOUGH_LABELS = 1000;
/** Fewest examples in a leaf, while only labels teach and when inferred ones do too. */
const FIRST_LEAF = 2;
const LATER_LEAF = 3;

/**
 * Probabilities smoothed over a neighbour graph, rows summing to 1.
 * @param probabilities songs × c
 * @param alpha share of what a song gets from its neighbours, 0..1 (exclusive)
 */
export function smooth(
  edges: SparseWeights,
  probabilities: Float32Array,
  c: number,
  alpha: number,
  tolerance = 1e-4,
): Float32Array {
  const { f } = spread(edges, probabilities, c, { alpha, iterations: 100, tolerance, normalise: 'rows' });
  applyCalibration(f, { factors: new Array<number>(c).fill(1), power: 1 });
  return f;
}

export interface Learnt {
  readonly forest: Forest;
  /** Smoothed, not calibrated; of the school's songs. */
  readonly scores: Float32Array;
}

/**
 * Learns from some lessons, then some rounds from them and what it infers of all other songs of the school.
 * @param factors that bring first scores to the labels' mix
 */
export function learn(
  school: School,
  lessons: Lesson,
  factors: readonly number[],
  random: Random,
  { trees, alpha, rounds, inferredWeight }: LearnSettings,
): Learnt {
  const c = school.classes;
  let forest = growForest(school.table, lessons, c, random, {
    trees,
    leaf: FIRST_LEAF,
    examples: EXAMPLES,
  });
  let scores = smooth(school.edges, forestProbabilities(forest, school.table), c, alpha);
  if (school.table.rows === lessons.rows.length || school.labelled >= ENOUGH_LABELS)
    return { forest, scores };
  const given = new Int32Array(school.table.rows).fill(-1);
  lessons.rows.forEach((row, i) => {
    given[row] = i;
  });
  const rows = Int32Array.from({ length: school.table.rows }, (_, row) => row);
  for (let round = 0; round < rounds; round++) {
    applyCalibration(scores, { factors, power: 1 });
    const mass = new Float32Array(rows.length * c);
    for (let i = 0; i < rows.length; i++) {
      if (given[i] >= 0) mass.set(lessons.mass.subarray(given[i] * c, (given[i] + 1) * c), i * c);
      else {
        const emotion = argmax(scores, i * c, c);
        mass[i * c + emotion] = inferredWeight * scores[i * c + emotion];
      }
    }
    forest = growForest(school.table, { rows, mass }, c, random, {
      trees,
      leaf: LATER_LEAF,
      examples: EXAMPLES,
    });
    scores = smooth(school.edges, forestProbabilities(forest, school.table), c, alpha);
  }
  return { forest, scores };
}
