import type { Variable } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBackend, type Tf } from '../../ml/backend.ts';
import { DEFAULT_GAN } from '../../ml/gan/config.ts';
import { createBuilder } from '../../ml/gan/layers.ts';
import { buildListenerEncoder, encodeListener } from '../../ml/gan/listener.ts';
import { createRandom } from '../../ml/random.ts';

describe('the listener encoder', () => {
  let tf: Tf;
  let parameters: Map<string, Variable>;
  beforeAll(async () => {
    ({ tf } = await loadBackend('cpu'));
    const builder = createBuilder(tf, createRandom(1));
    buildListenerEncoder(builder, { items: 3, emotions: 1 }, { ...DEFAULT_GAN, hidden: 8 });
    parameters = builder.parameters;
  });
  afterAll(() => {
    for (const variable of parameters.values()) variable.dispose();
  });

  const encode = (songs: readonly (readonly number[])[], padding = 0) =>
    tf.tidy(() => {
      const length = Math.max(1, songs.length + padding);
      const values = new Float32Array(length * 4);
      songs.forEach((song, position) => {
        values.set(song, position * 4);
      });
      const mask = Float32Array.from({ length }, (_, position) => (position < songs.length ? 1 : 0));
      return Array.from(
        encodeListener(tf, parameters, {
          songs: tf.tensor3d(values, [1, length, 4]),
          mask: tf.tensor2d(mask, [1, length]),
        }).dataSync(),
      );
    });
  const close = (a: readonly number[], b: readonly number[]) => {
    a.forEach((value, i) => {
      expect(value).toBeCloseTo(b[i]!, 4);
    });
  };
  const song = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 4, maxLength: 4 });

  it('does not care about the order of the songs', () => {
    fc.assert(
      fc.property(fc.array(song, { minLength: 1, maxLength: 9 }), fc.integer(), (songs, seed) => {
        close(encode(songs), encode(createRandom(seed).shuffle([...songs])));
      }),
      { numRuns: 40 },
    );
  });

  it('does not see the padding', () => {
    fc.assert(
      fc.property(fc.array(song, { maxLength: 6 }), fc.integer({ min: 1, max: 5 }), (songs, padding) => {
        close(encode(songs), encode(songs, padding));
      }),
      { numRuns: 40 },
    );
  });

  it('has a default for a listener of whom nothing is known, unlike that of a song of zeros', () => {
    const nobody = encode([]);
    expect(nobody.every(Number.isFinite)).toBe(true);
    expect(nobody).not.toEqual(encode([[0, 0, 0, 0]]));
  });
});
