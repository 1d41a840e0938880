import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareOfVotes, type VoteTable } from '../../ml/aggregate.ts';
import { dawidSkene } from '../../ml/dawid-skene.ts';
import { feelingLabels, honestLabels } from '../../ml/label-votes.ts';
import { accuracy } from '../../ml/metrics.ts';
import { createRandom } from '../../ml/random.ts';
import { facts, feelings } from './simulate.ts';
import { votesOf } from './votes.ts';

const honest = (table: VoteTable) => honestLabels(table, createRandom(1));

/** Mean absolute difference from planted shares. */
function shareError(shares: Float32Array, truth: readonly number[][]): number {
  const flat = truth.flat();
  return flat.reduce((sum, share, at) => sum + Math.abs(share - shares[at]), 0) / flat.length;
}

const CROWD = { songs: 240, listeners: 60, emotions: 6, perSong: 10 };

describe('votes as feelings', () => {
  it('gives listeners full weight and keeps their disagreement', () => {
    const { table, truth } = feelings(CROWD, createRandom(1));
    const { weights, shares, leaders } = feelingLabels(table);
    expect(leaders.every((leader, m) => leader === m)).toBe(true);
    expect(weights.reduce((sum, weight) => sum + weight, 0) / 60).toBeGreaterThan(0.97);
    const error = shareError(shares, truth);
    expect(error).toBeLessThan(shareError(shareOfVotes(table).shares, truth));
    expect(error).toBeLessThan(0.5 * shareError(dawidSkene(table).shares, truth));
  });

  it.each([
    ['always one emoji', (_i: number, _s: number, _r: unknown, m: number) => m % 6],
    ['at random', (_i: number, _s: number, r: { integer(n: number): number }) => r.integer(6)],
    ['two emojis in turn', (i: number, _s: number, _r: unknown, m: number) => (m + (i % 2)) % 6],
  ])('is hardly moved by two members in five who vote %s', (_what, vote) => {
    const spammers = Array.from(
      { length: 40 },
      (_, m) => (i: number, s: number, r: ReturnType<typeof createRandom>) => vote(i, s, r, m),
    );
    const { table, truth } = feelings({ ...CROWD, spammers }, createRandom(2));
    const { weights, shares } = feelingLabels(table);
    const mean = (from: number, to: number) =>
      weights.subarray(from, to).reduce((sum, weight) => sum + weight, 0) / (to - from);
    expect(mean(0, 60)).toBeGreaterThan(0.9);
    expect(mean(60, 100)).toBeLessThan(0.15);
    const alone = shareError(feelingLabels(feelings(CROWD, createRandom(2)).table).shares, truth);
    expect(shareError(shares, truth)).toBeLessThan(1.15 * alone);
    expect(shareError(shareOfVotes(table).shares, truth)).toBeGreaterThan(1.2 * alone);
  });

  it('leaves room for other feelings, also where listeners agree as if there were one right answer', () => {
    const { table } = facts(CROWD, (random) => 0.2 + 0.7 * random.next(), createRandom(3));
    const { shares, songPrior, votes } = feelingLabels(table);
    expect(honest(table).shares.filter((share) => share > 0.999).length).toBeGreaterThan(100);
    for (const [at, share] of shares.entries()) {
      const [song, emotion] = [Math.floor(at / 6), at % 6];
      const prior = songPrior.concentration * songPrior.mean[emotion];
      expect(share).toBeLessThanOrEqual(
        (votes[song] + prior) / (votes[song] + songPrior.concentration) + 1e-6,
      );
    }
  });

  it('takes imported labels along, with no vote and with some', () => {
    const prior = Float32Array.from([0, 3, 0, 0, 1.5, 1.5]);
    const { shares, primary, votes } = feelingLabels({ ...votesOf([[0, 0, 0]], 3, 2), prior });
    expect([...votes]).toEqual([1, 0]);
    expect(primary[0]).toBe(1);
    expect(shares[4]).toBeGreaterThan(shares[3]);
    expect(shares[5]).toBeGreaterThan(shares[3]);
  });

  it('states a confidence at which the primary emotion is the favourite, few votes or many', () => {
    const bins = [0, 0, 0, 0].map(() => ({ right: 0, stated: 0, songs: 0 }));
    for (const perSong of [1, 3, 10]) {
      const { table, truth } = feelings({ ...CROWD, songs: 1200, perSong }, createRandom(perSong));
      const { primary, confidence } = feelingLabels(table);
      for (const [s, shares] of truth.entries()) {
        const bin = bins[Math.min(3, Math.floor(confidence[s] * 4))];
        bin.songs++;
        bin.stated += confidence[s];
        if (shares.indexOf(Math.max(...shares)) === primary[s]) bin.right++;
      }
    }
    for (const { right, stated, songs } of bins) {
      if (songs > 100) expect(Math.abs(right - stated) / songs).toBeLessThan(0.06);
    }
    expect(bins.filter(({ songs }) => songs > 100).length).toBeGreaterThanOrEqual(3);
  });

  it('answers sensibly to no votes, one vote, one member, one emotion and contradiction', () => {
    const nothing = feelingLabels(votesOf([], 4, 3));
    expect([...nothing.primary]).toEqual([-1, -1, -1]);
    expect([...nothing.shares].every((share) => share === 0)).toBe(true);
    const one = feelingLabels(votesOf([[1, 0, 2]], 4, 3));
    expect([...one.primary]).toEqual([-1, 2, -1]);
    expect(one.confidence[1]).toBeLessThan(0.75);
    const same = feelingLabels(
      votesOf(
        Array.from({ length: 30 }, (_, i) => [i % 10, Math.floor(i / 10), 1] as const),
        4,
      ),
    );
    expect(same.primary.every((emotion) => emotion === 1)).toBe(true);
    const alone = feelingLabels(
      votesOf(
        Array.from({ length: 40 }, (_, i) => [i, 0, i % 4] as const),
        4,
      ),
    );
    expect(alone.primary.every((emotion, song) => emotion === song % 4)).toBe(true);
    const split = feelingLabels(
      votesOf(
        Array.from({ length: 20 }, (_, i) => [i % 10, Math.floor(i / 10), i < 10 ? 0 : 1] as const),
        2,
      ),
    );
    expect(split.confidence.every((value) => Math.abs(value - 0.5) < 0.1)).toBe(true);
    expect(
      feelingLabels(
        votesOf(
          [
            [0, 0, 0],
            [0, 1, 0],
          ],
          1,
        ),
      ).shares[0],
    ).toBe(1);
  });

  it('gives distributions and probabilities, whatever the votes, in any order', () => {
    const row = fc.tuple(fc.nat(9), fc.nat(7), fc.nat(4));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 100 }), fc.integer(), (rows, seed) => {
        const labels = feelingLabels(votesOf(rows, 5, 10));
        for (let s = 0; s < 10; s++) {
          const sum = labels.shares.subarray(s * 5, s * 5 + 5).reduce((a, b) => a + b, 0);
          expect(sum).toBeCloseTo(labels.primary[s] < 0 ? 0 : 1, 5);
          expect(labels.confidence[s]).toBeGreaterThanOrEqual(0);
          expect(labels.confidence[s]).toBeLessThanOrEqual(1);
        }
        expect(labels.weights.every((weight) => weight >= 0 && weight <= 1)).toBe(true);
        expect(feelingLabels(votesOf(createRandom(seed).shuffle([...rows]), 5, 10))).toEqual(labels);
      }),
      { numRuns: 40 },
    );
  });

  it('refuses votes that cannot be', () => {
    const good = votesOf([[0, 0, 0]], 2);
    expect(() => feelingLabels({ ...good, prior: Float32Array.from([-1, 0]) })).toThrow('counts are ≥ 0');
    expect(() => feelingLabels({ ...good, prior: Float32Array.from([Infinity, 0]) })).toThrow(
      'counts are ≥ 0',
    );
    expect(() => feelingLabels({ ...good, emotions: Int32Array.from([2]) })).toThrow('not in 0..1');
  });
});

