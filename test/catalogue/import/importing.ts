import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import type { ColumnarCatalogue } from '../../../src/catalogue/catalogue.ts';
import { openCurrentCatalogue } from '../../../src/catalogue/catalogue-files.ts';
import { importTable } from '../../../src/catalogue/import/import-table.ts';
import type { ImportOptions } from '../../../src/catalogue/import/open-table.ts';
import type { SongImport } from '../../../src/catalogue/import/report.ts';
import { loadTaxonomy } from '../../../src/domain/taxonomy.ts';
import { PACKAGE_ROOT } from '../../../src/paths.ts';
import { temporaryFolder } from '../songs.ts';

export const taxonomy = loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json'));

/** An operator at a shell, with an own state folder. */
export function operator() {
  const folder = temporaryFolder();
  const stateDir = path.join(folder, 'state');
  const base = (file: string) => ({
    file,
    stateDir,
    taxonomy,
    log: pino({ level: 'silent' }),
    now: Date.now,
  });
  return {
    folder,
    stateDir,
    file(name: string, content: string | Buffer): string {
      const file = path.join(folder, name);
      writeFileSync(file, content);
      return file;
    },
    imports: (file: string, options: Partial<ImportOptions> = {}) =>
      importTable({ ...base(file), ...options }),
    /** Writes a table of songs and imports it. */
    async importsSongs(
      name: string,
      content: string | Buffer,
      options: Partial<ImportOptions> = {},
    ): Promise<{ report: SongImport; catalogue: ColumnarCatalogue }> {
      const report = await this.imports(this.file(name, content), options);
      if (report.kind !== 'songs') throw new Error('These are votes.');
      return { report, catalogue: (await this.catalogue())! };
    },
    catalogue: () => openCurrentCatalogue(stateDir),
  };
}

/** A table with the least that a song needs. */
export const small = (...rows: string[]) => `id,name,artist,energy,valence\n${rows.join('\n')}\n`;
