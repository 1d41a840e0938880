import { beforeAll, describe, expect, it } from 'vitest';
import { type Backend, loadBackend } from '../../ml/backend.ts';
import { createSampler } from '../../ml/gan/batches.ts';
import { DEFAULT_GAN } from '../../ml/gan/config.ts';
import { PUT_AWAY_WEIGHT } from '../../ml/gan/feedback.ts';
import { fitGan, type GanConfig, type GanRecommender } from '../../ml/gan/gan.ts';
import { profileScale, songVectors } from '../../ml/gan/songs.ts';
import { createRandom } from '../../ml/random.ts';
import type { RecommenderData } from '../../ml/recommender.ts';
import { interactionsOf, likedBy, plant } from './gan-planted.ts';

const config = { ...DEFAULT_GAN, listeners: 4, targets: 3, context: 6, mismatched: 16 };
const SONGS = 40;

type Lists = readonly (readonly number[])[];

/** Draws on songs whose only feature is their number, so that rows of a batch tell which songs they are. */
function sampler(likes: Lists, putAway?: Lists) {
  const vectors = songVectors(
    { rows: SONGS, columns: 1, values: Float32Array.from({ length: SONGS }, (_, song) => song / 10) },
    { rows: SONGS, columns: 2, values: new Float32Array(2 * SONGS).fill(0.5) },
  );
  const tastes = {
    interactions: interactionsOf(likes, SONGS),
    ...(putAway ? { putAway: interactionsOf(putAway, SONGS) } : {}),
  };
  const draw = createSampler(tastes, vectors, config, createRandom(2), profileScale(2));
  return { draw, songAt: (rows: Float32Array, row: number) => Math.round(rows[row * vectors.width]! * 10) };
}

describe('songs that were put away, in a training step', () => {
  const likes = [
    [0, 1, 2, 3],
    [10, 11, 12],
  ];

  it('are certain for who put them away, and count for nothing with others', () => {
    const { draw, songAt } = sampler(likes, [[30], []]);
    let seen = 0;
    for (let step = 0; step < 30; step++) {
      const { standsFor, counts, mismatched, real } = draw();
      expect([standsFor.length, mismatched.length / songsWidth]).toEqual([4 * 16, 16]);
      if (counts === undefined) continue;
      expect(songAt(mismatched, 0)).toBe(30);
      for (let b = 0; b < config.listeners; b++) {
        const isFirst = songAt(real, b * config.targets) < 10;
        expect(standsFor[b * 16]).toBe(isFirst ? (PUT_AWAY_WEIGHT * SONGS) / 16 : 0);
        for (let t = 0; t < config.targets; t++) {
          expect(counts[(b * config.targets + t) * 16]).toBe(isFirst ? PUT_AWAY_WEIGHT : 0);
        }
        seen += isFirst ? 1 : 0;
        // The others stand for the whole catalogue still.
        const rest = standsFor.subarray(b * 16 + 1, (b + 1) * 16).filter((weight) => weight > 0);
        for (const weight of rest) expect(weight).toBeCloseTo(SONGS / 15, 4);
        expect(counts[b * config.targets * 16 + 1]).toBeCloseTo(16 / 15, 5);
      }
    }
    expect(seen).toBeGreaterThan(10);
  });
  const songsWidth = 3;

  it('take a bounded number of places, fairly shared', () => {
    const many = Array.from({ length: 15 }, (_, i) => 20 + i);
    const { draw } = sampler(likes, [many, [36, 37]]);
    for (let step = 0; step < 30; step++) {
      const { standsFor } = draw();
      const certain = standsFor.map((weight) => (weight > (2 * SONGS) / 16 ? 1 : 0));
      for (let b = 0; b < config.listeners; b++) {
        const own = certain.subarray(b * 16, (b + 1) * 16).reduce((sum, one) => sum + one, 0);
        expect(own).toBeGreaterThanOrEqual(1);
        expect(own).toBeLessThanOrEqual(2);
      }
    }
  });

  it('do not take the place of songs that are liked', () => {
    const { draw } = sampler(likes, [[0, 1], []]);
    for (let step = 0; step < 10; step++) expect(draw().counts).toBeUndefined();
  });

  it('change nothing of what else is drawn', () => {
    const without = sampler(likes);
    const none = sampler(likes, [[], []]);
    const some = sampler(likes, [[30, 31], [32]]);
    for (let step = 0; step < 10; step++) {
      const batch = without.draw();
      expect(none.draw()).toEqual(batch);
      const { songs, mask, wish, real, wished } = some.draw();
      expect({ ...batch, songs, mask, wish, real, wished }).toEqual(batch);
    }
  });

  it('of other listeners are refused', () => {
    expect(() => sampler(likes, [[30]])).toThrow(RangeError);
  });
});

