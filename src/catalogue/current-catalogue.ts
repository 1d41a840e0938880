import { readFileSync, type Stats, statSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { realFiles, replaceFile } from '../durable/files.ts';
import { CatalogueError } from './catalogue-error.ts';

/** Beginning of the names of folders and files that are being written; the writer's process id follows. */
export const TEMPORARY = '.writing-';

const CURRENT = 'current.json';
const version = z.string().regex(/^[0-9a-f]{20}$/);
const currentFile = z.object({ version, previous: version.optional() });
type Current = z.infer<typeof currentFile>;

export function catalogueFolder(stateDir: string): string {
  return path.join(stateDir, 'catalogue');
}

async function readCurrent(stateDir: string): Promise<Current | undefined> {
  const file = path.join(catalogueFolder(stateDir), CURRENT);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new CatalogueError('failed', `${file} cannot be read (${code}).`, { cause });
  }
  try {
    return currentFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new CatalogueError(
      'damaged',
      `${file} is damaged. Import the table again (reactune import), or remove the file to start with the demo songs.`,
      { cause },
    );
  }
}

/**
 * Folder of the catalogue in use; undefined before the first was written.
 * @throws CatalogueError
 */
export async function currentCatalogueDir(stateDir: string): Promise<string | undefined> {
  const current = await readCurrent(stateDir);
  return current && path.join(catalogueFolder(stateDir), current.version);
}

/** Names a written version the current one, in one step that is durable, and removes what nobody needs any more. */
export async function makeCurrent(stateDir: string, next: string): Promise<void> {
  const parent = catalogueFolder(stateDir);
  // A damaged file is replaced by what is being written.
  const current = await readCurrent(stateDir).catch(() => undefined);
  if (current?.version !== next) {
    const file = path.join(parent, CURRENT);
    const content: Current = { version: next, ...(current && { previous: current.version }) };
    await replaceFile(realFiles, file, `${JSON.stringify(content)}\n`);
  }
  await removeOld(stateDir);
}

/** Leaves the current and the previous version, and what other living processes are writing. */
async function removeOld(stateDir: string): Promise<void> {
  const parent = catalogueFolder(stateDir);
  const current = await readCurrent(stateDir);
  for (const name of await readdir(parent)) {
    const old = version.safeParse(name).success && name !== current?.version && name !== current?.previous;
    if (old || isAbandoned(name)) {
      // Somebody may be reading it at this moment, which only matters on Windows: the next import tries again.
      await rm(path.join(parent, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

function isAbandoned(name: string): boolean {
  if (!name.startsWith(TEMPORARY)) return false;
  const writer = Number.parseInt(name.slice(TEMPORARY.length), 10);
  if (writer === process.pid) return false;
  try {
    process.kill(writer, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/**
 * Calls back after another catalogue has become the current one, by this process or another. Looks at a file's time
 * instead of using the operating system's notifications, which differ everywhere and miss network folders.
 * @returns how to stop watching
 */
export function watchCatalogue(stateDir: string, onChange: () => void, everyMs = 1000): () => void {
  const file = path.join(catalogueFolder(stateDir), CURRENT);
  const stampOf = (found: Stats) => `${found.mtimeMs} ${found.ino} ${found.size}`;
  let stopped = false;
  let busy = false;
  // The first look is synchronous, so that nothing that happens after this call is missed.
  let stamp = '';
  let seen: string | undefined;
  try {
    stamp = stampOf(statSync(file));
    seen = currentFile.parse(JSON.parse(readFileSync(file, 'utf8'))).version;
  } catch {
    // Not there yet, or damaged: whatever comes next is a change.
  }

  async function look(): Promise<void> {
    const found = stampOf(await stat(file));
    if (found === stamp) return;
    const next = (await readCurrent(stateDir))?.version;
    stamp = found;
    if (next === undefined || next === seen) return;
    seen = next;
    if (!stopped) onChange();
  }

  function tick(): void {
    if (busy) return;
    busy = true;
    // A file that is not there or cannot be read just now changes nothing; the next look counts.
    look()
      .catch(() => undefined)
      .finally(() => {
        busy = false;
      });
  }

  const timer = setInterval(tick, everyMs);
  timer.unref();
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}
