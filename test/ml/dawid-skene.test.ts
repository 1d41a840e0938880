import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareOfVotes } from '../../ml/aggregate.ts';
import { dawidSkene } from '../../ml/dawid-skene.ts';
import { accuracy } from '../../ml/metrics.ts';
import { createRandom } from '../../ml/random.ts';
import { draw, votesOf } from './votes.ts';

/** Members whose answers follow planted confusion matrices: careful ones, and ones who mix up two emotions. */
function planted(seed: number) {
  const random = createRandom(seed);
  const matrix = (member: number): number[][] => {
    if (member % 3 === 0)
      return [
        [0.94, 0.03, 0.03],
        [0.03, 0.94, 0.03],
        [0.03, 0.03, 0.94],
      ];
    if (member % 3 === 1)
      return [
        [0.2, 0.7, 0.1],
        [0.7, 0.2, 0.1],
        [0.1, 0.1, 0.8],
      ];
    return [
      [0.34, 0.33, 0.33],
      [0.33, 0.34, 0.33],
      [0.33, 0.33, 0.34],
    ];
  };
  const truth = Int32Array.from({ length: 1200 }, () => random.integer(3));
  const rows: [number, number, number][] = [];
  for (let member = 0; member < 9; member++) {
    const confusion = matrix(member);
    truth.forEach((label, song) => {
      rows.push([song, member, draw(confusion[label], random)]);
    });
  }
  return { truth, table: votesOf(rows, 3), matrix };
}

describe('Dawid–Skene', () => {
  it('finds the truth behind raters who mix emotions up, where shares do not', () => {
    const { truth, table } = planted(1);
    const right = accuracy(dawidSkene(table).primary, truth);
    expect(right).toBeGreaterThan(0.95);
    expect(right).toBeGreaterThan(accuracy(shareOfVotes(table).primary, truth) + 0.1);
  });

  it('recovers every member’s planted confusion matrix', () => {
    const { table, matrix } = planted(2);
    const { confusion } = dawidSkene(table);
    for (let member = 0; member < 9; member++) {
      matrix(member)
        .flat()
        .forEach((rate, i) => {
          expect(Math.abs(confusion[member * 9 + i] - rate)).toBeLessThan(0.1);
        });
    }
  });

  it('is one E and M step of Dawid & Skene (1979), worked by hand', () => {
    // Two songs, two members, two emotions; smoothing 1. Member 0 votes 0,1; member 1 votes 0,0.
    const table = votesOf(
      [
        [0, 0, 0],
        [1, 0, 1],
        [0, 1, 0],
        [1, 1, 0],
      ],
      2,
    );
    const { shares } = dawidSkene(table, { iterations: 1, smoothing: 1 });
    // First guess: song 0 = (1, 0), song 1 = (½, ½). Class prior (1.5 + 1, 0.5 + 1) / 4.
    // Member 0: P(0|0) = (1+1)/(1+½+2), P(1|0) = (½+1)/3.5, P(0|1) = 1/(½+2), P(1|1) = 1.5/2.5.
    // Member 1: P(0|0) = (1.5+1)/3.5, P(0|1) = (½+1)/2.5.
    const zero = 0.625 * (2 / 3.5) * (2.5 / 3.5);
    const one = 0.375 * (1 / 2.5) * (1.5 / 2.5);
    expect(shares[0]).toBeCloseTo(zero / (zero + one), 5);
    const zero1 = 0.625 * (1.5 / 3.5) * (2.5 / 3.5);
    const one1 = 0.375 * (1.5 / 2.5) * (1.5 / 2.5);
    expect(shares[2]).toBeCloseTo(zero1 / (zero1 + one1), 5);
  });

  it('gives distributions, finite whatever the votes', () => {
    const row = fc.tuple(
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 7 }),
      fc.integer({ min: 0, max: 4 }),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 100 }), (rows) => {
        const { shares, votes, confusion } = dawidSkene(votesOf(rows, 5, 10));
        for (let s = 0; s < 10; s++) {
          const sum = shares.subarray(s * 5, s * 5 + 5).reduce((a, b) => a + b, 0);
          expect(sum).toBeCloseTo(votes[s] > 0 ? 1 : 0, 4);
        }
        expect(confusion.every((rate) => rate > 0 && rate < 1)).toBe(true);
      }),
    );
  });

  it('takes imported labels as the votes of one more member', () => {
    const { table, truth } = planted(3);
    const prior = new Float32Array(1200 * 3);
    for (let s = 0; s < 200; s++) prior[s * 3 + truth[s]] = 5;
    const { primary } = dawidSkene({ ...table, prior });
    expect(accuracy(primary.subarray(0, 200), truth.subarray(0, 200))).toBeGreaterThan(0.99);
  });

  it('settles: more rounds than needed change nothing', () => {
    const { table } = planted(4);
    const { iterations, primary } = dawidSkene(table, { iterations: 200 });
    expect(iterations).toBeLessThan(200);
    expect(dawidSkene(table, { iterations: 500 }).primary).toEqual(primary);
  });

  it('refuses votes and settings that cannot be', () => {
    expect(() => dawidSkene(votesOf([[0, 0, 9]], 2))).toThrow(RangeError);
    expect(() => dawidSkene(votesOf([[0, 0, 0]], 2), { smoothing: 0 })).toThrow(RangeError);
  });
});
