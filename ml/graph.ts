import { buildTree, createSearch, rotate } from './kd-tree.ts';

/** Each point's nearest other points, nearest first. */
export interface KnnGraph {
  readonly size: number;
  /** Neighbours per point: the wished number, or size - 1 when there are fewer other points. */
  readonly k: number;
  /** size × k. */
  readonly neighbours: Int32Array;
  /** size × k, Euclidean. */
  readonly distances: Float32Array;
}

/**
 * The k nearest other points of every point, exactly (up to rounding; among equal distances any): a k-d tree
 * searched with incremental distance bounds (Arya & Mount 1993). Grows as n log n.
 * @param points n × d, row-major, finite
 * @throws RangeError on wrong lengths or points that are not finite
 */
export function knnGraph(
  points: Float32Array,
  n: number,
  d: number,
  k: number,
  onProgress?: (fraction: number) => void,
): KnnGraph {
  checkPoints(points, n, d, k);
  const kept = Math.max(0, Math.min(Math.floor(k), n - 1));
  const neighbours = new Int32Array(n * kept);
  const distances = new Float32Array(n * kept);
  if (kept === 0) return { size: n, k: 0, neighbours, distances };
  const tree = buildTree(points, n, d);
  const search = createSearch(tree, kept);
  for (let position = 0; position < n; position++) {
    const row = tree.order[position] * kept;
    search(tree.points, position * d, position);
    for (let j = 0; j < kept; j++) {
      neighbours[row + j] = tree.order[search.found[j]];
      distances[row + j] = Math.sqrt(search.squares[j]);
    }
    if (onProgress !== undefined && position % 8192 === 0) onProgress(position / n);
  }
  return { size: n, k: kept, neighbours, distances };
}

/**
 * The k points of a group nearest to each of some places, exactly.
 * @param group n × d, row-major, finite
 * @param places rows of d columns, finite
 * @returns per place a row of k (or n, when there are fewer points) neighbours in the group, nearest first
 * @throws RangeError on wrong lengths or points that are not finite
 */
export function nearestAmong(
  group: Float32Array,
  n: number,
  d: number,
  places: Float32Array,
  k: number,
): KnnGraph {
  const size = d === 0 ? 0 : places.length / d;
  checkPoints(group, n, d, k);
  checkPoints(places, size, d, k);
  const kept = Math.min(Math.floor(k), n);
  const neighbours = new Int32Array(size * kept);
  const distances = new Float32Array(size * kept);
  if (kept === 0) return { size, k: 0, neighbours, distances };
  const tree = buildTree(group, n, d);
  const search = createSearch(tree, kept);
  const rotated = rotate(places, size, tree.rotation);
  for (let i = 0; i < size; i++) {
    search(rotated, i * d, -1);
    for (let j = 0; j < kept; j++) {
      neighbours[i * kept + j] = tree.order[search.found[j]];
      distances[i * kept + j] = Math.sqrt(search.squares[j]);
    }
  }
  return { size, k: kept, neighbours, distances };
}

function checkPoints(points: Float32Array, n: number, d: number, k: number): void {
  if (points.length !== n * d) throw new RangeError(`${points.length} values are not ${n} points × ${d}`);
  if (!(k >= 1)) throw new RangeError(`k is ${k}: a point needs at least one neighbour`);
  for (let i = 0; i < points.length; i++) {
    if (!Number.isFinite(points[i])) {
      throw new RangeError(`point ${Math.floor(i / d)} has ${points[i]} in column ${i % d}: fill gaps first`);
    }
  }
}
