/** Points per leaf: small enough to prune, large enough that the inner loop dominates. */
const LEAF = 16;

/** A k-d tree whose points lie on their principal axes. */
export interface KdTree {
  readonly dimensions: number;
  /** Points in leaf order on the principal axes, n × dimensions. */
  readonly points: Float64Array;
  /** Position in leaf order → point. */
  readonly order: Int32Array;
  /** Per node: split dimension, or -1 for a leaf. Children of node i are left[i] and right[i]. */
  readonly dimension: Int32Array;
  readonly split: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Range of positions below each node. */
  readonly begin: Int32Array;
  readonly end: Int32Array;
  readonly rotation: Rotation;
}

/** Finds the points of a tree that are nearest to a place. */
export interface Search {
  /**
   * Fills `found` with the positions (leaf order) of the points nearest to the place at `from` in `places`, which
   * is on the tree's axes, nearest first. The point at position `skip` is passed over; -1 for none.
   */
  (places: Float64Array, from: number, skip: number): void;
  readonly found: Int32Array;
  readonly squares: Float64Array;
}

/** @param k at most the number of points that can be found */
export function createSearch(tree: KdTree, k: number): Search {
  const { points, dimensions: d, dimension, split, left, right, begin, end } = tree;
  const found = new Int32Array(k);
  const squares = new Float64Array(k);
  /** How far the cell now visited is from the query along each axis, squared. */
  const apart = new Float64Array(d);
  let query: Float64Array = apart;
  let from = 0;
  let skipped = -1;
  let worst = Number.POSITIVE_INFINITY;

  function scan(node: number): void {
    for (let p = begin[node]; p < end[node]; p++) {
      if (p === skipped) continue;
      const at = p * d;
      let sum = 0;
      let i = 0;
      // The first axes carry most of the distance: look after four whether the point is out already.
      for (; i + 4 <= d; i += 4) {
        const a = points[at + i] - query[from + i];
        const b = points[at + i + 1] - query[from + i + 1];
        const c = points[at + i + 2] - query[from + i + 2];
        const e = points[at + i + 3] - query[from + i + 3];
        sum += a * a + b * b + c * c + e * e;
        if (sum >= worst) break;
      }
      if (sum >= worst) continue;
      for (; i < d; i++) {
        const difference = points[at + i] - query[from + i];
        sum += difference * difference;
      }
      if (sum >= worst) continue;
      let j = k - 1;
      for (; j > 0 && squares[j - 1] > sum; j--) {
        squares[j] = squares[j - 1];
        found[j] = found[j - 1];
      }
      squares[j] = sum;
      found[j] = p;
      worst = squares[k - 1];
    }
  }

  function visit(node: number, bound: number): void {
    const axis = dimension[node];
    if (axis < 0) {
      scan(node);
      return;
    }
    const gap = query[from + axis] - split[node];
    visit(gap < 0 ? left[node] : right[node], bound);
    const before = apart[axis];
    const beyond = bound - before + gap * gap;
    if (beyond < worst) {
      apart[axis] = gap * gap;
      visit(gap < 0 ? right[node] : left[node], beyond);
      apart[axis] = before;
    }
  }

  const search = (places: Float64Array, at: number, skip: number): void => {
    query = places;
    from = at;
    skipped = skip;
    worst = Number.POSITIVE_INFINITY;
    squares.fill(Number.POSITIVE_INFINITY);
    apart.fill(0);
    visit(0, 0);
  };
  return Object.assign(search, { found, squares });
}

/**
 * A k-d tree (Bentley 1975) with leaf buckets over n points of d dimensions, row-major, built on their principal
 * axes: there the first coordinates carry most of a distance, so both pruning and the early end of a distance sum
 * pay off.
 */
export function buildTree(original: Float32Array, n: number, d: number): KdTree {
  const rotation = principalRotation(original, n, d);
  const coordinates = rotate(original, n, rotation);
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  const nodes = Math.max(1, 4 * Math.ceil(n / LEAF));
  const tree = {
    dimension: new Int32Array(nodes).fill(-1),
    split: new Float64Array(nodes),
    left: new Int32Array(nodes),
    right: new Int32Array(nodes),
    begin: new Int32Array(nodes),
    end: new Int32Array(nodes),
  };
  const keys = new Float64Array(n);
  let used = 0;
  function grow(begin: number, end: number): number {
    const node = used++;
    tree.begin[node] = begin;
    tree.end[node] = end;
    if (end - begin <= LEAF) return node;
    const axis = widestAxis(coordinates, order, begin, end, d);
    if (axis < 0) return node; // all points are the same point
    const middle = (begin + end) >> 1;
    for (let i = begin; i < end; i++) keys[i] = coordinates[order[i] * d + axis];
    selectMiddle(keys, order, begin, end - 1, middle);
    tree.dimension[node] = axis;
    tree.split[node] = keys[middle];
    tree.left[node] = grow(begin, middle);
    tree.right[node] = grow(middle, end);
    return node;
  }
  grow(0, n);
  const points = new Float64Array(n * d);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < d; c++) points[i * d + c] = coordinates[order[i] * d + c];
  }
  return { dimensions: d, points, order, rotation, ...tree };
}

