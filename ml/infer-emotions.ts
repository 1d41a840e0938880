import { applyCalibration, type Calibration, type Checked, fitPower, matchMix } from './calibrate.ts';
import { rowsLikeLabelled } from './core.ts';
import { type Forest, forestProbabilities, growForest, type Lesson, type Table } from './forest.ts';
import { type KnnGraph, knnGraph, nearestAmong } from './graph.ts';
import { argmax } from './metrics.ts';
import { checkSeeds, type Seeds } from './propagate.ts';
import { applyQuantiles, fitQuantiles } from './quantiles.ts';
import type { Random } from './random.ts';
import { type SparseWeights, spread, symmetrise } from './spread.ts';

export interface InferOptions {
  /** Trees of the last forest. Default 300. */
  readonly trees?: number;
  /** Neighbours that a song's probabilities are smoothed over. Default 15. */
  readonly neighbours?: number;
  /** Share of what a song gets from its neighbours, 0..1 (exclusive). Default 0.5. */
  readonly alpha?: number;
  /** Rounds of learning from what was inferred. Default 2. */
  readonly rounds?: number;
  /** Unlabelled songs that are learnt from, at most. Default 1000. */
  readonly companions?: number;
  /** What an inferred label counts beside a real one. Default 0.6. */
  readonly inferredWeight?: number;
  readonly onProgress?: (fraction: number) => void;
}

/** What was said of labelled songs while their own labels were hidden. */
export interface HeldOut {
  readonly songs: Int32Array;
  /** songs.length × c, calibrated. */
  readonly probabilities: Float32Array;
}

export interface InferredEmotions {
  /** n × c, calibrated, each row sums to 1: what is inferred of a song, a labelled one's own label included. */
  readonly probabilities: Float32Array;
  /** By five-fold cross-validation; none with too few labels to hide some. */
  readonly heldOut: HeldOut;
}

const DEFAULTS = {
  trees: 300,
  neighbours: 15,
  alpha: 0.5,
  rounds: 2,
  companions: 1000,
  inferredWeight: 0.6,
};

type Settings = typeof DEFAULTS;

const FOLDS = 5;
/** Trees of the forests that only see four fifths of the labels. */
const FOLD_TREES = 60;
/** Examples that one tree sees: more make each tree slower and the whole forest hardly better. */
const EXAMPLES = 1024;
/** From so many labels on, nothing is gained by learning from what was inferred. */
const ENOUGH_LABELS = 1000;
/** With fewer labelled songs than this none are hidden, and nothing is calibrated. */
const MIN_TO_HIDE = 10;
/** What the scores of some tens of labelled songs usually need; some tens more labels than that outweigh it. */
const USUAL_POWER = { usual: 1.6, trust: 6 } as const;
/** Fewest examples in a leaf, while only labels teach and when inferred ones do too. */
const FIRST_LEAF = 2;
const LATER_LEAF = 3;

/**
 * The emotions of all songs from the labels of some, by what helps on few labels: an ensemble of extremely
 * randomised trees (see {@link growForest}) whose probabilities are smoothed over a locally scaled neighbour graph of
 * quantile features (Zelnik-Manor & Perona 2004; Zhou et al. 2004), taught again by what was inferred
 * (self-training, Scudder 1965; Lee 2013), matched to the labels' mix and calibrated on labels that were hidden in
 * five folds. Only the labelled songs and those unlabelled ones that resemble them are learnt from, so more songs
 * of another kind neither harm nor take long; all songs are then told by the last forest and their nearest songs
 * among those.
 * @param table songs × features, any scales; NaN where missing
 * @param c number of emotions
 * @throws RangeError as `labelSpreading`, and when the table's shape is not the seeds'
 */
export function inferEmotions(
  table: Table,
  seeds: Seeds,
  c: number,
  random: Random,
  options: InferOptions = {},
): InferredEmotions {
  const settings = { ...DEFAULTS, ...options };
  const labelled = checkSeeds(seeds, table.rows, c);
  const progress = options.onProgress ?? (() => undefined);
  if (labelled.length === 0) {
    return {
      probabilities: new Float32Array(table.rows * c).fill(1 / c),
      heldOut: { songs: labelled, probabilities: new Float32Array(0) },
    };
  }
  const companions = rowsLikeLabelled(table, labelled, settings.companions, random.fork('companions'));
  const school = openSchool(table, labelled, companions, seeds, c, settings);
  progress(0.2);
  const { calibration, heldOut, firstFactors } = checkFolds(school, random, settings, progress);
  const { forest, scores } = learn(
    school,
    school.lessons,
    firstFactors,
    settings.trees,
    random.fork('last'),
    settings,
  );
  progress(0.8);
  const probabilities = tellAll(table, school, forest, scores, settings);
  applyCalibration(probabilities, calibration);
  // As if one more song had been labelled with every emotion alike: a single label is not certainty for all.
  for (let at = 0; at < probabilities.length; at++) {
    probabilities[at] = (labelled.length * probabilities[at] + 1 / c) / (labelled.length + 1);
  }
  return { probabilities, heldOut };
}

