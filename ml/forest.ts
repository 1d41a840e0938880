import { ALONE, type Crew } from './crew.ts';
import { walkForest } from './forest-walk.ts';
import type { Random } from './random.ts';

/** Rows of features that trees are grown on or asked about; NaN where a value is missing. */
export interface Table {
  readonly rows: number;
  readonly columns: number;
  /** rows × columns, row-major. */
  readonly values: Float32Array;
}

/** The rows that a forest learns from. */
export interface Lesson {
  /** Row of the table, per example. */
  readonly rows: Int32Array;
  /** examples × classes: how much of each class an example is, times how much it counts; ≥ 0. */
  readonly mass: Float32Array;
}

export interface ForestOptions {
  /** Default 300. */
  readonly trees?: number;
  /** Columns that are tried for each split. Default 2. */
  readonly tries?: number;
  /** Fewest examples in a leaf. Default 2. */
  readonly leaf?: number;
  /** A tree sees at most this many examples, drawn anew for each tree. Default 4096. */
  readonly examples?: number;
}

/** Trees as flat arrays; the children of node i are left[i] and left[i] + 1. */
export interface Forest {
  readonly columns: number;
  readonly classes: number;
  /** First node of each tree. */
  readonly roots: Int32Array;
  /** Column that a node splits by; -1 for a leaf. */
  readonly column: Int16Array;
  /** Values up to here go left. */
  readonly threshold: Float32Array;
  /** 1 where a missing value goes left. */
  readonly missingLeft: Uint8Array;
  readonly left: Int32Array;
  /** nodes × classes: the mix of the classes among the node's examples, sums to 1. */
  readonly mix: Float32Array;
}

/**
 * An ensemble of extremely randomised trees (Geurts, Ernst & Wehenkel 2006): each split tries a few random columns
 * at a random threshold between the smallest and largest value there, and takes the one with the smallest Gini
 * impurity, which is what follows from the masses of the classes, so that labels may be soft and weighted. A missing
 * value goes to a side drawn with the threshold.
 * @throws RangeError when there is no example or no mass, or shapes do not fit
 */
export function growForest(
  table: Table,
  { rows, mass }: Lesson,
  classes: number,
  random: Random,
  options: ForestOptions = {},
): Forest {
  const { trees = 300, tries = 2, leaf = 2, examples = 4096 } = options;
  const { columns } = table;
  if (rows.length === 0) throw new RangeError('a forest needs at least one example');
  if (mass.length !== rows.length * classes) {
    throw new RangeError(`${mass.length} masses are not ${rows.length} examples × ${classes} classes`);
  }
  const m = Math.min(rows.length, examples);
  // Column by column, so that a look at one column of a node's examples stays in the cache.
  const byColumn = new Float32Array(m * columns);
  const ownMass = new Float32Array(m * classes);
  const drawn = new Int32Array(rows.length);
  for (let i = 0; i < drawn.length; i++) drawn[i] = i;
  const take = (): void => {
    for (let i = 0; i < m; i++) {
      if (m < rows.length) {
        const j = i + random.integer(rows.length - i);
        const kept = drawn[i];
        drawn[i] = drawn[j];
        drawn[j] = kept;
      }
      const from = rows[drawn[i]] * columns;
      for (let c = 0; c < columns; c++) byColumn[c * m + i] = table.values[from + c];
      for (let e = 0; e < classes; e++) ownMass[i * classes + e] = mass[drawn[i] * classes + e];
    }
  };
  take();
  const nodes = growingNodes(classes);
  const roots = new Int32Array(trees);
  const grow = createGrower(byColumn, ownMass, m, columns, classes, nodes, random, tries, leaf);
  for (let t = 0; t < trees; t++) {
    if (t > 0 && m < rows.length) take();
    roots[t] = grow();
  }
  return { columns, classes, roots, ...nodes.toArrays() };
}

interface GrowingNodes {
  /** Adds this many leaves; the first one's number. */
  add(count: number): number;
  column: Int16Array;
  threshold: Float32Array;
  missingLeft: Uint8Array;
  left: Int32Array;
  mix: Float32Array;
  toArrays(): Pick<Forest, 'column' | 'threshold' | 'missingLeft' | 'left' | 'mix'>;
}

function growingNodes(classes: number): GrowingNodes {
  let used = 0;
  let room = 1024;
  const wider = <T extends Int16Array | Float32Array | Uint8Array | Int32Array>(wide: T, old: T): T => {
    wide.set(old);
    return wide;
  };
  const nodes: GrowingNodes = {
    column: new Int16Array(room),
    threshold: new Float32Array(room),
    missingLeft: new Uint8Array(room),
    left: new Int32Array(room),
    mix: new Float32Array(room * classes),
    add(count) {
      if (used + count > room) {
        room *= 2;
        nodes.column = wider(new Int16Array(room), nodes.column);
        nodes.threshold = wider(new Float32Array(room), nodes.threshold);
        nodes.missingLeft = wider(new Uint8Array(room), nodes.missingLeft);
        nodes.left = wider(new Int32Array(room), nodes.left);
        nodes.mix = wider(new Float32Array(room * classes), nodes.mix);
      }
      nodes.column.fill(-1, used, used + count);
      used += count;
      return used - count;
    },
    toArrays: () => ({
      column: nodes.column.slice(0, used),
      threshold: nodes.threshold.slice(0, used),
      missingLeft: nodes.missingLeft.slice(0, used),
      left: nodes.left.slice(0, used),
      mix: nodes.mix.slice(0, used * classes),
    }),
  };
  return nodes;
}

