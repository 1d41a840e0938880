import type { KnnGraph } from './graph.ts';

/**
 * How an edge of the neighbour graph is weighted by its length:
 * `connectivity` 1; `rbf` exp(−γ·d²); `local` exp(−d²/(σᵢσⱼ)) with σᵢ the distance to i's last neighbour
 * (self-tuning, Zelnik-Manor & Perona 2004), which suits regions of different density.
 */
export type WeightScheme = 'connectivity' | 'local' | { readonly rbf: number };

/** A symmetric weighted graph as compressed sparse rows. */
export interface SparseWeights {
  readonly size: number;
  /** size + 1. */
  readonly offsets: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
  /** Sum of each row; 0 for an isolated song. */
  readonly degrees: Float64Array;
}

/**
 * The same graph with its points renumbered in its order, so that near ones have near numbers.
 * @returns the graph itself when it has no order
 */
export function renumber(graph: KnnGraph): KnnGraph {
  const { size, k, neighbours, distances, order } = graph;
  if (order === undefined) return graph;
  const place = new Int32Array(size);
  for (let i = 0; i < size; i++) place[order[i]] = i;
  const renumbered = new Int32Array(size * k);
  const sorted = new Float32Array(size * k);
  for (let i = 0, at = 0; i < size; i++) {
    for (let from = order[i] * k, end = from + k; from < end; from++, at++) {
      renumbered[at] = place[neighbours[from]];
      sorted[at] = distances[from];
    }
  }
  return { size, k, neighbours: renumbered, distances: sorted, order };
}

/** An edge where either end has the other among its nearest; no edge from a song to itself. */
export function symmetrise(graph: KnnGraph, scheme: WeightScheme): SparseWeights {
  const { size, k, neighbours, distances } = graph;
  const weigh = edgeWeight(graph, scheme);
  // First every edge i → j, then j → i unless j has i among its own.
  const mutual = new Uint8Array(size * k);
  const offsets = new Int32Array(size + 1);
  for (let i = 0; i < size; i++) {
    for (let at = i * k; at < (i + 1) * k; at++) {
      const j = neighbours[at];
      if (j === i) continue;
      offsets[i + 1]++;
      let found = false;
      for (let back = j * k; back < (j + 1) * k; back++) if (neighbours[back] === i) found = true;
      if (found) mutual[at] = 1;
      else offsets[j + 1]++;
    }
  }
  for (let i = 0; i < size; i++) offsets[i + 1] += offsets[i];
  const columns = new Int32Array(offsets[size]);
  const values = new Float32Array(offsets[size]);
  const next = offsets.slice(0, size);
  for (let i = 0; i < size; i++) {
    for (let at = i * k; at < (i + 1) * k; at++) {
      const j = neighbours[at];
      if (j === i) continue;
      const weight = weigh(i, j, distances[at]);
      columns[next[i]] = j;
      values[next[i]++] = weight;
      if (mutual[at] === 1) continue;
      columns[next[j]] = i;
      values[next[j]++] = weight;
    }
  }
  const degrees = new Float64Array(size);
  for (let i = 0; i < size; i++)
    for (let at = offsets[i]; at < offsets[i + 1]; at++) degrees[i] += values[at];
  return { size, offsets, columns, values, degrees };
}

/**
 * Only the edges from each song to its own nearest, so that W is not symmetric: the graph of scikit-learn's
 * `kernel='knn'` (its n_neighbors count the song itself, so they are one more than the graph's k).
 * @param degrees `in` for D^-½ W D^-½, where 0 becomes 1, as scipy's normed laplacian has it; `out` for D^-1 W
 */