/** The songs that are learnt from, the labelled ones first. */
interface School {
  readonly classes: number;
  readonly rows: Int32Array;
  /** How many of the rows are labelled. */
  readonly labelled: number;
  readonly table: Table;
  /** Quantile features of all songs, on the scale of those here. */
  readonly quantiles: Float32Array;
  readonly ownQuantiles: Float32Array;
  readonly graph: KnnGraph;
  readonly edges: SparseWeights;
  readonly lessons: Lesson;
}

function pick(values: Float32Array, columns: number, rows: Int32Array): Float32Array {
  const picked = new Float32Array(rows.length * columns);
  rows.forEach((row, at) => {
    picked.set(values.subarray(row * columns, (row + 1) * columns), at * columns);
  });
  return picked;
}

function openSchool(
  table: Table,
  labelled: Int32Array,
  companions: Int32Array,
  { labels, weights }: Seeds,
  c: number,
  { neighbours }: Settings,
): School {
  const rows = new Int32Array(labelled.length + companions.length);
  rows.set(labelled);
  rows.set(companions, labelled.length);
  const { columns } = table;
  const quantiles = applyQuantiles(table.values, fitQuantiles(table.values, columns, rows));
  const ownQuantiles = pick(quantiles, columns, rows);
  const graph = knnGraph(ownQuantiles, rows.length, columns, neighbours);
  let total = 0;
  for (const row of labelled) total += weights[row];
  const mass = new Float32Array(labelled.length * c);
  labelled.forEach((row, i) => {
    let sum = 0;
    for (let e = 0; e < c; e++) sum += labels[row * c + e];
    // A label of usual weight counts 1, whatever the scale of the weights.
    const scale = (weights[row] * labelled.length) / (total * sum);
    for (let e = 0; e < c; e++) mass[i * c + e] = labels[row * c + e] * scale;
  });
  return {
    classes: c,
    rows,
    labelled: labelled.length,
    table: { rows: rows.length, columns, values: pick(table.values, columns, rows) },
    quantiles,
    ownQuantiles,
    graph,
    edges: symmetrise(graph, 'local'),
    lessons: { rows: Int32Array.from(labelled.keys()), mass },
  };
}

/** Probabilities smoothed over the neighbour graph, rows summing to 1. */
function smooth(school: School, probabilities: Float32Array, alpha: number): Float32Array {
  const c = school.classes;
  const { f } = spread(school.edges, probabilities, c, {
    alpha,
    iterations: 100,
    tolerance: 1e-4,
    normalise: 'rows',
  });
  applyCalibration(f, { factors: new Array<number>(c).fill(1), power: 1 });
  return f;
}

interface Learnt {
  readonly forest: Forest;
  /** Smoothed, not calibrated; of the school's songs. */
  readonly scores: Float32Array;
}

/**
 * Learns from some lessons, then some rounds from them and what it infers of all other songs of the school.
 * @param factors that bring first scores to the labels' mix
 */
function learn(
  school: School,
  lessons: Lesson,
  factors: readonly number[],
  trees: number,
  random: Random,
  { alpha, rounds, inferredWeight }: Settings,
): Learnt {
  const c = school.classes;
  let forest = growForest(school.table, lessons, c, random, {
    trees,
    leaf: FIRST_LEAF,
    examples: EXAMPLES,
  });
  let scores = smooth(school, forestProbabilities(forest, school.table), alpha);
  if (school.rows.length === lessons.rows.length || school.labelled >= ENOUGH_LABELS)
    return { forest, scores };
  const given = new Int32Array(school.rows.length).fill(-1);
  lessons.rows.forEach((row, i) => {
    given[row] = i;
  });
  const rows = Int32Array.from(school.rows.keys());
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
    scores = smooth(school, forestProbabilities(forest, school.table), alpha);
  }
  return { forest, scores };
}

