import path from 'node:path';
import { Command } from 'commander';
import { readColumnMap } from '../catalogue/import/column-map.ts';
import { importTable } from '../catalogue/import/import-table.ts';
import type { ImportProgress } from '../catalogue/import/report.ts';
import { environmentWithFile, readConfig } from '../config.ts';
import { loadTaxonomy } from '../domain/taxonomy.ts';
import { lockState, type StateLock } from '../durable/index.ts';
import { createLog } from '../log.ts';
import { PACKAGE_ROOT } from '../paths.ts';
import { openLowdbStore } from '../store/lowdb/lowdb-store.ts';
import type { Store } from '../store/store.ts';
import { describeImport } from './import-words.ts';

interface Options {
  readonly map?: string;
  readonly stateDir?: string;
}

/** `reactune import <file>`: a table of songs becomes (part of) the catalogue, a table of votes goes to the store. */
export function importCommand(): Command {
  return new Command('import')
    .description('import a table of songs, or of votes on them')
    .argument(
      '<file>',
      'a CSV file: Spotify songs with playlists, moods or lyrics, or any table with audio features',
    )
    .option('--map <columns>', 'what the columns mean, e.g. title=Song,artist=Singer, or a JSON file')
    .option('--state-dir <folder>', "the bot's folder")
    .action(runImport);
}

async function runImport(file: string, options: Options): Promise<void> {
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once('SIGINT', onInterrupt);
  const progress = progressLine();
  let store: Store | undefined;
  let lock: StateLock | undefined;
  try {
    const config = readConfig(environmentWithFile());
    const stateDir = path.resolve(options.stateDir ?? config.stateDir);
    // What happened is told on standard output; the log only adds what went wrong.
    const log = createLog(config.logLevel === 'info' ? 'warn' : config.logLevel);
    const report = await importTable({
      file,
      stateDir,
      taxonomy: loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json')),
      ...(options.map !== undefined && { map: await readColumnMap(options.map) }),
      onProgress: progress.show,
      log,
      signal: stop.signal,
      now: Date.now,
      openStore: async () => {
        lock = await lockState(stateDir);
        store = await openLowdbStore({ dir: path.join(stateDir, 'store'), log, now: Date.now });
        return store;
      },
    });
    progress.clear();
    console.log(describeImport(report));
  } catch (error) {
    progress.clear();
    console.error(
      stop.signal.aborted ? 'Stopped. The catalogue is as it was before.' : (error as Error).message,
    );
    process.exitCode = 1;
  } finally {
    await store?.close();
    await lock?.release();
    process.removeListener('SIGINT', onInterrupt);
  }
}

const STAGES = { reading: 'Reading', merging: 'Joining the catalogue', writing: 'Writing' } as const;

/** One line that changes in place; nothing at all where the output is not a screen. */
function progressLine(): { show(progress: ImportProgress): void; clear(): void } {
  const screen = process.stderr.isTTY;
  return {
    show({ stage, rows, bytes, totalBytes }) {
      if (!screen) return;
      const percent = stage === 'reading' ? ` ${Math.floor((bytes / totalBytes) * 100)} %` : '';
      process.stderr.write(`\r\x1b[K${STAGES[stage]}${percent}, ${rows.toLocaleString('en')} rows`);
    },
    clear() {
      if (screen) process.stderr.write('\r\x1b[K');
    },
  };
}
