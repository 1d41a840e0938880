import path from 'node:path';
import type { Logger } from 'pino';
import { storageFailure } from './failure.ts';
import { type FileSystem, realFiles } from './files.ts';
import { Journal } from './journal.ts';
import { listSegments, type Replay, replay, type Segment } from './segments.ts';
import { checkFormat, claimFormat, openSnapshot } from './snapshot.ts';

/** How a state is kept: what it starts from, what an entry does to it, and its form as JSON. */
export interface DurableForm<State, Entry> {
  /** Name of its files: `<name>.json`, `<name>-<number>.ndjson` … Letters, digits and `_`. */
  readonly name: string;
  /** Of the form of its entries and snapshots; files of a higher one are refused. */
  readonly version: number;
  empty(): State;
  /** Changes the state in place. Must give the same result whenever it runs: no clock, no chance. */
  apply(state: State, entry: Entry): void;
  /** For states that are not JSON themselves. */
  toJson?(state: State): unknown;
  fromJson?(json: unknown): State;
  /** Entries after which what they removed must also leave the files, soon. */
  forgets?(entry: Entry): boolean;
}

/** Folds the journal up to entry `upTo` into a new snapshot. */
export interface FoldTask {
  readonly dir: string;
  readonly upTo: number;
  /** Nothing older may stay on disk: the backup is replaced as well. */
  readonly forget: boolean;
}

export interface Folded {
  readonly upTo: number;
  readonly backupUpTo: number;
  readonly bytes: number;
}

export interface DurableOptions<State, Entry> extends DurableForm<State, Entry> {
  readonly dir: string;
  readonly log: Logger;
  /** Where snapshots are made elsewhere (a worker thread); by default here, in one piece: for states of a few MB. */
  readonly fold?: (task: FoldTask) => Promise<Folded>;
  /** A snapshot is made when the journal since the last one has grown to this, or to half the snapshot's size. */
  readonly compactAtBytes?: number;
  /** How long after a forgetting entry the files are rewritten, so that several share one rewrite. */
  readonly forgetAfterMs?: number;
  readonly files?: FileSystem;
}

const COMPACT_AT_BYTES = 8 << 20;
const COMPACT_AT_SEGMENTS = 64;
const FORGET_AFTER_MS = 5_000;

type SnapshotHandle = Awaited<ReturnType<typeof openSnapshot>>;

interface Recovered<State> {
  readonly state: State;
  readonly handle: SnapshotHandle;
  readonly snapshot: Folded;
  readonly segments: readonly Segment[];
  readonly replayed: Replay;
  readonly mustForget: boolean;
}

async function recover<State, Entry>(
  form: DurableForm<State, Entry>,
  files: FileSystem,
  dir: string,
  upTo: number,
): Promise<Recovered<State>> {
  const handle = await openSnapshot(files, path.join(dir, `${form.name}.json`));
  const { data, ...stamp } = handle.low.data;
  const state = data === undefined ? form.empty() : form.fromJson ? form.fromJson(data) : (data as State);
  // What was parsed may be large; the state is enough.
  handle.low.data = { ...stamp, data: undefined };
  let mustForget = false;
  try {
    const segments = await listSegments(files, dir, form.name);
    const replayed = await replay(files, segments, stamp.upTo, upTo, (entry) => {
      form.apply(state, entry as Entry);
      if (form.forgets?.(entry as Entry) === true) mustForget = true;
    });
    return {
      state,
      handle,
      snapshot: { ...stamp, bytes: handle.adapter.bytes },
      segments,
      replayed,
      mustForget,
    };
  } catch (error) {
    throw storageFailure(error, 'read the journal', dir);
  }
}

/** Writes a snapshot of a state that holds all entries up to `upTo`; the state is read before this first waits. */
async function writeSnapshot<State, Entry>(
  form: DurableForm<State, Entry>,
  state: State,
  { low, adapter }: SnapshotHandle,
  { upTo, forget, dir }: FoldTask,
): Promise<Folded> {
  const backupUpTo = forget ? upTo : low.data.upTo;
  adapter.replaceBackup = forget;
  low.data = { upTo, backupUpTo, data: form.toJson ? form.toJson(state) : state };
  try {
    await low.write();
    return { upTo, backupUpTo, bytes: adapter.bytes };
  } catch (error) {
    throw storageFailure(error, 'write the snapshot', dir);
  } finally {
    low.data = { upTo, backupUpTo, data: undefined };
  }
}

