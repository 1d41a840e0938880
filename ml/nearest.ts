import type { Crew } from './crew.ts';
import { buildTree, type KdTree, leafAt } from './kd-tree.ts';
import { compileSearch, LEAF, SEARCH, type SearchLayout, STACK_BYTES } from './nearest-kernel.ts';
import { rotate } from './principal-axes.ts';

/** Places of a search, part after part. */
export interface SearchJob {
  readonly kind: 'search';
  readonly parts: number;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly places: number;
  readonly skipSelf: boolean;
}

const PLACES_PER_PART = 1024;
const PAGE = 65_536;

export function searchPart(
  { module, memory, places, skipSelf }: SearchJob,
  thread: number,
): (part: number) => void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const search = exports[SEARCH] as (from: number, to: number, thread: number, skipSelf: number) => void;
  return (part) => {
    const from = part * PLACES_PER_PART;
    search(from, Math.min(places, from + PLACES_PER_PART), thread, Number(skipSelf));
  };
}

/** Per place k points, nearest first. */
export interface Nearest {
  readonly neighbours: Int32Array;
  readonly distances: Float32Array;
}

function layOut(n: number, places: number, dimensions: number, k: number, threads: number): SearchLayout {
  let used = 16;
  const room = (bytes: number) => {
    const at = used;
    used += Math.ceil(bytes / 16) * 16;
    return at;
  };
  const rowBytes = Math.ceil(dimensions / 4) * 16;
  const leaves = Math.ceil(n / LEAF);
  return {
    dimensions,
    k,
    rowBytes,
    boxes: room((2 * leaves - 1) * 2 * rowBytes),
    links: room((2 * leaves - 1) * 16),
    cells: room(leaves * LEAF * dimensions * 4),
    places: room(places * rowBytes),
    starts: room(places * 4),
    squares: room(places * k * 4),
    found: room(places * k * 4),
    stacks: room(threads * STACK_BYTES),
    pages: Math.ceil(used / PAGE),
  };
}

/**
 * The k points nearest to each place: a k-d tree that is searched upwards from each place's own leaf, in WebAssembly
 * with SIMD, place after place in the order of the leaves, so that what is looked at is in the cache.
 * @param group n × d, finite
 * @param asked places × d, finite; absent: the points themselves, each passed over when it asks
 * @param k at most the number of points that can be found, at least 1
 */
export function nearest(
  group: Float32Array,
  n: number,
  d: number,
  asked: Float32Array | undefined,
  k: number,
  crew: Crew,
): Nearest {
  const places = asked === undefined ? n : asked.length / d;
  const layout = layOut(n, places, d, k, crew.threads);
  const memory = new WebAssembly.Memory({ initial: layout.pages, maximum: layout.pages, shared: true });
  const tree = buildTree(group, n, layout, memory.buffer);
  const order =
    asked === undefined ? placePoints(tree, layout, memory) : placeOthers(tree, asked, layout, memory);
  crew.run({
    kind: 'search',
    parts: Math.ceil(places / PLACES_PER_PART),
    module: compileSearch(layout),
    memory,
    places,
    skipSelf: asked === undefined,
  });
  const squares = new Float32Array(memory.buffer, layout.squares, places * k);
  const found = new Int32Array(memory.buffer, layout.found, places * k);
  const neighbours = new Int32Array(places * k);
  const distances = new Float32Array(places * k);
  for (let place = 0, at = 0; place < places; place++) {
    const row = order[place] * k;
    for (let j = 0; j < k; j++, at++) {
      neighbours[row + j] = tree.order[found[at]];
      distances[row + j] = Math.sqrt(squares[at]);
    }
  }
  return { neighbours, distances };
}

function fillPlaces(
  rows: Float32Array,
  order: Int32Array,
  { dimensions: d, rowBytes, places }: SearchLayout,
  memory: WebAssembly.Memory,
): void {
  const stride = rowBytes / 4;
  const to = new Float32Array(memory.buffer, places, order.length * stride);
  for (let i = 0; i < order.length; i++) {
    for (let c = 0; c < d; c++) to[i * stride + c] = rows[order[i] * d + c];
  }
}

/** @returns the point at each place */
function placePoints(tree: KdTree, layout: SearchLayout, memory: WebAssembly.Memory): Int32Array {
  const { order, nodes, rotated } = tree;
  const starts = new Int32Array(memory.buffer, layout.starts, order.length);
  for (let i = 0; i < order.length; i++) starts[i] = nodes[Math.floor(i / LEAF)];
  fillPlaces(rotated, order, layout, memory);
  return order;
}

/** Others in the order of the leaves that they fall into. @returns which of them is at each place */
function placeOthers(
  tree: KdTree,
  asked: Float32Array,
  layout: SearchLayout,
  memory: WebAssembly.Memory,
): Int32Array {
  const d = layout.dimensions;
  const count = asked.length / d;
  const rows = rotate(asked, count, tree.rotation);
  const leaves = new Int32Array(count);
  const next = new Int32Array(tree.axis.length + 1);
  for (let i = 0; i < count; i++) {
    leaves[i] = leafAt(tree, rows, i * d);
    next[leaves[i] + 1]++;
  }
  for (let node = 1; node < next.length; node++) next[node] += next[node - 1];
  const order = new Int32Array(count);
  const starts = new Int32Array(memory.buffer, layout.starts, count);
  for (let i = 0; i < count; i++) {
    const place = next[leaves[i]]++;
    order[place] = i;
    starts[place] = leaves[i];
  }
  fillPlaces(rows, order, layout, memory);
  return order;
}
