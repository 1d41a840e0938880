import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../ml/random.ts';
import { chosen, filtered, grouped, sortedByTime } from '../../ml/row-groups.ts';
import { PER_STEP, stepping } from '../../ml/steps.ts';

/** Runs it to its end; how often it let others run. */
function run<T>(steps: Generator<void, T>): { value: T; pauses: number } {
  for (let pauses = 0; ; pauses++) {
    const step = steps.next();
    if (step.done) return { value: step.value, pauses };
  }
}

const MANY = 3 * PER_STEP + 7;

describe('rows in steps', () => {
  it('are each worked on once, in order, a thousand at a time', () => {
    for (const count of [0, 1, PER_STEP, PER_STEP + 1, MANY]) {
      const parts: [number, number][] = [];
      const { pauses } = run(stepping(count, (from, to) => parts.push([from, to])));
      expect(parts.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i))).toEqual(
        Array.from({ length: count }, (_, i) => i),
      );
      expect(pauses).toBe(Math.max(0, Math.ceil(count / PER_STEP) - 1));
    }
  });

  it('are chosen and filtered in their order', () => {
    const even = run(chosen(MANY, (row) => row % 2 === 0));
    expect(even.value).toEqual(Int32Array.from({ length: Math.ceil(MANY / 2) }, (_, i) => 2 * i));
    expect(even.pauses).toBe(3);
    const third = run(filtered(even.value.toReversed(), (row) => row % 3 === 0)).value;
    expect(third).toEqual(Int32Array.from({ length: Math.ceil(MANY / 6) }, (_, i) => 6 * i).toReversed());
  });

  it('are grouped by their key, in the order that they had', () => {
    const random = createRandom(1);
    const keys = Int32Array.from({ length: MANY }, () => random.integer(20));
    const rows = random.shuffle(Int32Array.from(keys.keys())).subarray(0, MANY - 100);
    const { starts, rows: sorted } = run(grouped(rows, 20, keys)).value;
    for (let key = 0; key < 20; key++) {
      expect(sorted.subarray(starts[key], starts[key + 1])).toEqual(rows.filter((row) => keys[row] === key));
    }
  });
});

describe('rows by time', () => {
  const sorted = (times: Float64Array, rows: Int32Array) => run(sortedByTime(rows, times)).value;

  it.each([
    ['of a few months', () => (random: number) => 1_790_000_000_000 + Math.floor(random * 5e9)],
    ['with many that are equal', () => (random: number) => 1_790_000_000_000 + Math.floor(random * 40)],
    ['with parts of milliseconds', () => (random: number) => 1_790_000_000_000 + random],
    ['of any size and sign', () => (random: number) => Math.tan(Math.PI * (random - 0.5)) ** 15],
    ['all the same', () => () => 17],
  ])('%s are in order, equal ones in the order that they had', (_what, make) => {
    const random = createRandom(2);
    const time = make();
    const times = Float64Array.from({ length: 2 * MANY }, () => time(random.next()));
    const rows = random.shuffle(Int32Array.from(times.keys())).subarray(0, MANY);
    const expected = Int32Array.from([...rows].sort((a, b) => times[a] - times[b]));
    expect(sorted(times, rows)).toEqual(expected);
  });

  it('know infinities and both zeros, and leave what they were given as it was', () => {
    const odd = [Number.POSITIVE_INFINITY, -1, 0, -0, 5e-324, Number.NEGATIVE_INFINITY, 1e300, -1e-300, 3];
    const times = Float64Array.from({ length: MANY }, (_, row) => odd[row % odd.length]);
    const rows = Int32Array.from(times.keys());
    const result = Float64Array.from(sorted(times, rows), (row) => times[row]);
    for (let i = 1; i < MANY; i++) expect(result[i - 1] <= result[i]).toBe(true);
    expect(rows).toEqual(Int32Array.from(times.keys()));
  });

  it('are the same rows, few or many', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4 * PER_STEP }),
        fc.integer({ min: 1, max: 1e9 }),
        fc.integer(),
        (count, range, seed) => {
          const random = createRandom(seed);
          const times = Float64Array.from({ length: count }, () => random.integer(range) - range / 3);
          const result = sorted(times, Int32Array.from(times.keys()));
          expect([...result].sort((a, b) => a - b)).toEqual([...times.keys()]);
          expect(result.every((row, i) => i === 0 || times[result[i - 1]] <= times[row])).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  });
});
