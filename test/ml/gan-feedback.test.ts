import { beforeAll, describe, expect, it } from 'vitest';
import { type Backend, loadBackend } from '../../ml/backend.ts';
import { createAffinity } from '../../ml/gan/affinity.ts';
import { buildAffinityLayer, trainAffinity, withAffinity } from '../../ml/gan/affinity-layer.ts';
import { createSampler } from '../../ml/gan/batches.ts';
import { DEFAULT_GAN } from '../../ml/gan/config.ts';
import { PUT_AWAY_WEIGHT } from '../../ml/gan/feedback.ts';
import { fitGan, type GanConfig, type GanRecommender } from '../../ml/gan/gan.ts';
import { profileScale, songVectors } from '../../ml/gan/songs.ts';
import { createRandom } from '../../ml/random.ts';
import type { RecommenderData, Tastes } from '../../ml/recommender.ts';
import { interactionsOf, likedBy, plant, plantArtists } from './gan-planted.ts';

const config = { ...DEFAULT_GAN, listeners: 4, targets: 3, context: 6, mismatched: 16 };
const SONGS = 40;
/** Of a song's row: its number and two emotions. */
const WIDTH = 3;

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
  return { draw, songAt: (rows: Float32Array, row: number) => Math.round(rows[row * WIDTH]! * 10) };
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
      expect([standsFor.length, mismatched.length / WIDTH]).toEqual([4 * 16, 16]);
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

describe('a GAN trained with songs that were put away', () => {
  const { data, cluster, likes } = plant(400, 24);
  const config: Partial<GanConfig> = {
    steps: 60,
    hidden: 24,
    channels: 12,
    listeners: 12,
    context: 24,
    mismatched: 48,
  };
  // Half of every cluster's songs are of this kind, and all like both kinds.
  const isKind = (song: number) => data.profiles.values[2 * song]! > 0.5;
  const isOther = (song: number) => !isKind(song);
  const songsIn = (which: number) => [...cluster.keys()].filter((song) => cluster[song] === which);
  const peopleOf = (which: number) =>
    likes.flatMap((own, listener) => (own.join() === `${which}` ? [listener] : []));
  const people = new Set(peopleOf(0));
  // Those of the first half of the catalogue are put away; the other half tells whether the rest follow.
  const putAway = interactionsOf(
    likes.map((_, listener) => {
      const own = likedBy(data, listener);
      const away = songsIn(0).filter((song) => song < 200 && isKind(song) && !own.includes(song));
      return people.has(listener) ? away.slice(0, 10) : [];
    }),
    cluster.length,
  );

  let backend: Backend;
  let before: GanRecommender;
  let after: GanRecommender;
  beforeAll(async () => {
    backend = await loadBackend('wasm');
    const learn = (given: RecommenderData) => fitGan(config, backend)(given, createRandom(1));
    before = await learn(data);
    after = await learn({ ...data, putAway });
  }, 300_000);

  /** Share of pairs of songs, neither of them liked, in which the first is ranked above the second. */
  function above(gan: GanRecommender, listeners: Iterable<number>, first: number[], second: number[]) {
    let right = 0;
    let pairs = 0;
    for (const listener of listeners) {
      const liked = likedBy(data, listener);
      const scores = gan.score(liked);
      const fresh = second.filter((song) => !liked.includes(song));
      for (const a of first) {
        if (liked.includes(a)) continue;
        for (const b of fresh) if (scores[a]! > scores[b]!) right++;
        pairs += fresh.length;
      }
    }
    return right / pairs;
  }

  it('ranks other songs of that kind lower for who put them away', () => {
    const late = songsIn(0).filter((song) => song >= 200);
    const share = (gan: GanRecommender) => above(gan, people, late.filter(isKind), late.filter(isOther));
    expect(share(after)).toBeLessThan(share(before) / 2);
  });

  it('still ranks what they like above everything else', () => {
    const elsewhere = [...cluster.keys()].filter((song) => cluster[song] !== 0);
    expect(above(after, people, songsIn(0).filter(isOther), elsewhere)).toBeGreaterThan(0.95);
  });

  it('leaves that kind to others', () => {
    const share = (gan: GanRecommender) =>
      above(gan, peopleOf(2), songsIn(2).filter(isKind), songsIn(2).filter(isOther));
    expect(Math.abs(share(after) - share(before))).toBeLessThan(0.1);
  });
});

describe('without songs that were put away', () => {
  const config = { steps: 6, hidden: 8, channels: 8, listeners: 4, context: 8, mismatched: 16 };

  it('the same GAN comes out, number by number, with and without the field', async () => {
    const backend = await loadBackend('wasm');
    const { data } = plantArtists();
    const none = interactionsOf(
      Array.from({ length: 30 }, () => []),
      400,
    );
    const saved = async (given: RecommenderData) => {
      const gan = await fitGan(config, backend)(given, createRandom(1));
      const scores = gan.score(likedBy(data, 3));
      const all = gan.save();
      gan.dispose();
      return { ...all, scores };
    };
    const some = interactionsOf(
      Array.from({ length: 30 }, (_, l) => [l]),
      400,
    );
    const without = await saved(data);
    expect(await saved({ ...data, putAway: none })).toEqual(without);
    expect(await saved({ ...data, putAway: some })).not.toEqual(without);
  });
});

describe('the affinity layer', () => {
  it('learns from songs by known artists that were put away', async () => {
    const { tf } = await loadBackend('wasm');
    const { data } = plantArtists();
    const { interactions, groups } = data;
    const affinity = createAffinity(groups!, interactions);
    // Some songs appear to be better by their features; among songs by liked artists they are put away.
    const appears = (song: number) => (song % 3 === 0 ? 2 : 0);
    const judge = (_: Int32Array, songs: Int32Array) => Float32Array.from(songs, appears);
    const away = Array.from({ length: interactions.listenerCount }, (_, listener) => {
      const own = likedBy(data, listener);
      const artists = new Set(Array.from(own, (song) => groups!.artists[song]!));
      return [...groups!.artists.keys()].filter(
        (song) => appears(song) > 0 && artists.has(groups!.artists[song]!) && !own.includes(song),
      );
    });
    /** What appearing better adds to the log odds of a song, by an artist that listener 0 likes. */
    const gain = async (tastes: Tastes) => {
      const layer = buildAffinityLayer(tf, createRandom(3));
      await trainAffinity(tf, layer, affinity, tastes, judge, createRandom(4), 120, () => {});
      const liked = likedBy(data, 0);
      const song = Int32Array.of(liked[0]!);
      const met = affinity.meet(liked, 0);
      const at = (content: number) =>
        withAffinity(tf, layer, met, song, Float32Array.of(content)).dataSync()[0]!;
      const difference = at(1) - at(0);
      for (const variable of layer.values()) variable.dispose();
      return difference;
    };
    const [without, learned] = [
      await gain({ interactions }),
      await gain({ interactions, putAway: interactionsOf(away, 400) }),
    ];
    expect(learned).toBeLessThan(0.75 * without);
  });
});
