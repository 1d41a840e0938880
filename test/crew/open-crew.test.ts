import { describe, expect, it } from 'vitest';
import type { Job } from '../../ml/crew.ts';
import { knnGraph } from '../../ml/graph.ts';
import { inferEmotions } from '../../ml/infer-emotions.ts';
import { createRandom } from '../../ml/random.ts';
import { openCrew } from '../../src/crew/open-crew.ts';

const COLUMNS = 6;
const EMOTIONS = 3;

/** Songs whose first column tells the emotion of the few that have a label; some values are missing. */
function songs(n: number, labelled: number) {
  const random = createRandom(n);
  const values = Float32Array.from({ length: n * COLUMNS }, () => random.normal());
  const labels = new Float32Array(n * EMOTIONS);
  const weights = new Float32Array(n);
  for (let song = 0; song < labelled; song++) {
    const first = values[song * COLUMNS];
    labels[song * EMOTIONS + (first < -0.5 ? 0 : first < 0.5 ? 1 : 2)] = 1;
    weights[song] = 1;
  }
  return { table: { rows: n, columns: COLUMNS, values }, seeds: { labels, weights } };
}

describe('a crew', () => {
  it('finds the same neighbours with any number of threads', async () => {
    const { values } = songs(9000, 0).table;
    const alone = knnGraph(values, 9000, COLUMNS, 8);
    for (const threads of [1, 2, 3]) {
      const crew = openCrew(threads);
      expect(crew.threads).toBe(threads);
      expect(knnGraph(values, 9000, COLUMNS, 8, crew)).toEqual(alone);
      await crew.close();
    }
  });

  it('infers the same emotions with any number of threads, with few and many labels', async () => {
    for (const labelled of [60, 1500]) {
      const { table, seeds } = songs(4000, labelled);
      table.values[COLUMNS * 3000] = Number.NaN;
      const alone = inferEmotions(table, seeds, EMOTIONS, createRandom(1));
      const crew = openCrew(3);
      const together = inferEmotions(table, seeds, EMOTIONS, createRandom(1), { crew });
      await crew.close();
      expect(together.probabilities).toEqual(alone.probabilities);
      expect(together.heldOut).toEqual(alone.heldOut);
    }
  });

  const sum = new Int32Array(new SharedArrayBuffer(4 * 50));
  const square = (_: Job) => (part: number) => {
    sum[part] = part * part;
  };
  const squares = Int32Array.from({ length: 50 }, (_, part) => part * part);

  it('does alone what its threads fail at', async () => {
    const crew = openCrew(3);
    // Often enough that threads have started, and have met a kind of job that they do not know.
    for (let round = 0; round < 5000; round++) {
      sum.fill(-1);
      crew.run({ kind: 'squares', parts: 50 }, square, () => undefined);
      expect([...sum]).toEqual([...squares]);
    }
    await crew.close();
  });

  it('does alone what is to be done after its threads have ended', async () => {
    const crew = openCrew(2);
    await crew.close();
    sum.fill(-1);
    expect(crew.run({ kind: 'squares', parts: 50 }, square, () => 'meanwhile')).toBe('meanwhile');
    expect([...sum]).toEqual([...squares]);
  });

  it('passes on what the calling thread itself fails at', async () => {
    const crew = openCrew(2);
    const fail = () => () => {
      throw new Error('out of songs');
    };
    expect(() => crew.run({ kind: 'squares', parts: 3 }, fail, () => undefined)).toThrow('out of songs');
    await crew.close();
  });
});
