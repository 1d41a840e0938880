import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadBackend } from '../../ml/backend.ts';
import { rankingLoss } from '../../ml/gan/losses.ts';
import { backgroundOf, compareSong, comparisonWidth, tasteOf } from '../../ml/gan/taste.ts';
import { createRandom } from '../../ml/random.ts';

const WIDTH = 2;
const SONGS = 600;

/** Songs with two independent standard normal columns. */
const values = (() => {
  const random = createRandom(4);
  return Float32Array.from({ length: SONGS * WIDTH }, () => random.normal());
})();
const background = backgroundOf(values, SONGS, WIDTH);
const songs = Array.from({ length: SONGS }, (_, song) => song);

function compared(liked: readonly number[], song: readonly number[]): Float32Array {
  const out = new Float32Array(comparisonWidth(WIDTH));
  compareSong(Float32Array.from(song), 0, tasteOf(values, WIDTH, liked, background), out, 0);
  return out;
}

describe('a taste', () => {
  const quiet = songs.filter((song) => values[song * WIDTH]! < -0.8).slice(0, 60);

  it('says how much likelier a value is among the liked songs, column by column', () => {
    const [first, second] = compared(quiet, [-1.5, 0]);
    expect(first).toBeGreaterThan(0.8);
    expect(Math.abs(second!)).toBeLessThan(0.4);
    expect(compared(quiet, [1.5, 0])[0]).toBeLessThan(-1);
  });

  it('measures distance in the deviations of the liked songs', () => {
    const at = (value: number) => compared(quiet, [value, 0])[WIDTH]!;
    const mean = quiet.reduce((sum, song) => sum + values[song * WIDTH]!, 0) / quiet.length;
    expect(at(mean)).toBeCloseTo(0, 4);
    // Songs below -0.8 vary less than the catalogue does, so one deviation of the catalogue is more than one of theirs.
    expect(at(mean + 1)).toBeGreaterThan(1.3);
    expect(at(mean + 1)).toBeCloseTo(at(mean - 1), 4);
  });

  it('says nothing when nothing is liked, and little when little is', () => {
    const [none, one, many] = [[], quiet.slice(0, 1), quiet].map((liked) => compared(liked, [-1.3, 0])[0]!);
    expect(none).toBeCloseTo(0, 5);
    expect(Math.abs(one!)).toBeLessThan(many!);
  });

  it('does not depend on the order of the songs', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(songs, { minLength: 2, maxLength: 40 }), (liked) => {
        const ordered = [...liked].sort((a, b) => a - b);
        compared(liked, [0.3, -0.7]).forEach((value, i) => {
          expect(value).toBeCloseTo(compared(ordered, [0.3, -0.7])[i]!, 4);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('is finite for any song and any listener', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(SONGS - 1), { maxLength: 30 }),
        fc.tuple(fc.float({ min: -5, max: 5, noNaN: true }), fc.float({ min: -5, max: 5, noNaN: true })),
        (liked, song) => {
          expect(compared(liked, song).every(Number.isFinite)).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('the ranking loss', () => {
  const lossOf = async (real: number[], others: number[][], standsFor: number[]) => {
    const { tf } = await loadBackend('cpu');
    return tf.tidy(
      () =>
        rankingLoss(
          tf,
          tf.tensor2d(real, [real.length, 1]),
          tf.tensor2d(others),
          Float32Array.from(standsFor),
        ).dataSync()[0]!,
    );
  };

  it('is what a softmax over the whole catalogue would give', async () => {
    // One song that stands for three is three songs.
    const sampled = await lossOf([1], [[0.5, -1]], [3, 1]);
    const whole = -Math.log(Math.E / (Math.E + 3 * Math.exp(0.5) + Math.exp(-1)));
    expect(sampled).toBeCloseTo(whole, 5);
  });

  it('takes no notice of songs that stand for none', async () => {
    expect(await lossOf([1], [[50, -1]], [0, 1])).toBeCloseTo(await lossOf([1], [[-1]], [1]), 5);
  });

  it('stays a number whatever is said of songs that stand for none', async () => {
    expect(await lossOf([0], [[2000, 0]], [0, 1])).toBeCloseTo(Math.log(2), 5);
    expect(await lossOf([2000, -2000], [[0], [0]], [1])).toBeCloseTo(1000, 0);
  });

  it('gives each listener its own weights', async () => {
    // Two listeners with two real songs each.
    const loss = await lossOf([0, 0, 0, 0], [[0], [0], [0], [0]], [1, 3]);
    expect(loss).toBeCloseTo((2 * Math.log(2) + 2 * Math.log(4)) / 4, 5);
  });
});