/** Does a fold from the files alone, as a worker thread does: reads snapshot and journal, writes the new snapshot. */
export async function foldFiles<State, Entry>(
  form: DurableForm<State, Entry>,
  task: FoldTask,
  files: FileSystem = realFiles,
): Promise<Folded> {
  const { state, handle } = await recover(form, files, task.dir, task.upTo);
  return writeSnapshot(form, state, handle, task);
}

/**
 * A state in memory whose every change survives `kill -9` and power loss: entries go to an append-only journal,
 * which is folded into a snapshot now and then. One process at a time may have it open (see `lockState`).
 */
export class Durable<State, Entry> {
  /** As of the last `append`. Read it; change it by entries only. */
  readonly state: State;
  private readonly options: DurableOptions<State, Entry>;
  private readonly journal: Journal;
  private readonly handle: SnapshotHandle;
  private snapshot: Folded;
  private compacting: Promise<void> | undefined;
  /** After a failed fold: not again before the journal has grown to this. */
  private notBeforeBytes = 0;
  private mustForget: boolean;
  private forgetTimer: NodeJS.Timeout | undefined;
  private closing = false;

  constructor(options: DurableOptions<State, Entry>, recovered: Recovered<State>, journal: Journal) {
    this.options = options;
    this.state = recovered.state;
    this.handle = recovered.handle;
    this.snapshot = recovered.snapshot;
    this.mustForget = recovered.mustForget;
    this.journal = journal;
    if (this.mustForget) this.forgetSoon();
  }

  /**
   * Applies an entry to the state at once and makes it durable.
   * @returns resolves when it survives power loss; rejects with a StoreError when it could not be written now (it
   *   stays applied, and is tried again when the disk takes writes), or when it was refused and not applied
   */
  append(entry: Entry): Promise<void> {
    const refusal = this.journal.refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    const durable = this.journal.append(entry);
    this.options.apply(this.state, entry);
    if (this.options.forgets?.(entry) === true) {
      this.mustForget = true;
      this.forgetSoon();
    }
    if (this.isCompactionDue()) this.compact().catch(() => {});
    return durable;
  }

  /** Resolves when everything in the state survives power loss. */
  flushed(): Promise<void> {
    return this.journal.flushed();
  }

  /** Bytes of journal that a start would replay. */
  get journalBytes(): number {
    return this.journal.bytesAfter(this.snapshot.upTo);
  }

  /** Folds the journal into a new snapshot; a fold under way is waited for. */
  async compact(): Promise<void> {
    while (this.compacting !== undefined) await this.compacting.catch(() => {});
    this.compacting = this.foldNow();
    try {
      await this.compacting;
    } catch (error) {
      this.notBeforeBytes = this.journalBytes * 2;
      const failure = storageFailure(error, 'make a snapshot', this.options.dir);
      this.options.log.warn({ err: failure }, `${failure.message} The journal is kept instead.`);
      throw failure;
    } finally {
      this.compacting = undefined;
    }
  }

  /** Makes everything durable and lets go of the files. */
  async close(): Promise<void> {
    if (this.closing) return;
    this.closing = true;
    clearTimeout(this.forgetTimer);
    if (this.mustForget || this.journalBytes > this.compactAtBytes() / 2)
      await this.compact().catch(() => {});
    await this.compacting?.catch(() => {});
    await this.journal.close();
  }

  private async foldNow(): Promise<void> {
    const { dir, fold } = this.options;
    await this.journal.rotate();
    const forget = this.mustForget;
    this.mustForget = false;
    try {
      if (fold !== undefined) {
        this.snapshot = await fold({ dir, upTo: this.journal.durable, forget });
      } else {
        const task = { dir, upTo: this.journal.last, forget };
        this.snapshot = await writeSnapshot(this.options, this.state, this.handle, task);
      }
    } catch (error) {
      this.mustForget ||= forget;
      throw error;
    }
    this.notBeforeBytes = 0;
    await this.journal.removeUpTo(this.snapshot.backupUpTo);
  }

