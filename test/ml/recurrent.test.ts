import type { Tensor2D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadBackend } from '../../ml/backend.ts';
import { createEmbeddings, lookUp } from '../../ml/baselines/embeddings.ts';
import { buildLstm, lstm } from '../../ml/baselines/lstm.ts';
import { fitPopularity, fitRandom, fitRecurrent } from '../../ml/baselines.ts';
import { evaluateRanking, holdOut } from '../../ml/evaluate.ts';
import { createBuilder } from '../../ml/gan/layers.ts';
import { interactionsFromLists } from '../../ml/interactions.ts';
import { createRandom } from '../../ml/random.ts';
import { plant } from './gan-planted.ts';

const small = { width: 12, hidden: 16, listeners: 16, targets: 4, length: 8, mismatched: 64 };

describe('the recurrent GAN of the prior work', () => {
  it('finds the songs that were held out far more often than popularity and chance', async () => {
    const backend = await loadBackend('wasm');
    const { data } = plant(240, 80);
    const { train, test } = holdOut(data.interactions, {
      fraction: 0.2,
      listenerKey: String,
      songKey: String,
    });
    const methods = {
      recurrent: fitRecurrent({ ...small, steps: 250 }, backend),
      popularity: fitPopularity,
      random: fitRandom,
    };
    const found: Record<string, number> = {};
    for (const [name, fitMethod] of Object.entries(methods)) {
      const recommender = await fitMethod({ ...data, interactions: train }, createRandom(1));
      found[name] = (await evaluateRanking(recommender, train, test)).meanRecall50;
      recommender.dispose?.();
    }
    expect(found.recurrent).toBeGreaterThan(1.5 * found.popularity!);
    expect(found.recurrent).toBeGreaterThan(1.5 * found.random!);
  });

  it('gives the same model for the same seed, another for another, and releases every tensor', async () => {
    const backend = await loadBackend('wasm');
    const { data } = plant(40, 6);
    const before = backend.tf.memory().numTensors;
    const scores = async (seed: number) => {
      const recommender = await fitRecurrent({ ...small, steps: 6 }, backend)(data, createRandom(seed));
      const result = recommender.score(Int32Array.from([1, 2, 3]), { seed: 4 });
      recommender.dispose?.();
      return result;
    };
    const first = await scores(1);
    expect(await scores(1)).toEqual(first);
    expect(await scores(2)).not.toEqual(first);
    const stop = () => {
      throw new Error('cancelled');
    };
    await expect(fitRecurrent(small, backend)(data, createRandom(1), stop)).rejects.toThrow('cancelled');
    expect(backend.tf.memory().numTensors).toBe(before);
  });

  it('scores for listeners with none, one and all songs, and where nobody likes anything', async () => {
    const backend = await loadBackend('wasm');
    const { data } = plant(40, 6);
    const nobody = { ...data, interactions: interactionsFromLists(40, []) };
    for (const given of [data, nobody]) {
      const recommender = await fitRecurrent({ ...small, steps: 3 }, backend)(given, createRandom(1));
      for (const liked of [[], [3], Array.from({ length: 40 }, (_, song) => song)]) {
        const scores = recommender.score(Int32Array.from(liked), { wish: Float32Array.of(1, 0) });
        expect(scores).toHaveLength(40);
        expect(scores.every(Number.isFinite)).toBe(true);
      }
      recommender.dispose?.();
    }
  });
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe('the LSTM', () => {
  it('is the one of the textbook, and padding in front changes nothing', async () => {
    const { tf } = await loadBackend('wasm');
    const [inputs, hidden, length] = [3, 2, 4];
    const random = createRandom(5);
    const builder = createBuilder(tf, random);
    buildLstm(builder, 'lstm', inputs, hidden);
    const weights = (name: string) => builder.parameters.get(name)!.dataSync();
    const x = Float32Array.from({ length: length * inputs }, () => random.normal());

    const [w, u] = [weights('lstm/input/w'), weights('lstm/state/w')];
    let h = new Array<number>(hidden).fill(0);
    let c = h;
    for (let t = 0; t < length; t++) {
      const linear = Array.from({ length: 4 * hidden }, (_, k) => {
        let sum = k >= hidden && k < 2 * hidden ? 1 : 0;
        for (let i = 0; i < inputs; i++) sum += x[t * inputs + i]! * w[i * 4 * hidden + k]!;
        for (let j = 0; j < hidden; j++) sum += h[j]! * u[j * 4 * hidden + k]!;
        return sum;
      });
      const gate = (k: number, j: number) => linear[k * hidden + j]!;
      c = c.map((before, j) => sigmoid(gate(1, j)) * before + sigmoid(gate(0, j)) * Math.tanh(gate(2, j)));
      h = c.map((state, j) => sigmoid(gate(3, j)) * Math.tanh(state));
    }

    tf.tidy(() => {
      const out = (steps: Float32Array, mask: number[]) =>
        lstm(
          tf,
          builder.parameters,
          'lstm',
          tf.tensor2d(steps, [mask.length, inputs]),
          Float32Array.from(mask),
          1,
        ).dataSync();
      const plain = out(x, [1, 1, 1, 1]);
      h.forEach((value, j) => {
        expect(plain[j]).toBeCloseTo(value, 5);
      });
      const padded = out(Float32Array.of(9, -9, 9, 5, 5, 5, ...x), [0, 0, 1, 1, 1, 1]);
      plain.forEach((value, j) => {
        expect(padded[j]).toBeCloseTo(value, 5);
      });
    });
    tf.dispose([...builder.parameters.values()]);
  });
});

describe('embeddings', () => {
  it('learn where a step looks, also at one row several times, and nowhere else', async () => {
    const { tf } = await loadBackend('wasm');
    const embeddings = createEmbeddings(5, 2, createRandom(1));
    const before = embeddings.values.slice();
    const { vectors, places, apply } = embeddings.part(tf, Int32Array.of(3, 1, 3));
    expect(vectors.shape).toEqual([2, 2]);
    tf.tidy(() => {
      const { grads } = tf.variableGrads(
        () => tf.sum(lookUp(tf, vectors as unknown as Tensor2D, places)),
        [vectors],
      );
      expect([...grads[vectors.name]!.dataSync()]).toEqual([2, 2, 1, 1]);
      apply(grads[vectors.name]!, 0.01);
    });
    vectors.dispose();
    const moved = [...embeddings.values].map((value, i) => value - before[i]!);
    moved.forEach((move, i) => {
      const row = i >> 1;
      if (row === 1 || row === 3) expect(move).toBeCloseTo(-0.01, 4);
      else expect(move).toBe(0);
    });
  });
});
