import { LEAF, type SearchLayout } from './nearest-kernel.ts';
import { principalRotation, type Rotation, rotate } from './principal-axes.ts';

/** A k-d tree whose points lie on their principal axes, in the memory of a search (see {@link SearchLayout}). */
export interface KdTree {
  /** Position, leaf by leaf → point. */
  readonly order: Int32Array;
  readonly rotation: Rotation;
  /** Per node: the axis that it is split along, and where; the right child; a leaf is its own. */
  readonly axis: Int32Array;
  readonly split: Float32Array;
  readonly right: Int32Array;
  /** Per leaf its node. */
  readonly nodes: Int32Array;
  /** Points on the tree's axes, n × dimensions, as they came. */
  readonly rotated: Float32Array;
}

/** Points that tell along which axis a node spreads most. */
const SAMPLE = 64;

/**
 * A k-d tree (Bentley 1975) with full leaf buckets and tight boxes over n points, built on their principal axes:
 * there the first coordinates carry most of a distance, so both pruning and the early end of a distance sum pay off.
 * Fills boxes, links and cells of the memory.
 */
export function buildTree(
  original: Float32Array,
  n: number,
  layout: SearchLayout,
  memory: ArrayBufferLike,
): KdTree {
  const { dimensions: d, rowBytes } = layout;
  const rotation = principalRotation(original, n, d);
  const rotated = rotate(original, n, rotation);
  const leaves = Math.ceil(n / LEAF);
  const count = 2 * leaves - 1;
  const stride = rowBytes / 4;
  const boxes = new Float32Array(memory, layout.boxes, count * 2 * stride);
  const links = new Int32Array(memory, layout.links, count * 4);
  const cells = new Float32Array(memory, layout.cells, leaves * LEAF * d).fill(Number.POSITIVE_INFINITY);
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  const axis = new Int32Array(count);
  const split = new Float32Array(count);
  const right = new Int32Array(count);
  const nodes = new Int32Array(leaves);
  const keys = new Float32Array(n);
  let used = 0;

  /** The tree over the leaves from `first` to before `last`; its root. */
  function grow(first: number, last: number, parent: number): number {
    const node = used++;
    links[4 * node + 2] = parent;
    right[node] = node;
    if (last - first === 1) fillLeaf(node, first);
    else {
      const middle = (first + last) >> 1;
      const begin = first * LEAF;
      const end = Math.min(n, last * LEAF);
      const along = widestAxis(rotated, order, begin, end, d);
      for (let i = begin; i < end; i++) keys[i] = rotated[order[i] * d + along];
      selectMiddle(keys, order, begin, end - 1, middle * LEAF);
      axis[node] = along;
      split[node] = keys[middle * LEAF];
      const a = grow(first, middle, node);
      const b = grow(middle, last, node);
      right[node] = b;
      links[4 * node] = b;
      links[4 * a + 1] = b;
      links[4 * b + 1] = a;
      const [to, one, other] = [node, a, b].map((which) => which * 2 * stride);
      for (let c = 0; c < d; c++) {
        boxes[to + c] = Math.min(boxes[one + c], boxes[other + c]);
        boxes[to + stride + c] = Math.max(boxes[one + stride + c], boxes[other + stride + c]);
      }
    }
    return node;
  }

  function fillLeaf(node: number, leaf: number): void {
    nodes[leaf] = node;
    links[4 * node + 3] = leaf;
    const begin = leaf * LEAF;
    const end = Math.min(n, begin + LEAF);
    for (let c = 0; c < d; c++) {
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let i = begin; i < end; i++) {
        const value = rotated[order[i] * d + c];
        cells[begin * d + c * LEAF + i - begin] = value;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      boxes[node * 2 * stride + c] = low;
      boxes[node * 2 * stride + stride + c] = high;
    }
  }

  grow(0, leaves, 0);
  return { order, rotation, axis, split, right, nodes, rotated };
}

/** The leaf's node that a place, on the tree's axes, falls into. */
export function leafAt({ axis, split, right }: KdTree, places: Float32Array, from: number): number {
  let node = 0;
  while (right[node] !== node) node = places[from + axis[node]] < split[node] ? node + 1 : right[node];
  return node;
}

/** Axis of the largest variance, by a sample of these points. */
function widestAxis(
  coordinates: Float32Array,
  order: Int32Array,
  begin: number,
  end: number,
  d: number,
): number {
  let widest = 0;
  let width = -1;
  const step = Math.max(1, (end - begin) / SAMPLE);
  for (let c = 0; c < d; c++) {
    let count = 0;
    let sum = 0;
    let squares = 0;
    for (let at = begin; at < end; at += step) {
      const value = coordinates[order[Math.floor(at)] * d + c];
      count++;
      sum += value;
      squares += value * value;
    }
    const variance = squares - (sum * sum) / count;
    if (variance > width) {
      width = variance;
      widest = c;
    }
  }
  return widest;
}

/** Quickselect (Hoare 1961) by `keys`, carrying `order` along: smaller keys before `middle`, larger after. */
function selectMiddle(
  keys: Float32Array,
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