describe('votes of which nobody said what they are about', () => {
  it('are feelings where nothing speaks for facts', () => {
    const { table } = feelings(CROWD, createRandom(1));
    const { task, ...labels } = honest(table);
    expect(task.kind).toBe('feeling');
    expect(labels).toEqual(feelingLabels(table));
  });

  it('give the one right answer where they turn out to be about facts', () => {
    const { table, truth } = facts(CROWD, (random) => 0.2 + 0.7 * random.next(), createRandom(3));
    const { task, primary } = honest(table);
    expect(task.kind).toBe('fact');
    expect(accuracy(primary, truth)).toBeGreaterThanOrEqual(accuracy(shareOfVotes(table).primary, truth));
    expect(accuracy(primary, truth)).toBeGreaterThan(0.95);
  });
});

const SHARED = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'data');

function rowsOf(file: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(path.join(SHARED, file), 'utf8').trim().split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i], value])));
}

/** Votes of a benchmark, with songs in the order of its truth. */
function benchmark(votes: string, songs: readonly string[], emotions: readonly string[]): VoteTable {
  const rows = rowsOf(votes);
  const members = [...new Set(rows.map((row) => row.member_id))];
  const position = new Map(members.map((id, m) => [id, m]));
  const song = new Map(songs.map((id, s) => [id, s]));
  return votesOf(
    rows.map((row) => [song.get(row.song_id)!, position.get(row.member_id)!, emotions.indexOf(row.emotion)]),
    emotions.length,
    songs.length,
  );
}

