import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseFeatures, MIN_LABELS_TO_CHOOSE } from '../../ml/feature-choice.ts';
import { type FeatureGroup, widerRows, withGroups } from '../../ml/feature-groups.ts';
import { inferEmotions } from '../../ml/infer-emotions.ts';
import { accuracy, argmax } from '../../ml/metrics.ts';
import { createRandom } from '../../ml/random.ts';

const C = 3;
const COLUMNS = 4;
const names = Array.from({ length: COLUMNS }, (_, column) => `sound ${column}`);

/** Songs of three emotions that four columns of sound tell only dimly. */
function plant(n: number, seed: number) {
  const random = createRandom(seed);
  const truth = Int32Array.from({ length: n }, () => random.integer(C));
  const values = Float32Array.from(
    { length: n * COLUMNS },
    (_, at) => (truth[Math.floor(at / COLUMNS)] === at % COLUMNS ? 1 : 0) + random.normal(),
  );
  return { table: { rows: n, columns: COLUMNS, values, names }, truth, random };
}

function label(truth: Int32Array, count: number) {
  const labels = new Float32Array(truth.length * C);
  const weights = new Float32Array(truth.length);
  for (let song = 0; song < count; song++) {
    labels[song * C + truth[song]] = 1;
    weights[song] = 1;
  }
  return { labels, weights };
}

/** A group of one column per value that a song can have; no value where it is negative, NaN where not finite. */
function kinds(name: string, kindOf: (song: number) => number, count: number): FeatureGroup {
  const write = (song: number, values: Float32Array, at: number) => {
    const kind = kindOf(song);
    for (let k = 0; k < count; k++) values[at + k] = Number.isNaN(kind) ? Number.NaN : Number(kind === k);
  };
  return { name, features: [{ columns: count, write, tell: (song) => `${name} ${kindOf(song)}` }] };
}

function number(name: string, numberOf: (song: number) => number): FeatureGroup {
  const write = (song: number, values: Float32Array, at: number) => {
    values[at] = numberOf(song);
  };
  return { name, features: [{ columns: 1, write, tell: (song) => `${name} ${numberOf(song)}` }] };
}

const verdicts = (choice: ReturnType<typeof chooseFeatures>) =>
  Object.fromEntries(choice.trials.map(({ name, verdict }) => [name, verdict]));

describe('a group of features', () => {
  it('that carries the emotion is chosen, and more of the other songs are told right', () => {
    const { table, truth, random } = plant(600, 1);
    // Four songs in five are of a genre of their emotion.
    const genre = Int32Array.from(truth, (e) => (random.next() < 0.8 ? e : random.integer(C)));
    const seeds = label(truth, 90);
    const group = kinds('genre', (song) => genre[song], C);
    const { chosen, trials } = chooseFeatures(table, [group], seeds, C, createRandom(1));
    expect(chosen).toEqual([group]);
    expect(trials[0].trial?.with).toBeGreaterThan(trials[0].trial?.without ?? 1);
    const rest = Array.from({ length: 510 }, (_, i) => 90 + i);
    const right = rest.map((song) => truth[song]);
    const [without, withGenre] = [[], chosen].map((groups) => {
      const { probabilities } = inferEmotions(withGroups(table, groups), seeds, C, createRandom(1));
      return accuracy(
        rest.map((song) => argmax(probabilities, song * C, C)),
        right,
      );
    });
    expect(withGenre).toBeGreaterThan(without + 0.08);
  });

  it('that is noise is not chosen, whatever its shape', () => {
    let chosen = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const { table, truth, random } = plant(100, seed);
      const years = Float32Array.from(truth, () => 1950 + random.integer(70));
      const flags = Float32Array.from(truth, () => Number(random.next() < 0.2));
      const genres = Int32Array.from(truth, () => random.integer(8));
      const groups = [
        number('year', (song) => years[song]),
        number('explicit', (song) => flags[song]),
        kinds('genre', (song) => genres[song], 8),
      ];
      chosen += chooseFeatures(table, groups, label(truth, 100), C, createRandom(seed)).chosen.length;
    }
    // Of 36 trials; one in twenty may look like a clear gain by luck.
    expect(chosen).toBeLessThanOrEqual(3);
  });

  it('that only says again what another one says is not chosen as well', () => {
    const { table, truth, random } = plant(400, 3);
    const genre = Int32Array.from(truth, (e) => (random.next() < 0.85 ? e : random.integer(C)));
    const groups = [
      kinds('genre', (song) => genre[song], C),
      // The same, but for some songs it is not known.
      kinds('again', (song) => (song % 5 === 0 ? Number.NaN : genre[song]), C),
    ];
    const choice = chooseFeatures(table, groups, label(truth, 400), C, createRandom(2));
    expect(verdicts(choice)).toEqual({ genre: 'helps', again: 'nothing new' });
    expect(choice.trials[1].trial?.beside).toEqual(['genre']);
  });

  it('joins beside another one when each tells something of its own', () => {
    const { table, truth, random } = plant(500, 4);
    const first = Int32Array.from(truth, (e) =>
      Number(e === 0 ? random.next() < 0.85 : random.next() < 0.15),
    );
    const second = Int32Array.from(truth, (e) =>
      Number(e === 1 ? random.next() < 0.85 : random.next() < 0.15),
    );
    const groups = [number('first', (song) => first[song]), number('second', (song) => second[song])];
    const choice = chooseFeatures(table, groups, label(truth, 500), C, createRandom(3));
    expect(verdicts(choice)).toEqual({ first: 'helps', second: 'helps' });
  });

  it('helps where only half of the songs have it', () => {
    const { table, truth, random } = plant(500, 5);
    const genre = Float32Array.from(truth, (e) => (random.next() < 0.5 ? Number.NaN : e));
    const group = kinds('genre', (song) => genre[song], C);
    const { trials } = chooseFeatures(table, [group], label(truth, 300), C, createRandom(1));
    expect(trials[0].verdict).toBe('helps');
    expect(trials[0].known).toBeGreaterThan(120);
    expect(trials[0].known).toBeLessThan(180);
  });

  it('that is missing, nearly missing or the same for all is not tried', () => {
    const { table, truth } = plant(200, 6);
    const groups = [
      number('missing', () => Number.NaN),
      number('rare', (song) => (song < 10 ? truth[song] : Number.NaN)),
      number('constant', () => 1999),
      number('constant or missing', (song) => (song % 2 === 0 ? 1999 : Number.NaN)),
    ];
    const choice = chooseFeatures(table, groups, label(truth, 200), C, createRandom(1));
    expect(choice.chosen).toEqual([]);
    for (const { verdict, trial } of choice.trials) {
      expect(verdict).toBe('too little known');
      expect(trial).toBeUndefined();
    }
    expect(choice.trials.map(({ known }) => known)).toEqual([0, 10, 200, 100]);
  });

  it('is not tried with few labels, even if it tells everything', () => {
    const { table, truth } = plant(200, 7);
    const oracle = number('oracle', (song) => truth[song]);
    const one = (labels: number) => chooseFeatures(table, [oracle], label(truth, labels), C, createRandom(1));
    expect(one(MIN_LABELS_TO_CHOOSE - 1).trials[0].verdict).toBe('too few labels');
    expect(one(MIN_LABELS_TO_CHOOSE).trials[0].verdict).toBe('helps');
    expect(one(0).chosen).toEqual([]);
  });
});

