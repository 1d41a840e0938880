import type { KnnGraph } from './graph.ts';
import {
  ownEdges,
  renumber,
  type SparseWeights,
  type SpreadOptions,
  spread,
  symmetrise,
  type WeightScheme,
} from './spread.ts';

/** What is known of some songs before it spreads. */
export interface Seeds {
  /** n × c soft labels, ≥ 0; a row is normalised, so counts and shares serve alike. */
  readonly labels: Float32Array;
  /** n: how much each song's label counts, ≥ 0; 0 = not labelled. Confidences serve well. */
  readonly weights: Float32Array;
}

export interface PropagationOptions {
  /** Share of what a song gets from its neighbours at each round, 0..1 (exclusive). Default 0.8. */
  readonly alpha?: number;
  /** At most this many rounds. Default 100. */
  readonly iterations?: number;
  /** Stop when no value moves by more than this part of the largest. Default 1e-4. */
  readonly tolerance?: number;
  /** How near neighbours are weighted. Default `local`. */
  readonly weighting?: WeightScheme;
  /**
   * `either` (the default) joins two songs when one has the other among its nearest; `own` gives each song edges to
   * its own nearest only, as scikit-learn does.
   */
  readonly edges?: 'either' | 'own';
  /**
   * `classes` gives every emotion the same total weight among the seeds, so that a rare emotion is not
   * drowned by common ones; `none` (the default) lets the seeds count as they are.
   */
  readonly balance?: 'none' | 'classes';
}

export interface Propagation {
  /** n × c, each row sums to 1. */
  readonly profiles: Float32Array;
  /** n: 0..1, 0 where no label reaches. */
  readonly confidence: Float32Array;
  /** Rounds that were needed. */
  readonly iterations: number;
}

const DEFAULTS = {
  alpha: 0.8,
  iterations: 100,
  tolerance: 1e-4,
  weighting: 'local',
  edges: 'either',
  balance: 'none',
} as const;

/**
 * Label spreading (Zhou, Bousquet, Lal, Weston & Schölkopf 2004, "Learning with local and global
 * consistency"): F ← αSF + (1 − α)Y with S = D^-½ W D^-½ on the symmetrised graph, which converges to
 * (1 − α)(I − αS)^-1 Y. A labelled song's own label may be corrected by its neighbours.
 *
 * Profiles are the rows of F normalised; where no label reaches, the mix of all seeds (uniform without any).
 *
 * Confidence is r · (1 − H/log c): how decided the profile is (H its entropy), times how much of what
 * reached the song came from labels, r = m / (m + m̄/10) with m the mass that arrived, per unit of degree,
 * and m̄ its mean over the labelled songs.
 * @param c number of emotions
 * @throws RangeError on wrong lengths, labels or weights that are negative or not finite, alpha outside (0, 1)
 */
export function labelSpreading(
  graph: KnnGraph,
  seeds: Seeds,
  c: number,
  options: PropagationOptions = {},
): Propagation {
  const settings = { ...DEFAULTS, ...options };
  checkSettings(settings.alpha, settings.iterations);
  const { y, prior } = prepare(graph.size, c, seeds, settings.balance);
  const toEdges = (ordered: KnnGraph) =>
    settings.edges === 'own'
      ? ownEdges(ordered, settings.weighting, 'in')
      : symmetrise(ordered, settings.weighting);
  const { f, degrees, iterations } = spreadInOrder(graph, toEdges, y, c, {
    ...settings,
    normalise: 'symmetric',
  });
  return toProfiles(f, degrees, seeds, prior, c, iterations);
}

/**
 * Label propagation (Zhu & Ghahramani 2002): F ← D^-1 W F, with the labelled songs set back to their labels
 * after every round. Labels are taken as true: a seed's weight only matters for being above 0.
 * Profiles and confidence as in {@link labelSpreading}.
 * @throws RangeError as {@link labelSpreading}
 */
export function labelPropagation(
  graph: KnnGraph,
  seeds: Seeds,
  c: number,
  options: Omit<PropagationOptions, 'alpha'> = {},
): Propagation {
  const settings = { ...DEFAULTS, iterations: 1000, ...options };
  checkSettings(0.5, settings.iterations);
  const { y, prior } = prepare(graph.size, c, seeds, settings.balance);
  const clamped = new Uint8Array(graph.size);
  for (let i = 0; i < graph.size; i++) {
    let sum = 0;
    for (let e = 0; e < c; e++) sum += y[i * c + e];
    if (sum === 0) continue;
    clamped[i] = 1;
    if (settings.balance === 'none') for (let e = 0; e < c; e++) y[i * c + e] /= sum;
  }
  const toEdges = (ordered: KnnGraph) =>
    settings.edges === 'own'
      ? ownEdges(ordered, settings.weighting, 'out')
      : symmetrise(ordered, settings.weighting);
  const { f, iterations } = spreadInOrder(graph, toEdges, y, c, {
    ...settings,
    alpha: 1,
    normalise: 'rows',
    clamped,
  });
  return toProfiles(f, undefined, seeds, prior, c, iterations);
}

