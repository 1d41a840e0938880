import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dirichlet } from '../../ml/dirichlet.ts';
import { feelingLabels } from '../../ml/label-votes.ts';
import { createRandom } from '../../ml/random.ts';
import {
  CLEAR_MASS,
  isClear,
  labelFromCounts,
  labelSong,
  nextVote,
  type WeighedVote,
} from '../../ml/song-label.ts';
import { MOST_FURTHER_VOTES, votesNeeded } from '../../ml/votes-needed.ts';
import { feelings } from './simulate.ts';
import { draw } from './votes.ts';

const flat = (concentration: number): Dirichlet => ({ mean: new Float64Array(8).fill(1 / 8), concentration });
const EIGHT = flat(4);

const counts = (...values: number[]) => [...values, ...new Array<number>(8 - values.length).fill(0)];

/** Votes of members of full weight. */
const votes = (...emotions: number[]): WeighedVote[] =>
  emotions.map((emotion, member) => ({ emotion, member, weight: 1 }));

describe('a label that is updated', () => {
  it('is what the training run’s last step gives, spammers and accounts in step included', () => {
    const script = (song: number) => (song * 7 + (song >> 2)) % 6;
    const spammers = [
      ...Array.from({ length: 8 }, (_, m) => () => m % 6),
      ...Array.from({ length: 5 }, () => (_i: number, song: number) => script(song)),
    ];
    const crowd = { songs: 150, listeners: 40, emotions: 6, perSong: 7, spammers, spamVotes: 60 };
    const { table } = feelings(crowd, createRandom(3));
    const labels = feelingLabels(table);
    expect(new Set(labels.leaders).size).toBe(table.memberCount - 4);
    for (let song = 0; song < 150; song++) {
      const mine: WeighedVote[] = [];
      for (const [row, s] of table.songs.entries()) {
        if (s !== song) continue;
        const member = table.members[row];
        const group = labels.leaders[member] >= 48 ? { group: 1 } : {};
        mine.push({ emotion: table.emotions[row], member, weight: labels.weights[member], ...group });
      }
      const label = labelSong(mine, labels.songPrior);
      expect(label.primary).toBe(labels.primary[song]);
      expect(label.secondary).toBe(labels.secondary[song]);
      expect(label.confidence).toBeCloseTo(labels.confidence[song], 6);
      for (let e = 0; e < 6; e++) expect(label.shares[e]).toBeCloseTo(labels.shares[song * 6 + e], 6);
    }
  });

  it('grows surer with each vote that agrees, and less sure with one that does not', () => {
    let last = 0;
    for (let n = 1; n <= 12; n++) {
      const { confidence } = labelSong(votes(...new Array<number>(n).fill(2)), EIGHT);
      expect(confidence).toBeGreaterThan(last);
      expect(
        labelSong([...votes(...new Array<number>(n).fill(2)), ...votes(3)], EIGHT).confidence,
      ).toBeLessThan(confidence);
      last = confidence;
    }
    expect(labelSong(votes(2), EIGHT).confidence).toBeLessThan(0.55);
    expect(last).toBeGreaterThan(0.97);
  });

  it('takes imported labels along and has none without any vote', () => {
    expect(labelSong([], EIGHT, counts(0, 5)).primary).toBe(1);
    expect(labelSong([], EIGHT)).toMatchObject({ primary: -1, secondary: -1, confidence: 0, mass: 0 });
    expect(labelSong([{ emotion: 1, member: 0, weight: 0 }], EIGHT).primary).toBe(-1);
  });

  it('names a second emotion only when it is close', () => {
    expect(labelFromCounts(counts(6, 5), EIGHT)).toMatchObject({ primary: 0, secondary: 1 });
    expect(labelFromCounts(counts(8, 3), EIGHT).secondary).toBe(-1);
  });

  it.each([
    { emotion: 8, weight: 1 },
    { emotion: -1, weight: 1 },
    { emotion: 0.5, weight: 1 },
    { emotion: 0, weight: -1 },
    { emotion: 0, weight: Infinity },
    { emotion: 0, weight: Number.NaN },
  ])('refuses $emotion with weight $weight', (vote) => {
    expect(() => labelSong([{ ...vote, member: 0 }], EIGHT)).toThrow(RangeError);
  });
});

describe('the next vote', () => {
  it('is as likely as the votes so far and the prior together make it', () => {
    const chances = nextVote(counts(3, 1), EIGHT);
    expect(chances[0]).toBeCloseTo(3.5 / 8, 12);
    expect(chances[1]).toBeCloseTo(1.5 / 8, 12);
    expect(chances[7]).toBeCloseTo(0.5 / 8, 12);
  });
});

describe('a clear label', () => {
  it('has one sure emotion, or two close ones of which one is sure to be the favourite', () => {
    expect(isClear(labelFromCounts(counts(7), EIGHT), EIGHT)).toBe(true);
    expect(isClear(labelFromCounts(counts(3, 2), EIGHT), EIGHT)).toBe(false);
    expect(isClear(labelFromCounts(counts(10, 10), EIGHT), EIGHT)).toBe(true);
    expect(isClear(labelFromCounts(counts(2, 2), EIGHT), EIGHT)).toBe(false);
    expect(isClear(labelFromCounts(counts(7, 7, 7), EIGHT), EIGHT)).toBe(false);
  });

  it('never rests on fewer than three full votes, however much songs are alike', () => {
    const peaked = flat(0.1);
    expect(labelFromCounts(counts(2), peaked).confidence).toBeGreaterThan(0.9);
    expect(isClear(labelFromCounts(counts(CLEAR_MASS - 1), peaked), peaked)).toBe(false);
  });
});

describe('how many more votes a song needs', () => {
  it('is none when it is clear, fewer the clearer it is, and unknown where listeners part three ways', () => {
    const need = (...values: number[]) => votesNeeded(labelFromCounts(counts(...values), EIGHT), EIGHT);
    expect(need(9)).toBe(0);
    expect(need(2)).toBeGreaterThan(0);
    expect(need(2)).toBeLessThan(need(2, 1) ?? 0);
    expect(need(0)).toBeGreaterThan(need(2) ?? Infinity);
    expect(need(30, 30, 30)).toBeUndefined();
  });

  it('is near the number that songs turn out to need', () => {
    const random = createRandom(8);
    const { truth } = feelings(
      { songs: 400, listeners: 1, emotions: 8, perSong: 0, concentration: 4 },
      random,
    );
    const stated = votesNeeded(labelFromCounts(counts(0), EIGHT), EIGHT)!;
    const waits = truth.map((shares) => {
      const urn = counts(0);
      for (let n = 1; n <= MOST_FURTHER_VOTES; n++) {
        urn[draw(shares, random)]++;
        if (isClear(labelFromCounts(urn, EIGHT), EIGHT)) return n;
      }
      return Infinity;
    });
    const median = waits.sort((a, b) => a - b)[200];
    expect(Math.abs(stated - median)).toBeLessThanOrEqual(3);
  });

  it('is a whole number within its limit or unknown, the same each time, whatever the votes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 8, maxLength: 8 }), (values) => {
        const label = labelFromCounts(values, EIGHT);
        const needed = votesNeeded(label, EIGHT);
        expect(votesNeeded(label, EIGHT)).toBe(needed);
        expect(needed === 0).toBe(isClear(label, EIGHT));
        if (needed === undefined) return;
        expect(Number.isInteger(needed) && needed >= 0 && needed <= MOST_FURTHER_VOTES).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
