import { existsSync } from 'node:fs';
import path from 'node:path';
import { openCatalogue, writeCatalogue } from '../../src/catalogue/catalogue-files.ts';
import { importTable } from '../../src/catalogue/import/import-table.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { taxonomy } from '../playlists/planted-model.ts';
import { plantCatalogue } from '../training/planted.ts';
import { silent } from './voting-bot.ts';

const ROWS = 32_833;
const TABLE = path.join(PACKAGE_ROOT, '..', 'shared', 'data', 'spotify_songs.csv');
const VOTED_SONGS = 1500;
const MEMBERS = 10;

/** Fills a state folder with a real catalogue (or one of its size) and votes, enough for a whole training run. */
export async function fillForTraining(stateDir: string) {
  const real = existsSync(TABLE);
  let catalogueDir: string;
  if (real) {
    const report = await importTable({ file: TABLE, stateDir, taxonomy, log: silent, now: Date.now });
    if (report.kind !== 'songs') throw new Error(`${TABLE} was taken for a table of votes`);
    catalogueDir = report.catalogue.dir;
  } else {
    catalogueDir = await writeCatalogue(stateDir, plantCatalogue({ songs: ROWS, listeners: 471 }).catalogue);
  }
  const catalogue = await openCatalogue(catalogueDir);
  const store = await openLowdbStore({ dir: path.join(stateDir, 'store'), log: silent, now: Date.now });
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
  await store.close();
  return {
    catalogue,
    catalogueDir,
    size: `${catalogue.size.toLocaleString('en')} songs${real ? '' : ' (planted)'}`,
  };
}
