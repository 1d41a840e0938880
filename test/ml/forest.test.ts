import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forestContributions } from '../../ml/explain.ts';
import { forestProbabilities, growForest, type Table } from '../../ml/forest.ts';
import { argmax } from '../../ml/metrics.ts';
import { createRandom } from '../../ml/random.ts';

function tableOf(rows: number, columns: number, value: (row: number, column: number) => number): Table {
  const values = Float32Array.from({ length: rows * columns }, (_, at) =>
    value(Math.floor(at / columns), at % columns),
  );
  return { rows, columns, values };
}

const allRows = (table: Table) => Int32Array.from({ length: table.rows }, (_, row) => row);

/** One-hot masses. */
function massOf(classes: readonly number[], count: number): Float32Array {
  const mass = new Float32Array(classes.length * count);
  classes.forEach((e, i) => {
    mass[i * count + e] = 1;
  });
  return mass;
}

describe('extremely randomised trees', () => {
  it('find a planted rule of two columns among eight, which no single column tells', () => {
    const random = createRandom(1);
    const table = tableOf(800, 8, () => random.next());
    const truth = Array.from({ length: 800 }, (_, row) => {
      const [a, b] = table.values.subarray(row * 8, row * 8 + 2);
      return Number(a > 0.5) === Number(b > 0.5) ? 1 : 0;
    });
    const rows = allRows(table).subarray(0, 500);
    const forest = growForest(table, { rows, mass: massOf(truth.slice(0, 500), 2) }, 2, random, { tries: 8 });
    const said = forestProbabilities(forest, table);
    let right = 0;
    for (let row = 500; row < 800; row++) if (argmax(said, row * 2, 2) === truth[row]) right++;
    expect(right / 300).toBeGreaterThan(0.9);
  });

  it('say the mix of the examples where the columns say nothing', () => {
    const table = tableOf(40, 3, () => 7);
    const mass = new Float32Array(80);
    for (let i = 0; i < 40; i++) mass.set([0.75, 0.25], i * 2);
    const said = forestProbabilities(
      growForest(table, { rows: allRows(table), mass }, 2, createRandom(1)),
      table,
    );
    expect(said[0]).toBeCloseTo(0.75, 5);
    expect(said[79]).toBeCloseTo(0.25, 5);
  });

  it('take an example of weight 3 as three of weight 1', () => {
    const table = tableOf(2, 1, () => 1);
    const rows = Int32Array.from([0, 1]);
    const mass = Float32Array.from([3, 0, 0, 1]);
    const said = forestProbabilities(growForest(table, { rows, mass }, 2, createRandom(1)), table);
    expect(said[0]).toBeCloseTo(0.75, 5);
  });

  it('learn from where a value is missing, and get by where one is missing only later', () => {
    const random = createRandom(3);
    const classes = Array.from({ length: 200 }, (_, row) => row % 2);
    // Class 1 lacks its first column in four songs of five.
    const table = tableOf(200, 2, (row, column) =>
      column === 0 && row % 2 === 1 && row % 10 !== 1 ? Number.NaN : random.next(),
    );
    const lesson = { rows: allRows(table), mass: massOf(classes, 2) };
    const forest = growForest(table, lesson, 2, random);
    const asked = tableOf(2, 2, (row, column) => (row === 0 && column === 0 ? Number.NaN : 0.5));
    const said = forestProbabilities(forest, asked);
    expect(said[1]).toBeGreaterThan(0.7);
    expect(said[2]).toBeGreaterThan(0.6);
    const nothing = forestProbabilities(
      forest,
      tableOf(1, 2, () => Number.NaN),
    );
    expect(nothing[0] + nothing[1]).toBeCloseTo(1, 5);
  });

  it('give distributions, the same for the same seed, whatever the examples', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(0, 1, 2, Number.NaN), fc.integer({ min: 0, max: 2 })), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 80 }),
        fc.integer(),
        (list, leaf, examples, seed) => {
          const table = tableOf(list.length, 2, (row, column) => (column === 0 ? list[row][0] : row % 3));
          const lesson = {
            rows: allRows(table),
            mass: massOf(
              list.map(([, e]) => e),
              3,
            ),
          };
          const grow = () => growForest(table, lesson, 3, createRandom(seed), { trees: 7, leaf, examples });
          const said = forestProbabilities(grow(), table);
          expect(forestProbabilities(grow(), table)).toEqual(said);
          for (let row = 0; row < list.length; row++) {
            const shares = said.subarray(row * 3, row * 3 + 3);
            expect(shares[0] + shares[1] + shares[2]).toBeCloseTo(1, 4);
            expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuse to learn from nothing, and tables of another shape', () => {
    const table = tableOf(4, 2, (row) => row);
    const none = { rows: new Int32Array(0), mass: new Float32Array(0) };
    expect(() => growForest(table, none, 2, createRandom(1))).toThrow(/at least one example/);
    const lesson = { rows: allRows(table), mass: new Float32Array(3) };
    expect(() => growForest(table, lesson, 2, createRandom(1))).toThrow(/3 masses/);
    const forest = growForest(table, { ...lesson, mass: new Float32Array(8).fill(1) }, 2, createRandom(1));
    expect(() =>
      forestProbabilities(
        forest,
        tableOf(4, 3, () => 0),
      ),
    ).toThrow(/3 columns/);
  });
});

describe('what each column adds', () => {
  it('sums with what is usual to what the forest says, and credits the column that decides', () => {
    const random = createRandom(5);
    const table = tableOf(300, 4, () => random.next());
    const classes = Array.from({ length: 300 }, (_, row) => Number(table.values[row * 4 + 2] > 0.5));
    const forest = growForest(table, { rows: allRows(table), mass: massOf(classes, 2) }, 2, random);
    const said = forestProbabilities(forest, table);
    for (const row of [0, 17, 299]) {
      const { usual, contributions } = forestContributions(
        forest,
        table.values.subarray(row * 4, row * 4 + 4),
      );
      for (let e = 0; e < 2; e++) {
        const added = [0, 1, 2, 3].map((c) => contributions[c * 2 + e]);
        expect(usual[e] + added.reduce((sum, value) => sum + value, 0)).toBeCloseTo(said[row * 2 + e], 4);
        const most = added.map(Math.abs);
        expect(argmax(most, 0, 4)).toBe(2);
      }
    }
  });
});
