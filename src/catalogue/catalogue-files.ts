import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { makeFolder, realFiles, renameOver, syncFolder, writeSynced } from '../durable/files.ts';
import {
  buildCatalogue,
  type ColumnarCatalogue,
  catalogueOfColumns,
  digestColumns,
  versionOf,
} from './catalogue.ts';
import { CatalogueError, writeFailure } from './catalogue-error.ts';
import { readColumns, writeColumns } from './column-files.ts';
import { catalogueFolder, currentCatalogueDir, makeCurrent, TEMPORARY } from './current-catalogue.ts';

export { currentCatalogueDir, watchCatalogue } from './current-catalogue.ts';

/** Raised whenever a column is added or changes its meaning. */
const FORMAT = 1;
const MANIFEST = 'manifest.json';

/** What every catalogue consists of. */
const COLUMN_NAMES: readonly string[] = Object.keys(
  buildCatalogue({ name: '', demo: false, songs: [], listeners: [], labels: [] }).columns,
);

const manifestFile = z.object({
  format: z.literal(FORMAT),
  name: z.string(),
  demo: z.boolean(),
  version: z.string().regex(/^[0-9a-f]{20}$/),
  songs: z.int().nonnegative(),
  columns: z.array(
    z.object({
      name: z.string().regex(/^[a-z-]+$/i),
      kind: z.enum(['text', 'u8', 'f32', 'i32', 'u32']),
      offset: z.int().nonnegative(),
      bytes: z.int().nonnegative(),
      sha256: z.string(),
    }),
  ),
});

/**
 * Writes a catalogue to `<stateDir>/catalogue/<version>/` and makes it the current one. Whatever was current stays
 * in use until everything is on the disk, and stays there as the previous one; older ones are removed.
 * @returns the folder
 * @throws CatalogueError
 */
export async function writeCatalogue(stateDir: string, catalogue: ColumnarCatalogue): Promise<string> {
  const parent = catalogueFolder(stateDir);
  const temporary = path.join(parent, `${TEMPORARY}${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    const digests = digestColumns(catalogue.columns);
    const version = versionOf(catalogue.name, catalogue.demo, digests);
    const folder = path.join(parent, version);
    if (!(await isSound(folder))) {
      await makeFolder(realFiles, temporary);
      const manifest: z.infer<typeof manifestFile> = {
        format: FORMAT,
        name: catalogue.name,
        demo: catalogue.demo,
        version,
        songs: catalogue.size,
        columns: await writeColumns(temporary, catalogue.columns, digests),
      };
      await writeSynced(realFiles, path.join(temporary, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);
      await syncFolder(realFiles, temporary);
      await rm(folder, { recursive: true, force: true });
      await renameOver(realFiles, temporary, folder);
      await syncFolder(realFiles, parent);
    }
    await makeCurrent(stateDir, version);
    return folder;
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw writeFailure(parent, cause);
  }
}

/** Whether a folder already holds this catalogue, whole: writing the same one again changes nothing. */
async function isSound(folder: string): Promise<boolean> {
  try {
    await openCatalogue(folder);
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads a catalogue as written by `writeCatalogue`, checking every file.
 * @throws CatalogueError
 */
export async function openCatalogue(folder: string): Promise<ColumnarCatalogue> {
  const manifest = await readManifest(folder);
  const columns = await readColumns(folder, manifest.columns).catch((cause: NodeJS.ErrnoException) => {
    throw new CatalogueError('failed', `The catalogue in ${folder} cannot be read: ${cause.message}`, {
      cause,
    });
  });
  if (typeof columns === 'string') throw damaged(folder, columns);
  const digests = Object.fromEntries(manifest.columns.map(({ name, sha256 }) => [name, sha256]));
  const missing = COLUMN_NAMES.find((name) => columns[name] === undefined);
  if (missing !== undefined) throw damaged(folder, `${MANIFEST} names no column ${missing}`);
  if (columns.years!.length !== manifest.songs)
    throw damaged(folder, `it has ${columns.years!.length} songs where ${MANIFEST} says ${manifest.songs}`);
  if (versionOf(manifest.name, manifest.demo, digests) !== manifest.version)
    throw damaged(folder, `${MANIFEST} does not belong to these files`);
  return catalogueOfColumns(manifest.name, manifest.demo, manifest.version, columns);
}

/**
 * The catalogue in use; undefined before the first was written.
 * @throws CatalogueError
 */
export async function openCurrentCatalogue(stateDir: string): Promise<ColumnarCatalogue | undefined> {
  const folder = await currentCatalogueDir(stateDir);
  return folder === undefined ? undefined : openCatalogue(folder);
}

function damaged(folder: string, what: string): CatalogueError {
  return new CatalogueError(
    'damaged',
    `The catalogue in ${folder} is damaged: ${what}. Import the table again (reactune import), or remove ${path.dirname(folder)} to start with the demo songs.`,
  );
}

async function readManifest(folder: string): Promise<z.infer<typeof manifestFile>> {
  let text: string;
  try {
    text = await readFile(path.join(folder, MANIFEST), 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new CatalogueError(
        'missing',
        `There is no catalogue in ${folder}: ${MANIFEST} is missing. Import a table with reactune import <file.csv>, or remove ${path.dirname(folder)} to start with the demo songs.`,
        { cause },
      );
    throw new CatalogueError('failed', `The catalogue in ${folder} cannot be read (${code}).`, { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged(folder, `${MANIFEST} is no JSON`);
  }
  const { data: header } = z.object({ format: z.number() }).safeParse(json);
  if (header !== undefined && header.format > FORMAT)
    throw new CatalogueError(
      'newer-version',
      `The catalogue in ${folder} was written by a newer version of Reactune (format ${header.format}, this one reads ${FORMAT}). Update Reactune, or import the table again.`,
    );
  const manifest = manifestFile.safeParse(json);
  if (!manifest.success) throw damaged(folder, `${MANIFEST} is not a catalogue's`);
  return manifest.data;
}
