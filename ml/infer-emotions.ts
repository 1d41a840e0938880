import { applyCalibration, type Calibration, type Checked, fitPower, matchMix } from './calibrate.ts';
import { rowsLikeLabelled } from './core.ts';
import { ALONE, type Crew } from './crew.ts';
import { type Forest, forestProbabilities, type Table } from './forest.ts';
import { type KnnGraph, knnGraph, nearestAmong } from './graph.ts';
import { dealFolds, FOLDS, type FoldJob, openFold } from './hidden-folds.ts';
import { ENOUGH_LABELS, type Learnt, learn, type School } from './learn.ts';
import { checkSeeds, type Seeds } from './propagate.ts';
import { applyQuantiles, fitQuantiles } from './quantiles.ts';
import type { Random } from './random.ts';
import { symmetrise } from './spread.ts';

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
  /** Who shares the work. Default: the calling thread alone. */
  readonly crew?: Crew;
}

/** What was said of labelled songs while their own labels were hidden. */
export interface HeldOut {
  readonly songs: Int32Array;
  /** songs.length × c, calibrated. */
  readonly probabilities: Float32Array;
}

/** What was learnt, to explain what is said of a song. */
export interface Evidence {
  readonly forest: Forest;
  /** Songs that were learnt from. */
  readonly rows: Int32Array;
  /** Quantile features of all songs, and of those that were learnt from. */
  readonly quantiles: Float32Array;
  readonly ownQuantiles: Float32Array;
  readonly alpha: number;
  readonly neighbours: number;
}

export interface InferredEmotions {
  /**
   * n × c, calibrated, each row sums to 1: what is inferred of a song, its own label included. Of more than 10,000
   * labelled songs so many are drawn to learn from, and the others count as unlabelled.
   */
  readonly probabilities: Float32Array;
  /** By five-fold cross-validation; none with too few labels to hide some. */
  readonly heldOut: HeldOut;
  /** None without labels. */
  readonly evidence?: Evidence;
}

const DEFAULTS = {
  trees: 300,
  neighbours: 15,
  alpha: 0.5,
  rounds: 2,
  companions: 1000,
  inferredWeight: 0.6,
  crew: ALONE,
};

type Settings = Required<Omit<InferOptions, 'onProgress'>>;

/** Trees of the forests that only see four fifths of the labels. */
const FOLD_TREES = 60;
/** Of more labelled songs so many are learnt from: more make it slower and hardly better. */
const MOST_LABELLED = 10_000;
/** So many songs outside the school are told by fewer trees. */
const MANY_STRANGERS = 100_000;
const TREES_FOR_MANY = 100;
/** From so many labels on, companions change nothing (less than 0.1 % of right answers) and take a third of the time. */
const LABELS_BY_THEMSELVES = 2500;
/** Companions are looked for among so many songs at most. */
const CANDIDATES = 50_000;
/** With fewer labelled songs than this none are hidden, and nothing is calibrated. */
const MIN_TO_HIDE = 10;
/** What the scores of some tens of labelled songs usually need; some tens more labels than that outweigh it. */
const USUAL_POWER = { usual: 1.6, trust: 6 } as const;

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
  const labelled = drawAtMost(MOST_LABELLED, checkSeeds(seeds, table.rows, c), random.fork('labelled'));
  const progress = options.onProgress ?? (() => undefined);
  if (labelled.length === 0) {
    return {
      probabilities: new Float32Array(table.rows * c).fill(1 / c),
      heldOut: { songs: labelled, probabilities: new Float32Array(0) },
    };
  }
  const companions = chooseCompanions(table, labelled, settings.companions, random.fork('companions'));
  const school = openSchool(table, labelled, companions, seeds, c, settings);
  progress(0.2);
  const { calibration, heldOut, forest, scores } = learnAndCheck(school, random, settings, progress);
  progress(0.8);
  const probabilities = tellAll(table, school, forest, scores, settings);
  applyCalibration(probabilities, calibration);
  // As if one more song had been labelled with every emotion alike: a single label is not certainty for all.
  for (let at = 0; at < probabilities.length; at++) {
    probabilities[at] = (labelled.length * probabilities[at] + 1 / c) / (labelled.length + 1);
  }
  const { rows, quantiles, ownQuantiles } = school;
  const { alpha, neighbours } = settings;
  return { probabilities, heldOut, evidence: { forest, rows, quantiles, ownQuantiles, alpha, neighbours } };
}

/** Ascending. */
function drawAtMost(most: number, rows: Int32Array, random: Random): Int32Array {
  return rows.length <= most ? rows : random.shuffle(rows.slice()).slice(0, most).sort();
}

