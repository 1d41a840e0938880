import { isVotes } from './columns.ts';
import { importSongs } from './import-songs.ts';
import { importVotes } from './import-votes.ts';
import { type ImportOptions, openTable } from './open-table.ts';
import type { ImportReport } from './report.ts';

/**
 * Imports a table of songs into the catalogue, or a table of votes into the store. The catalogue in use stays so
 * until the new one is complete on the disk; bad rows are reported and do not stop the import.
 * @throws ImportError when the table as a whole cannot be used; nothing has changed then
 * @throws CatalogueError when the catalogue cannot be written
 */
export async function importTable(options: ImportOptions): Promise<ImportReport> {
  const table = await openTable(options);
  try {
    return isVotes(table.plan) ? await importVotes(table, options) : await importSongs(table, options);
  } finally {
    await table.rows.return(undefined);
    table.problems.summary();
  }
}
