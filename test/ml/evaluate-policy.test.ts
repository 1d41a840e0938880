import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { placeSongs } from '../../ml/coverage.ts';
import { type AskingTask, evaluatePolicy, type Measured, postsFor } from '../../ml/evaluate-policy.ts';
import { knnGraph } from '../../ml/graph.ts';
import { propagationFeatures } from '../../ml/items.ts';
import { mean } from '../../ml/metrics.ts';
import { labelSpreading } from '../../ml/propagate.ts';
import { createRandom } from '../../ml/random.ts';
import { finish } from '../../ml/steps.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';

const MOODS = path.resolve(PACKAGE_ROOT, '../shared/data/data_moods.csv');

/**
 * Songs in kinds that sound alike, each kind with one emotion; a third of the songs is of the first kind, as in
 * a catalogue where most songs are of one genre.
 */
function planted(size = 300, kinds = 12): AskingTask {
  const random = createRandom(3);
  const centres = Array.from({ length: kinds }, () => Array.from({ length: 4 }, () => random.next()));
  const kindOf = Array.from({ length: size }, (_, s) => (s % 3 === 0 ? 0 : s % kinds));
  const features = Float32Array.from(
    kindOf.flatMap((kind) => centres[kind].map((x) => x + 0.05 * random.normal())),
  );
  const graph = knnGraph(features, size, 4, 10);
  return {
    places: finish(placeSongs(features, size, 4)),
    truth: Int32Array.from(kindOf, (kind) => kind % 3),
    emotionCount: 3,
    infer: (seeds) => labelSpreading(graph, seeds, 3).profiles,
  };
}

/** Voters who hear the song's own emotion three times in four; on some songs, nobody agrees. */
function voted(task: AskingTask, votersPerPost: number, torn: (song: number) => boolean): AskingTask {
  return {
    ...task,
    answer(song, random) {
      const votes = new Float32Array(3);
      for (let v = 0; v < votersPerPost; v++) {
        const agrees = random.next() < (torn(song) ? 0 : 0.75);
        votes[agrees ? task.truth[song] : random.integer(3)]++;
      }
      return { votes, voters: votersPerPost };
    },
  };
}

const seeds = [1, 2, 3, 4];

