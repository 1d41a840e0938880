import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crowding, drawSome, likeness, placeSongs, type SongPlaces } from '../../ml/coverage.ts';
import { createRandom } from '../../ml/random.ts';
import { finish } from '../../ml/steps.ts';

function placed(size: number, columns: number, seed = 1): SongPlaces {
  const random = createRandom(seed);
  const features = new Float32Array(size * columns).map(() => random.next());
  return finish(placeSongs(features, size, columns));
}

const everyOne = (size: number) => Int32Array.from({ length: size }, (_, s) => s);

describe('the places of songs', () => {
  it('are the ranks of their values, whatever the scale', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 60 }),
        (values) => {
          const plain = Float32Array.from(values);
          const { ranks } = finish(placeSongs(plain, plain.length, 1));
          for (let a = 0; a < plain.length; a++) {
            for (let b = 0; b < plain.length; b++) {
              if (plain[a] < plain[b]) expect(ranks[a]).toBeLessThan(ranks[b]);
              if (plain[a] === plain[b]) expect(ranks[a]).toBe(ranks[b]);
            }
          }
          const bent = plain.map((value) => Math.atan(value / 100) * 7);
          const sameOrder = new Set(bent).size === new Set(plain).size;
          if (sameOrder) expect(finish(placeSongs(bent, bent.length, 1)).ranks).toEqual(ranks);
        },
      ),
    );
  });

  it('are in the middle for what is missing or the same everywhere', () => {
    const { ranks } = finish(
      placeSongs(Float32Array.of(1, 5, Number.NaN, 5, 3, 5, Number.POSITIVE_INFINITY, 5), 4, 2),
    );
    expect([ranks[2], ranks[1], ranks[3], ranks[6]]).toEqual([128, 128, 128, 128]);
    expect(ranks[0]).toBeLessThan(128);
    expect(ranks[4]).toBeGreaterThan(128);
  });

  it('come from the wished columns only', () => {
    const both = Float32Array.of(1, 9, 2, 8, 3, 7);
    const second = Float32Array.of(9, 8, 7);
    expect(finish(placeSongs(both, 3, 2, [1])).ranks).toEqual(finish(placeSongs(second, 3, 1)).ranks);
    expect(() => finish(placeSongs(both, 4, 2))).toThrow(RangeError);
  });
});

describe('likeness', () => {
  it('is 1 to itself, the same both ways, and falls with every difference', () => {
    const places = placed(50, 4);
    for (let a = 0; a < 50; a++) {
      expect(likeness(places, a, a)).toBe(1);
      for (let b = 0; b < a; b++) {
        expect(likeness(places, a, b)).toBe(likeness(places, b, a));
        expect(likeness(places, a, b)).toBeLessThan(1);
        expect(likeness(places, a, b)).toBeGreaterThan(0);
      }
    }
  });
});

describe('crowding', () => {
  it('is the sum of weighted likenesses, exactly in a small catalogue', () => {
    const places = placed(60, 3);
    const among = Int32Array.of(3, 14, 15, 9);
    const weightOf = (song: number) => song / 10;
    const sums = finish(crowding(places, everyOne(60), createRandom(1), among, weightOf));
    for (let s = 0; s < 60; s++) {
      const expected = among.reduce((sum, other) => sum + weightOf(other) * likeness(places, s, other), 0);
      expect(sums[s]).toBeCloseTo(expected, 4);
    }
    expect(finish(crowding(places, everyOne(60), createRandom(1), new Int32Array(0)))).toEqual(
      new Float32Array(60),
    );
  });

  it('is near the sum over all songs in a large one', () => {
    const places = placed(4_000, 3);
    const songs = Int32Array.from({ length: 20 }, (_, i) => i * 150);
    const sums = finish(crowding(places, songs, createRandom(2)));
    for (const [i, song] of songs.entries()) {
      let exact = 0;
      for (let s = 0; s < 4_000; s++) exact += likeness(places, song, s);
      expect(Math.abs(sums[i] / exact - 1)).toBeLessThan(0.25);
    }
  });
});

describe('drawing some', () => {
  it('gives as many different numbers as wished, each as often as any other', () => {
    const counts = new Float64Array(20);
    const random = createRandom(3);
    for (let round = 0; round < 4_000; round++) {
      const drawn = drawSome(20, 5, random);
      expect(new Set(drawn).size).toBe(5);
      for (const one of drawn) counts[one]++;
    }
    for (const count of counts) expect(count / 4_000).toBeCloseTo(0.25, 1);
    expect(Array.from(drawSome(3, 5, random))).toEqual([0, 1, 2]);
  });
});
