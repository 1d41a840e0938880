import { describe, expect, it } from 'vitest';
import { emotionAlphas, krippendorffAlpha } from '../../ml/agreement.ts';
import { createRandom } from '../../ml/random.ts';
import { votesOf } from './votes.ts';

describe('Krippendorff’s alpha', () => {
  it('is 0.691 on the example of Krippendorff (2011), "Computing Krippendorff’s alpha-reliability"', () => {
    const coders = ['*****34121133*3', '1*213343*******', '**21344*21133*4'];
    const list = coders.flatMap((answers, coder) =>
      [...answers].flatMap((answer, unit) =>
        answer === '*' ? [] : [[unit, coder, Number(answer) - 1] as const],
      ),
    );
    expect(krippendorffAlpha(votesOf(list, 4))).toBeCloseTo(0.691, 3);
  });

  it('is 1 where all agree, about 0 where votes are drawn at random, below 0 where nobody agrees', () => {
    const agree = votesOf(
      [
        [0, 0, 0],
        [0, 1, 0],
        [1, 0, 1],
        [1, 1, 1],
      ],
      2,
    );
    expect(krippendorffAlpha(agree)).toBe(1);
    const differ = votesOf(
      [
        [0, 0, 0],
        [0, 1, 1],
        [1, 0, 1],
        [1, 1, 0],
      ],
      2,
    );
    expect(krippendorffAlpha(differ)).toBeLessThan(0);
    const random = createRandom(3);
    const noise = Array.from(
      { length: 4000 },
      (_, i) => [i % 400, Math.floor(i / 400), random.integer(4)] as const,
    );
    expect(Math.abs(krippendorffAlpha(votesOf(noise, 4)))).toBeLessThan(0.02);
  });
});

describe('the agreement on one emotion', () => {
  it('is Krippendorff’s alpha of yes and no, worked by hand', () => {
    // Song 0: yes yes; song 1: yes no; song 2: no no. Six values, three of them yes.
    const table = votesOf(
      [
        [0, 0, 0],
        [0, 1, 0],
        [1, 0, 0],
        [1, 1, 1],
        [2, 0, 1],
        [2, 1, 1],
      ],
      2,
    );
    // Observed 2 differing ordered pairs / 6; expected 2 · 3 · 3 / (6 · 5).
    expect(emotionAlphas(table)[0]).toBeCloseTo(1 - 2 / 6 / (18 / 30), 10);
  });

  it('of two emotions is the same for both, and equals alpha where every voter names one', () => {
    const random = createRandom(5);
    const rows = Array.from(
      { length: 300 },
      (_, i) => [i % 60, Math.floor(i / 60), random.integer(2)] as const,
    );
    const table = votesOf(rows, 2);
    const [one, other] = emotionAlphas(table);
    expect(one).toBeCloseTo(other, 10);
    expect(one).toBeCloseTo(krippendorffAlpha(table), 10);
  });

  it('takes a member’s two emotions for yes to both, which is no disagreement', () => {
    const rows = [0, 1, 2].flatMap((song) =>
      [0, 1].flatMap((member) =>
        song === 2
          ? [[song, member, 2]]
          : [
              [song, member, 0],
              [song, member, 1],
            ],
      ),
    ) as [number, number, number][];
    expect([...emotionAlphas(votesOf(rows, 3))]).toEqual([1, 1, 1]);
  });

  it('is no number where nobody could differ', () => {
    expect(emotionAlphas(votesOf([[0, 0, 0]], 2)).every(Number.isNaN)).toBe(true);
  });
});
