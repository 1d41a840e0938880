import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateRanking, hashFraction, holdOut, topK } from '../../ml/evaluate.ts';
import { interactionsFromLists, listenersPerSong, songsOf } from '../../ml/interactions.ts';

const keys = {
  listenerKey: (listener: number) => `listener-${listener}`,
  songKey: (song: number) => `song-${song}`,
};

function everybodyLikes(listeners: number, songs: number) {
  return interactionsFromLists(
    songs,
    Array.from({ length: listeners }, () => Array.from({ length: songs }, (_, s) => s)),
  );
}

describe('interactions', () => {
  it('are sorted, each song once', () => {
    const { offsets, songs } = interactionsFromLists(9, [[5, 1, 5], [], [8]]);
    expect([...offsets]).toEqual([0, 2, 2, 3]);
    expect([...songs]).toEqual([1, 5, 8]);
    expect([...listenersPerSong(interactionsFromLists(3, [[0, 2], [2]]))]).toEqual([1, 0, 2]);
  });

  it('refuse a song that is not there', () => {
    expect(() => interactionsFromLists(3, [[0], [3]])).toThrow(/listener 1 likes song 3/);
    expect(() => interactionsFromLists(3, [[-1]])).toThrow(RangeError);
  });
});

describe('holding out', () => {
  it('splits each listener’s songs without loss, in about the wished share', () => {
    const all = everybodyLikes(50, 200);
    const { train, test } = holdOut(all, { fraction: 0.2, ...keys });
    for (let i = 0; i < 50; i++) {
      const together = [...songsOf(train, i), ...songsOf(test, i)].sort((a, b) => a - b);
      expect(together).toEqual([...songsOf(all, i)]);
    }
    expect(test.songs.length / all.songs.length).toBeCloseTo(0.2, 1);
  });

  it('holds the same interactions out when listeners and songs come, go and change places', () => {
    const held = (listeners: string[], songs: string[]) => {
      const { test } = holdOut(everybodyLikes(listeners.length, songs.length), {
        fraction: 0.3,
        listenerKey: (i) => listeners[i],
        songKey: (s) => songs[s],
      });
      return new Set(
        listeners.flatMap((name, i) => Array.from(songsOf(test, i), (s) => `${name} ${songs[s]}`)),
      );
    };
    const before = held(['a', 'b', 'c'], ['x', 'y', 'z', 'w', 'v']);
    const after = held(['new', 'c', 'a'], ['w', 'other', 'x', 'z', 'y']);
    for (const name of ['a', 'c']) {
      for (const song of ['w', 'x', 'y', 'z']) {
        expect(after.has(`${name} ${song}`)).toBe(before.has(`${name} ${song}`));
      }
    }
  });

  it('hashes evenly, differently for other seeds, and knows where one key ends', () => {
    const bins = new Array(10).fill(0);
    for (let i = 0; i < 20_000; i++) bins[Math.floor(hashFraction(`l${i % 100}`, `s${i}`, 1) * 10)]++;
    for (const count of bins) expect(Math.abs(count - 2000)).toBeLessThan(250);
    expect(hashFraction('a', 'b', 1)).not.toBe(hashFraction('a', 'b', 2));
    expect(hashFraction('ab', 'c', 1)).not.toBe(hashFraction('a', 'bc', 1));
  });
});

describe('the top of a ranking', () => {
  it('is that of sorting everything', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 60 }),
        fc.integer({ min: 0, max: 70 }),
        fc.array(fc.integer({ min: 0, max: 59 })),
        (values, k, out) => {
          const exclude = out.filter((song) => song < values.length);
          const sorted = values
            .map((_, song) => song)
            .filter((song) => !exclude.includes(song))
            .sort((a, b) => values[b] - values[a] || a - b)
            .slice(0, k);
          expect([...topK(Float32Array.from(values), k, exclude)]).toEqual(sorted);
        },
      ),
    );
  });

  it('never holds a song without a score', () => {
    const scores = Float32Array.from([Number.NaN, 1, Number.NEGATIVE_INFINITY, 2, Number.POSITIVE_INFINITY]);
    expect([...topK(scores, 9)]).toEqual([4, 3, 1]);
  });
});

describe('evaluating a ranking', () => {
  const train = interactionsFromLists(100, [[0, 1], [2], [3, 4]]);
  const test = interactionsFromLists(100, [[10, 11], [], [12]]);

  it('gives an oracle 1, whoever has nothing held out no figure, and never ranks training songs', async () => {
    const oracle = {
      name: 'oracle',
      score(liked: Int32Array) {
        const scores = new Float32Array(100);
        // Training songs above everything: they must not push the wanted ones down.
        for (const song of liked) scores[song] = 9;
        for (const song of liked[0] === 0 ? [10, 11] : [12]) scores[song] = 5;
        return scores;
      },
    };
    const result = await evaluateRanking(oracle, train, test);
    expect([...result.listeners]).toEqual([0, 2]);
    expect(result.meanNdcg10).toBe(1);
    expect(result.meanRecall50).toBe(1);
  });

  it('leaves out what the caller excludes, and reports progress', async () => {
    const flat = { name: 'flat', score: () => Float32Array.from({ length: 100 }, (_, s) => -s) };
    const seen: number[] = [];
    const result = await evaluateRanking(flat, train, test, {
      exclude: () => Int32Array.from({ length: 10 }, (_, s) => s),
      listeners: [2],
      onProgress: (fraction) => {
        seen.push(fraction);
      },
    });
    // Songs 10 and 11 come first, 12 third.
    expect(result.meanNdcg10).toBeCloseTo(1 / Math.log2(4));
    expect(seen).toEqual([1]);
  });

  it('of nobody is 0', async () => {
    const nothing = interactionsFromLists(5, []);
    const flat = { name: 'flat', score: () => new Float32Array(5) };
    expect((await evaluateRanking(flat, nothing, nothing)).meanNdcg10).toBe(0);
  });
});
