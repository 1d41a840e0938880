import { forestProbabilities, growForest, type Table } from './forest.ts';
import type { Random } from './random.ts';

/** Trees that tell labelled from other songs; they need no more than a rough idea. */
const TREES = 100;
const LEAF = 2;
/** Songs that one of the trees sees. */
const EXAMPLES = 1024;
/** Others that they see, per labelled song and at most. */
const OTHERS_PER_SONG = 10;
const MOST_OTHERS = 4096;

/**
 * Unlabelled rows that resemble the labelled ones: a sample in which each row's chance is proportional to how many
 * times likelier its features are among the labelled than among all (a density ratio by classification; Bickel,
 * Brückner & Scheffer 2009), drawn without replacement by Efraimidis & Spirakis 2006. A catalogue that holds
 * thousands of songs of another kind so teaches as much as one without them.
 * @param labelled rows with a label
 * @param wanted size of the sample; all others where there are no more
 */
export function rowsLikeLabelled(
  table: Table,
  labelled: Int32Array,
  wanted: number,
  random: Random,
): Int32Array {
  const known = new Uint8Array(table.rows);
  for (const row of labelled) known[row] = 1;
  const others = new Int32Array(table.rows - labelled.length);
  let count = 0;
  for (let row = 0; row < table.rows; row++) if (known[row] === 0) others[count++] = row;
  if (others.length <= wanted) return others;

  const seen = Math.min(others.length, OTHERS_PER_SONG * labelled.length, MOST_OTHERS);
  const rows = new Int32Array(labelled.length + seen);
  rows.set(labelled);
  rows.set(random.shuffle(Int32Array.from(others)).subarray(0, seen), labelled.length);
  const mass = new Float32Array(2 * rows.length);
  for (let i = 0; i < rows.length; i++) {
    if (i < labelled.length) mass[2 * i] = seen / labelled.length;
    else mass[2 * i + 1] = 1;
  }
  const forest = growForest(table, { rows, mass }, 2, random, {
    trees: TREES,
    leaf: LEAF,
    examples: EXAMPLES,
  });
  const likeness = forestProbabilities(forest, table);
  const keys = Float64Array.from(others, (row) => {
    const ratio = likeness[2 * row] / (likeness[2 * row + 1] + 1e-3);
    return Math.log(1 - random.next()) / Math.max(1e-9, ratio);
  });
  const order = Int32Array.from(others.keys()).sort((a, b) => keys[b] - keys[a]);
  return order
    .subarray(0, wanted)
    .map((at) => others[at])
    .sort();
}