describe('a campaign of asking', () => {
  it('knows more songs after as many posts by the policy than at random, with the interval to say so', async () => {
    const { curves, gains } = await evaluatePolicy(planted(), { posts: [14, 28], seeds });
    for (const at of [0, 1]) {
      expect(mean(curves.policy[at].rest)).toBeGreaterThan(mean(curves.random[at].rest));
    }
    const [after14] = gains.filter(({ over }) => over === 'random');
    expect(after14.rest.low).toBeGreaterThan(0);
    expect(after14.rest.difference).toBeCloseTo(
      mean(curves.policy[0].rest) - mean(curves.random[0].rest),
      10,
    );
  });

  it('asks each song once when an answer is the truth', async () => {
    const { curves } = await evaluatePolicy(planted(), { posts: [10, 40], perDay: 6, seeds: [1] });
    for (const way of ['policy', 'random', 'stratified'] as const) {
      expect(curves[way].map(({ songs }) => songs)).toEqual([10, 40]);
    }
  });

  it('is measured on songs that nobody could ask about, if wished', async () => {
    const task = planted();
    let asked = new Set<number>();
    const watched: AskingTask = {
      ...task,
      infer(given, random) {
        asked = new Set(
          [...asked, ...given.weights.keys()].filter((s) => asked.has(s) || given.weights[s] > 0),
        );
        return task.infer(given, random);
      },
    };
    const { curves } = await evaluatePolicy(watched, { posts: [150], perDay: 50, seeds: [1], apart: 0.4 });
    expect(asked.size).toBeLessThanOrEqual(180);
    expect(curves.policy[0].rest).toEqual(curves.policy[0].all);
  });

  it('does not get stuck on songs that nobody agrees on', async () => {
    const task = voted(planted(), 4, (song) => song % 5 === 0);
    const posts = new Map<number, number>();
    const counted: AskingTask = {
      ...task,
      answer(song, random) {
        posts.set(song, (posts.get(song) ?? 0) + 1);
        return task.answer?.(song, random) ?? { votes: [1, 0, 0], voters: 0 };
      },
    };
    const { curves } = await evaluatePolicy(counted, { posts: [60, 120], seeds: [1] });
    // The policy's and the random campaign together: three posts of four voters are enough for a song in each.
    expect(Math.max(...posts.values())).toBeLessThanOrEqual(6);
    const torn = [...posts].filter(([song]) => song % 5 === 0).reduce((sum, [, count]) => sum + count, 0);
    expect(torn / 240).toBeLessThan(0.3);
    expect(curves.stratified).toEqual([]);
    expect(mean(curves.policy[0].rest)).toBeGreaterThan(mean(curves.random[0].rest) - 0.02);
    expect(mean(curves.policy[1].rest)).toBeGreaterThan(0.95);
  });

  it('is the same for the same seed', async () => {
    const options = { posts: [14], seeds: [7] };
    expect(await evaluatePolicy(planted(), options)).toEqual(await evaluatePolicy(planted(), options));
  });

  it('is refused when it asks for more songs than there are, or numbers that do not ascend', async () => {
    await expect(evaluatePolicy(planted(60), { posts: [61], seeds })).rejects.toThrow(RangeError);
    await expect(evaluatePolicy(planted(60), { posts: [20, 10], seeds })).rejects.toThrow(RangeError);
    await expect(evaluatePolicy(planted(60), { posts: [50], seeds, apart: 0.5 })).rejects.toThrow(RangeError);
  });
});

describe('posts for an accuracy', () => {
  const curve: Measured[] = [
    { posts: 10, songs: 10, rest: [0.5, 0.5], all: [0.5, 0.5] },
    { posts: 20, songs: 20, rest: [0.6, 0.8], all: [0.6, 0.8] },
  ];
  it('are read between the points of the curve', () => {
    expect(postsFor(curve, 0.6)).toBeCloseTo(15, 10);
    expect(postsFor(curve, 0.4)).toBe(10);
    expect(postsFor(curve, 0.9)).toBeUndefined();
  });
});

describe.skipIf(!existsSync(MOODS))('on 686 songs with moods', () => {
  it('a tenth chosen by the policy tells more of the others than a tenth drawn at random', async () => {
    const rows: Record<string, string>[] = parse(readFileSync(MOODS), { columns: true, bom: true });
    const moods = [...new Set(rows.map((row) => row.mood))];
    const names = ['danceability', 'energy', 'loudness', 'speechiness', 'acousticness'];
    names.push('instrumentalness', 'liveness', 'valence', 'tempo', 'durationMs');
    const features = Float32Array.from(
      rows.flatMap((row) => names.map((name) => Number(row[name === 'durationMs' ? 'length' : name]))),
    );
    const { values, columns } = propagationFeatures({ size: rows.length, names, features });
    const graph = knnGraph(values, rows.length, columns, 15);
    const { curves } = await evaluatePolicy(
      {
        places: finish(placeSongs(features, rows.length, names.length)),
        truth: Int32Array.from(rows, (row) => moods.indexOf(row.mood)),
        emotionCount: moods.length,
        infer: (given) => labelSpreading(graph, given, moods.length).profiles,
      },
      // Not the seeds of the official figures.
      { posts: [69], seeds: [201, 202, 203] },
    );
    const [policy] = curves.policy;
    expect(mean(policy.rest)).toBeGreaterThan(mean(curves.random[0].rest) + 0.015);
    expect(mean(policy.rest)).toBeGreaterThan(mean(curves.stratified[0].rest));
  });
});