describe('the choice', () => {
  it('is the same for the same seed, and whatever the unit of the weights', () => {
    const { table, truth } = plant(150, 8);
    const group = number('hint', (song) => truth[song]);
    const seeds = label(truth, 150);
    const first = chooseFeatures(table, [group], seeds, C, createRandom(1));
    expect(chooseFeatures(table, [group], seeds, C, createRandom(1))).toEqual(first);
    const heavy = { labels: seeds.labels, weights: seeds.weights.map((weight) => weight * 64) };
    const scaled = chooseFeatures(table, [group], heavy, C, createRandom(1)).trials[0];
    expect(scaled.trial?.with).toBeCloseTo(first.trials[0].trial?.with ?? 0, 6);
  });

  it('takes labels that are all of one emotion, and songs that all sound alike', () => {
    const { table, truth } = plant(100, 9);
    const group = number('hint', (song) => song);
    const same = chooseFeatures(table, [group], label(new Int32Array(100), 100), C, createRandom(1));
    expect(same.chosen).toEqual([]);
    const flat = { ...table, values: new Float32Array(table.values.length) };
    const oracle = chooseFeatures(
      flat,
      [number('oracle', (song) => truth[song])],
      label(truth, 100),
      C,
      createRandom(1),
    );
    expect(oracle.trials[0].verdict).toBe('helps');
  });

  it('refuses weights that are not numbers', () => {
    const { table, truth } = plant(100, 10);
    const seeds = label(truth, 100);
    seeds.weights[3] = Number.NaN;
    expect(() => chooseFeatures(table, [], seeds, C, createRandom(1))).toThrow(/weights\[3\] is/);
  });
});

describe('a table with groups', () => {
  it('has its own columns first, then those of the groups, in words as in numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 5 }), (rows, count) => {
        const { table } = plant(rows, rows);
        const groups = [kinds('genre', (song) => song % count, count), number('year', (song) => 1900 + song)];
        const wide = withGroups(table, groups);
        expect(wide.columns).toBe(COLUMNS + count + 1);
        expect(wide.described.map(({ columns }) => columns)).toEqual([1, 1, 1, 1, count, 1]);
        for (let song = 0; song < rows; song++) {
          const own = wide.values.subarray(song * wide.columns, (song + 1) * wide.columns);
          expect(own.subarray(0, COLUMNS)).toEqual(
            table.values.subarray(song * COLUMNS, (song + 1) * COLUMNS),
          );
          expect(own[COLUMNS + (song % count)]).toBe(1);
          expect(own[COLUMNS + count]).toBe(1900 + song);
          expect(wide.described[5].tell(song)).toBe(`year ${1900 + song}`);
        }
        expect(widerRows(table, groups, [rows - 1]).values).toEqual(wide.values.slice(-wide.columns));
      }),
    );
  });

  it('without groups is the very table, so that nothing that is inferred changes', () => {
    const { table } = plant(30, 1);
    expect(withGroups(table, []).values).toBe(table.values);
    const holes = { ...table, values: table.values.slice() };
    holes.values[1] = Number.NaN;
    expect(withGroups(holes, []).described.map(({ tell }) => tell(0))[1]).toBe('sound 1 missing');
  });
});