export function ownEdges(graph: KnnGraph, scheme: WeightScheme, degrees: 'in' | 'out'): SparseWeights {
  const { size, k, neighbours, distances } = graph;
  const weigh = edgeWeight(graph, scheme);
  const values = new Float32Array(size * k);
  const sums = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    for (let at = i * k; at < (i + 1) * k; at++) {
      values[at] = weigh(i, neighbours[at], distances[at]);
      sums[degrees === 'in' ? neighbours[at] : i] += values[at];
    }
  }
  return {
    size,
    offsets: Int32Array.from({ length: size + 1 }, (_, i) => i * k),
    columns: neighbours,
    values,
    degrees: degrees === 'in' ? sums.map((sum) => sum || 1) : sums,
  };
}

function edgeWeight(
  { size, k, distances }: KnnGraph,
  scheme: WeightScheme,
): (i: number, j: number, distance: number) => number {
  if (scheme === 'connectivity') return () => 1;
  if (scheme === 'local') {
    const scale = new Float64Array(size);
    for (let i = 0; i < size; i++) scale[i] = k === 0 ? 0 : distances[i * k + k - 1];
    return (i, j, distance) => {
      // Duplicates of one song all lie at distance 0: they are as near as can be.
      const product = scale[i] * scale[j];
      return product === 0 ? 1 : Math.max(1e-6, Math.exp(-(distance * distance) / product));
    };
  }
  const gamma = scheme.rbf;
  if (!(gamma > 0 && gamma < Infinity)) throw new RangeError(`rbf is ${gamma}: it must be above 0`);
  return (_i, _j, distance) => Math.exp(-gamma * distance * distance);
}

export interface SpreadOptions {
  /** F ← α·W'·F + (1 − α)·Y; 1 with `clamped` keeps the seeds fixed instead. */
  readonly alpha: number;
  readonly iterations: number;
  readonly tolerance: number;
  /** W' is D^-½ W D^-½ (`symmetric`) or D^-1 W (`rows`). */
  readonly normalise: 'symmetric' | 'rows';
  /** 1 for rows that stay as they are in Y. */
  readonly clamped?: Uint8Array;
}

/** The iteration of label spreading and label propagation. `y` is n × c and is not written to. */
export function spread(
  weights: SparseWeights,
  y: Float32Array,
  c: number,
  { alpha, iterations: rounds, tolerance, normalise, clamped }: SpreadOptions,
): { f: Float32Array; iterations: number } {
  const { size, offsets, columns, degrees } = weights;
  const scaled = new Float32Array(weights.values.length);
  for (let i = 0; i < size; i++) {
    for (let at = offsets[i]; at < offsets[i + 1]; at++) {
      const by = normalise === 'rows' ? degrees[i] : Math.sqrt(degrees[i] * degrees[columns[at]]);
      scaled[at] = by === 0 ? 0 : (alpha * weights.values[at]) / by;
    }
  }
  const rest = clamped === undefined ? 1 - alpha : 0;
  let top = 0;
  for (let i = 0; i < y.length; i++) if (y[i] > top) top = y[i];
  const enough = tolerance * top * (rest === 0 ? 1 : rest);
  let f: Float32Array = Float32Array.from(y);
  if (rest > 0) for (let i = 0; i < f.length; i++) f[i] *= rest;
  let next: Float32Array = new Float32Array(f.length);
  const row = new Float64Array(c);
  let iterations = 0;
  while (iterations < rounds) {
    iterations++;
    let moved = 0;
    for (let i = 0; i < size; i++) {
      const base = i * c;
      if (clamped !== undefined && clamped[i] === 1) {
        for (let e = 0; e < c; e++) next[base + e] = y[base + e];
        continue;
      }
      for (let e = 0; e < c; e++) row[e] = rest * y[base + e];
      for (let at = offsets[i]; at < offsets[i + 1]; at++) {
        const weight = scaled[at];
        const from = columns[at] * c;
        for (let e = 0; e < c; e++) row[e] += weight * f[from + e];
      }
      for (let e = 0; e < c; e++) {
        const move = Math.abs(row[e] - f[base + e]);
        if (move > moved) moved = move;
        next[base + e] = row[e];
      }
    }
    [f, next] = [next, f];
    if (moved <= enough) break;
  }
  return { f, iterations };
}
