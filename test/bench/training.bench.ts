import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { knnGraph } from '../../ml/graph.ts';
import { propagationFeatures } from '../../ml/items.ts';
import { TRAINING_STAGES } from '../../src/domain/training.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { rawSongs } from '../../src/training/profile-stage.ts';
import { createTraining } from '../../src/training/service.ts';
import { taxonomy } from '../playlists/planted-model.ts';
import type { BenchRow } from './row.ts';
import { fillForTraining } from './trainable.ts';
import { silent } from './voting-bot.ts';

/** One whole training run on a real catalogue (or one of its size), while the bot's own thread is watched. */
export async function rows(): Promise<BenchRow[]> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-bench-'));
  try {
    const { catalogue, catalogueDir, size } = await fillForTraining(dir);
    const store = await openLowdbStore({ dir: path.join(dir, 'store'), log: silent, now: Date.now });
    const training = await createTraining({
      stateDir: dir,
      store,
      catalogue: () => catalogue,
      catalogueDir: () => catalogueDir,
      taxonomy,
      log: silent,
      now: Date.now,
      backend: 'auto',
    });
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const started = performance.now();
    const { handle } = await training.start({ kind: 'shell' });
    const run = await handle.finished;
    const seconds = (performance.now() - started) / 1000;
    delay.disable();
    const p99 = delay.percentile(99) / 1e6;
    await training.stop();
    await store.close();

    const blocked = performance.now();
    const points = propagationFeatures(rawSongs(catalogue));
    knnGraph(points.values, points.rows, points.columns, 10);
    const graphSeconds = (performance.now() - blocked) / 1000;

    const { metrics } = run;
    const stages = TRAINING_STAGES.map((stage) => `${stage} ${(metrics?.seconds[stage] ?? 0).toFixed(1)} s`);
    const memory = metrics?.peakMemoryMiB ?? 0;
    return [
      {
        what: `training run, ${size}, backend ${metrics?.backend ?? 'none'} (${run.outcome})`,
        measured: `${seconds.toFixed(1)} s`,
        reference: stages.join(', '),
        budget: '≤ 90 s',
        withinBudget: run.outcome === 'published' && seconds <= 90,
      },
      {
        what: 'peak memory of the training process',
        measured: `${memory} MiB`,
        budget: '≤ 1024 MiB',
        withinBudget: memory > 0 && memory <= 1024,
      },
      {
        what: "event loop delay of the bot during the run, p99 (timer's own 1 ms included)",
        measured: `${p99.toFixed(1)} ms`,
        reference: `on the bot's own thread the neighbour graph alone would stop it for ${graphSeconds.toFixed(1)} s`,
        budget: '≤ 20 ms',
        withinBudget: p99 <= 20,
      },
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
