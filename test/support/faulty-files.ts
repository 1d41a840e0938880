import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { type FileSystem, realFiles } from '../../src/durable/files.ts';

type FileHandle = Awaited<ReturnType<FileSystem['open']>>;

/** A call that changes something on disk, e.g. `write journal-0001.ndjson`. */
export type DiskCall =
  | 'open'
  | 'write'
  | 'writeFile'
  | 'sync'
  | 'datasync'
  | 'truncate'
  | 'rename'
  | 'unlink'
  | 'mkdir';

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: as told by the test`), { code });
}

/**
 * The real file system, on which calls that change something can be made to fail, and which remembers what was
 * synced, so that power can be cut.
 */
export class FaultyFiles {
  /** Every changing call so far, in order. */
  readonly calls: DiskCall[] = [];
  /** Called before each changing call; returns the error code it fails with, or undefined. */
  fails: (call: DiskCall, file: string, index: number) => string | undefined = () => undefined;
  /** A write that fails has still written this share of its bytes. */
  writesBeforeFailing = 0.5;
  /** Bytes of each written file that are known to be on the platters. */
  private readonly synced = new Map<string, number>();

  private check(call: DiskCall, file: string): void {
    const code = this.fails(call, file, this.calls.length);
    this.calls.push(call);
    if (code !== undefined) throw failure(code);
  }

  readonly files: FileSystem = {
    ...realFiles,
    mkdir: (async (dir: string, options: object) => {
      this.check('mkdir', dir);
      return realFiles.mkdir(dir, options);
    }) as FileSystem['mkdir'],
    rename: async (from, to) => {
      this.check('rename', String(from));
      await realFiles.rename(from, to);
    },
    unlink: async (file) => {
      this.check('unlink', String(file));
      this.synced.delete(String(file));
      await realFiles.unlink(file);
    },
    open: async (file, flags, mode) => {
      if (flags !== 'r') this.check('open', String(file));
      const handle = await realFiles.open(file, flags, mode);
      if (flags === 'w') this.synced.set(String(file), 0);
      return this.watched(handle, String(file));
    },
  };

  /** What the disk loses when the power goes: of unsynced bytes a part is there, a part is zeros. */
  cutPower(random: (n: number) => number): void {
    for (const [file, length] of this.synced) {
      let content: Buffer;
      try {
        content = readFileSync(file);
      } catch {
        continue;
      }
      if (content.length <= length) continue;
      const kept = length + random(content.length - length + 1);
      const zeroed = length + random(kept - length + 1);
      const torn = Buffer.from(content.subarray(0, kept)).fill(
        0,
        Math.min(zeroed, kept),
        random(2) === 0 ? kept : zeroed,
      );
      writeFileSync(file, torn);
      truncateSync(file, kept);
    }
  }

  private watched(handle: FileHandle, file: string): FileHandle {
    const sync = async (call: 'sync' | 'datasync') => {
      const { size } = await handle.stat();
      this.check(call, file);
      await handle[call]();
      if (this.synced.has(file)) this.synced.set(file, size);
    };
    const watched = {
      write: async (bytes: Buffer, offset: number, length: number, position: number) => {
        try {
          this.check('write', file);
        } catch (error) {
          await handle.write(bytes, offset, Math.floor(length * this.writesBeforeFailing), position);
          throw error;
        }
        return handle.write(bytes, offset, length, position);
      },
      writeFile: async (content: string | Buffer) => {
        this.check('writeFile', file);
        return handle.writeFile(content);
      },
      truncate: async (length: number) => {
        this.check('truncate', file);
        return handle.truncate(length);
      },
      sync: () => sync('sync'),
      datasync: () => sync('datasync'),
      close: () => handle.close(),
    };
    return watched as unknown as FileHandle;
  }
}
