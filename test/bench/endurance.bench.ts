import { performance } from 'node:perf_hooks';
import { loadBackend } from '../../ml/backend.ts';
import { DEFAULT_GAN } from '../../ml/gan/config.ts';
import { songVectors } from '../../ml/gan/songs.ts';
import { disposeNetworks, train } from '../../ml/gan/train.ts';
import { createRandom } from '../../ml/random.ts';
import { plant } from '../ml/gan-planted.ts';
import type { BenchRow } from './row.ts';

/** 500 times as many as a training run takes. */
const STEPS = Number(process.env.BENCH_STEPS ?? 200_000);
/** As narrow as they get: a step costs what calling some hundred kernels costs. Losses and rates are the defaults. */
const NARROW = {
  hidden: 8,
  channels: 4,
  noise: 2,
  listeners: 2,
  targets: 2,
  mismatched: 6,
  context: 4,
} as const;

/** Whether a GAN that is trained far longer than it ever is stays sound: finite, in balance, and without a leak. */
export async function rows(): Promise<BenchRow[]> {
  const { tf } = await loadBackend('wasm');
  const { data } = plant(120, 16);
  const vectors = songVectors(data.items, data.profiles);
  const tensors = new Set<number>();
  const from = performance.now();
  // Throws when a loss is no longer a finite number.
  const { networks, metrics } = await train(
    tf,
    data,
    vectors,
    { ...DEFAULT_GAN, ...NARROW, steps: STEPS },
    createRandom(1),
    (_, detail) => {
      tensors.add(tf.memory().numTensors);
      process.stderr.write(`\r${detail}`);
    },
  );
  process.stderr.write('\n');
  const seconds = (performance.now() - from) / 1000;
  const weights = [networks.generator, networks.discriminator].flatMap((network) =>
    [...network.values()].flatMap((variable) => [...variable.dataSync()]),
  );
  disposeNetworks(networks);
  const sound = [...weights, metrics.generatorLoss, metrics.discriminatorLoss].every(Number.isFinite);
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const { dRealOfTwo = Number.NaN, dFakeOfTwo = Number.NaN } = metrics;
  return [
    {
      what: `${STEPS} steps of a narrow GAN: weights and losses at the end`,
      measured: `${sound ? 'finite' : 'NOT FINITE'}, largest weight ${largest.toFixed(1)}, ${seconds.toFixed(0)} s`,
      budget: 'finite',
      withinBudget: sound,
    },
    {
      what: 'losses of generator and discriminator, last tenth',
      measured: `${metrics.generatorLoss.toFixed(3)}, ${metrics.discriminatorLoss.toFixed(3)}`,
    },
    {
      what: 'D of real against generated, of generated against real',
      measured: `${dRealOfTwo.toFixed(3)}, ${dFakeOfTwo.toFixed(3)}`,
      reference: 'cannot tell: 0.5, 0.5',
    },
    {
      what: 'tensors between steps',
      measured: [...tensors].join(', '),
      budget: 'always as many',
      withinBudget: tensors.size === 1,
    },
  ];
}
