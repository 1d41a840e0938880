import { ALONE, type Crew } from './crew.ts';
import { nearest } from './nearest.ts';

/** Squares of larger numbers leave the range of 32 bits. */
const LARGEST = 1e18;

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
 * The k nearest other points of every point, exactly (up to rounding; among equal distances any). Grows as n log n.
 * @param points n × d, row-major, at most 1e18 in size
 * @throws RangeError on wrong lengths or points that are not finite
 */
export function knnGraph(
  points: Float32Array,
  n: number,
  d: number,
  k: number,
  crew: Crew = ALONE,
): KnnGraph {
  checkPoints(points, n, d, k);
  const kept = Math.max(0, Math.min(Math.floor(k), n - 1));
  if (kept === 0) return { size: n, k: 0, neighbours: new Int32Array(0), distances: new Float32Array(0) };
  // Points without columns all lie on each other.
  const [rows, columns] = d === 0 ? [new Float32Array(n), 1] : [points, d];
  return { size: n, k: kept, ...nearest(rows, n, columns, undefined, kept, crew) };
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
  crew: Crew = ALONE,
): KnnGraph {
  const size = d === 0 ? 0 : places.length / d;
  checkPoints(group, n, d, k);
  checkPoints(places, size, d, k);
  const kept = Math.min(Math.floor(k), n);
  if (kept === 0 || size === 0)
    return { size, k: kept, neighbours: new Int32Array(0), distances: new Float32Array(0) };
  return { size, k: kept, ...nearest(group, n, d, places, kept, crew) };
}

function checkPoints(points: Float32Array, n: number, d: number, k: number): void {
  if (points.length !== n * d) throw new RangeError(`${points.length} values are not ${n} points × ${d}`);
  if (!(k >= 1)) throw new RangeError(`k is ${k}: a point needs at least one neighbour`);
  for (let i = 0; i < points.length; i++) {
    if (!(Math.abs(points[i]) <= LARGEST)) {
      const what = `point ${Math.floor(i / d)} has ${points[i]} in column ${i % d}`;
      throw new RangeError(`${what}: fill gaps and standardise first`);
    }
  }
}
