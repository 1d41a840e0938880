import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawSome, likeness, placeSongs, type SongPlaces } from '../../ml/coverage.ts';
import { createRandom } from '../../ml/random.ts';
import {
  chooseBatch,
  chooseNext,
  doubtOf,
  type NextCandidates,
  type NextOptions,
  type PlanInput,
  planAsking,
} from '../../ml/select-next.ts';
import { finish } from '../../ml/steps.ts';

const SONGS = 200;
const random = createRandom(5);
/** Songs that all sound different. */
const SCATTERED = placed(Array.from({ length: SONGS }, () => [random.next(), random.next(), random.next()]));

function placed(rows: number[][]): SongPlaces {
  const width = rows[0]?.length ?? 0;
  return finish(placeSongs(Float32Array.from(rows.flat()), rows.length, width));
}

interface Situation extends Partial<PlanInput>, Partial<Omit<NextCandidates, 'voters' | 'plan'>> {}

function candidates({ places = SCATTERED, ...change }: Situation = {}): NextCandidates {
  const { profileOf, voters, excluded, ...rest } = change;
  const { size } = places;
  return {
    plan: finish(planAsking({ places, profileOf, voters, excluded }, createRandom(2))),
    voters: (song) => voters?.get(song) ?? 0,
    genreOf: Int32Array.from({ length: size }, (_, s) => s % 5),
    artistOf: Int32Array.from({ length: size }, (_, s) => s % 50),
    lastPostedDaysAgo: new Map(),
    recent: [],
    ...rest,
  };
}

function times(n: number, list: NextCandidates, options: NextOptions = {}) {
  const draws = createRandom(1);
  return Array.from({ length: n }, () => {
    const next = chooseNext(list, draws, options);
    if (next === undefined) throw new Error('a song can be posted');
    return next;
  });
}

const votersOf = (count: (song: number) => number) =>
  new Map(Array.from({ length: SONGS }, (_, s) => [s, count(s)] as const));
/** Profiles over two emotions, as torn as a function of the song says (0..1). */
const torn = (doubt: (song: number) => number) => (s: number) => [1 - doubt(s) / 2, doubt(s) / 2];
const byPolicy: NextOptions = { randomShare: 0 };

