import path from 'node:path';
import { pino } from 'pino';
import { importTable } from '../../../src/catalogue/import/import-table.ts';
import { loadTaxonomy } from '../../../src/domain/taxonomy.ts';
import { PACKAGE_ROOT } from '../../../src/paths.ts';

/** Imports a table and is killed, as by `kill -9`, when it comes to a stage. */
const [file, stateDir, fatal] = process.argv.slice(2) as [string, string, string];
await importTable({
  file,
  stateDir,
  taxonomy: loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json')),
  log: pino({ level: 'silent' }),
  now: Date.now,
  onProgress: ({ stage }) => {
    if (stage === fatal) process.kill(process.pid, 'SIGKILL');
  },
});
