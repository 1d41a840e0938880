import { describe, expect, it } from 'vitest';
import { createRandom } from '../../ml/random.ts';
import { chooseNext, type NextCandidates } from '../../ml/select-next.ts';

const SONGS = 200;

function candidates(change: Partial<NextCandidates> = {}): NextCandidates {
  return {
    voters: new Int32Array(SONGS),
    confidence: new Float32Array(SONGS).fill(0.5),
    genreOf: Int32Array.from({ length: SONGS }, (_, s) => s % 5),
    artistOf: Int32Array.from({ length: SONGS }, (_, s) => s % 50),
    lastPostedDaysAgo: new Float32Array(SONGS).fill(Number.POSITIVE_INFINITY),
    recentGenres: [],
    recentArtists: [],
    ...change,
  };
}

function times(n: number, list: NextCandidates, randomShare?: number) {
  const random = createRandom(1);
  const chosen = Array.from({ length: n }, () => chooseNext(list, random, { randomShare }));
  return chosen.map((next) => {
    if (next === undefined) throw new Error('a song can be posted');
    return next;
  });
}

describe('the next snippet', () => {
  it('is a song with few votes', () => {
    const voters = Int32Array.from({ length: SONGS }, (_, s) => (s % 4 === 0 ? 3 : 12));
    for (const { song } of times(50, candidates({ voters }), 0)) expect(song % 4).toBe(0);
  });

  it('is a song the model is unsure of', () => {
    const confidence = Float32Array.from({ length: SONGS }, (_, s) => (s % 3 === 0 ? 0.1 : 0.9));
    for (const { song } of times(50, candidates({ confidence }), 0)) expect(song % 3).toBe(0);
  });

  it('is of another genre and artist than those just posted', () => {
    const list = candidates({ recentGenres: [0, 1], recentArtists: [12] });
    for (const { song } of times(50, list, 0)) {
      expect([0, 1]).not.toContain(song % 5);
      expect(song % 50).not.toBe(12);
    }
  });

  it('was not posted lately, and is the one posted longest ago when all were', () => {
    const lastPostedDaysAgo = Float32Array.from({ length: SONGS }, (_, s) => (s < 190 ? 3 : 60));
    for (const { song } of times(50, candidates({ lastPostedDaysAgo })))
      expect(song).toBeGreaterThanOrEqual(190);
    const all = Float32Array.from({ length: SONGS }, (_, s) => (s === 77 ? 9 : 2));
    for (const { song } of times(20, candidates({ lastPostedDaysAgo: all }))) expect(song).toBe(77);
  });

  it('is drawn at random one time in ten, evenly over all songs that may be posted', () => {
    const voters = Int32Array.from({ length: SONGS }, (_, s) => (s < 10 ? 0 : 50));
    const excluded = Uint8Array.from({ length: SONGS }, (_, s) => (s >= 100 ? 1 : 0));
    const chosen = times(5000, candidates({ voters, excluded }));
    const random = chosen.filter(({ chosenBy }) => chosenBy === 'random');
    expect(random.length / 5000).toBeCloseTo(0.1, 1);
    const wellVoted = random.filter(({ song }) => song >= 10).length;
    expect(wellVoted / random.length).toBeCloseTo(0.9, 1);
    for (const { song } of chosen) expect(song).toBeLessThan(100);
    for (const { song, chosenBy } of chosen) if (chosenBy === 'policy') expect(song).toBeLessThan(10);
  });

  it('is the same for the same seed', () => {
    expect(times(30, candidates())).toEqual(times(30, candidates()));
  });

  it('works before there is a model, and is none when there is no song to post', () => {
    expect(times(1, candidates({ confidence: undefined }))).toHaveLength(1);
    expect(
      chooseNext(candidates({ excluded: new Uint8Array(SONGS).fill(1) }), createRandom(1)),
    ).toBeUndefined();
    expect(chooseNext(candidates({ voters: new Int32Array(0) }), createRandom(1))).toBeUndefined();
  });
});
