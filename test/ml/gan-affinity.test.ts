import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Backend, loadBackend } from '../../ml/backend.ts';
import { AFFINITY_COLUMNS, createAffinity } from '../../ml/gan/affinity.ts';
import { fitGan, type GanConfig, type GanRecommender, loadGan } from '../../ml/gan/gan.ts';
import { createRandom } from '../../ml/random.ts';
import { interactionsOf, likedBy, plantArtists } from './gan-planted.ts';

/** Eight songs: two albums of two songs each by artist 0, three songs by artist 1, one by nobody known. */
const groups = {
  artists: Int32Array.of(0, 0, 0, 0, 1, 1, 1, -1),
  albums: Int32Array.of(0, 0, 1, 1, 2, 2, 2, -1),
  titles: Int32Array.of(0, 1, 2, 0, 3, 4, 5, -1),
};
const WIDTH = AFFINITY_COLUMNS.length;

function numbers(
  lists: readonly (readonly number[])[],
  liked: readonly number[],
  song: number,
  self?: number,
) {
  const out = new Float32Array(WIDTH);
  createAffinity(groups, interactionsOf(lists, 8)).meet(Int32Array.from(liked), self).write(song, out, 0);
  return Object.fromEntries(AFFINITY_COLUMNS.map((name, i) => [name, out[i]!]));
}

