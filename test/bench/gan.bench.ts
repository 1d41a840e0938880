import { loadBackend } from '../../ml/backend.ts';
import { registerWasmKernels, restoreWasmKernels } from '../../ml/backend-kernels.ts';
import { MEASURED_NETWORK, measureTrainingStep, TRAINING_STEP_BUDGET_MS } from '../../ml/backend-speed.ts';
import { fitGan, loadGan } from '../../ml/gan/gan.ts';
import { createRandom } from '../../ml/random.ts';
import type { RecommenderData } from '../../ml/recommender.ts';
import type { BenchRow } from './row.ts';

const SONGS = 32_833;
const ITEMS = 12;
const EMOTIONS = 8;

/** Median of repeated runs in milliseconds, after a warm-up. */
function median(repeats: number, run: () => void): number {
  for (let i = 0; i < 3; i++) run();
  const times = Array.from({ length: repeats }, () => {
    const from = performance.now();
    run();
    return performance.now() - from;
  });
  return times.sort((a, b) => a - b)[repeats >> 1]!;
}

const milliseconds = (value: number) => `${value.toFixed(1)} ms`;

function catalogue(): RecommenderData {
  const random = createRandom(2);
  const listeners = 40;
  const songs = new Int32Array(listeners * 50);
  for (let i = 0; i < songs.length; i++) songs[i] = (i % 50) * 600 + random.integer(600);
  const profiles = new Float32Array(SONGS * EMOTIONS).fill(1 / EMOTIONS);
  return {
    interactions: {
      listenerCount: listeners,
      songCount: SONGS,
      offsets: Int32Array.from({ length: listeners + 1 }, (_, i) => 50 * i),
      songs,
    },
    items: {
      rows: SONGS,
      columns: ITEMS,
      values: Float32Array.from({ length: SONGS * ITEMS }, () => random.normal()),
    },
    profiles: { rows: SONGS, columns: EMOTIONS, values: profiles },
  };
}

export async function rows(): Promise<BenchRow[]> {
  const wasm = await loadBackend('wasm');
  const turned = measureTrainingStep(wasm.tf);
  restoreWasmKernels(wasm.tf);
  const own = measureTrainingStep(wasm.tf);
  registerWasmKernels(wasm.tf);

  const data = catalogue();
  const steps = 20;
  const from = performance.now();
  const gan = await fitGan({ steps }, wasm)(data, createRandom(1));
  const perStep = (performance.now() - from) / steps;
  const liked = data.interactions.songs.subarray(0, 50);
  const onWasm = median(25, () => void gan.score(liked));
  const saved = gan.save();
  gan.dispose();

  const cpu = await loadBackend('cpu');
  const slow = await loadGan(saved, data, cpu);
  const onCpu = median(5, () => void slow.score(liked));
  slow.dispose();
  // Leaves the process as other benchmarks expect it.
  await loadBackend('wasm');

  return [
    {
      what: `training step of ${MEASURED_NETWORK}, batch 256, WASM`,
      measured: milliseconds(turned),
      reference: `with the backend's own BatchMatMul: ${milliseconds(own)}`,
      budget: `≤ ${TRAINING_STEP_BUDGET_MS} ms`,
      withinBudget: turned <= TRAINING_STEP_BUDGET_MS,
    },
    { what: 'one GAN training step', measured: milliseconds(perStep) },
    {
      what: `score ${SONGS.toLocaleString('en')} songs for a listener of 50 with the GAN, WASM`,
      measured: milliseconds(onWasm),
      reference: `plain JavaScript backend: ${milliseconds(onCpu)}`,
      budget: '≤ 30 ms',
      withinBudget: onWasm <= 30,
    },
  ];
}
