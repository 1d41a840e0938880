import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planCourse } from '../../ml/course.ts';
import { greedyOrder, improveOrder, orderCost } from '../../ml/order.ts';
import { planeOf } from '../../ml/plane.ts';
import { CARRIES, type PlaylistQuery } from '../../ml/playlist-pool.ts';
import { createRandom } from '../../ml/random.ts';
import { selectPlaylist } from '../../ml/sequence.ts';

// happy, angry, sad, calm in the four corners of the plane
const CORNERS = [
  { valence: 0.8, arousal: 0.6 },
  { valence: -0.7, arousal: 0.7 },
  { valence: -0.7, arousal: -0.5 },
  { valence: 0.5, arousal: -0.7 },
];
const [HAPPY, , SAD, CALM] = [0, 1, 2, 3];

/** Songs whose profiles are random mixtures with one clearly leading emotion. */
function library(size: number, artists: number, seed = 1): Omit<PlaylistQuery, 'count'> {
  const random = createRandom(seed);
  const values = new Float32Array(size * 4);
  const items = new Float32Array(size * 5);
  for (let s = 0; s < size; s++) {
    const weights = CORNERS.map(() => random.next());
    weights[s % 4] += random.next() * 3;
    const sum = weights.reduce((a, b) => a + b);
    weights.forEach((weight, e) => {
      values[s * 4 + e] = weight / sum;
    });
    for (let c = 0; c < 5; c++) items[s * 5 + c] = random.normal();
  }
  return {
    scores: Float32Array.from({ length: size }, () => random.normal()),
    profiles: { rows: size, columns: 4, values },
    ...planeOf(values, CORNERS),
    artistOf: Int32Array.from({ length: size }, () => random.integer(artists)),
    items: { rows: size, columns: 5, values: items },
  };
}

function shareOf(query: Omit<PlaylistQuery, 'count'>, song: number, emotion: number): number {
  const row = query.profiles.values.subarray(song * 4, song * 4 + 4);
  return row[emotion] / Math.max(...row);
}

describe('a playlist for one emotion', () => {
  it('holds only songs that carry it, while there are enough', () => {
    const query = library(2000, 300);
    const { songs, widened } = selectPlaylist({ ...query, count: 20, wish: { from: CALM } });
    expect(songs).toHaveLength(20);
    expect(widened).toBe(false);
    for (const song of songs) expect(shareOf(query, song, CALM)).toBeGreaterThanOrEqual(CARRIES);
  });

  it('is widened, and says so, when too few songs carry it', () => {
    const query = library(12, 12);
    const { songs, widened } = selectPlaylist({ ...query, count: 10, wish: { from: CALM } });
    expect(songs).toHaveLength(10);
    expect(widened).toBe(true);
  });

  it('prefers songs with better scores', () => {
    const query = library(2000, 2000);
    const { songs } = selectPlaylist({ ...query, count: 20, wish: { from: HAPPY } });
    const mean = songs.reduce((sum, song) => sum + query.scores[song], 0) / 20;
    expect(mean).toBeGreaterThan(1);
  });

  it('steps less far from song to song than the same songs in any random order', () => {
    const query = library(2000, 300);
    const { songs } = selectPlaylist({ ...query, count: 20, wish: { from: SAD } });
    const path = (order: Int32Array) =>
      order.reduce(
        (sum, song, i) =>
          i === 0
            ? 0
            : sum +
              Math.hypot(
                query.valence[song] - query.valence[order[i - 1]],
                query.arousal[song] - query.arousal[order[i - 1]],
              ),
        0,
      );
    const random = createRandom(5);
    for (let i = 0; i < 50; i++) expect(path(songs)).toBeLessThan(path(random.shuffle(songs.slice())));
  });
});

/** Every `every`th song is calm and happy at once, half and half but for a little; the others are one of the four. */
function pairs(size: number, every: number): Omit<PlaylistQuery, 'count'> {
  const query = library(size, size);
  const { values } = query.profiles;
  const random = createRandom(9);
  for (let s = 0; s < size; s++) {
    const rest = 0.02 + 0.02 * random.next();
    const row = [rest, rest, rest, rest];
    if (s % every === 0) {
      row[HAPPY] = 0.45 + 0.05 * random.next();
      row[CALM] = 1 - 2 * rest - row[HAPPY];
    } else row[s % 4] = 1 - 3 * rest;
    values.set(row, s * 4);
  }
  return { ...query, ...planeOf(values, CORNERS) };
}

