import type { Crew, Job } from './crew.ts';
import type { Forest, Table } from './forest.ts';
import {
  assemble,
  type Code,
  code,
  f32,
  f64,
  i32,
  locals,
  loopWhile,
  type WasmFunction,
} from './wasm-assembler.ts';

/** Rows of a table that are told by a forest, part after part. */
export interface WalkJob extends Job {
  readonly kind: 'walk';
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly rows: number;
  readonly classes: number;
  /** Address of the rows × classes sums. */
  readonly result: number;
}

/** Where things lie, in bytes. */
interface WalkLayout {
  /** Numbers in a row. Where values are missing a row has all columns twice: once they go left, once right. */
  readonly width: number;
  readonly classes: number;
  /** Address of each tree's first node. */
  readonly roots: number;
  readonly trees: number;
  /**
   * Per node the place of its value in a row, in bytes; its threshold; the address of its left child, which the
   * right one follows. A leaf is its own child, and nothing goes right there.
   */
  readonly nodes: number;
  readonly mix: number;
  readonly values: number;
  readonly result: number;
  readonly pages: number;
}

const NODE_BYTES = 16;
/** Rows that go down a tree side by side, so that one's wait for memory is another's time. */
const LANES = 4;
/** Rows that all trees tell in turn, while they stay in the cache. */
const ROWS_PER_PART = 512;
const PAGE = 65_536;
const WALK = 'f0';

export function openWalk({ module, memory, rows, classes, result }: WalkJob): (part: number) => void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const walk = exports[WALK] as (from: number, to: number) => void;
  const sums = new Float32Array(memory.buffer, result, rows * classes);
  return (part) => {
    const from = part * ROWS_PER_PART;
    const to = Math.min(rows, from + ROWS_PER_PART);
    sums.fill(0, from * classes, to * classes);
    walk(from, to);
  };
}

/** `(from, to)`: each tree's mix of these rows, times its share, is added to their results. */
function walk(layout: WalkLayout): WasmFunction {
  const { width, classes, roots, trees, nodes, mix, values, result } = layout;
  const own = locals();
  const from = own.add('i32');
  const to = own.add('i32');
  const tree = own.add('i32');
  const row = own.add('i32');
  const at = own.add('i32');
  const sum = own.add('i32');
  const node = Array.from({ length: LANES }, () => own.add('i32'));
  const child = Array.from({ length: LANES }, () => own.add('i32'));
  const value = Array.from({ length: LANES }, () => own.add('f32'));
  const lanes = (of: (lane: number) => Code) => code(...node.map((_, lane) => of(lane)));
  const inner = node.map((one, lane) => i32.xor(one.get, child[lane].get)).reduce((a, b) => i32.or(a, b));
  const goesRight = (lane: number) => f32.greaterThan(value[lane].get, f32.load(node[lane].get, 4));
  const down = loopWhile(
    code(
      lanes((lane) => child[lane].set(i32.load(node[lane].get, 8))),
      inner,
    ),
    code(
      lanes((lane) => value[lane].set(f32.load(i32.add(at.get, i32.load(node[lane].get)), lane * width * 4))),
      lanes((lane) => node[lane].set(i32.add(child[lane].get, i32.shiftLeft(goesRight(lane), i32.const(4))))),
    ),
  );
  const addMix = (lane: number) => {
    // A node takes 16 bytes, its mix 4 for each class.
    const place = i32.mul(
      i32.shiftRight(i32.sub(node[lane].get, i32.const(nodes)), i32.const(2)),
      i32.const(classes),
    );
    const steps: Code[] = [at.set(i32.add(place, i32.const(mix)))];
    for (let e = 0; e < classes; e++) {
      const offset = (lane * classes + e) * 4;
      const more = f64.mul(f64.const(1 / trees), f64.promote(f32.load(at.get, 4 * e)));
      const total = f64.add(f64.promote(f32.load(sum.get, offset)), more);
      steps.push(f32.store(sum.get, f64.demote(total), offset));
    }
    return code(...steps);
  };
  const body = loopWhile(
    i32.lessThan(tree.get, i32.const(trees)),
    code(
      row.set(from.get),
      loopWhile(
        i32.lessThan(row.get, to.get),
        code(
          at.set(i32.add(i32.mul(row.get, i32.const(width * 4)), i32.const(values))),
          sum.set(i32.add(i32.mul(row.get, i32.const(classes * 4)), i32.const(result))),
          lanes((lane) => node[lane].set(i32.load(i32.shiftLeft(tree.get, i32.const(2)), roots))),
          down,
          lanes(addMix),
          row.set(i32.add(row.get, i32.const(LANES))),
        ),
      ),
      tree.set(i32.add(tree.get, i32.const(1))),
    ),
  );
  return { parameters: ['i32', 'i32'], locals: own.types.slice(2), body };
}