describe.skipIf(!existsSync(SHARED))('on real votes', () => {
  const emotions = ['calm', 'energetic', 'happy', 'sad'];

  it.each([
    ['none', 0.839, 0.081],
    ['random', 0.815, 0.08],
    ['constant', 0.815, 0.08],
    ['mixed', 0.815, 0.08],
  ])('of Emotify with spammers (%s) the label stays the full crowd’s', (kind, top, error) => {
    const truth = rowsOf('splits/emotify4-truth.csv');
    let right = 0;
    let clear = 0;
    let difference = 0;
    for (const seed of [1, 2, 3]) {
      const file = `splits/emotify4-votes-${kind}-${seed}.csv`;
      const { shares, task } = honest(
        benchmark(
          file,
          truth.map((row) => row.song_id),
          emotions,
        ),
      );
      expect(task.kind).toBe('feeling');
      for (const [s, row] of truth.entries()) {
        const mine = Array.from(shares.subarray(s * 4, s * 4 + 4));
        const full = emotions.map((name) => Number(row[name]));
        for (const [e, share] of full.entries()) difference += Math.abs(share - mine[e]);
        if (row.clear !== '1') continue;
        clear++;
        if (mine.indexOf(Math.max(...mine)) === full.indexOf(Math.max(...full))) right++;
      }
    }
    expect(right / clear).toBeGreaterThanOrEqual(top);
    expect(difference / (3 * 4 * truth.length)).toBeLessThanOrEqual(error);
  });

  it('of faces with one true sentiment, facts are recognised and found', () => {
    const truth = rowsOf('crowd/face-sentiment-truth.csv');
    const keys = ['e0', 'e1', 'e2', 'e3'];
    const table = benchmark(
      'crowd/face-sentiment-votes.csv',
      truth.map((row) => row.song_id),
      keys,
    );
    const { task, primary, leaders } = honest(table);
    expect(task.kind).toBe('fact');
    expect(leaders.every((leader, m) => leader === m)).toBe(true);
    expect(
      accuracy(
        primary,
        truth.map((row) => keys.indexOf(row.truth)),
      ),
    ).toBeGreaterThanOrEqual(0.645);
  });
});
