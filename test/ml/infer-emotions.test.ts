import { describe, expect, it } from 'vitest';
import type { Table } from '../../ml/forest.ts';
import { inferEmotions } from '../../ml/infer-emotions.ts';
import { accuracy, argmax, calibrationError, mean } from '../../ml/metrics.ts';
import { createRandom } from '../../ml/random.ts';

const C = 3;

/** Songs of three emotions, each with a direction of its own in four noisy columns of very different scales. */
function plant(n: number, seed: number) {
  const random = createRandom(seed);
  const truth = Int32Array.from({ length: n }, () => random.integer(C));
  const table: Table = { rows: n, columns: 4, values: new Float32Array(n * 4) };
  for (let i = 0; i < n; i++) {
    for (let column = 0; column < 4; column++) {
      const signal = truth[i] === column ? 1.6 : 0;
      table.values[i * 4 + column] = (signal + random.normal()) * 10 ** column;
    }
  }
  return { table, truth };
}

function label(truth: Int32Array, songs: Iterable<number>, weight = 1) {
  const labels = new Float32Array(truth.length * C);
  const weights = new Float32Array(truth.length);
  for (const song of songs) {
    labels[song * C + truth[song]] = 1;
    weights[song] = weight;
  }
  return { labels, weights };
}

const count = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i);
const tops = (values: Float32Array, songs: number[]) => songs.map((song) => argmax(values, song * C, C));

describe('emotions inferred from a tenth of the songs', () => {
  const { table, truth } = plant(700, 1);
  const rest = count(630, 70);
  const inferred = inferEmotions(table, label(truth, count(70)), C, createRandom(1));

  it('are right about as often as the planted noise allows', () => {
    // Knowing the planted rule itself one is right in 76 % of the songs.
    const said = tops(inferred.probabilities, rest);
    expect(
      accuracy(
        said,
        rest.map((song) => truth[song]),
      ),
    ).toBeGreaterThan(0.69);
  });

  it('are as sure as they are right', () => {
    const errors = [1, 2, 3].map((seed) => {
      const planted = plant(700, seed);
      const { probabilities } = inferEmotions(
        planted.table,
        label(planted.truth, count(70)),
        C,
        createRandom(seed),
      );
      const said = tops(probabilities, rest);
      return calibrationError(
        rest.map((song, i) => probabilities[song * C + said[i]]),
        said.map((e, i) => e === planted.truth[rest[i]]),
      );
    });
    // Seventy labels cannot tell how sure to be to the last percent.
    expect(mean(errors)).toBeLessThan(0.09);
  });

  it('come with what was said of each labelled song while its label was hidden', () => {
    const { songs, probabilities } = inferred.heldOut;
    expect([...songs].sort((a, b) => a - b)).toEqual(count(70));
    const right = [...songs].filter((song, i) => argmax(probabilities, i * C, C) === truth[song]).length;
    expect(right / 70).toBeGreaterThan(0.55);
    expect(right / 70).toBeLessThan(0.95);
  });

  it('are the same for the same seed and songs', () => {
    const again = inferEmotions(table, label(truth, count(70)), C, createRandom(1));
    expect(again.probabilities).toEqual(inferred.probabilities);
  });

  it('suffer little from thousands of songs of another kind', () => {
    const random = createRandom(9);
    const n = 6000;
    const values = new Float32Array(n * 4);
    values.set(table.values);
    for (let at = table.values.length; at < values.length; at++)
      values[at] = (3 + 2 * random.normal()) * 10 ** (at % 4);
    const more = new Int32Array(n);
    more.set(truth);
    const { probabilities } = inferEmotions(
      { rows: n, columns: 4, values },
      label(more, count(70)),
      C,
      random,
    );
    const alone = accuracy(
      tops(inferred.probabilities, rest),
      rest.map((song) => truth[song]),
    );
    const among = accuracy(
      tops(probabilities, rest),
      rest.map((song) => truth[song]),
    );
    expect(among).toBeGreaterThan(alone - 0.03);
  });
});

describe('a catalogue with very many labels', () => {
  it('is learnt from a draw of them, and told as well as one with fewer', () => {
    const { table, truth } = plant(12_500, 7);
    const labelled = count(11_000);
    const inferred = inferEmotions(table, label(truth, labelled), C, createRandom(1));
    expect(inferred.heldOut.songs).toHaveLength(10_000);
    const left = labelled.filter((song) => !inferred.heldOut.songs.includes(song));
    for (const songs of [left, count(1500, 11_000)]) {
      const right = songs.map((song) => truth[song]);
      expect(accuracy(tops(inferred.probabilities, songs), right)).toBeGreaterThan(0.71);
    }
  });
});