describe('the next snippet', () => {
  it('is never a song with a clear label while there is another', () => {
    const voters = votersOf((s) => (s % 4 === 0 ? 3 : 12));
    const list = candidates({ voters });
    for (const { song } of chooseBatch(list, 40, createRandom(1), byPolicy)) expect(song % 4).toBe(0);
    const isClear = (song: number) => song % 8 !== 0;
    for (const { song } of chooseBatch({ ...list, isClear }, 20, createRandom(1), byPolicy)) {
      expect(song % 8).toBe(0);
    }
  });

  it('is a song the model is unsure of', () => {
    const list = candidates({ profileOf: torn((s) => (s % 3 === 0 ? 0.9 : 0.05)) });
    for (const { song } of chooseBatch(list, 15, createRandom(1), byPolicy)) expect(song % 3).toBe(0);
  });

  it('is of an emotion that few answers were about, of two songs that are equally unclear', () => {
    const places = placed(Array.from({ length: SONGS }, () => [1]));
    const voters = new Map(Array.from({ length: 30 }, (_, s) => [s, 10] as const));
    // Thirty happy songs have votes; of the others, one in ten is probably sad.
    const profileOf = (s: number) => (s >= 30 && s % 10 === 0 ? [0.2, 0.8] : [0.8, 0.2]);
    const [{ song }] = times(1, candidates({ places, voters, profileOf }), byPolicy);
    expect(song % 10).toBe(0);
  });

  it('is one that many others sound like', () => {
    // A crowd of 180 in one corner of the plane, and 20 loners far from each other.
    const places = placed(
      Array.from({ length: SONGS }, (_, s) =>
        s < 180 ? [random.next() / 20, random.next() / 20] : [1 + s, (s * 7) % 20],
      ),
    );
    const [{ song }] = chooseBatch(candidates({ places }), 1, createRandom(1), byPolicy);
    expect(song).toBeLessThan(180);
  });

  it('is where nobody has voted rather than where many have, however torn the model still is there', () => {
    const corner = (s: number) => (s < 100 ? [0, 1] : [1, 0]).map((x) => x + random.next() / 10);
    const places = placed(Array.from({ length: SONGS }, (_, s) => corner(s)));
    const voters = new Map(Array.from({ length: 40 }, (_, s) => [s, 10] as const));
    const list = candidates({ places, voters, profileOf: torn((s) => (s < 100 ? 1 : 0.5)) });
    for (const { song } of chooseBatch(list, 3, createRandom(1), byPolicy)) {
      expect(song).toBeGreaterThanOrEqual(100);
    }
  });

  it('finishes a song that has some votes before it begins one that teaches much less', () => {
    const list = candidates({ voters: new Map([[123, 4]]), profileOf: torn((s) => (s === 123 ? 1 : 0.2)) });
    expect(times(1, list, byPolicy)[0].song).toBe(123);
  });

  it('does not come back to a song on which listeners will never agree', () => {
    // As torn as can be, with nearly all the votes it takes; the others are half as unclear.
    const voters = new Map([[123, 9]]);
    const list = candidates({ voters, profileOf: torn((s) => (s === 123 ? 1 : 0.7)) });
    expect(chooseBatch(list, 10, createRandom(1), byPolicy).map(({ song }) => song)).not.toContain(123);
  });

  it('sounds unlike those of the same day', () => {
    // Twenty groups of ten songs that sound alike.
    const centres = Array.from({ length: 20 }, () => [random.next(), random.next(), random.next()]);
    const places = placed(
      Array.from({ length: SONGS }, (_, s) => centres[s % 20].map((x) => x + random.next() / 1000)),
    );
    const day = chooseBatch(candidates({ places }), 10, createRandom(1), byPolicy);
    expect(new Set(day.map(({ song }) => song % 20)).size).toBe(10);
  });

  it('is of another genre than those just posted, and never by the same artist twice in a row', () => {
    const list = candidates({ recent: [12, 1], pending: 0 });
    const [{ song }] = times(1, list, byPolicy);
    expect([1, 2]).not.toContain(song % 5);
    const week = chooseBatch(candidates(), 60, createRandom(3));
    for (const [i, { song: next }] of week.entries()) {
      if (i > 0) expect(next % 50).not.toBe(week[i - 1].song % 50);
    }
  });

  it('is by the same artist when there is no other', () => {
    const list = candidates({ artistOf: new Int32Array(SONGS), recent: [7] });
    expect(times(20, list)).toHaveLength(20);
  });

  it('was not posted lately, and is the one posted longest ago when all were', () => {
    const lastPostedDaysAgo = new Map(Array.from({ length: SONGS }, (_, s) => [s, s < 190 ? 3 : 60]));
    for (const { song } of times(50, candidates({ lastPostedDaysAgo })))
      expect(song).toBeGreaterThanOrEqual(190);
    const all = new Map(Array.from({ length: SONGS }, (_, s) => [s, s === 77 ? 9 : 2]));
    for (const { song } of times(20, candidates({ lastPostedDaysAgo: all }))) expect(song).toBe(77);
  });

  it('is drawn at random one time in ten, evenly over all songs that may be posted', () => {
    const voters = votersOf((s) => (s < 10 ? 0 : 50));
    const excluded = Uint8Array.from({ length: SONGS }, (_, s) => (s >= 100 ? 1 : 0));
    const chosen = times(5000, candidates({ voters, excluded }));
    const drawn = chosen.filter(({ chosenBy }) => chosenBy === 'random');
    expect(drawn.length / 5000).toBeCloseTo(0.1, 1);
    const wellVoted = drawn.filter(({ song }) => song >= 10).length;
    expect(wellVoted / drawn.length).toBeCloseTo(0.9, 1);
    for (const { song } of chosen) expect(song).toBeLessThan(100);
    for (const { song, chosenBy } of chosen) if (chosenBy === 'policy') expect(song).toBeLessThan(10);
  });

  it('is some song still when the label of every one is clear', () => {
    expect(times(20, candidates({ voters: votersOf(() => 50) }), byPolicy)).toHaveLength(20);
  });

  it('works before there is a model, and is none when there is no song to post', () => {
    expect(times(1, candidates())).toHaveLength(1);
    const silent = new Uint8Array(SONGS).fill(1);
    expect(chooseNext(candidates({ excluded: silent }), createRandom(1))).toBeUndefined();
    const none = { places: placed([]), genreOf: new Int32Array(0), artistOf: new Int32Array(0) };
    expect(chooseNext(candidates(none), createRandom(1))).toBeUndefined();
  });

  it('covers a catalogue that no model has seen: every song is nearer to one asked than by chance', () => {
    const uncovered = (chosen: readonly number[]) => {
      const nearest = Array.from({ length: SONGS }, (_, s) =>
        Math.max(...chosen.map((one) => likeness(SCATTERED, s, one))),
      );
      return 1 - nearest.reduce((sum, value) => sum + value, 0) / SONGS;
    };
    const genreOf = new Int32Array(SONGS).fill(-1);
    const asked = chooseBatch(candidates({ genreOf }), 8, createRandom(1), byPolicy);
    const draws = createRandom(9);
    const byChance = Array.from({ length: 100 }, () => uncovered([...drawSome(SONGS, 8, draws)])).sort();
    // Better than nine in ten draws.
    expect(uncovered(asked.map(({ song }) => song))).toBeLessThan(byChance[10]);
  });

  it('is found in a catalogue larger than a plan weighs, and so is one half asked', () => {
    const size = 20_000;
    const draws = createRandom(4);
    const features = new Float32Array(size * 2).map(() => draws.next());
    const places = finish(placeSongs(features, size, 2));
    const list = candidates({ places, voters: new Map([[19_999, 5]]) });
    expect(list.plan.songs.length).toBeLessThan(5_000);
    expect(list.plan.songs).toContain(19_999);
    expect(new Set(chooseBatch(list, 30, createRandom(1)).map(({ song }) => song)).size).toBe(30);
  });

  it('is refused for a list of another length than the catalogue', () => {
    expect(() => candidates({ excluded: new Uint8Array(3) })).toThrow(RangeError);
  });
});

