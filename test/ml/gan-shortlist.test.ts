import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadBackend } from '../../ml/backend.ts';
import { fitGan, loadGan } from '../../ml/gan/gan.ts';
import { bestOf, createFirstLook, onOneScale } from '../../ml/gan/shortlist.ts';
import { songVectors } from '../../ml/gan/songs.ts';
import { binOf, tasteBins, tasteOf } from '../../ml/gan/taste.ts';
import { createRandom } from '../../ml/random.ts';
import { likedBy, plant } from './gan-planted.ts';

const scoresOf = (random = createRandom(2), size = 500) =>
  Float32Array.from({ length: size }, () => random.normal());

describe('a shortlist', () => {
  it('has the best songs, in the order of the catalogue, and hardly more than asked for', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 499 }), (seed, most) => {
        const scores = scoresOf(createRandom(seed));
        const list = bestOf(scores, most);
        expect([...list]).toEqual([...list].sort((a, b) => a - b));
        expect(list.length).toBeGreaterThanOrEqual(most);
        expect(list.length).toBeLessThanOrEqual(most + 10);
        const worst = Math.min(...Array.from(list, (song) => scores[song]!));
        const inside = new Set(list);
        scores.forEach((score, song) => {
          if (!inside.has(song)) expect(score).toBeLessThanOrEqual(worst);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('is the whole catalogue when that is small', () => {
    expect([...bestOf(scoresOf(undefined, 3), 5)]).toEqual([0, 1, 2]);
    expect(bestOf(new Float32Array(0), 5)).toHaveLength(0);
  });

  it('is no longer than asked for when all songs are alike', () => {
    expect(bestOf(new Float32Array(100), 7)).toHaveLength(7);
  });
});

describe('one scale', () => {
  it('keeps what was judged and puts the others on the line through it', () => {
    const looks = Float32Array.of(0, 1, 2, 3, 4);
    const shortlist = Int32Array.of(2, 3, 4);
    expect([...onOneScale(looks, shortlist, Float32Array.of(10, 12, 14))]).toEqual([6, 8, 10, 12, 14]);
  });

  it('never turns the order of the others round', () => {
    const looks = Float32Array.of(0, 1, 2, 3);
    const result = onOneScale(looks, Int32Array.of(2, 3), Float32Array.of(9, 5));
    expect(result[1]!).toBeGreaterThanOrEqual(result[0]!);
  });
});

describe('a first look', () => {
  const { data, cluster, likes } = plant();
  const vectors = songVectors(data.items, data.profiles);
  const look = createFirstLook(vectors);
  const tasteFor = (listener: number) =>
    tasteOf(vectors.values, vectors.width, likedBy(data, listener), vectors.background);

  it('finds nearly all songs of a listener\u2019s kind', () => {
    const list = bestOf(look.scores(tasteFor(0), undefined), 120);
    const own = Array.from(list).filter((song) => likes[0]!.includes(cluster[song]!));
    expect(own.length).toBeGreaterThan(90);
  });

  it('is the sum of every column’s log ratio', () => {
    const taste = tasteFor(0);
    const { width, values } = vectors;
    look.scores(taste, undefined).forEach((score, song) => {
      let sum = 0;
      for (let c = 0; c < width; c++) sum += taste.ratios[c * tasteBins + binOf(values[song * width + c]!)]!;
      expect(score).toBeCloseTo(sum, 4);
    });
  });

  it('prefers songs that carry the wish', () => {
    const list = bestOf(look.scores(tasteFor(0), Float32Array.of(1, 0)), 50);
    const carrying = Array.from(list).filter((song) => data.profiles.values[2 * song]! > 0.5);
    expect(carrying.length).toBeGreaterThan(40);
  });

  it('leaves the top of a ranking as judging every song would have it', async () => {
    const backend = await loadBackend('wasm');
    const config = { steps: 60, hidden: 24, channels: 12, listeners: 8, context: 16, mismatched: 48 };
    const gan = await fitGan(config, backend)(data, createRandom(1));
    const { meta, ...rest } = gan.save();
    const shorter = await loadGan(
      { meta: { ...meta, config: { ...meta.config, shortlist: 150 } }, ...rest },
      data,
      backend,
    );
    const topOf = (scores: Float32Array) =>
      [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, 10);
    for (const listener of [0, 2, 4]) {
      const whole = gan.score(likedBy(data, listener));
      const short = shorter.score(likedBy(data, listener));
      expect(short.every(Number.isFinite)).toBe(true);
      const kept = topOf(short).filter((song) => topOf(whole).includes(song));
      expect(kept.length).toBeGreaterThanOrEqual(9);
      expect(short[topOf(short)[0]!]).toBeCloseTo(whole[topOf(short)[0]!]!, 4);
    }
    gan.dispose();
    shorter.dispose();
  });
});
