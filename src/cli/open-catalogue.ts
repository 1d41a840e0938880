import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { openCatalogue, openCurrentCatalogue } from '../catalogue/catalogue-files.ts';
import { importTable } from '../catalogue/import/import-table.ts';
import { environmentWithFile, readConfig } from '../config.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { loadTaxonomy } from '../domain/taxonomy.ts';
import { PACKAGE_ROOT } from '../paths.ts';
import { UsageError } from './run.ts';

/**
 * Reads tables of songs as imports one after the other would, into a folder that is gone afterwards.
 * @param files at least one
 */
export async function readTablesOfSongs(files: readonly string[]): Promise<Catalogue> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'reactune-catalogue-'));
  try {
    let dir = folder;
    for (const file of files) {
      const report = await importTable({
        file,
        stateDir: folder,
        taxonomy: loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json')),
        log: pino({ level: 'silent' }),
        now: Date.now,
      });
      if (report.kind !== 'songs') {
        throw new UsageError(`${file} is a table of votes; --catalogue takes a table of songs.`);
      }
      const bad = report.skippedRows;
      if (bad > 0)
        process.stderr.write(`${file}: ${bad} rows could not be used ("reactune import" lists them).\n`);
      dir = report.catalogue.dir;
    }
    return await openCatalogue(dir);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The songs to work on: any table that could be imported, else the catalogue in the state folder.
 * @throws UsageError when there is neither
 */
export async function openAnyCatalogue(
  file: string | undefined,
  stateDir: string | undefined,
): Promise<Catalogue> {
  if (file !== undefined) return await readTablesOfSongs([file]);
  const folder = path.resolve(stateDir ?? readConfig(environmentWithFile()).stateDir);
  const catalogue = await openCurrentCatalogue(folder);
  if (catalogue === undefined) {
    throw new UsageError(
      `There is no catalogue in ${folder}: give a table with --catalogue, or import one (reactune import <file>).`,
    );
  }
  return catalogue;
}