describe('a playlist for two emotions at once', () => {
  const wish = { from: CALM, and: HAPPY };

  it('holds only songs that carry both, while there are enough', () => {
    const query = pairs(1000, 10);
    const { songs, widened } = selectPlaylist({ ...query, count: 20, wish });
    expect([...songs].filter((song) => song % 10 !== 0)).toEqual([]);
    expect(new Set(songs).size).toBe(20);
    expect(widened).toBe(false);
  });

  it('is not led astray by the best scores of songs that carry only one', () => {
    const query = pairs(1000, 10);
    for (let s = 0; s < 1000; s++) if (s % 10 !== 0) query.scores[s] += 50;
    const { songs, widened } = selectPlaylist({ ...query, count: 20, wish });
    expect([...songs].every((song) => song % 10 === 0)).toBe(true);
    expect(widened).toBe(false);
  });

  it('prefers songs with better scores among those that carry both', () => {
    const query = pairs(1000, 4);
    const { songs } = selectPlaylist({ ...query, count: 20, wish });
    expect(songs.reduce((sum, song) => sum + query.scores[song], 0) / 20).toBeGreaterThan(0.8);
  });

  it('where too few do, has all of those, then those that come nearest, and says so', () => {
    const query = pairs(400, 100);
    const { values } = query.profiles;
    // Neither clearly both nor only one.
    for (let s = 1; s < 400; s += 50) values.set([0.28, 0.06, 0.06, 0.6], s * 4);
    const near = Array.from({ length: 8 }, (_, i) => 1 + 50 * i);
    const { songs, widened } = selectPlaylist({
      ...query,
      ...planeOf(values, CORNERS),
      ...{ scores: new Float32Array(400), diversity: 0, count: 12, wish },
    });
    expect([...songs].sort((a, b) => a - b)).toEqual([0, 100, 200, 300, ...near].sort((a, b) => a - b));
    expect(widened).toBe(true);
  });

  it('takes songs that have one of the two before songs that have neither', () => {
    const query = pairs(40, 1000);
    const { songs, widened } = selectPlaylist({ ...query, count: 15, wish });
    for (const song of songs) expect([0, HAPPY, CALM]).toContain(song % 4);
    expect(widened).toBe(true);
  });

  it('aims at where the songs that carry both lie, between the places of the two', () => {
    const query = pairs(1000, 10);
    const { course } = selectPlaylist({ ...query, count: 5, wish });
    const own = (from: number) => selectPlaylist({ ...query, count: 5, wish: { from } }).course!;
    for (const axis of ['valence', 'arousal'] as const) {
      const ends = [own(CALM)[axis][0], own(HAPPY)[axis][0]].sort((a, b) => a - b);
      expect(course![axis][2]).toBeGreaterThan(ends[0]);
      expect(course![axis][2]).toBeLessThan(ends[1]);
      let mean = 0;
      for (let s = 0; s < 1000; s += 10) mean += query[axis][s] / 100;
      expect(course![axis][2]).toBeCloseTo(mean, 1);
    }
  });

  it('is the same whichever is said first, and of an emotion with itself is the list for it alone', () => {
    const query = library(1000, 200);
    const list = (wish: PlaylistQuery['wish']) => selectPlaylist({ ...query, count: 20, wish });
    expect(list({ from: HAPPY, and: CALM }).songs).toEqual(list({ from: CALM, and: HAPPY }).songs);
    expect(list({ from: HAPPY, and: HAPPY })).toEqual(list({ from: HAPPY }));
  });

  it('follows target points of one’s own too', () => {
    const query = pairs(1000, 10);
    const course = planCourse({ from: CORNERS[HAPPY], to: CORNERS[CALM], count: 10 });
    const { songs } = selectPlaylist({ ...query, count: 10, wish, course });
    expect([...songs].every((song) => song % 10 === 0)).toBe(true);
  });
});

describe('a journey from one emotion to another', () => {
  const query = library(3000, 400);
  const { songs, course } = selectPlaylist({ ...query, count: 20, wish: { from: SAD, to: HAPPY } });

  it('begins with the first emotion and ends with the second', () => {
    for (const song of songs.slice(0, 4)) expect(shareOf(query, song, SAD)).toBeGreaterThan(0.9);
    for (const song of songs.slice(-4)) expect(shareOf(query, song, HAPPY)).toBeGreaterThan(0.9);
  });

  it('moves step by step along the course', () => {
    if (course === undefined) throw new Error('a journey has a course');
    const [v, a] = [course.valence[19] - course.valence[0], course.arousal[19] - course.arousal[0]];
    const along = Array.from(songs, (song) => query.valence[song] * v + query.arousal[song] * a);
    let rising = 0;
    for (let i = 0; i < 20; i++) for (let j = i + 1; j < 20; j++) rising += along[j] > along[i] ? 1 : -1;
    expect(rising / 190).toBeGreaterThan(0.8);
  });
});