const small: Partial<GanConfig> = {
  hidden: 24,
  channels: 12,
  listeners: 16,
  context: 24,
  mismatched: 48,
};

describe('a GAN trained with songs that were put away', () => {
  const planted = plant();
  const { data, cluster, likes } = planted;
  /** Of the wish that a song carries taste says nothing: people of the first cluster like both kinds. */
  const isKind = (song: number) => data.profiles.values[2 * song]! > 0.5;
  const ofCluster = [...cluster.keys()].filter((song) => cluster[song] === 0);
  const people = likes.flatMap((own, listener) => (own.join() === '0' ? [listener] : []));
  /** Some songs of one kind are put away; the later half of the catalogue tells whether the others follow. */
  const putAway = interactionsOf(
    likes.map((_, listener) => {
      const own = likedBy(data, listener);
      const away = ofCluster.filter((song) => song < 200 && isKind(song) && !own.includes(song));
      return people.includes(listener) ? away.slice(0, 10) : [];
    }),
    cluster.length,
  );

  let backend: Backend;
  let before: GanRecommender;
  let after: GanRecommender;
  beforeAll(async () => {
    backend = await loadBackend('wasm');
    const fit = (given: RecommenderData) =>
      fitGan({ ...small, steps: 120 }, backend)(given, createRandom(1));
    before = await fit(data);
    after = await fit({ ...data, putAway });
  }, 300_000);

  /** Share of pairs in which the first song is ranked above the second, over listeners. */
  function above(gan: GanRecommender, listeners: readonly number[], first: number[], second: number[]) {
    let right = 0;
    let pairs = 0;
    for (const listener of listeners) {
      const liked = likedBy(data, listener);
      const scores = gan.score(liked);
      const fresh = (songs: number[]) => songs.filter((song) => !liked.includes(song));
      for (const a of fresh(first)) {
        for (const b of fresh(second)) {
          right += scores[a]! > scores[b]! ? 1 : 0;
          pairs++;
        }
      }
    }
    return right / pairs;
  }

  const late = ofCluster.filter((song) => song >= 200);
  const kind = late.filter(isKind);
  const otherKind = late.filter((song) => !isKind(song));
  const elsewhere = [...cluster.keys()].filter((song) => cluster[song] !== 0);

  it('ranks other songs of that kind lower for these people', () => {
    console.log(above(before, people, kind, otherKind), above(after, people, kind, otherKind));
    expect(above(before, people, kind, otherKind)).toBeGreaterThan(0.4);
    expect(above(after, people, kind, otherKind)).toBeLessThan(0.25);
  });

  it('still ranks what they like above everything else', () => {
    console.log(above(before, people, otherKind, elsewhere), above(after, people, otherKind, elsewhere), above(before, people, kind, elsewhere), above(after, people, kind, elsewhere));
    expect(above(after, people, otherKind, elsewhere)).toBeGreaterThan(0.9);
  });

  it('leaves others their songs of that kind', () => {
    const others = likes.flatMap((own, listener) => (own.join() === '2' ? [listener] : []));
    const theirs = [...cluster.keys()].filter((song) => cluster[song] === 2);
    const split = [theirs.filter(isKind), theirs.filter((song) => !isKind(song))] as const;
    console.log(above(before, others, ...split), above(after, others, ...split));
    expect(above(after, others, ...split)).toBeGreaterThan(0.3);
  });
});
