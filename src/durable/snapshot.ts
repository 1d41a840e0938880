import path from 'node:path';
import { type Adapter, Low } from 'lowdb';
import { StoreError } from '../store/store.ts';
import { damaged, storageFailure } from './failure.ts';
import {
  type FileSystem,
  makeFolder,
  readIfThere,
  renameOver,
  replaceFile,
  syncFolder,
  writeSynced,
} from './files.ts';
import { isWhole, seal } from './line.ts';

/** What a snapshot file holds. */
export interface Snapshot {
  /** Number of the last journal entry that is in it; 0 for none. */
  readonly upTo: number;
  /** `upTo` of the backup beside it: the journal is kept from there on, so that either file is enough. */
  readonly backupUpTo: number;
  readonly data: unknown;
}

const EVERYTHING = 'the folder';

const NOTHING: Snapshot = { upTo: 0, backupUpTo: 0, data: undefined };

/**
 * lowdb's adapter to one snapshot file with a checksum, synced to disk (lowdb's own never syncs), and the snapshot
 * before it as `.bak`.
 */
export class SnapshotFile implements Adapter<Snapshot> {
  /** Size of what was read or written last, in bytes. */
  bytes = 0;
  /** Set when the main file could not be used and the backup was. */
  usedBackup = false;
  private state: 'none' | 'whole' | 'broken' = 'none';
  /** The next write puts the new snapshot into the backup as well, so that nothing older stays on disk. */
  replaceBackup = false;
  private readonly files: FileSystem;
  private readonly file: string;

  constructor(files: FileSystem, file: string) {
    this.files = files;
    this.file = file;
  }

  /** @throws StoreError `damaged` when there are files but none is whole */
  async read(): Promise<Snapshot | null> {
    const { files, file } = this;
    const main = await readIfThere(files, file);
    if (main !== undefined && isWhole(main)) {
      this.state = 'whole';
      return this.parse(main);
    }
    this.state = main === undefined ? 'none' : 'broken';
    const backup = await readIfThere(files, `${file}.bak`);
    if (backup !== undefined && isWhole(backup)) {
      this.usedBackup = true;
      return this.parse(backup);
    }
    if (main !== undefined)
      throw damaged(file, 'it was cut short or overwritten, and so was its backup.', EVERYTHING);
    if (backup !== undefined) throw damaged(`${file}.bak`, 'it was cut short or overwritten.', EVERYTHING);
    return null;
  }

  /** Turns the snapshot into text before it first waits. */
  async write(snapshot: Snapshot): Promise<void> {
    const { files, file, replaceBackup } = this;
    const content = Buffer.from(seal(JSON.stringify(snapshot)));
    await writeSynced(files, `${file}.tmp`, content);
    if (this.state === 'broken') {
      await renameOver(files, file, `${file}.damaged-${snapshot.upTo}`);
    }
    if (replaceBackup) {
      // Before the main file: while the old main file is there, a crash leads to this being done again.
      await writeSynced(files, `${file}.bak.tmp`, content);
      await renameOver(files, `${file}.bak.tmp`, `${file}.bak`);
    } else if (this.state === 'whole') {
      await renameOver(files, file, `${file}.bak`);
    }
    await renameOver(files, `${file}.tmp`, file);
    await syncFolder(files, path.dirname(file));
    this.state = 'whole';
    this.bytes = content.length;
  }

  private parse(content: Buffer): Snapshot {
    this.bytes = content.length;
    return JSON.parse(content.toString('utf8')) as Snapshot;
  }
}

/** A snapshot file opened through lowdb, and its content. */
export async function openSnapshot(
  files: FileSystem,
  file: string,
): Promise<{ readonly low: Low<Snapshot>; readonly adapter: SnapshotFile }> {
  const adapter = new SnapshotFile(files, file);
  const low = new Low<Snapshot>(adapter, NOTHING);
  try {
    await low.read();
  } catch (error) {
    throw storageFailure(error, 'read the snapshot', file);
  }
  return { low, adapter };
}

/**
 * Checks that the files of a folder are of a version this program can read.
 * @returns false when nothing says so: nothing was kept here yet
 * @throws StoreError `newer-version`, `damaged`
 */
export async function checkFormat(
  files: FileSystem,
  dir: string,
  name: string,
  version: number,
): Promise<boolean> {
  const file = formatFile(dir, name);
  const content = await readIfThere(files, file);
  if (content === undefined) return false;
  const found = formatIn(content.toString('utf8'));
  if (found === undefined)
    throw damaged(file, 'it does not say which version wrote this folder.', EVERYTHING);
  if (found > version) {
    throw new StoreError(
      'newer-version',
      `${dir} was written by a newer Reactune (format ${found}; this one knows up to ${version}). ` +
        'Start the newer version again, or set STATE_DIR to another folder. Nothing was changed.',
    );
  }
  return true;
}

/**
 * Makes the folder, or checks that its files are of a version this program can read.
 * @throws StoreError `newer-version`
 */
export async function claimFormat(
  files: FileSystem,
  dir: string,
  name: string,
  version: number,
): Promise<void> {
  try {
    await makeFolder(files, dir);
    if (await checkFormat(files, dir, name, version)) return;
    await replaceFile(files, formatFile(dir, name), `${JSON.stringify({ format: version })}\n`);
  } catch (error) {
    throw storageFailure(error, 'open the folder', dir);
  }
}

const formatFile = (dir: string, name: string) => path.join(dir, `${name}-format.json`);

function formatIn(text: string): number | undefined {
  try {
    const { format } = JSON.parse(text) as { format?: unknown };
    return typeof format === 'number' ? format : undefined;
  } catch {
    return undefined;
  }
}
