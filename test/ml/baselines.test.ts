import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fitArtistEase,
  fitCoOccurrence,
  fitEase,
  fitItemKnn,
  fitPopularity,
  fitRandom,
} from '../../ml/baselines.ts';
import { evaluateRanking, holdOut } from '../../ml/evaluate.ts';
import { interactionsFromLists } from '../../ml/interactions.ts';
import { invertPositive } from '../../ml/linear.ts';
import { createRandom } from '../../ml/random.ts';
import type { RecommenderData } from '../../ml/recommender.ts';
import { applyWish } from '../../ml/wish.ts';

/** Listeners who each like songs of one of four styles; items tell the styles apart. */
function planted(listeners: number, songs: number, seed = 1): RecommenderData {
  const random = createRandom(seed);
  const lists = Array.from({ length: listeners }, (_, i) =>
    Array.from({ length: songs }, (_, s) => s).filter((s) => s % 4 === i % 4 && random.next() < 0.4),
  );
  const items = Float32Array.from(
    { length: songs * 6 },
    (_, at) => (Math.floor(at / 6) % 4 === at % 6 ? 2 : 0) + 0.7 * random.normal(),
  );
  return {
    interactions: interactionsFromLists(songs, lists),
    items: { rows: songs, columns: 6, values: items },
    profiles: { rows: songs, columns: 2, values: new Float32Array(songs * 2).fill(0.5) },
    // Two artists to a style, and now and then a song by nobody known.
    groups: {
      artists: Int32Array.from({ length: songs }, (_, s) => (s % 20 === 19 ? -1 : s % 8)),
      albums: Int32Array.from({ length: songs }, (_, s) => s % 16),
      titles: Int32Array.from({ length: songs }, (_, s) => s),
    },
  };
}

const methods = [
  ['random', fitRandom],
  ['popularity', fitPopularity],
  ['item-knn', fitItemKnn()],
  ['ease', fitEase()],
  ['co-occurrence', fitCoOccurrence],
  ['ease-artists', fitArtistEase],
] as const;

describe.each(methods)('%s', (name, fitMethod) => {
  const data = planted(24, 80);

  it('scores every song with a finite number, for listeners with none, one and all songs', async () => {
    const recommender = await fitMethod(data, createRandom(1));
    expect(recommender.name).toBe(name);
    for (const liked of [[], [3], Array.from({ length: 80 }, (_, s) => s)]) {
      const scores = recommender.score(Int32Array.from(liked));
      expect(scores).toHaveLength(80);
      expect(scores.every(Number.isFinite)).toBe(true);
    }
  });

  it('gives the same scores for the same question, untouched by what is done to the last answer', async () => {
    const recommender = await fitMethod(data, createRandom(1));
    const first = recommender.score(Int32Array.from([1, 5]), { seed: 7 });
    const copy = first.slice();
    first.fill(0);
    expect(recommender.score(Int32Array.from([1, 5]), { seed: 7 })).toEqual(copy);
    const nobody = recommender.score(new Int32Array(0));
    const again = nobody.slice();
    nobody.fill(0);
    expect(recommender.score(new Int32Array(0))).toEqual(again);
  });

  it('lifts songs that carry a wished emotion', async () => {
    const profiles = {
      rows: 80,
      columns: 2,
      values: Float32Array.from({ length: 160 }, (_, at) => ((at >> 1) % 2 === at % 2 ? 0.95 : 0.05)),
    };
    const recommender = await fitMethod({ ...data, profiles }, createRandom(1));
    const gain = (wish?: Float32Array) => {
      const scores = recommender.score(Int32Array.from([1, 5]), { wish });
      let sum = 0;
      for (let s = 0; s < 80; s++) sum += s % 2 === 0 ? scores[s] : -scores[s];
      return sum;
    };
    expect(gain(Float32Array.from([1, 0]))).toBeGreaterThan(gain(Float32Array.from([0, 1])) + 1);
  });

  it('manages one song, and no listeners', async () => {
    const one = await fitMethod(planted(3, 1), createRandom(1));
    expect(one.score(Int32Array.from([0]))).toHaveLength(1);
    const nobody = await fitMethod(planted(0, 12), createRandom(1));
    expect(nobody.score(Int32Array.from([2])).every(Number.isFinite)).toBe(true);
  });
});

describe('a listener’s held-out songs', () => {
  it('are found by taste and by content far more often than by popularity or chance', async () => {
    const data = planted(60, 400);
    const { train, test } = holdOut(data.interactions, {
      fraction: 0.2,
      listenerKey: String,
      songKey: String,
    });
    const ndcg: Record<string, number> = {};
    for (const [name, fitMethod] of methods) {
      const recommender = await fitMethod({ ...data, interactions: train }, createRandom(1));
      ndcg[name] = (await evaluateRanking(recommender, train, test)).meanNdcg10;
    }
    for (const good of ['item-knn', 'ease', 'co-occurrence', 'ease-artists']) {
      expect(ndcg[good]).toBeGreaterThan(2 * ndcg.popularity);
      expect(ndcg[good]).toBeGreaterThan(2 * ndcg.random);
    }
  });
});

describe('co-occurrence', () => {
  it('is the sum of a song’s cosines with the liked ones', async () => {
    const data = planted(9, 12);
    const recommender = await fitCoOccurrence(data, createRandom(1));
    const liked = Int32Array.from([0, 3, 6]);
    const { interactions } = data;
    const column = (song: number) =>
      Array.from({ length: 9 }, (_, l) =>
        interactions.songs.subarray(interactions.offsets[l], interactions.offsets[l + 1]).includes(song)
          ? 1
          : 0,
      );
    const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
    const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(Math.max(1, dot(a, a) * dot(b, b)));
    const scores = recommender.score(liked);
    for (let s = 0; s < 12; s++) {
      const expected = Array.from(liked, (l) => cosine(column(s), column(l))).reduce((sum, c) => sum + c, 0);
      expect(scores[s]).toBeCloseTo(expected, 4);
    }
  });
});

