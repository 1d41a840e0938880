import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairShare, planCourse } from '../../ml/course.ts';
import { topK } from '../../ml/evaluate.ts';
import { planeOf } from '../../ml/plane.ts';
import {
  CARRIES,
  emotionPool,
  journeyPool,
  type PlaylistQuery,
  placeValue,
  strength,
} from '../../ml/playlist-pool.ts';
import { createRandom } from '../../ml/random.ts';
import { createTop } from '../../ml/top.ts';

const EMOTIONS = 6;
const PLANE = Array.from({ length: EMOTIONS }, (_, e) => ({
  valence: Math.cos((2 * Math.PI * e) / EMOTIONS),
  arousal: Math.sin((2 * Math.PI * e) / EMOTIONS),
}));

/** Songs of any mood; some scores are the same, and some songs are not allowed. */
function library(size: number, seed: number) {
  const random = createRandom(seed);
  const values = new Float32Array(size * EMOTIONS);
  for (let song = 0; song < size; song++) {
    const own = random.integer(EMOTIONS);
    const weights = PLANE.map((_, e) => random.next() ** 3 + (e === own ? 2 * random.next() : 0));
    const sum = weights.reduce((a, b) => a + b);
    values.set(
      weights.map((weight) => weight / sum),
      song * EMOTIONS,
    );
  }
  const allowed = Uint8Array.from({ length: size }, () => Number(random.next() > 0.05));
  const relevance = Float32Array.from(allowed, (here) =>
    here === 1 ? Math.max(-3, Math.round(20 * random.normal()) / 20) : Number.NEGATIVE_INFINITY,
  );
  const query: PlaylistQuery = {
    ...{ scores: relevance, profiles: { rows: size, columns: EMOTIONS, values }, ...planeOf(values, PLANE) },
    ...{ artistOf: Int32Array.from({ length: size }, () => random.integer(size)), artistCap: 1000 },
    ...{ count: 12, candidates: 40, wish: { from: 1, to: 4 } },
  };
  return { query, relevance, allowed };
}

const seeds = fc.property(fc.integer(), fc.integer({ min: 1, max: 3000 }), (seed, size) => {
  const { query, relevance, allowed } = library(size, seed);
  const { valence, arousal } = query;
  const course = planCourse({ from: PLANE[1]!, to: PLANE[4]!, count: 12 });
  const wanted = new Set<number>();
  for (let stage = 0; stage < 8; stage++) {
    const place = Math.round((stage * 11) / 7);
    const all = relevance.map((score, song) => score + placeValue(query, course, 0.6, song, place));
    for (const song of topK(all, 20).slice(0, 5)) wanted.add(song);
  }
  expect(valence.length + arousal.length).toBe(2 * size);
  expect(journeyPool(query, course, 0.6, relevance).pool).toEqual([...wanted]);

  const single = { ...query, wish: { from: 2 } };
  const carried = relevance.map((score, song) => {
    const row = query.profiles.values.subarray(song * EMOTIONS, (song + 1) * EMOTIONS);
    const enough = row[2]! >= CARRIES * Math.max(...row) && row[2]! >= 1.5 / EMOTIONS;
    return enough ? score + strength(row[2]!) : Number.NEGATIVE_INFINITY;
  });
  const { pool, carriers } = emotionPool(single, allowed, relevance);
  expect(pool.slice(0, carriers)).toEqual([...topK(carried, 160).slice(0, 40)]);

  const both = relevance.map((score, song) => {
    const row = query.profiles.values.subarray(song * EMOTIONS, (song + 1) * EMOTIONS);
    const least = Math.min(row[2]!, row[3]!);
    const enough = least >= CARRIES * Math.max(...row) && least >= 1.5 / EMOTIONS;
    return enough ? score + strength(pairShare(row[2]!, row[3]!)) : Number.NEGATIVE_INFINITY;
  });
  const pair = emotionPool({ ...query, wish: { from: 2, and: 3 } }, allowed, relevance);
  expect(pair.pool.slice(0, pair.carriers)).toEqual([...topK(both, 160).slice(0, 40)]);
});

describe('the songs that a list is chosen from', () => {
  it('are those that weighing every song would find', () => {
    fc.assert(seeds, { numRuns: 60 });
  });
});

describe('how much of a pair a song carries', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });

  it('is a whole of half and half, less the less even the two are, and nothing of neither', () => {
    expect(pairShare(0.5, 0.5)).toBeCloseTo(1, 10);
    expect(pairShare(0, 0)).toBeCloseTo(0, 10);
    expect(pairShare(0.6, 0.4)).toBeLessThan(1);
    expect(pairShare(0.9, 0.1)).toBeLessThan(pairShare(0.4, 0.3));
    expect(pairShare(1, 0)).toBeLessThan(0.1);
    expect(pairShare(1, 0)).toBeGreaterThan(pairShare(0, 0));
  });

  it('is the same both ways round, a share, and more where there is more of either', () => {
    fc.assert(
      fc.property(share, share, share, (one, rest, less) => {
        const other = rest * (1 - one);
        expect(pairShare(one, other)).toBe(pairShare(other, one));
        expect(pairShare(one, other)).toBeGreaterThanOrEqual(-1e-12);
        expect(pairShare(one, other)).toBeLessThanOrEqual(1 + 1e-12);
        expect(pairShare(one * less, other)).toBeLessThanOrEqual(pairShare(one, other));
      }),
    );
  });
});

describe('the best of many', () => {
  it('are those that sorting finds, equal ones in their order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 })),
        fc.integer({ min: 0, max: 30 }),
        (scores, most) => {
          const top = createTop(most);
          scores.forEach((score, item) => {
            const before = top.worst();
            top.offer(item, score);
            expect(top.worst()).toBeGreaterThanOrEqual(before);
          });
          const sorted = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
          expect([...top.take()]).toEqual(sorted.slice(0, most));
          expect(top.take()).toHaveLength(0);
        },
      ),
    );
  });

  it('are never what is not a number, or never to come', () => {
    const top = createTop(3);
    [Number.NaN, 1, Number.NEGATIVE_INFINITY].forEach((score, item) => {
      top.offer(item, score);
    });
    expect([...top.take()]).toEqual([1]);
  });
});