  private compactAtBytes(): number {
    return Math.max(this.options.compactAtBytes ?? COMPACT_AT_BYTES, this.snapshot.bytes / 2);
  }

  private isCompactionDue(): boolean {
    if (this.closing || this.compacting !== undefined) return false;
    const bytes = this.journalBytes;
    return bytes >= this.notBeforeBytes && bytes >= this.compactAtBytes();
  }

  private forgetSoon(): void {
    this.forgetTimer ??= setTimeout(() => {
      this.forgetTimer = undefined;
      if (this.closing || !this.mustForget) return;
      this.compact().catch(() => this.forgetSoon());
    }, this.options.forgetAfterMs ?? FORGET_AFTER_MS).unref();
  }
}

/** Cuts off writes that never finished, and syncs what a killed process may have left unsynced. */
async function repair(files: FileSystem, dir: string, { torn, read }: Replay, log: Logger): Promise<void> {
  const cuts = new Map(torn.map((cut) => [cut.file, cut]));
  const last = read.at(-1);
  if (last !== undefined && !cuts.has(last.file)) {
    cuts.set(last.file, { file: last.file, goodBytes: last.bytes, bytes: last.bytes });
  }
  for (const { file, goodBytes, bytes } of cuts.values()) {
    try {
      const handle = await files.open(file, 'r+');
      try {
        if (goodBytes < bytes) {
          await handle.truncate(goodBytes);
          log.warn(
            { file, bytes: bytes - goodBytes },
            'Cut off a write that never finished (crash or power loss).',
          );
        }
        await handle.datasync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw storageFailure(error, 'open the journal', dir);
    }
  }
}

/**
 * Opens a durable state: snapshot, then the journal since.
 * @throws StoreError `damaged`, `newer-version`, `read-only`, `full`, `failed`
 */
export async function openDurable<State, Entry>(
  options: DurableOptions<State, Entry>,
): Promise<Durable<State, Entry>> {
  const { dir, name, version, log, files = realFiles } = options;
  await claimFormat(files, dir, name, version);
  const recovered = await recover(options, files, dir, Number.POSITIVE_INFINITY);
  const { segments, replayed, handle, snapshot } = recovered;
  if (handle.adapter.usedBackup) {
    log.warn({ dir, name }, 'The snapshot was missing or broken: its backup and the journal were used.');
  }
  await repair(files, dir, replayed, log);
  for (const { file, goodBytes } of replayed.torn) {
    const segment = segments.find((one) => one.file === file);
    if (segment !== undefined) segment.bytes = goodBytes;
  }
  const journal = new Journal({ files, dir, name, log, segments, last: replayed.last });
  await journal.open();
  const durable = new Durable(options, recovered, journal);
  await journal.removeUpTo(snapshot.backupUpTo).catch((error: unknown) => {
    log.warn({ err: error }, 'Old journal segments could not be removed.');
  });
  if (journal.segmentCount > COMPACT_AT_SEGMENTS) await durable.compact().catch(() => {});
  return durable;
}

/** How often a reader begins anew because the owner has replaced files under its eyes. */
const READ_ATTEMPTS = 5;

/**
 * The state as the files say it now, without the lock and without changing anything: for a look at what a running
 * process owns. What that one has not written yet is not in it.
 * @returns undefined where nothing was ever kept
 * @throws StoreError `damaged`, `newer-version`, `read-only`, `failed`
 */
export async function readDurable<State, Entry>(
  form: DurableForm<State, Entry>,
  dir: string,
  files: FileSystem = realFiles,
): Promise<State | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      if (!(await checkFormat(files, dir, form.name, form.version))) return undefined;
      return (await recover(form, files, dir, Number.POSITIVE_INFINITY)).state;
    } catch (error) {
      // A snapshot may take the place of the journal between two looks. Real damage is still there the next time.
      if (attempt === READ_ATTEMPTS) throw storageFailure(error, 'read the folder', dir);
    }
  }
}
