import * as promises from 'node:fs/promises';
import path from 'node:path';

/** The calls to the file system that durability rests on. Handed in, so that each of them can be made to fail. */
export type FileSystem = Pick<
  typeof promises,
  'mkdir' | 'open' | 'readdir' | 'readFile' | 'rename' | 'stat' | 'unlink'
>;

export const realFiles: FileSystem = promises;

/** What is written about people is for the bot's own account only. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** Makes a name given or taken in a folder survive power loss. Windows has no such call and needs none. */
export async function syncFolder(files: FileSystem, folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await files.open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems refuse to sync folders; they order renames themselves.
    if (!['EINVAL', 'ENOTSUP', 'EISDIR'].includes(errorCode(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

export async function makeFolder(files: FileSystem, folder: string): Promise<void> {
  const made = await files.mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  if (made !== undefined) await syncFolder(files, path.dirname(made));
}

/** Renames over whatever is there. On Windows a virus scanner may hold the file for a moment. */
export async function renameOver(files: FileSystem, from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await files.rename(from, to);
    } catch (error) {
      const busy =
        process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(errorCode(error) ?? '');
      if (!busy || attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Removes a file; that it is not there is fine. */
export async function removeFile(files: FileSystem, file: string): Promise<void> {
  try {
    await files.unlink(file);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** Content of a file, or undefined when there is none. */
export async function readIfThere(files: FileSystem, file: string): Promise<Buffer | undefined> {
  try {
    return await files.readFile(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a whole file and waits until the disk has it. Its name is not durable before `syncFolder`. */
export async function writeSynced(files: FileSystem, file: string, content: string | Buffer): Promise<void> {
  const handle = await files.open(file, 'w', FILE_MODE);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces a small file as one step: after a crash there is the old content or the new. */
export async function replaceFile(files: FileSystem, file: string, content: string): Promise<void> {
  await writeSynced(files, `${file}.tmp`, content);
  await renameOver(files, `${file}.tmp`, file);
  await syncFolder(files, path.dirname(file));
}
