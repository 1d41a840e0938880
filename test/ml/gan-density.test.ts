import type { Tensor2D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadBackend, type Tf } from '../../ml/backend.ts';
import { FLOOR, logDensity, logDensityOfAll } from '../../ml/gan/density.ts';
import { createRandom } from '../../ml/random.ts';

describe('the density of a listener\u2019s songs', () => {
  let tf: Tf;
  beforeAll(async () => {
    ({ tf } = await loadBackend('wasm'));
  });

  const random = createRandom(6);
  const songs = Array.from({ length: 30 }, () => [random.normal(), random.normal(), random.normal()]);
  const own = songs.slice(0, 5);
  const expected = songs.map((song) => {
    const kernels = own.map((other) => {
      const squares = song.map((value, axis) => (value - other[axis]!) ** 2);
      return Math.exp(-0.5 * squares.reduce((a, b) => a + b));
    });
    return Math.log(FLOOR + kernels.reduce((a, b) => a + b) / own.length);
  });

  it('is what its formula says, padding aside', () => {
    tf.tidy(() => {
      const padded = [...own, [9, 9, 9], [0, 0, 0]];
      const density = logDensity(
        tf,
        tf.tensor3d([songs]),
        tf.tensor3d([padded]),
        tf.tensor2d([[1, 1, 1, 1, 1, 0, 0]]),
      );
      density.dataSync().forEach((value, song) => {
        expect(value).toBeCloseTo(expected[song]!, 2);
      });
    });
  });

  it('is the same for a whole catalogue at once', () => {
    tf.tidy(() => {
      const catalogue = tf.tensor2d(songs.map((song) => [...song, 1]));
      const norms = Float32Array.from(songs, (song) => 0.5 * song.reduce((sum, v) => sum + v * v, 0));
      const all = logDensityOfAll(tf, catalogue, norms, tf.tensor2d(own) as Tensor2D);
      all.forEach((value, song) => {
        expect(value).toBeCloseTo(expected[song]!, 2);
      });
    });
  });

  it('falls to its floor far away and where nobody likes anything', () => {
    tf.tidy(() => {
      const far = tf.tensor3d([[[50, 50, 50]], [[0, 0, 0]]]);
      const density = logDensity(tf, far, tf.zeros([2, 1, 3]), tf.tensor2d([[1], [0]]));
      expect(density.dataSync()[0]).toBeCloseTo(Math.log(FLOOR), 5);
      expect(density.dataSync()[1]).toBeCloseTo(Math.log(FLOOR), 5);
    });
  });
});
