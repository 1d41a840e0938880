import type { Table } from './forest.ts';

/** One thing that may be known of songs beside their sound: a number, or a kind that takes a column per value. */
export interface Feature {
  /** How many columns it takes, at least 1. */
  readonly columns: number;
  /** Writes a song's values from `at` on; NaN where missing. */
  readonly write: (song: number, values: Float32Array, at: number) => void;
  /** What is known of a song, for people: `year 1973`, `genre rock, jazz`, `year missing`. */
  readonly tell: (song: number) => string;
}

/** Features that are used together or not at all. */
export interface FeatureGroup {
  /** `year`, `genre`, … */
  readonly name: string;
  readonly features: readonly Feature[];
}

/** A table whose columns are told in words: each feature of {@link described} stands for `columns` columns. */
export interface DescribedTable extends Table {
  readonly described: readonly Pick<Feature, 'columns' | 'tell'>[];
}

function widthOf(groups: readonly FeatureGroup[]): number {
  return groups.reduce((sum, { features }) => features.reduce((width, one) => width + one.columns, sum), 0);
}

/**
 * The given rows of a table, with the columns of some groups behind its own.
 * @param rows songs, in the order wanted
 */
export function widerRows(table: Table, groups: readonly FeatureGroup[], rows: ArrayLike<number>): Table {
  const columns = table.columns + widthOf(groups);
  const values = new Float32Array(rows.length * columns);
  const features = groups.flatMap((group) => group.features);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i] * table.columns;
    let at = i * columns;
    values.set(table.values.subarray(from, from + table.columns), at);
    at += table.columns;
    for (const feature of features) {
      feature.write(rows[i], values, at);
      at += feature.columns;
    }
  }
  return { rows: rows.length, columns, values };
}

function tellNumber(name: string, value: number): string {
  const called = name === 'durationMs' ? 'length' : name;
  if (Number.isNaN(value)) return `${called} missing`;
  if (name !== 'durationMs') return `${called} ${Number(value.toPrecision(7))}`;
  const seconds = Math.round(value / 1000);
  return `${called} ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** A whole table with the columns of some groups behind its own; without groups the very same columns. */
export function withGroups(
  table: Table & { readonly names: readonly string[] },
  groups: readonly FeatureGroup[],
): DescribedTable {
  const own = table.names.map((name, column) => ({
    columns: 1,
    tell: (song: number) => tellNumber(name, table.values[song * table.columns + column]),
  }));
  const described = [...own, ...groups.flatMap((group) => group.features)];
  if (groups.length === 0) return { ...table, described };
  return {
    ...widerRows(
      table,
      groups,
      new Int32Array(table.rows).map((_, row) => row),
    ),
    described,
  };
}
