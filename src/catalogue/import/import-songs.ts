import type { CatalogueListener } from '../../domain/catalogue.ts';
import { lockState } from '../../durable/index.ts';
import { buildCatalogue, type ColumnarCatalogue } from '../catalogue.ts';
import { CatalogueError } from '../catalogue-error.ts';
import { openCurrentCatalogue, writeCatalogue } from '../catalogue-files.ts';
import { catalogueFolder } from '../current-catalogue.ts';
import { mergeCatalogues } from './merge.ts';
import { type ImportOptions, nothingUsable, type OpenTable, shapeFault } from './open-table.ts';
import type { SongImport } from './report.ts';
import { songReader } from './song-row.ts';
import { type TableSongs, tableSongs } from './table-songs.ts';

/** Reads a table of songs, joins it to the catalogue in use and makes the result the one in use. */
export async function importSongs(table: OpenTable, options: ImportOptions): Promise<SongImport> {
  // A second import at the same time would join the same old catalogue and lose what the first one brings.
  const lock = await lockState(catalogueFolder(options.stateDir));
  try {
    return await importLocked(table, options);
  } finally {
    await lock.release();
  }
}

async function importLocked(table: OpenTable, options: ImportOptions): Promise<SongImport> {
  const { taxonomy, stateDir, log } = options;
  const gathered = tableSongs(taxonomy, table.name);
  const { rows, skipped } = await readSongs(table, gathered);
  if (gathered.songs.size === 0) throw nothingUsable(table, rows);
  gathered.settleGenres();
  const added = catalogueOf(table.name, gathered);

  const before = await catalogueBefore(stateDir);
  if (before.damaged !== undefined)
    log.warn({ reason: before.damaged }, 'replacing a catalogue that cannot be read');
  options.signal?.throwIfAborted();
  table.progress('merging', rows, 0);
  const { old } = before;
  const merged =
    old === undefined || old.demo ? added : mergeCatalogues(old, { name: table.name, catalogue: added });
  options.signal?.throwIfAborted();
  table.progress('writing', rows, 0);
  const dir = await writeCatalogue(stateDir, merged);
  const problems = table.problems.summary();
  log.info({ table: table.name, rows, skipped, songs: merged.size }, 'imported a table of songs');
  return {
    kind: 'songs',
    table: table.name,
    rows,
    skippedRows: skipped,
    repeatedRows: gathered.repeated,
    songs: added.size,
    newSongs: merged.size - (old === undefined || old.demo ? 0 : old.size),
    listeners: added.listeners.length,
    labels: added.labels.length,
    ...table.report,
    replacedDemo: old?.demo === true,
    ...(before.damaged !== undefined && { replacedDamaged: before.damaged }),
    problems,
    catalogue: { dir, version: merged.version, songs: merged.size },
  };
}

async function readSongs(table: OpenTable, into: TableSongs): Promise<{ rows: number; skipped: number }> {
  const read = songReader(table.plan, table.decimalComma);
  const { problems } = table;
  let rows = 0;
  let skipped = 0;
  for await (const { line, cells, bytes } of table.rows) {
    rows++;
    if ((rows & 1023) === 0) table.progress('reading', rows, bytes);
    const fault = shapeFault(cells, table.columns);
    const row = fault ?? read(cells!);
    if ('reason' in row) {
      skipped++;
      problems.add({ line, kept: false, ...row });
    } else for (const problem of into.add(row, line)) problems.add(problem);
  }
  return { rows, skipped };
}

function catalogueOf(name: string, gathered: TableSongs): ColumnarCatalogue {
  const listeners: CatalogueListener[] = [];
  for (const [id, playlist] of gathered.playlists)
    listeners.push({
      id,
      name: playlist.name,
      songs: Int32Array.from(new Set(playlist.songs)).sort(),
      source: name,
    });
  return buildCatalogue({
    name,
    demo: false,
    songs: gathered.songs.finish(),
    listeners,
    labels: gathered.labels,
  });
}

/** The catalogue to merge with. One that cannot be read is replaced: importing again is the advice that its error gives. */
async function catalogueBefore(stateDir: string): Promise<{ old?: ColumnarCatalogue; damaged?: string }> {
  try {
    const old = await openCurrentCatalogue(stateDir);
    return old === undefined ? {} : { old };
  } catch (error) {
    if (error instanceof CatalogueError && error.code !== 'failed') return { damaged: error.message };
    throw error;
  }
}
