import path from 'node:path';
import type { Logger } from 'pino';
import { StoreError } from '../store/store.ts';
import { storageFailure } from './failure.ts';
import { type FileSystem, removeFile, syncFolder } from './files.ts';
import { encodeLine } from './line.ts';
import { type Segment, segmentFile } from './segments.ts';

/** A segment is closed at this size, so that it can be read in one piece. */
const SEGMENT_BYTES = 64 << 20;
/** While the disk refuses, this much waits in memory for it; then new entries are refused. */
const WAITING_BYTES = 16 << 20;
/** With more than this waiting, the disk is only tried now and then: every try writes all of it. */
const EAGER_BYTES = 1 << 20;
const RETRY_MS = { first: 500, most: 15_000 };

type FileHandle = Awaited<ReturnType<FileSystem['open']>>;

interface Batch {
  readonly lines: string[];
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function newBatch(): Batch {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const done = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Whoever appended hears of a failure; a batch that nobody waits for must not end the process.
  done.catch(() => {});
  return { lines: [], done, resolve, reject };
}

export interface JournalOptions {
  readonly files: FileSystem;
  readonly dir: string;
  readonly name: string;
  readonly log: Logger;
  /** Segments from earlier runs, replayed. */
  readonly segments: readonly Segment[];
  /** Number of the last entry that is on disk. */
  readonly last: number;
}

/**
 * An append-only log of numbered entries in NDJSON segments, synced in groups: while one sync is under way, the
 * entries of the next one gather.
 *
 * After a failed write the entries of that batch stay in memory, in order, and are written with the next batch or by
 * the retry that follows on its own, into a new segment: what a half-written batch left behind is never written
 * after, and never read, because its numbers come again (a failed sync may also have marked lost pages as clean, so
 * the same file is not trusted again).
 */
export class Journal {
  /** Oldest first; the last one is open for writing. */
  private segments: Segment[];
  private handle: FileHandle | undefined;
  /** Good bytes of the open segment. */
  private end = 0;
  private lastNumber: number;
  private durableNumber: number;
  private gathering: Batch | undefined;
  private underWay: Batch | undefined;
  /** Lines of failed batches, not on disk yet. */
  private waiting: string[] = [];
  private waitingBytes = 0;
  private failure: StoreError | undefined;
  private retryTimer: NodeJS.Timeout | undefined;
  private retryMs = RETRY_MS.first;
  private wantsNewSegment = false;
  private closed = false;
  private readonly options: JournalOptions;

  constructor(options: JournalOptions) {
    this.options = options;
    this.segments = [...options.segments];
    this.lastNumber = options.last;
    this.durableNumber = options.last;
  }

  /** Number of the last entry appended. */
  get last(): number {
    return this.lastNumber;
  }

  /** Number of the last entry that survives power loss. */
  get durable(): number {
    return this.durableNumber;
  }

  /** Bytes in segments that hold entries after `number`. */
  bytesAfter(number: number): number {
    let sum = 0;
    for (const segment of this.segments) if (segment.last > number) sum += segment.bytes;
    return sum;
  }

  get segmentCount(): number {
    return this.segments.length;
  }

  /** Opens the segment that the next entry goes to, so that a folder that cannot be written is found out at once. */
  async open(): Promise<void> {
    try {
      await this.openSegment();
    } catch (error) {
      throw storageFailure(error, 'open the journal', this.options.dir);
    }
  }

  /** Why an entry would be refused now. Ask before changing what the entry describes. */
  refusal(): StoreError | undefined {
    if (this.closed) return new StoreError('closed', 'The store is closed: the bot is stopping.');
    return this.waitingBytes > WAITING_BYTES ? this.failure : undefined;
  }

  /**
   * Appends an entry; entries reach the disk in the order of the calls.
   * @returns resolves when it survives power loss. Rejects with a StoreError when it could not be written now; it is
   *   then tried again later, and may become durable although it was refused.
   * @throws TypeError when the entry is not JSON
   */
  append(entry: unknown): Promise<void> {
    const refusal = this.refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    const line = encodeLine(this.lastNumber + 1, this.durableNumber, entry);
    this.lastNumber++;
    if (this.failure !== undefined && this.isHoldingBack()) {
      this.waiting.push(line);
      this.waitingBytes += line.length;
      return Promise.reject(this.failure);
    }
    const batch = this.gather();
    batch.lines.push(line);
    return batch.done;
  }

  /** Resolves when everything appended so far survives power loss. */
  flushed(): Promise<void> {
    if (this.gathering !== undefined) return this.gathering.done;
    if (this.underWay !== undefined) return this.underWay.done;
    if (this.waiting.length === 0) return Promise.resolve();
    return this.closed || this.isHoldingBack() ? Promise.reject(this.failure) : this.gather().done;
  }

  /** Closes the segment in use; the next entry opens another. Resolves when all entries so far are in closed ones. */
  async rotate(): Promise<void> {
    this.wantsNewSegment = true;
    await this.gather().done;
  }