describe("a day's snippets", () => {
  it('are the same chosen at once or one by one, and the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 12 }), (seed, count) => {
        const list = candidates();
        const atOnce = chooseBatch(list, count, createRandom(seed));
        const draws = createRandom(seed);
        const recent: number[] = [];
        const lastPostedDaysAgo = new Map<number, number>();
        for (const expected of atOnce) {
          const next = chooseNext({ ...list, recent, lastPostedDaysAgo }, draws);
          expect(next).toEqual(expected);
          recent.unshift(expected.song);
          lastPostedDaysAgo.set(expected.song, 0);
        }
        expect(new Set(recent).size).toBe(count);
      }),
      { numRuns: 30 },
    );
  });

  it('are as many as there are songs at most', () => {
    const places = placed([[1], [2], [3]]);
    expect(chooseBatch(candidates({ places }), 10, createRandom(1))).toHaveLength(3);
  });
});

describe('doubt', () => {
  it('is 1 between two equal emotions, 0 at certainty, and within that always', () => {
    expect(doubtOf([0.5, 0.5, 0])).toBe(1);
    expect(doubtOf([0, 1])).toBe(0);
    expect(doubtOf([0.25, 0.25, 0.25, 0.25])).toBe(1);
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (profile) => {
        const doubt = doubtOf(profile);
        expect(doubt).toBeGreaterThanOrEqual(0);
        expect(doubt).toBeLessThanOrEqual(1);
      }),
    );
  });
});
