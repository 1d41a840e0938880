import { describe, expect, it } from 'vitest';
import { createSampler } from '../../ml/gan/batches.ts';
import { DEFAULT_GAN } from '../../ml/gan/config.ts';
import { profileScale, songVectors } from '../../ml/gan/songs.ts';
import { createRandom } from '../../ml/random.ts';
import { interactionsOf } from './gan-planted.ts';

/** Songs whose only feature is their number, so that rows of a batch tell which songs they are. */
function numbered(count: number) {
  const values = Float32Array.from({ length: count }, (_, song) => song / 10);
  return songVectors(
    { rows: count, columns: 1, values },
    { rows: count, columns: 2, values: new Float32Array(2 * count).fill(0.5) },
  );
}

const config = { ...DEFAULT_GAN, listeners: 4, targets: 3, context: 6, mismatched: 5 };
const sampler = (lists: readonly (readonly number[])[], count: number) => {
  const vectors = numbered(count);
  const draw = createSampler(
    { interactions: interactionsOf(lists, count) },
    vectors,
    config,
    createRandom(2),
    profileScale(2),
  );
  const songAt = (rows: Float32Array, row: number) => Math.round(rows[row * vectors.width]! * 10);
  return { draw, songAt };
};

describe('training examples', () => {
  it('hide the songs that the networks are asked about', () => {
    const { draw, songAt } = sampler([[0, 1, 2, 3, 4, 5, 6, 7, 8]], 40);
    for (let step = 0; step < 50; step++) {
      const batch = draw();
      for (let b = 0; b < config.listeners; b++) {
        const shown = new Set<number>();
        for (let k = 0; k < config.context; k++) {
          if (batch.mask[b * config.context + k] === 1) {
            shown.add(songAt(batch.songs, b * config.context + k));
          }
        }
        for (let t = 0; t < config.targets; t++) {
          expect(shown).not.toContain(songAt(batch.real, b * config.targets + t));
        }
      }
    }
  });

  it('show songs in an order that depends on the songs alone', () => {
    const { draw, songAt } = sampler([[9, 3, 7, 1, 5, 2]], 10);
    for (let step = 0; step < 20; step++) {
      const batch = draw();
      const shown = Array.from({ length: config.context }, (_, k) => k)
        .filter((k) => batch.mask[k] === 1)
        .map((k) => songAt(batch.songs, k));
      expect(shown).toEqual([...shown].sort((a, b) => a - b));
    }
  });

  it('make a newcomer of a listener with one song', () => {
    const { draw, songAt } = sampler([[3]], 5);
    const batch = draw();
    expect(batch.mask.every((value) => value === 0)).toBe(true);
    expect(songAt(batch.real, 0)).toBe(3);
  });

  it('pass over listeners without songs, and cannot be drawn when nobody likes anything', () => {
    const { draw, songAt } = sampler([[], [2, 2], []], 5);
    expect(songAt(draw().real, 0)).toBe(2);
    expect(() => sampler([[], []], 5)).toThrow(/no taste to learn from/);
  });
});
