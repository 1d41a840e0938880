import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { pino } from 'pino';
import { openCatalogue, writeCatalogue } from '../../src/catalogue/catalogue-files.ts';
import { importTable } from '../../src/catalogue/import/import-table.ts';
import { loadTaxonomy } from '../../src/domain/taxonomy.ts';
import { TRAINING_STAGES } from '../../src/domain/training.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { rawSongs, songGraph } from '../../src/training/emotion-stage.ts';
import { createTraining } from '../../src/training/service.ts';
import { plantCatalogue } from '../training/planted.ts';
import type { BenchRow } from './row.ts';

const ROWS = 32_833;
const TABLE = path.join(PACKAGE_ROOT, '..', 'shared', 'data', 'spotify_songs.csv');
const VOTED_SONGS = 1500;
const MEMBERS = 10;

/** One whole training run on a real catalogue (or one of its size), while the bot's own thread is watched. */
export async function rows(): Promise<BenchRow[]> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-bench-'));
  const log = pino({ level: 'silent' });
  const taxonomy = loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json'));
  const real = existsSync(TABLE);
  try {
    let catalogueDir: string;
    if (real) {
      const report = await importTable({ file: TABLE, stateDir: dir, taxonomy, log, now: Date.now });
      if (report.kind !== 'songs') throw new Error(`${TABLE} was taken for a table of votes`);
      catalogueDir = report.catalogue.dir;
    } else {
      catalogueDir = await writeCatalogue(dir, plantCatalogue({ songs: ROWS, listeners: 471 }).catalogue);
    }
    const catalogue = await openCatalogue(catalogueDir);
    const store = await openLowdbStore({ dir: path.join(dir, 'store'), log, now: Date.now });
    const step = Math.max(1, Math.floor(catalogue.size / VOTED_SONGS));
    for (let member = 0; member < MEMBERS; member++) {
      await store.setReactions(
        Array.from({ length: Math.min(VOTED_SONGS, catalogue.size) }, (_, i) => ({
          postId: 'bench',
          songId: catalogue.idAt(i * step),
          identity: `room:${member}`,
          meaning: {
            kind: 'emotion' as const,
            emotion: taxonomy.emotions[(i + (member > 6 ? member : 0)) % taxonomy.emotions.length].key,
          },
          present: true,
          at: i,
        })),
      );
    }
    const training = await createTraining({
      stateDir: dir,
      store,
      catalogue: () => catalogue,
      catalogueDir: () => catalogueDir,
      taxonomy,
      log,
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
    songGraph(rawSongs(catalogue));
    const graphSeconds = (performance.now() - blocked) / 1000;

    const { metrics } = run;
    const stages = TRAINING_STAGES.map((stage) => `${stage} ${(metrics?.seconds[stage] ?? 0).toFixed(1)} s`);
    const size = `${catalogue.size.toLocaleString('en')} songs${real ? '' : ' (planted)'}`;
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