/** Unlabelled songs that resemble the labelled ones, ascending; of a large catalogue, some of a sample. */
function chooseCompanions(table: Table, labelled: Int32Array, wanted: number, random: Random): Int32Array {
  if (labelled.length >= LABELS_BY_THEMSELVES) return new Int32Array(0);
  if (table.rows <= CANDIDATES) return rowsLikeLabelled(table, labelled, wanted, random);
  const known = new Uint8Array(table.rows);
  for (const row of labelled) known[row] = 1;
  const others = Int32Array.from(known.keys()).filter((row) => known[row] === 0);
  const examples = drawAtMost(CANDIDATES / 10, labelled, random.fork('examples'));
  const candidates = drawAtMost(CANDIDATES, others, random.fork('candidates'));
  const rows = new Int32Array(examples.length + candidates.length);
  rows.set(examples);
  rows.set(candidates, examples.length);
  const { columns } = table;
  const sample = { rows: rows.length, columns, values: pick(table.values, columns, rows) };
  const chosen = rowsLikeLabelled(sample, Int32Array.from(examples.keys()), wanted, random);
  return chosen.map((at) => rows[at]);
}

/** The school, and which songs of the catalogue are in it. */
interface SchoolRows extends School {
  readonly rows: Int32Array;
  /** Quantile features of all songs, on the scale of those here. */
  readonly quantiles: Float32Array;
  readonly ownQuantiles: Float32Array;
  readonly graph: KnnGraph;
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
  { neighbours, crew }: Settings,
): SchoolRows {
  const rows = new Int32Array(labelled.length + companions.length);
  rows.set(labelled);
  rows.set(companions, labelled.length);
  const { columns } = table;
  const quantiles = applyQuantiles(table.values, fitQuantiles(table.values, columns, rows));
  const ownQuantiles = pick(quantiles, columns, rows);
  const graph = knnGraph(ownQuantiles, rows.length, columns, neighbours, crew);
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

interface Checkup extends Learnt {
  readonly calibration: Calibration;
  readonly heldOut: HeldOut;
}

/** Learns from all labels, and with each fifth of them hidden once, which tells how far what is said can be trusted. */
function learnAndCheck(
  school: SchoolRows,
  random: Random,
  settings: Settings,
  progress: (fraction: number) => void,
): Checkup {
  const { classes: c, labelled, lessons } = school;
  const none = new Array<number>(c).fill(1);
  const last = (factors: readonly number[]) =>
    learn(school, lessons, factors, random.fork('last'), { ...settings, guarded: true });
  if (labelled < MIN_TO_HIDE) {
    return {
      ...last(none),
      calibration: { factors: none, power: 1 },
      heldOut: { songs: new Int32Array(0), probabilities: new Float32Array(0) },
    };
  }
  const { table, edges } = school;
  const said = new Float32Array(new SharedArrayBuffer(4 * lessons.mass.length));
  const { alpha, inferredWeight, crew } = settings;
  const folds = dealFolds(school.lessons.mass, c, random.fork('folds'));
  const hide = <T>(factors: readonly number[], rounds: number, meanwhile: () => T): T => {
    const job: FoldJob = {
      kind: 'fold',
      parts: FOLDS,
      school: { classes: c, labelled, table, edges, lessons },
      folds,
      factors,
      settings: { trees: FOLD_TREES, alpha, inferredWeight, rounds },
      seed: random.seed,
      said,
    };
    return crew.run(job, openFold, meanwhile);
  };
  const weights = new Float32Array(labelled);
  const truth = Float32Array.from(lessons.mass);
  for (let i = 0; i < labelled; i++) for (let e = 0; e < c; e++) weights[i] += truth[i * c + e];
  applyCalibration(truth, { factors: none, power: 1 });
  const checked: Checked = { said, truth, weights };
  let learnt = hide(none, 0, () => (labelled >= ENOUGH_LABELS ? last(none) : undefined));
  progress(0.3);
  if (learnt === undefined) {
    const firstFactors = matchMix(checked, c);
    learnt = hide(firstFactors, settings.rounds, () => last(firstFactors));
  }
  const factors = matchMix(checked, c);
  const power = fitPower(checked, factors, USUAL_POWER);
  const calibration = { factors: factors.map((factor) => factor ** power), power };
  const probabilities = Float32Array.from(said);
  applyCalibration(probabilities, calibration);
  return {
    ...learnt,
    calibration,
    heldOut: { songs: school.rows.slice(0, labelled), probabilities },
  };
}

/** Every song by the forest and its nearest songs of the school: for those of the school what was learnt. */
function tellAll(
  table: Table,
  school: SchoolRows,
  forest: Forest,
  scores: Float32Array,
  { alpha, neighbours, crew }: Settings,
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
  const asked = { rows: strangers.length, columns, values: pick(table.values, columns, strangers) };
  const roots = asked.rows > MANY_STRANGERS ? forest.roots.subarray(0, TREES_FOR_MANY) : forest.roots;
  const own = forestProbabilities({ ...forest, roots }, asked, crew);
  const near = nearestAmong(
    school.ownQuantiles,
    school.rows.length,
    columns,
    pick(school.quantiles, columns, strangers),
    neighbours,
    crew,
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
