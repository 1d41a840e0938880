import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

const HEADER = 44;
const PART = '.part';

export interface CachedSound {
  readonly path: string;
  readonly seconds: number;
}

/** Rendered sounds on disk, up to a number of bytes; what was not heard for longest goes first. */
export interface SnippetCache {
  find(key: string): Promise<CachedSound | undefined>;
  /** Whole or not at all: written beside its place, then renamed. */
  add(key: string, wav: Uint8Array): Promise<CachedSound>;
}

/** What a WAV file's own header says about it, or undefined if it is not whole. */
async function inspect(file: string): Promise<number | undefined> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return undefined;
  try {
    const header = Buffer.alloc(HEADER);
    const { bytesRead } = await handle.read(header, 0, HEADER, 0);
    const { size } = await handle.stat();
    if (bytesRead < HEADER || header.toString('latin1', 0, 4) !== 'RIFF') return undefined;
    const data = header.readUInt32LE(40);
    const bytesPerSecond = header.readUInt32LE(28);
    return data + HEADER === size && bytesPerSecond > 0 && data > 0 ? data / bytesPerSecond : undefined;
  } finally {
    await handle.close();
  }
}

/**
 * @param folder made when it is first needed; everything in it belongs to the cache
 * @param maxBytes what may stay; the newest file always does
 */
export function createSnippetCache(folder: string, maxBytes: number): SnippetCache {
  let swept = false;
  let lastPart = 0;
  // A key never becomes a name itself: whatever is in it, the file stays in the folder.
  const placeOf = (key: string) =>
    path.join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 40)}.wav`);

  async function sweep(): Promise<void> {
    await mkdir(folder, { recursive: true });
    if (swept) return;
    swept = true;
    // Left behind by a bot that was killed while it wrote.
    const parts = (await readdir(folder)).filter((name) => name.endsWith(PART));
    await Promise.all(parts.map((name) => rm(path.join(folder, name), { force: true })));
  }

  async function prune(keep: string): Promise<void> {
    const files: { file: string; size: number; used: number }[] = [];
    for (const name of await readdir(folder)) {
      if (!name.endsWith('.wav')) continue;
      const file = path.join(folder, name);
      const found = await stat(file).catch(() => undefined);
      if (found) files.push({ file, size: found.size, used: file === keep ? Infinity : found.mtimeMs });
    }
    files.sort((a, b) => b.used - a.used);
    let bytes = 0;
    for (const { file, size } of files) {
      bytes += size;
      // Windows does not let go of a file that somebody is listening to; it goes next time.
      if (bytes > maxBytes && file !== keep) await rm(file, { force: true }).catch(() => undefined);
    }
  }

  return {
    async find(key) {
      const file = placeOf(key);
      const seconds = await inspect(file);
      if (seconds === undefined) return undefined;
      const now = new Date();
      await utimes(file, now, now).catch(() => undefined);
      return { path: file, seconds };
    },
    async add(key, wav) {
      await sweep();
      const file = placeOf(key);
      const part = `${file}.${process.pid}-${++lastPart}${PART}`;
      try {
        await writeFile(part, wav);
        await rename(part, file);
      } catch (error) {
        await rm(part, { force: true }).catch(() => undefined);
        throw error;
      }
      await prune(file);
      const seconds = await inspect(file);
      if (seconds === undefined) throw new Error(`${file} is not whole after it was written`);
      return { path: file, seconds };
    },
  };
}