describe('odd input', () => {
  const { table, truth } = plant(60, 2);
  const sums = (values: Float32Array) =>
    Array.from(
      { length: values.length / C },
      (_, i) => values[i * C] + values[i * C + 1] + values[i * C + 2],
    );
  const expectDistributions = (values: Float32Array) => {
    for (const sum of sums(values)) expect(sum).toBeCloseTo(1, 4);
    expect(values.every((value) => value >= 0)).toBe(true);
  };

  it('no label at all: every emotion alike', () => {
    const { probabilities } = inferEmotions(table, label(truth, []), C, createRandom(1));
    expect(probabilities.every((value) => value === Math.fround(1 / C))).toBe(true);
  });

  it('one song labelled, or one emotion only: that emotion, more surely the more songs say so', () => {
    const same = new Int32Array(60).fill(1);
    const one = inferEmotions(table, label(same, [3]), C, createRandom(1)).probabilities;
    const many = inferEmotions(table, label(same, count(20)), C, createRandom(1)).probabilities;
    expectDistributions(one);
    expect(one[59 * C + 1]).toBeCloseTo(2 / 3, 3);
    expect(many[59 * C + 1]).toBeGreaterThan(0.95);
  });

  it('all songs labelled', () => {
    expectDistributions(inferEmotions(table, label(truth, count(60)), C, createRandom(1)).probabilities);
  });

  it('equal songs with contradictory labels: their mix', () => {
    const flat = { rows: 40, columns: 4, values: new Float32Array(160).fill(2) };
    const torn = Int32Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const { probabilities } = inferEmotions(flat, label(torn, count(32)), C, createRandom(1));
    expect(probabilities[39 * C]).toBeGreaterThan(0.6);
    expect(probabilities[39 * C + 1]).toBeGreaterThan(0.12);
    expect(probabilities[39 * C + 2]).toBeLessThan(0.05);
  });

  it('features that are missing, infinite or constant', () => {
    const values = Float32Array.from(table.values, (value, at) => {
      if (at % 4 === 3) return 5;
      if (at % 11 === 0) return Number.NaN;
      return at % 13 === 0 ? Number.POSITIVE_INFINITY : value;
    });
    values.fill(Number.NaN, 0, 4);
    const { probabilities } = inferEmotions(
      { ...table, values },
      label(truth, count(30)),
      C,
      createRandom(1),
    );
    expectDistributions(probabilities);
  });

  it('a catalogue of one song, and of none', () => {
    const one = { rows: 1, columns: 4, values: new Float32Array(4) };
    const { probabilities } = inferEmotions(one, label(Int32Array.of(2), [0]), C, createRandom(1));
    expect(argmax(probabilities, 0, C)).toBe(2);
    expect(inferEmotions(one, label(Int32Array.of(2), []), C, createRandom(1)).probabilities).toHaveLength(C);
    const none = { rows: 0, columns: 4, values: new Float32Array(0) };
    expect(inferEmotions(none, label(new Int32Array(0), []), C, createRandom(1)).probabilities).toHaveLength(
      0,
    );
  });

  it('labels of weight 0 do not count, and only the ratio of weights does', () => {
    const light = inferEmotions(table, label(truth, count(20), 0.01), C, createRandom(1)).probabilities;
    const heavy = inferEmotions(table, label(truth, count(20), 100), C, createRandom(1)).probabilities;
    light.forEach((value, at) => {
      expect(heavy[at]).toBeCloseTo(value, 3);
    });
    const weightless = inferEmotions(table, label(truth, count(20), 0), C, createRandom(1)).probabilities;
    expect(weightless[0]).toBeCloseTo(1 / C, 6);
  });

  it.each([
    ['a negative weight', -1],
    ['a weight that is not a number', Number.NaN],
    ['an infinite weight', Number.POSITIVE_INFINITY],
  ])('%s is refused, with its place', (_what, weight) => {
    expect(() => inferEmotions(table, label(truth, [3], weight), C, createRandom(1))).toThrow(
      /weights\[3\] is/,
    );
  });
});
