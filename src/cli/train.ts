import path from 'node:path';
import { Command } from 'commander';
import { openCatalogue } from '../catalogue/catalogue-files.ts';
import { currentCatalogueDir } from '../catalogue/current-catalogue.ts';
import { environmentWithFile, readConfig } from '../config.ts';
import { loadTaxonomy } from '../domain/taxonomy.ts';
import type { TrainingProgress } from '../domain/training.ts';
import { lockState } from '../durable/index.ts';
import { createLog } from '../log.ts';
import { PACKAGE_ROOT } from '../paths.ts';
import { openLowdbStore } from '../store/lowdb/lowdb-store.ts';
import { modelDir } from '../training/model-files.ts';
import { createTraining } from '../training/service.ts';
import { backendOption } from './methods.ts';
import { action, seedNumber, UsageError } from './run.ts';

interface Options {
  readonly stateDir?: string;
  readonly backend?: 'auto' | 'node' | 'wasm' | 'cpu';
  readonly seed: number;
}

/** A line that replaces itself on a terminal, and a line per stage elsewhere. */
function createProgressLine(): { show(progress: TrainingProgress): void; end(): void } {
  const watched = process.stderr.isTTY === true;
  let stage = '';
  return {
    show(progress) {
      const left = progress.secondsLeft === undefined ? '' : `, about ${progress.secondsLeft} s left`;
      const detail = progress.detail === undefined ? '' : ` (${progress.detail})`;
      const text = `${Math.floor(progress.percent)} % ${progress.stage}${detail}${left}`;
      if (watched) process.stderr.write(`\r\u001b[K${text}`);
      else if (progress.stage !== stage) process.stderr.write(`${text}\n`);
      stage = progress.stage;
    },
    end() {
      if (watched) process.stderr.write('\n');
    },
  };
}

async function run(options: Options): Promise<void> {
  const config = readConfig(environmentWithFile());
  const stateDir = path.resolve(options.stateDir ?? config.stateDir);
  const catalogueDir = await currentCatalogueDir(stateDir);
  if (catalogueDir === undefined) {
    throw new UsageError(`There is no catalogue in ${stateDir}: import one first (reactune import <file>).`);
  }
  const log = createLog('warn');
  const lock = await lockState(stateDir);
  try {
    const store = await openLowdbStore({ dir: path.join(stateDir, 'store'), log, now: Date.now });
    try {
      const catalogue = await openCatalogue(catalogueDir);
      const training = await createTraining({
        stateDir,
        store,
        catalogue: () => catalogue,
        catalogueDir: () => catalogueDir,
        taxonomy: loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json')),
        log,
        now: Date.now,
        backend: options.backend ?? config.backend,
        timeoutMs: config.trainingTimeoutMinutes * 60_000,
        seed: options.seed,
      });
      const { handle } = await training.start({ kind: 'shell' });
      const line = createProgressLine();
      handle.onProgress((progress) => line.show(progress));
      const stop = () => training.cancel('whoever stopped the command');
      process.once('SIGINT', stop);
      process.once('SIGTERM', stop);
      const ended = await handle.finished;
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      line.end();
      process.stdout.write(`${ended.outcome}${ended.reason === undefined ? '' : `: ${ended.reason}`}\n`);
      if (ended.modelId !== undefined) {
        process.stdout.write(`Report: ${path.join(modelDir(stateDir, ended.modelId), 'report.md')}\n`);
      } else process.exitCode = 1;
    } finally {
      await store.close();
    }
  } finally {
    await lock.release();
  }
}

/** `reactune train`: one training run on the bot's folder, from the shell. */
export function trainCommand(): Command {
  return new Command('train')
    .description("run one training on the bot's folder; the bot must not be running on it")
    .option('--state-dir <folder>', "the bot's folder")
    .addOption(backendOption().default(undefined))
    .option('--seed <number>', 'same seed and data, same model', seedNumber, 1)
    .action(action(run));
}