/** A function that grows one tree into `nodes` and returns its root. */
function createGrower(
  byColumn: Float32Array,
  mass: Float32Array,
  m: number,
  columns: number,
  classes: number,
  nodes: GrowingNodes,
  random: Random,
  tries: number,
  leaf: number,
): () => number {
  const order = new Int32Array(m);
  const candidates = new Int32Array(columns);
  const total = new Float64Array(classes);
  const leftMass = new Float64Array(classes);

  /** Fills `leftMass` with what would go left; how many examples that are. */
  function weighLeft(
    begin: number,
    end: number,
    base: number,
    threshold: number,
    missingLeft: boolean,
  ): number {
    let count = 0;
    leftMass.fill(0);
    for (let p = begin; p < end; p++) {
      const i = order[p];
      const value = byColumn[base + i];
      if (!(value <= threshold || (missingLeft && Number.isNaN(value)))) continue;
      count++;
      for (let e = 0, at = i * classes; e < classes; e++) leftMass[e] += mass[at + e];
    }
    return count;
  }

  function split(node: number, begin: number, end: number): void {
    total.fill(0);
    for (let p = begin; p < end; p++) {
      for (let e = 0, at = order[p] * classes; e < classes; e++) total[e] += mass[at + e];
    }
    let all = 0;
    let most = 0;
    for (let e = 0; e < classes; e++) {
      all += total[e];
      if (total[e] > most) most = total[e];
    }
    for (let e = 0; e < classes; e++) nodes.mix[node * classes + e] = all > 0 ? total[e] / all : 1 / classes;
    if (end - begin < 2 * leaf || most >= all * (1 - 1e-6)) return;

    let bestScore = Number.NEGATIVE_INFINITY;
    let bestColumn = -1;
    let bestThreshold = 0;
    let bestMissingLeft = false;
    let bestMissing = 0;
    for (let c = 0; c < columns; c++) candidates[c] = c;
    for (let tried = 0, drawn = 0; tried < tries && drawn < columns; drawn++) {
      const pick = drawn + random.integer(columns - drawn);
      const column = candidates[pick];
      candidates[pick] = candidates[drawn];
      candidates[drawn] = column;
      const base = column * m;
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      let missing = 0;
      for (let p = begin; p < end; p++) {
        const value = byColumn[base + order[p]];
        if (value < low) low = value;
        if (value > high) high = value;
        if (Number.isNaN(value)) missing++;
      }
      // Constant here: it does not count as tried.
      if (!(low < high) && (missing === 0 || missing === end - begin)) continue;
      tried++;
      let threshold = Math.fround(low < high ? low + random.next() * (high - low) : low);
      if (threshold >= high) threshold = low;
      const missingLeft = missing > 0 && low < high ? random.next() < 0.5 : false;
      const count = weighLeft(begin, end, base, threshold, missingLeft);
      if (count < leaf || end - begin - count < leaf) continue;
      let leftAll = 0;
      let leftSquares = 0;
      let rightSquares = 0;
      for (let e = 0; e < classes; e++) {
        leftAll += leftMass[e];
        leftSquares += leftMass[e] * leftMass[e];
        rightSquares += (total[e] - leftMass[e]) * (total[e] - leftMass[e]);
      }
      const rightAll = all - leftAll;
      if (!(leftAll > 0 && rightAll > 0)) continue;
      const score = leftSquares / leftAll + rightSquares / rightAll;
      if (score > bestScore) {
        bestScore = score;
        bestColumn = column;
        bestThreshold = threshold;
        bestMissingLeft = missingLeft;
        bestMissing = missing;
      }
    }
    if (bestColumn < 0) return;

    const base = bestColumn * m;
    let i = begin;
    let j = end - 1;
    while (i <= j) {
      const value = byColumn[base + order[i]];
      if (value <= bestThreshold || (bestMissingLeft && Number.isNaN(value))) i++;
      else {
        const kept = order[i];
        order[i] = order[j];
        order[j] = kept;
        j--;
      }
    }
    const child = nodes.add(2);
    nodes.column[node] = bestColumn;
    nodes.threshold[node] = bestThreshold;
    // Where no example lacked the value, a song that does follows the larger part.
    nodes.missingLeft[node] = Number(bestMissing > 0 ? bestMissingLeft : i - begin > end - i);
    nodes.left[node] = child;
    split(child, begin, i);
    split(child + 1, i, end);
  }

  return () => {
    for (let i = 0; i < m; i++) order[i] = i;
    const root = nodes.add(1);
    split(root, 0, m);
    return root;
  };
}

/**
 * The mean over the trees of the mix in the leaf that each row falls into.
 * @returns rows × classes, each row sums to 1
 * @throws RangeError when the table's columns are not those of the forest
 */
export function forestProbabilities(forest: Forest, table: Table, crew: Crew = ALONE): Float32Array {
  const { rows, columns, values } = table;
  if (columns !== forest.columns)
    throw new RangeError(`${columns} columns, but the forest knows ${forest.columns}`);
  if (values.length !== rows * columns)
    throw new RangeError(`${values.length} values are not ${rows} rows × ${columns} columns`);
  return walkForest(forest, table, crew);
}