  /** Deletes segments that hold nothing after `number`. */
  async removeUpTo(number: number): Promise<void> {
    const open = this.handle === undefined ? undefined : this.segments.at(-1);
    const gone = this.segments.filter((segment) => segment !== open && segment.last <= number);
    if (gone.length === 0) return;
    this.segments = this.segments.filter((segment) => !gone.includes(segment));
    for (const segment of gone) await removeFile(this.options.files, segment.file);
    await syncFolder(this.options.files, this.options.dir);
  }

  /** Writes what waits, then lets go of the file. Rejects when something could not be written. */
  async close(): Promise<void> {
    if (this.closed) return;
    const flushed = this.waiting.length > 0 ? this.gather().done : this.flushed();
    this.closed = true;
    try {
      await flushed;
    } finally {
      clearTimeout(this.retryTimer);
      const empty = this.end === 0 ? this.segments.at(-1) : undefined;
      if (this.handle !== undefined) {
        await this.handle.close().catch(() => {});
        if (empty !== undefined) await removeFile(this.options.files, empty.file).catch(() => {});
      }
      this.handle = undefined;
    }
  }

  private isHoldingBack(): boolean {
    return this.waitingBytes > EAGER_BYTES && this.underWay === undefined && !this.closed;
  }

  private gather(): Batch {
    if (this.gathering === undefined) {
      this.gathering = newBatch();
      if (this.underWay === undefined) {
        const first = this.gathering;
        this.underWay = first;
        // What is appended in the same turn of the event loop goes to disk together.
        queueMicrotask(() => void this.drain());
      }
    }
    return this.gathering;
  }

  /** Writes batch after batch until none is left. Never rejects. */
  private async drain(): Promise<void> {
    while (this.gathering !== undefined) {
      const batch = this.gathering;
      this.underWay = batch;
      this.gathering = undefined;
      const lines = this.waiting.length > 0 ? this.waiting.concat(batch.lines) : batch.lines;
      const lastOfBatch = this.durableNumber + lines.length;
      try {
        if (lines.length > 0) await this.write(Buffer.from(lines.join('')), lastOfBatch);
        if (this.wantsNewSegment || this.end > SEGMENT_BYTES) await this.closeSegment();
        this.succeeded();
        batch.resolve();
      } catch (error) {
        await this.failed(error, lines);
        batch.reject(this.failure);
      }
    }
    this.underWay = undefined;
  }

  private async write(bytes: Buffer, lastOfBatch: number): Promise<void> {
    const handle = this.handle ?? (await this.openSegment());
    let written = 0;
    while (written < bytes.length) {
      const step = await handle.write(bytes, written, bytes.length - written, this.end + written);
      written += step.bytesWritten;
    }
    await handle.datasync();
    this.end += bytes.length;
    this.durableNumber = lastOfBatch;
    const segment = this.segments.at(-1)!;
    segment.last = lastOfBatch;
    segment.bytes = this.end;
  }

  private async openSegment(): Promise<FileHandle> {
    const { files, dir, name } = this.options;
    const first = this.durableNumber + 1;
    const file = segmentFile(dir, name, first);
    const handle = await files.open(file, 'w', 0o600);
    this.handle = handle;
    this.end = 0;
    this.segments = this.segments.filter((segment) => segment.file !== file);
    this.segments.push({ file, first, last: first - 1, bytes: 0 });
    await syncFolder(files, path.resolve(dir));
    return handle;
  }

  private async closeSegment(): Promise<void> {
    const { handle } = this;
    this.wantsNewSegment = false;
    if (handle === undefined || this.end === 0) return;
    this.handle = undefined;
    this.end = 0;
    // All of it is synced: a complaint now changes nothing.
    await handle.close().catch(() => {});
  }

  private succeeded(): void {
    if (this.failure !== undefined) this.options.log.info('The journal can be written again.');
    this.waiting = [];
    this.waitingBytes = 0;
    this.failure = undefined;
    this.retryMs = RETRY_MS.first;
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
  }

  private async failed(error: unknown, lines: string[]): Promise<void> {
    const failure = storageFailure(error, 'write the journal', this.options.dir);
    if (this.failure?.code !== failure.code) this.options.log.error({ err: failure }, failure.message);
    this.failure = failure;
    this.waiting = lines;
    this.waitingBytes = this.waiting.reduce((sum, line) => sum + line.length, 0);
    const { handle, end } = this;
    this.handle = undefined;
    this.end = 0;
    if (handle !== undefined) {
      await handle.truncate(end).catch(() => {});
      await handle.close().catch(() => {});
    }
    if (this.closed || this.retryTimer !== undefined) return;
    this.retryTimer = setTimeout(() => {
      this.retryTimer = undefined;
      this.gather();
    }, this.retryMs).unref();
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MS.most);
  }
}
