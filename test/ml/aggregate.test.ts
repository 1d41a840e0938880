import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareOfVotes, type VoteTable } from '../../ml/aggregate.ts';
import { topProbability } from '../../ml/favourite.ts';
import { createRandom } from '../../ml/random.ts';
import { draw, votesOf } from './votes.ts';

const rows = (emotions: number) =>
  fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 7 }),
      fc.integer({ min: 0, max: emotions - 1 }),
    ),
    { maxLength: 120 },
  );

describe('the share of votes', () => {
  it('is the percentage of votes that named an emotion', () => {
    const labels = shareOfVotes(
      votesOf(
        [
          [0, 0, 1],
          [0, 1, 1],
          [0, 2, 0],
          [0, 3, 1],
          [2, 0, 2],
        ],
        3,
      ),
    );
    expect([...labels.shares]).toEqual([0.25, 0.75, 0, 0, 0, 0, 0, 0, 1]);
    expect([...labels.primary]).toEqual([1, -1, 2]);
    expect([...labels.votes]).toEqual([4, 0, 1]);
  });

  it('counts a member’s several emotions for a song as several votes of one voter', () => {
    const labels = shareOfVotes(
      votesOf(
        [
          [0, 5, 0],
          [0, 5, 1],
          [0, 6, 1],
        ],
        2,
      ),
    );
    expect(labels.votes[0]).toBe(3);
    expect(labels.voters[0]).toBe(2);
  });

  it('counts the same vote once however often it is listed', () => {
    const once = votesOf(
      [
        [0, 0, 0],
        [0, 1, 1],
        [1, 1, 1],
      ],
      2,
    );
    const again = votesOf(
      [
        [0, 1, 1],
        [1, 1, 1],
        [0, 0, 0],
        [0, 1, 1],
        [0, 0, 0],
      ],
      2,
    );
    expect(shareOfVotes(again)).toEqual(shareOfVotes(once));
  });

  it('names a second emotion only when it is close', () => {
    const vote = (counts: number[]) =>
      votesOf(
        counts.flatMap((n, e) => Array.from({ length: n }, (_, m) => [0, m + 100 * e, e] as const)),
        3,
      );
    expect(shareOfVotes(vote([4, 3, 1])).secondary[0]).toBe(1);
    expect(shareOfVotes(vote([2, 4, 2])).secondary[0]).toBe(-1);
    expect(shareOfVotes(vote([0, 3, 3])).primary[0]).toBe(1);
    expect(shareOfVotes(vote([0, 3, 3])).secondary[0]).toBe(2);
  });

  it('adds imported labels as soft votes, which are not counted as votes', () => {
    const prior = Float32Array.from([0, 3, 1.5, 1.5]);
    const labels = shareOfVotes({ ...votesOf([[0, 0, 0]], 2, 2), prior });
    expect([...labels.shares]).toEqual([0.25, 0.75, 0.5, 0.5]);
    expect([...labels.votes]).toEqual([1, 0]);
    expect([...labels.voters]).toEqual([1, 0]);
  });

  it('has rows that sum to 1, or to 0 without votes, and confidences from 0 to 1', () => {
    fc.assert(
      fc.property(rows(4), (list) => {
        const labels = shareOfVotes(votesOf(list, 4, 10));
        for (let s = 0; s < 10; s++) {
          const sum = labels.shares.subarray(s * 4, s * 4 + 4).reduce((a, b) => a + b, 0);
          expect(sum).toBeCloseTo(labels.votes[s] > 0 ? 1 : 0, 5);
          expect(labels.confidence[s] > 0).toBe(labels.votes[s] > 0);
          expect(labels.confidence[s]).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('does not depend on the order of the votes', () => {
    fc.assert(
      fc.property(rows(3), fc.integer(), (list, seed) => {
        const shuffled = createRandom(seed).shuffle([...list]);
        expect(shareOfVotes(votesOf(shuffled, 3, 10))).toEqual(shareOfVotes(votesOf(list, 3, 10)));
      }),
    );
  });

  it('of nothing is nothing', () => {
    const labels = shareOfVotes(votesOf([], 8, 3));
    expect([...labels.primary]).toEqual([-1, -1, -1]);
    expect([...labels.confidence]).toEqual([0, 0, 0]);
    expect(shareOfVotes(votesOf([], 8, 0)).shares).toHaveLength(0);
  });
});

describe('the confidence of a label', () => {
  it('is low for one vote, grows with equal votes, and stays at a toss-up for a tie', () => {
    const eight = (n: number) => topProbability([n + 1, 1, 1, 1, 1, 1, 1, 1], 0, 8, 0);
    expect(eight(1)).toBeLessThan(0.45);
    expect(eight(3)).toBeGreaterThan(eight(1));
    expect(eight(10)).toBeGreaterThan(0.97);
    expect(topProbability([21, 21], 0, 2, 0)).toBeCloseTo(0.5, 2);
  });

  it('is the rate at which the primary emotion really is the favourite', () => {
    const random = createRandom(7);
    const songs = 3000;
    const favourites: number[] = [];
    const list: [number, number, number][] = [];
    for (let s = 0; s < songs; s++) {
      // Uniform over all distributions of four emotions: normalised exponentials.
      const weights = Array.from({ length: 4 }, () => -Math.log(1 - random.next()));
      const sum = weights.reduce((a, b) => a + b);
      favourites.push(weights.indexOf(Math.max(...weights)));
      const votes = 1 + random.integer(20);
      for (let m = 0; m < votes; m++)
        list.push([
          s,
          m,
          draw(
            weights.map((w) => w / sum),
            random,
          ),
        ]);
    }
    const { primary, confidence } = shareOfVotes(votesOf(list, 4));
    for (const [low, high] of [
      [0.3, 0.5],
      [0.5, 0.7],
      [0.7, 0.9],
      [0.9, 1],
    ]) {
      const inside = favourites.map((_, s) => s).filter((s) => confidence[s] > low && confidence[s] <= high);
      const right = inside.filter((s) => primary[s] === favourites[s]).length / inside.length;
      const stated = inside.reduce((sum, s) => sum + confidence[s], 0) / inside.length;
      expect(Math.abs(right - stated)).toBeLessThan(0.05);
    }
  });
});

describe('votes that cannot be', () => {
  const good = votesOf(
    [
      [0, 0, 0],
      [1, 1, 1],
    ],
    2,
  );
  it.each<[string, Partial<VoteTable>]>([
    ['a song outside the catalogue', { songs: Int32Array.from([0, 2]) }],
    ['a negative member', { members: Int32Array.from([-1, 0]) }],
    ['an emotion that does not exist', { emotions: Int32Array.from([0, 7]) }],
    ['columns of different length', { emotions: Int32Array.from([0]) }],
    ['a prior of another shape', { prior: new Float32Array(3) }],
    ['a negative prior', { prior: Float32Array.from([0, -1, 0, 0]) }],
    ['a prior that is not a number', { prior: Float32Array.from([0, Number.NaN, 0, 0]) }],
  ])('are refused: %s', (_what, change) => {
    expect(() => shareOfVotes({ ...good, ...change })).toThrow(RangeError);
  });
});