/** Hides each fifth of the labels once. */
function checkFolds(
  school: School,
  random: Random,
  settings: Settings,
  progress: (fraction: number) => void,
): { calibration: Calibration; heldOut: HeldOut; firstFactors: readonly number[] } {
  const c = school.classes;
  const none = new Array<number>(c).fill(1);
  if (school.labelled < MIN_TO_HIDE) {
    return {
      calibration: { factors: none, power: 1 },
      heldOut: { songs: new Int32Array(0), probabilities: new Float32Array(0) },
      firstFactors: none,
    };
  }
  const folds = dealFolds(school, random.fork('folds'));
  const { mass } = school.lessons;
  const hidden = (fold: number, factors: readonly number[], rounds: number, said: Float32Array): void => {
    const kept = Int32Array.from(folds.keys()).filter((i) => folds[i] !== fold);
    const lessons = { rows: kept, mass: pick(mass, c, kept) };
    const source = random.fork(`fold ${fold} after ${rounds}`);
    const { scores } = learn(school, lessons, factors, FOLD_TREES, source, { ...settings, rounds });
    for (let i = 0; i < folds.length; i++) {
      if (folds[i] === fold) said.set(scores.subarray(i * c, (i + 1) * c), i * c);
    }
  };
  const weights = new Float32Array(school.labelled);
  const truth = Float32Array.from(mass);
  for (let i = 0; i < school.labelled; i++) for (let e = 0; e < c; e++) weights[i] += mass[i * c + e];
  applyCalibration(truth, { factors: none, power: 1 });
  const said = new Float32Array(mass.length);
  const checked: Checked = { said, truth, weights };
  for (let fold = 0; fold < FOLDS; fold++) hidden(fold, none, 0, said);
  const firstFactors = matchMix(checked, c);
  progress(0.3);
  for (let fold = 0; fold < FOLDS && school.labelled < ENOUGH_LABELS; fold++) {
    hidden(fold, firstFactors, settings.rounds, said);
    progress(0.3 + (0.3 * (fold + 1)) / FOLDS);
  }
  const factors = matchMix(checked, c);
  const power = fitPower(checked, factors, USUAL_POWER);
  const calibration = { factors: factors.map((factor) => factor ** power), power };
  const probabilities = Float32Array.from(said);
  applyCalibration(probabilities, calibration);
  return {
    calibration,
    heldOut: { songs: school.rows.slice(0, school.labelled), probabilities },
    firstFactors,
  };
}

/** The fold of each labelled song, stratified by its largest emotion. */
function dealFolds(school: School, random: Random): Uint8Array {
  const c = school.classes;
  const folds = new Uint8Array(school.labelled);
  const songs = random.shuffle(Int32Array.from(folds.keys()));
  let turn = 0;
  for (let e = 0; e < c; e++) {
    for (const i of songs) if (argmax(school.lessons.mass, i * c, c) === e) folds[i] = turn++ % FOLDS;
  }
  return folds;
}

/** Every song by the forest and its nearest songs of the school: for those of the school what was learnt. */
function tellAll(
  table: Table,
  school: School,
  forest: Forest,
  scores: Float32Array,
  { alpha, neighbours }: Settings,
): Float32Array {
  const c = school.classes;
  const place = new Int32Array(table.rows).fill(-1);
  school.rows.forEach((row, at) => {
    place[row] = at;
  });
  const strangers = Int32Array.from(place.keys()).filter((row) => place[row] < 0);
  const result = new Float32Array(table.rows * c);
  school.rows.forEach((row, at) => {
    result.set(scores.subarray(at * c, (at + 1) * c), row * c);
  });
  if (strangers.length === 0) return result;
  const { columns } = table;
  const own = forestProbabilities(forest, {
    rows: strangers.length,
    columns,
    values: pick(table.values, columns, strangers),
  });
  const near = nearestAmong(
    school.ownQuantiles,
    school.rows.length,
    columns,
    pick(school.quantiles, columns, strangers),
    neighbours,
  );
  const { k, distances } = school.graph;
  const row = new Float64Array(c);
  strangers.forEach((song, i) => {
    row.fill(0);
    let sum = 0;
    const scale = near.distances[(i + 1) * near.k - 1];
    for (let at = i * near.k; at < (i + 1) * near.k; at++) {
      const other = near.neighbours[at];
      const product = k === 0 ? 0 : scale * distances[(other + 1) * k - 1];
      const weight = product === 0 ? 1 : Math.max(1e-6, Math.exp(-(near.distances[at] ** 2) / product));
      sum += weight;
      for (let e = 0; e < c; e++) row[e] += weight * scores[other * c + e];
    }
    for (let e = 0; e < c; e++) {
      result[song * c + e] = (1 - alpha) * own[i * c + e] + (alpha * row[e]) / sum;
    }
  });
  return result;
}