describe('ease-artists', () => {
  it('puts songs by liked artists before all others, and songs by nobody known last', async () => {
    const data = planted(40, 160);
    const { artists } = data.groups ?? { artists: new Int32Array(0) };
    const scores = (await fitArtistEase(data, createRandom(1))).score(Int32Array.from([1, 9, 17]));
    const of = (artist: number) => Array.from(scores).filter((_, song) => artists[song] === artist);
    const rest = [0, 2, 3, 4, 6, 7].flatMap(of);
    expect(Math.min(...of(1))).toBeGreaterThan(Math.max(...rest));
    expect(Math.max(...of(-1))).toBeLessThan(Math.min(...rest));
  });

  it('says what it needs', async () => {
    const { groups: _, ...without } = planted(4, 12);
    await expect(fitArtistEase(without, createRandom(1))).rejects.toThrow(/artists/);
  });
});

describe('item-knn', () => {
  it('is the mean cosine of the nearest liked songs', async () => {
    const data = planted(4, 12);
    const liked = Int32Array.from([0, 3, 6]);
    const recommender = await fitItemKnn({ neighbours: 2 })(data, createRandom(1));
    const scores = recommender.score(liked);
    const row = (s: number) => data.items.values.subarray(s * 6, s * 6 + 6);
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
    for (let s = 0; s < 12; s++) {
      const cosines = Array.from(
        liked,
        (l) => dot(row(s), row(l)) / Math.sqrt(dot(row(s), row(s)) * dot(row(l), row(l))),
      );
      const [first, second] = cosines.sort((a, b) => b - a);
      expect(scores[s]).toBeCloseTo((first + second) / 2, 5);
    }
  });
});

describe('ease', () => {
  it('equals the song × song solution of Steck (2019)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 2, max: 15 }),
        fc.integer(),
        async (u, n, seed) => {
          const random = createRandom(seed);
          const lists = Array.from({ length: u }, () =>
            Array.from({ length: n }, (_, s) => s).filter(() => random.next() < 0.4),
          );
          const lambda = 3;
          const gram = new Float64Array(n * n);
          for (let i = 0; i < n; i++) gram[i * n + i] = lambda;
          for (const list of lists) for (const a of list) for (const b of list) gram[a * n + b]++;
          const p = invertPositive(gram, n);
          const liked = Int32Array.from(lists[0].length > 0 ? lists[0] : [0]);
          const data = { ...planted(1, n), interactions: interactionsFromLists(n, lists) };
          const scores = (await fitEase({ lambda })(data, createRandom(1))).score(liked);
          for (let j = 0; j < n; j++) {
            let expected = 0;
            for (const i of liked) if (i !== j) expected -= p[i * n + j] / p[j * n + j];
            expect(scores[j]).toBeCloseTo(expected, 4);
          }
        },
      ),
    );
  });

  it('uses a part of the listeners when there are too many', async () => {
    const data = planted(200, 60);
    const scores = (await fitEase({ maxListeners: 40 })(data, createRandom(1))).score(
      Int32Array.from([1, 5, 9]),
    );
    const same = [13, 17, 21, 25].reduce((sum, s) => sum + scores[s], 0);
    const other = [14, 18, 22, 26].reduce((sum, s) => sum + scores[s], 0);
    expect(same).toBeGreaterThan(other);
  });

  it('and item-knn refuse settings that cannot be', () => {
    expect(() => fitEase({ lambda: 0 })).toThrow(RangeError);
    expect(() => fitItemKnn({ neighbours: 0 })).toThrow(RangeError);
  });
});

describe('random', () => {
  it('gives different listeners and seeds different songs', async () => {
    const recommender = await fitRandom(planted(5, 50), createRandom(1));
    const scores = recommender.score(Int32Array.from([1]), { seed: 1 });
    expect(recommender.score(Int32Array.from([2]), { seed: 1 })).not.toEqual(scores);
    expect(recommender.score(Int32Array.from([1]), { seed: 2 })).not.toEqual(scores);
  });
});

describe('a wish', () => {
  const profiles = { rows: 3, columns: 2, values: Float32Array.from([1, 0, 0.5, 0.5, 0, 1]) };

  it('adds log(profile · wish) to the standardised scores', () => {
    const blended = applyWish(Float32Array.from([1, 2, 3]), profiles, Float32Array.from([1, 0]));
    expect(blended[1]).toBeCloseTo(Math.log(0.501), 5);
    expect(blended[0]).toBeCloseTo(-Math.sqrt(1.5) + Math.log(1.001), 5);
    expect(blended[0]).toBeGreaterThan(blended[2]);
    expect(Number.isFinite(blended[2])).toBe(true);
  });

  it('that is absent changes nothing, and decides alone where all scores are equal', () => {
    const scores = Float32Array.from([1, 2, 3]);
    expect(applyWish(scores, profiles)).toBe(scores);
    const blended = applyWish(new Float32Array(3).fill(4), profiles, Float32Array.from([0, 1]));
    expect([...blended].indexOf(Math.max(...blended))).toBe(2);
  });

  it('of other emotions than the profiles is refused', () => {
    expect(() => applyWish(new Float32Array(3), profiles, Float32Array.from([1]))).toThrow(RangeError);
    expect(() => applyWish(new Float32Array(2), profiles, Float32Array.from([1, 0]))).toThrow(RangeError);
  });
});