/** Axis along which these points spread most; -1 when they are all equal. */
function widestAxis(
  coordinates: Float64Array,
  order: Int32Array,
  begin: number,
  end: number,
  d: number,
): number {
  let widest = -1;
  let width = 0;
  for (let c = 0; c < d; c++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = begin; i < end; i++) {
      const value = coordinates[order[i] * d + c];
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (high - low > width) {
      width = high - low;
      widest = c;
    }
  }
  return widest;
}

/** Quickselect (Hoare 1961) by `keys`, carrying `order` along: smaller keys before `middle`, larger after. */
function selectMiddle(
  keys: Float64Array,
  order: Int32Array,
  low: number,
  high: number,
  middle: number,
): void {
  while (low < high) {
    const pivot = keys[(low + high) >> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (keys[i] < pivot) i++;
      while (keys[j] > pivot) j--;
      if (i <= j) {
        const key = keys[i];
        keys[i] = keys[j];
        keys[j] = key;
        const kept = order[i];
        order[i] = order[j];
        order[j] = kept;
        i++;
        j--;
      }
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}

/** Mean and orthogonal axes (rows, d × d) of some points, widest first. */
interface Rotation {
  readonly mean: Float64Array;
  readonly axes: Float64Array;
}

function principalRotation(points: Float32Array, n: number, d: number): Rotation {
  const mean = new Float64Array(d);
  for (let i = 0; i < n; i++) for (let c = 0; c < d; c++) mean[c] += points[i * d + c] / n;
  const covariance = new Float64Array(d * d);
  const row = new Float64Array(d);
  // The axes need not be exact, only orthogonal: a sample of the points tells them well enough.
  const step = Math.max(1, Math.floor(n / 20_000));
  for (let i = 0; i < n; i += step) {
    for (let c = 0; c < d; c++) row[c] = points[i * d + c] - mean[c];
    for (let a = 0; a < d; a++) for (let b = 0; b <= a; b++) covariance[a * d + b] += row[a] * row[b];
  }
  for (let a = 0; a < d; a++) for (let b = 0; b < a; b++) covariance[b * d + a] = covariance[a * d + b];
  return { mean, axes: principalAxes(covariance, d) };
}

/** Points of the original space on a tree's axes: a rotation, so distances stay what they are. */
export function rotate(points: Float32Array, n: number, { mean, axes }: Rotation): Float64Array {
  const d = mean.length;
  const row = new Float64Array(d);
  const rotated = new Float64Array(n * d);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < d; c++) row[c] = points[i * d + c] - mean[c];
    for (let a = 0; a < d; a++) {
      let sum = 0;
      for (let c = 0; c < d; c++) sum += axes[a * d + c] * row[c];
      rotated[i * d + a] = sum;
    }
  }
  return rotated;
}

/**
 * Eigenvectors of a symmetric d × d matrix as rows, largest eigenvalue first (cyclic Jacobi rotations;
 * Golub & Van Loan, "Matrix Computations", 8.5). Destroys its argument.
 */
function principalAxes(matrix: Float64Array, d: number): Float64Array {
  const vectors = new Float64Array(d * d);
  for (let i = 0; i < d; i++) vectors[i * d + i] = 1;
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    let diagonal = 0;
    for (let p = 0; p < d; p++) {
      diagonal += matrix[p * d + p] ** 2;
      for (let q = 0; q < p; q++) off += matrix[p * d + q] ** 2;
    }
    if (off <= 1e-20 * diagonal) break;
    for (let p = 0; p < d; p++) {
      for (let q = p + 1; q < d; q++) {
        const apq = matrix[p * d + q];
        if (apq === 0) continue;
        const tau = (matrix[q * d + q] - matrix[p * d + p]) / (2 * apq);
        const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
        const cos = 1 / Math.sqrt(1 + t * t);
        const sin = t * cos;
        for (let i = 0; i < d; i++) {
          const ip = matrix[i * d + p];
          const iq = matrix[i * d + q];
          matrix[i * d + p] = cos * ip - sin * iq;
          matrix[i * d + q] = sin * ip + cos * iq;
        }
        for (let i = 0; i < d; i++) {
          const pi = matrix[p * d + i];
          const qi = matrix[q * d + i];
          matrix[p * d + i] = cos * pi - sin * qi;
          matrix[q * d + i] = sin * pi + cos * qi;
          const vp = vectors[p * d + i];
          const vq = vectors[q * d + i];
          vectors[p * d + i] = cos * vp - sin * vq;
          vectors[q * d + i] = sin * vp + cos * vq;
        }
      }
    }
  }
  const ranked = Array.from({ length: d }, (_, i) => i).sort((a, b) => matrix[b * d + b] - matrix[a * d + a]);
  const sorted = new Float64Array(d * d);
  ranked.forEach((from, to) => {
    sorted.set(vectors.subarray(from * d, (from + 1) * d), to * d);
  });
  return sorted;
}