function layOut({ classes, roots, column }: Forest, rows: number, width: number): WalkLayout {
  let used = 16;
  const room = (numbers: number) => {
    const at = used;
    used += Math.ceil(numbers / 4) * 16;
    return at;
  };
  // Rows beyond the last fill the lanes.
  const padded = Math.ceil(rows / LANES) * LANES;
  return {
    width,
    classes,
    trees: roots.length,
    roots: room(roots.length),
    nodes: room((column.length * NODE_BYTES) / 4),
    mix: room(column.length * classes),
    values: room(padded * width),
    result: room(padded * classes),
    pages: Math.ceil(used / PAGE),
  };
}

function fillNodes(forest: Forest, { nodes, roots, width }: WalkLayout, memory: WebAssembly.Memory): void {
  const { column, threshold, missingLeft, left } = forest;
  const integers = new Int32Array(memory.buffer, nodes, column.length * 4);
  const numbers = new Float32Array(memory.buffer, nodes, column.length * 4);
  for (let node = 0; node < column.length; node++) {
    const isLeaf = column[node] < 0;
    const second = width > forest.columns && missingLeft[node] === 0 ? forest.columns : 0;
    integers[4 * node] = isLeaf ? 0 : (column[node] + second) * 4;
    numbers[4 * node + 1] = isLeaf ? Number.POSITIVE_INFINITY : threshold[node];
    integers[4 * node + 2] = nodes + NODE_BYTES * (isLeaf ? node : left[node]);
  }
  new Int32Array(memory.buffer, roots).set(forest.roots.map((root) => nodes + NODE_BYTES * root));
}

function fillValues({ rows, columns, values }: Table, layout: WalkLayout, memory: WebAssembly.Memory): void {
  const { width } = layout;
  const to = new Float32Array(memory.buffer, layout.values, rows * width);
  if (width === columns) {
    to.set(values);
    return;
  }
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) {
      const value = values[row * columns + c];
      const missing = Number.isNaN(value);
      to[row * width + c] = missing ? Number.NEGATIVE_INFINITY : value;
      to[row * width + columns + c] = missing ? Number.POSITIVE_INFINITY : value;
    }
  }
}

/**
 * The mean over the trees of the mix in the leaf that each row falls into, in WebAssembly.
 * @returns rows × classes, each row sums to 1
 */
export function walkForest(forest: Forest, table: Table, crew: Crew): Float32Array {
  const { rows, columns, values } = table;
  if (rows === 0) return new Float32Array(0);
  const layout = layOut(forest, rows, values.some(Number.isNaN) ? 2 * columns : columns);
  const memory = new WebAssembly.Memory({ initial: layout.pages, maximum: layout.pages, shared: true });
  fillNodes(forest, layout, memory);
  fillValues(table, layout, memory);
  new Float32Array(memory.buffer, layout.mix).set(forest.mix);
  const module = new WebAssembly.Module(assemble([walk(layout)], layout.pages));
  const { classes } = forest;
  const { result } = layout;
  const parts = Math.ceil(rows / ROWS_PER_PART);
  crew.run({ kind: 'walk', parts, module, memory, rows, classes, result }, openWalk, () => undefined);
  return new Float32Array(memory.buffer, result, rows * classes).slice();
}
