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
  /** Whether to look after emotions that the rounds swallow. */
  readonly guarded?: boolean;
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

/** With fewer labels, what the first forest gives an emotion is no measure of what the later ones should. */
const LEAST_LABELS = 60;
/** An emotion of fewer songs than this can be lost by chance. */
const LEAST_SONGS = 10;
/** With less of its songs than this left, an emotion was swallowed. */
const LEFT = 0.02;
/** A song's inferred label counts so much more at most where its emotion lost songs to others. */
const MOST_WEIGHT = 3;

/**
 * Learns from some lessons, then some rounds from them and what it infers of all other songs of the school. Where the
 * labels' mix is far from the songs' own, as when the doubtful ones were asked about, a common emotion can so be
 * swallowed by a neighbour, each round making it rarer. Then the rounds are learnt again with every emotion's mass held
 * to what it was before them.
 * @param factors that bring first scores to the labels' mix
 */
export function learn(
  school: School,
  lessons: Lesson,
  factors: readonly number[],
  random: Random,
  settings: LearnSettings,
): Learnt {
  const c = school.classes;
  const { alpha, trees } = settings;
  const forest = growForest(school.table, lessons, c, random, {
    trees,
    leaf: FIRST_LEAF,
    examples: EXAMPLES,
  });
  const scores = smooth(school.edges, forestProbabilities(forest, school.table), c, alpha);
  if (school.table.rows === lessons.rows.length || school.labelled >= ENOUGH_LABELS)
    return { forest, scores };
  const first = { forest, scores };
  const rest = unlabelled(school, lessons);
  const freely = selfTrain(school, lessons, first, factors, random, settings);
  if (settings.rounds === 0 || settings.guarded !== true || lessons.rows.length < LEAST_LABELS) return freely;
  const before = Float32Array.from(scores);
  applyCalibration(before, { factors, power: 1 });
  const had = countTops(before, rest, c);
  const has = countTops(freely.scores, rest, c);
  if (!had.some((songs, e) => songs >= LEAST_SONGS && has[e] < LEFT * songs)) return freely;
  const held = shareOf(before, rest, c);
  return selfTrain(school, lessons, first, factors, random.fork('held'), settings, held);
}

/** Rows of the school that the lessons do not label. */
function unlabelled(school: School, lessons: Lesson): Int32Array {
  const given = new Uint8Array(school.table.rows);
  for (const row of lessons.rows) given[row] = 1;
  return Int32Array.from({ length: given.length }, (_, row) => row).filter((row) => given[row] === 0);
}

/** Songs per emotion that is their likeliest. */
function countTops(scores: Float32Array, rows: Int32Array, c: number): Float64Array {
  const counts = new Float64Array(c);
  for (const row of rows) counts[argmax(scores, row * c, c)]++;
  return counts;
}

/** Each emotion's share of all that is given, summing to 1. */
function shareOf(given: Float32Array, rows: Int32Array, c: number): Float64Array {
  const sums = new Float64Array(c);
  for (const row of rows) for (let e = 0; e < c; e++) sums[e] += given[row * c + e];
  const total = sums.reduce((a, b) => a + b);
  return total > 0 ? sums.map((sum) => sum / total) : sums;
}

/** @param held shares of the emotions among inferred labels, approached by weighing these */
function selfTrain(
  school: School,
  lessons: Lesson,
  first: Learnt,
  factors: readonly number[],
  random: Random,
  { trees, alpha, rounds, inferredWeight }: LearnSettings,
  held?: Float64Array,
): Learnt {
  const c = school.classes;
  const rest = unlabelled(school, lessons);
  const rows = Int32Array.from({ length: school.table.rows }, (_, row) => row);
  let { forest } = first;
  let scores: Float32Array = Float32Array.from(first.scores);
  for (let round = 0; round < rounds; round++) {
    applyCalibration(scores, { factors, power: 1 });
    const mass = new Float32Array(rows.length * c);
    lessons.rows.forEach((row, i) => {
      mass.set(lessons.mass.subarray(i * c, (i + 1) * c), row * c);
    });
    for (const row of rest) {
      const emotion = argmax(scores, row * c, c);
      mass[row * c + emotion] = inferredWeight * scores[row * c + emotion];
    }
    if (held !== undefined) {
      const shares = shareOf(mass, rest, c);
      for (const row of rest) {
        for (let e = 0; e < c; e++) {
          if (mass[row * c + e] > 0) mass[row * c + e] *= Math.min(MOST_WEIGHT, held[e] / shares[e]);
        }
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