describe('affinity', () => {
  it('counts songs by the same artist and from the same album', () => {
    const said = numbers([], [0, 1], 2);
    expect(said['songs by the artist']).toBeCloseTo(Math.log(3), 5);
    expect(said['part of the artist’s songs']).toBeCloseTo(2 / 3, 5);
    expect(said['artist known']).toBe(1);
    expect(said['album known']).toBe(0);
    expect(numbers([], [0, 1, 2], 3)['part of the album’s songs']).toBe(1);
  });

  it('adds to a first look the nearness of every song, whoever it is by', () => {
    const song = fc.integer({ min: 0, max: 7 });
    const list = fc.uniqueArray(song, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(list, { maxLength: 5 }), fc.uniqueArray(song), (lists, liked) => {
        const met = createAffinity(groups, interactionsOf(lists, 8)).meet(Int32Array.from(liked));
        const looks = Float32Array.from({ length: 8 }, (_, at) => at / 8);
        const expected = looks.map((look, at) => look + met.nearness(at));
        met.addTo(looks);
        expect(looks).toEqual(expected);
      }),
    );
  });

  it('knows another edition of a liked song', () => {
    expect(numbers([], [0], 3)['another edition known']).toBe(1);
    expect(numbers([], [0], 2)['another edition known']).toBe(0);
  });

  it('weighs a listener’s hold on an artist against that of others', () => {
    const alone = numbers([], [0, 1], 2);
    const rivalled = numbers(
      [
        [0, 2],
        [3, 4],
      ],
      [0, 1],
      2,
    );
    expect(alone['hold on the artist']).toBe(1);
    expect(rivalled['hold on the artist']).toBeCloseTo(2 / 5, 5);
  });

  it('brings artists near that are in lists together with liked ones', () => {
    const together = numbers([[0, 4]], [1], 5);
    const apart = numbers([[0], [4]], [1], 5);
    expect(together['new artist together']).toBeGreaterThan(0);
    expect(apart['new artist together']).toBe(0);
    expect(together['known artist together']).toBe(0);
    expect(numbers([[0, 4]], [1], 2)['known artist together']).toBeGreaterThan(0);
  });

  it('says nothing of a song by nobody, or to who likes nothing', () => {
    const known = { 'songs by the artist': 0, 'artist known': 0, 'album known': 0, 'new artist together': 0 };
    expect(numbers([[0, 4]], [0, 1], 7)).toMatchObject(known);
    expect(numbers([[0, 4]], [], 2)).toMatchObject(known);
  });

  const lists = fc.array(fc.uniqueArray(fc.nat(7), { minLength: 1 }), { minLength: 1, maxLength: 6 });

  it('does not learn from the listener’s own list what is hidden in it', () => {
    fc.assert(
      fc.property(lists, fc.nat(7), (all, song) => {
        const own = all[0]!;
        const shown = own.slice(0, own.length >> 1);
        const withOwn = numbers(all, shown, song, 0);
        expect(withOwn).toEqual(numbers([[], ...all.slice(1)], shown, song, 0));
        expect(Object.values(withOwn).every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it('takes a list for the listener’s own when all of it is liked', () => {
    fc.assert(
      fc.property(lists, fc.nat(7), (all, song) => {
        const liked = all[0]!;
        const others = all.filter((list) => !list.every((one) => liked.includes(one)));
        expect(numbers(all, liked, song)).toEqual(numbers(others, liked, song));
      }),
    );
  });
});

describe('a GAN that knows artists', () => {
  const { data, held } = plantArtists();
  const config: Partial<GanConfig> = {
    steps: 30,
    hidden: 16,
    channels: 8,
    listeners: 8,
    context: 12,
    mismatched: 32,
  };
  let backend: Backend;
  let gan: GanRecommender;
  beforeAll(async () => {
    backend = await loadBackend('wasm');
    gan = await fitGan(config, backend)(data, createRandom(1));
  }, 120_000);

  /** Mean share of the eight hidden songs among the first eight songs that are not known to be liked. */
  const found = (recommender: GanRecommender) => {
    const shares = held.map((wanted, listener) => {
      const liked = likedBy(data, listener);
      const scores = recommender.score(liked);
      const first = [...scores.keys()]
        .filter((song) => !liked.includes(song))
        .sort((a, b) => scores[b]! - scores[a]!)
        .slice(0, wanted.length);
      return first.filter((song) => wanted.includes(song)).length / wanted.length;
    });
    return shares.reduce((sum, share) => sum + share, 0) / shares.length;
  };

  it('ranks songs by liked artists first, where features say nothing', async () => {
    const without = await fitGan(config, backend)({ ...data, groups: undefined }, createRandom(1));
    // 20 of a listener's 40 songs are known and 8 hidden: of the 20 others by liked artists, 8 in 20 are hidden.
    expect(found(gan)).toBeGreaterThan(0.3);
    expect(found(without)).toBeLessThan(0.15);
    without.dispose();
  });

  it('ranks for who likes nothing, one song or songs by nobody', () => {
    for (const liked of [[], [7], [0, 40, 80]]) {
      expect(gan.score(Int32Array.from(liked)).every(Number.isFinite)).toBe(true);
    }
  });

  it('gives the same scores after it was saved and loaded with the same lists', async () => {
    const { meta, ...rest } = gan.save();
    const saved = { meta: JSON.parse(JSON.stringify(meta)), ...rest };
    const loaded = await loadGan(saved, { ...data, companions: data.interactions }, backend);
    expect(loaded.score(likedBy(data, 3))).toEqual(gan.score(likedBy(data, 3)));
    loaded.dispose();
  });

  it('goes by features alone where artists are no longer known, and without other lists', async () => {
    for (const known of [
      { ...data, groups: undefined },
      { items: data.items, profiles: data.profiles, groups: data.groups },
    ]) {
      const loaded = await loadGan(gan.save(), known, backend);
      expect(loaded.score(likedBy(data, 3)).every(Number.isFinite)).toBe(true);
      loaded.dispose();
    }
  });

  it('releases every tensor, also when it is broken off', async () => {
    const before = backend.tf.memory().numTensors;
    const again = await fitGan(config, backend)(data, createRandom(2));
    again.score(likedBy(data, 0));
    again.dispose();
    expect(backend.tf.memory().numTensors).toBe(before);
    const stop = (fraction: number) => {
      if (fraction > 0.8) throw new Error('cancelled');
    };
    await expect(fitGan(config, backend)(data, createRandom(1), stop)).rejects.toThrow('cancelled');
    expect(backend.tf.memory().numTensors).toBe(before);
  });
});