/** {@link spread} along the graph's order; what comes back is in the order of `y`. */
function spreadInOrder(
  graph: KnnGraph,
  toEdges: (graph: KnnGraph) => SparseWeights,
  y: Float32Array,
  c: number,
  options: SpreadOptions,
): { f: Float32Array; degrees: Float64Array; iterations: number } {
  const weights = toEdges(renumber(graph));
  const { order } = graph;
  if (order === undefined) return { ...spread(weights, y, c, options), degrees: weights.degrees };
  const { clamped } = options;
  const ordered = new Float32Array(y.length);
  order.forEach((song, at) => {
    for (let e = 0; e < c; e++) ordered[at * c + e] = y[song * c + e];
  });
  const { f: spreadOut, iterations } = spread(weights, ordered, c, {
    ...options,
    ...(clamped === undefined ? {} : { clamped: Uint8Array.from(order, (song) => clamped[song]) }),
  });
  const f = new Float32Array(y.length);
  const degrees = new Float64Array(graph.size);
  order.forEach((song, at) => {
    for (let e = 0; e < c; e++) f[song * c + e] = spreadOut[at * c + e];
    degrees[song] = weights.degrees[at];
  });
  return { f, degrees, iterations };
}

function checkSettings(alpha: number, iterations: number): void {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha is ${alpha}: it must lie between 0 and 1`);
  if (!(iterations >= 1)) throw new RangeError(`iterations is ${iterations}: at least one round is needed`);
}

/**
 * Rows that have a label.
 * @throws RangeError on wrong lengths, and labels or weights that are negative or not finite
 */
export function checkSeeds({ labels, weights }: Seeds, n: number, c: number): Int32Array {
  if (!(c >= 1)) throw new RangeError(`there are ${c} emotions: at least one is needed`);
  if (labels.length !== n * c)
    throw new RangeError(`${labels.length} labels are not ${n} songs × ${c} emotions`);
  if (weights.length !== n) throw new RangeError(`${weights.length} weights for ${n} songs`);
  const labelled: number[] = [];
  for (let i = 0; i < n; i++) {
    const weight = weights[i];
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(`weights[${i}] is ${weight}: weights are finite and ≥ 0`);
    }
    let sum = 0;
    for (let e = 0; e < c; e++) {
      const label = labels[i * c + e];
      if (!(label >= 0 && label < Infinity)) {
        throw new RangeError(`label ${e} of song ${i} is ${label}: labels are finite and ≥ 0`);
      }
      sum += label;
    }
    if (sum > 0 && weight > 0) labelled.push(i);
  }
  return Int32Array.from(labelled);
}

/** Seeds as the matrix Y (weighted, rows of labels normalised), and the mix of all seeds. */
function prepare(
  n: number,
  c: number,
  seeds: Seeds,
  balance: 'none' | 'classes',
): { y: Float32Array; prior: Float32Array } {
  const { labels, weights } = seeds;
  const y = new Float32Array(n * c);
  const totals = new Float64Array(c);
  for (const i of checkSeeds(seeds, n, c)) {
    let sum = 0;
    for (let e = 0; e < c; e++) sum += labels[i * c + e];
    for (let e = 0; e < c; e++) {
      y[i * c + e] = (weights[i] * labels[i * c + e]) / sum;
      totals[e] += y[i * c + e];
    }
  }
  let all = 0;
  let present = 0;
  for (const total of totals) {
    all += total;
    if (total > 0) present++;
  }
  const prior = new Float32Array(c).fill(1 / c);
  if (all > 0) {
    for (let e = 0; e < c; e++) {
      if (balance === 'none') prior[e] = totals[e] / all;
      else prior[e] = totals[e] > 0 ? 1 / present : 0;
    }
  }
  if (balance === 'classes' && all > 0) {
    for (let i = 0; i < n; i++) {
      for (let e = 0; e < c; e++) if (totals[e] > 0) y[i * c + e] *= all / present / totals[e];
    }
  }
  return { y, prior };
}

/** Mass below this part of the labelled songs' own is nothing that arrived, only rounding. */
const NOTHING = 1e-9;

function toProfiles(
  f: Float32Array,
  degrees: Float64Array | undefined,
  { labels, weights }: Seeds,
  prior: Float32Array,
  c: number,
  iterations: number,
): Propagation {
  const n = weights.length;
  const mass = new Float64Array(n);
  let seedMass = 0;
  let seedCount = 0;
  for (let i = 0; i < n; i++) {
    let label = 0;
    for (let e = 0; e < c; e++) {
      mass[i] += f[i * c + e];
      label += labels[i * c + e];
    }
    if (degrees !== undefined && degrees[i] > 0) mass[i] /= Math.sqrt(degrees[i]);
    if (weights[i] > 0 && label > 0) {
      seedMass += mass[i];
      seedCount++;
    }
  }
  const usual = seedCount === 0 ? 1 : seedMass / seedCount;
  const profiles = new Float32Array(n * c);
  const confidence = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    if (!(mass[i] > NOTHING * usual)) {
      profiles.set(prior, i * c);
      continue;
    }
    let sum = 0;
    for (let e = 0; e < c; e++) sum += f[i * c + e];
    let entropy = 0;
    for (let e = 0; e < c; e++) {
      const share = f[i * c + e] / sum;
      profiles[i * c + e] = share;
      if (share > 0) entropy -= share * Math.log(share);
    }
    const decided = c === 1 ? 1 : Math.max(0, 1 - entropy / Math.log(c));
    confidence[i] = (decided * mass[i]) / (mass[i] + usual / 10);
  }
  return { profiles, confidence, iterations };
}