describe('any playlist', () => {
  it('has different, allowed songs, as many as asked and there are, within the artist cap', () => {
    fc.assert(
      fc.property(
        fc.record({
          size: fc.integer({ min: 1, max: 120 }),
          artists: fc.integer({ min: 1, max: 40 }),
          count: fc.integer({ min: 1, max: 40 }),
          cap: fc.integer({ min: 1, max: 3 }),
          from: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
          to: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
          excluded: fc.integer({ min: 0, max: 30 }),
          seed: fc.integer(),
        }),
        ({ size, artists, count, cap, from, to, excluded, seed }) => {
          const query = library(size, artists, seed);
          const exclude = Int32Array.from({ length: Math.min(size, excluded) }, (_, i) => i);
          const wish = from === undefined ? undefined : { from, to };
          const { songs } = selectPlaylist({ ...query, count, wish, artistCap: cap, exclude });
          expect(new Set(songs).size).toBe(songs.length);
          expect(songs.length).toBe(Math.min(count, size - exclude.length));
          for (const song of songs) expect(song).toBeGreaterThanOrEqual(exclude.length);
          const perArtist = new Map<number, number>();
          const available = new Map<number, number>();
          for (let s = exclude.length; s < size; s++) {
            available.set(query.artistOf[s], (available.get(query.artistOf[s]) ?? 0) + 1);
          }
          for (const song of songs) {
            perArtist.set(query.artistOf[song], (perArtist.get(query.artistOf[song]) ?? 0) + 1);
          }
          // Above the cap only when even all artists at the cap do not fill the list.
          let fillable = 0;
          for (const n of available.values()) fillable += Math.min(n, cap);
          if (fillable >= count) expect(Math.max(...perArtist.values())).toBeLessThanOrEqual(cap);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('looks beyond the best songs before it takes more of one artist', () => {
    // One artist has the thousand best songs; everybody else has one.
    const query = library(1300, 1);
    for (let s = 0; s < 1300; s++) {
      query.artistOf[s] = s < 1000 ? 0 : s;
      query.scores[s] = s < 1000 ? 100 + s : 0;
    }
    for (const wish of [undefined, { from: SAD }, { from: SAD, to: HAPPY }]) {
      const { songs } = selectPlaylist({ ...query, count: 20, wish });
      expect(songs.filter((song) => song < 1000).length).toBeLessThanOrEqual(2);
      expect(songs).toHaveLength(20);
    }
  });

  it('goes smoothly in tempo too where it is known, and stands songs without one', () => {
    const query = library(2000, 300);
    const random = createRandom(8);
    const tempo = Float32Array.from({ length: 2000 }, () => 60 + 120 * random.next());
    const path = (songs: Int32Array) =>
      songs.reduce(
        (sum, song, i) => sum + (i ? Math.abs(Math.log2(tempo[song] / tempo[songs[i - 1]])) : 0),
        0,
      );
    for (const wish of [{ from: CALM }, { from: SAD, to: HAPPY }]) {
      const without = selectPlaylist({ ...query, count: 20, wish });
      const smooth = selectPlaylist({ ...query, count: 20, wish, tempo });
      expect([...smooth.songs].sort()).toEqual([...without.songs].sort());
      expect(path(smooth.songs)).toBeLessThan(0.9 * path(without.songs));
    }
    const unknown = new Float32Array(2000).fill(Number.NaN);
    const wish = { from: CALM };
    expect(selectPlaylist({ ...query, count: 20, wish, tempo: unknown })).toEqual(
      selectPlaylist({ ...query, count: 20, wish }),
    );
  });

  it('has songs that differ more from each other, the more they are to differ', () => {
    const query = library(2000, 2000);
    const nearest = (diversity: number) => {
      const { songs } = selectPlaylist({ ...query, count: 15, wish: { from: HAPPY }, diversity });
      const { values } = query.items!;
      let sum = 0;
      for (const a of songs) {
        let most = 0;
        for (const b of songs) {
          if (a === b) continue;
          const [x, y] = [a, b].map((song) => values.subarray(5 * song, 5 * song + 5));
          const dot = x.reduce((total, value, c) => total + value * y[c], 0);
          most = Math.max(most, dot / Math.hypot(...x) / Math.hypot(...y));
        }
        sum += most / 15;
      }
      return sum;
    };
    expect(nearest(0.6)).toBeLessThan(nearest(0) - 0.05);
  });

  it('is the same for the same question', () => {
    const query = { ...library(500, 60), count: 25, wish: { from: SAD, to: CALM } };
    expect(selectPlaylist(query)).toEqual(selectPlaylist(query));
  });

  it('leaves out songs without a score, and is empty when none is left', () => {
    const query = library(30, 30);
    query.scores.fill(Number.NaN, 0, 20);
    const { songs } = selectPlaylist({ ...query, count: 20 });
    expect([...songs].sort((a, b) => a - b)).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
    query.scores.fill(Number.NEGATIVE_INFINITY);
    expect(selectPlaylist({ ...query, count: 20, wish: { from: 0, to: 1 } }).songs).toHaveLength(0);
  });

  it('follows target points of one’s own', () => {
    const query = library(2000, 400);
    const course = planCourse({
      from: { valence: 0.2, arousal: -0.3 },
      to: { valence: -0.2, arousal: 0.3 },
      count: 11,
    });
    const { songs } = selectPlaylist({ ...query, count: 11, course, scores: new Float32Array(2000) });
    songs.forEach((song, i) => {
      const apart = Math.hypot(
        query.valence[song] - course.valence[i],
        query.arousal[song] - course.arousal[i],
      );
      expect(apart).toBeLessThan(0.15);
    });
  });

  it('refuses a wish, a course or a number of songs that cannot be', () => {
    const query = library(10, 10);
    expect(() => selectPlaylist({ ...query, count: 3, wish: { from: 4 } })).toThrow(RangeError);
    expect(() => selectPlaylist({ ...query, count: 3, wish: { from: 0, to: -1 } })).toThrow(RangeError);
    expect(() => selectPlaylist({ ...query, count: 3, wish: { from: 0, and: 4 } })).toThrow(RangeError);
    expect(() => selectPlaylist({ ...query, count: 3, wish: { from: 0, and: 1, to: 2 } })).toThrow(/pair/);
    expect(() => selectPlaylist({ ...query, count: 0 })).toThrow(RangeError);
    const course = planCourse({ from: CORNERS[0], count: 2 });
    expect(() => selectPlaylist({ ...query, count: 3, course })).toThrow(RangeError);
  });
});

describe('ordering', () => {
  it('never gets worse by improving, and keeps every thing once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 14 }), fc.integer(), (size, seed) => {
        const random = createRandom(seed);
        const draw = () => Float64Array.from({ length: size * size }, () => random.next());
        const costs = { size, place: draw(), step: draw() };
        const order = greedyOrder(costs);
        const before = orderCost(order, costs);
        improveOrder(order, costs);
        expect(orderCost(order, costs)).toBeLessThanOrEqual(before + 1e-9);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
      }),
    );
  });

  it('finds the best order of points on a line', () => {
    const at = [5, 1, 4, 0, 3, 2];
    const step = Float64Array.from({ length: 36 }, (_, i) => (at[Math.floor(i / 6)] - at[i % 6]) ** 2);
    const costs = { size: 6, place: new Float64Array(36), step };
    expect(orderCost(improveOrder(greedyOrder(costs), costs), costs)).toBe(5);
  });
});

describe('a course', () => {
  it('goes from one point to the other in equal steps', () => {
    const { valence, arousal } = planCourse({
      from: { valence: -1, arousal: 0 },
      to: { valence: 1, arousal: 0.5 },
      count: 5,
    });
    expect([...valence]).toEqual([-1, -0.5, 0, 0.5, 1]);
    expect([...arousal]).toEqual([0, 0.125, 0.25, 0.375, 0.5]);
  });

  it('stays where it is without a second point', () => {
    expect([...planCourse({ from: { valence: 0.5, arousal: -1 }, count: 3 }).valence]).toEqual([
      0.5, 0.5, 0.5,
    ]);
  });
});

describe('a place on the plane', () => {
  it('is the mean of the emotions weighted by their shares', () => {
    const { valence, arousal } = planeOf(
      Float32Array.from([1, 0, 0, 0, 0.5, 0, 0.5, 0, 0, 0, 0, 0]),
      CORNERS,
    );
    expect(valence[0]).toBeCloseTo(0.8);
    expect(arousal[1]).toBeCloseTo(0.05);
    expect([valence[2], arousal[2]]).toEqual([0, 0]);
  });
});
