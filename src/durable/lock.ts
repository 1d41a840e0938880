import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, readlink, rename, stat, unlink, utimes } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { StoreError } from '../store/store.ts';
import { storageFailure } from './failure.ts';
import { errorCode } from './files.ts';
import { isSameProcess, ownStart } from './process-start.ts';

/** The state folder is ours until released. */
export interface StateLock {
  release(): Promise<void>;
}

export interface LockOptions {
  /** Called once when another process has taken the folder over: this one slept too long. It must stop writing. */
  readonly onLost?: () => void;
  /** How often the holder shows that it is alive, in ms. */
  readonly beatMs?: number;
  /** How long a holder that cannot be looked up may be silent before it counts as gone, in ms. */
  readonly patienceMs?: number;
}

const holderFile = z.object({
  token: z.string(),
  pid: z.number(),
  host: z.string(),
  /** Where the pid means something: one run of one machine, one container. */
  processSpace: z.string(),
  /** Tells the process from a later one with the same pid. */
  started: z.string(),
  since: z.string(),
  command: z.string(),
});
type Holder = z.infer<typeof holderFile>;

async function firstOf(reads: readonly (() => Promise<string>)[]): Promise<string> {
  const found = await Promise.all(reads.map((read) => read().catch(() => '')));
  return found.map((text) => text.trim()).join('/');
}

/** Two processes with the same process space can look each other up by pid. */
function processSpace(): Promise<string> {
  return firstOf([
    async () => os.hostname(),
    () => readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    () => readlink('/proc/self/ns/pid'),
  ]);
}

/** `undefined` when it cannot be known from here. */
async function isRunning(holder: Holder): Promise<boolean | undefined> {
  if (holder.processSpace !== (await processSpace())) return undefined;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
    // EPERM: it is there and somebody else's.
  }
  return isSameProcess(holder.pid, holder.started);
}

async function readHolder(file: string): Promise<Holder | 'unreadable' | undefined> {
  try {
    const parsed = holderFile.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.data : 'unreadable';
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) return 'unreadable';
    throw error;
  }
}

/** Whether the holder's sign of life stays as it is for `patienceMs`. */
async function staysSilent(file: string, patienceMs: number): Promise<boolean> {
  const beat = async () => (await stat(file).catch(() => undefined))?.mtimeMs;
  const before = await beat();
  const until = performance.now() + patienceMs;
  while (performance.now() < until) {
    await wait(Math.min(200, patienceMs));
    if ((await beat()) !== before) return false;
  }
  return true;
}

function inUse(dir: string, holder: Holder): StoreError {
  return new StoreError(
    'in-use',
    `${dir} is in use by another Reactune: process ${holder.pid} on ${holder.host}, since ${holder.since} ` +
      `(${holder.command}). Stop that one first, or give this one its own folder with STATE_DIR.`,
  );
}

/** Puts a lock aside that was judged to be left behind; false when it was no longer the same one. */
async function putAside(file: string, judged: Holder | 'unreadable', token: string): Promise<boolean> {
  const aside = `${file}.${token}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return true;
    throw error;
  }
  const moved = await readHolder(aside);
  const same =
    moved === judged ||
    (typeof moved === 'object' && typeof judged === 'object' && moved.token === judged.token);
  // Somebody else took over between the look and the move: give it back, unless a third is already there.
  if (!same) await link(aside, file).catch(() => {});
  await unlink(aside).catch(() => {});
  return same;
}

async function create(file: string, me: Holder): Promise<boolean> {
  // Written beside and linked into place: nobody ever sees a half-written lock.
  const draft = `${file}.${me.token}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(me)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    // No hard links here (exFAT, some shares): creating is exclusive as well, only not in one step.
    const direct = await open(file, 'wx', 0o600).catch((failure: unknown) => {
      if (errorCode(failure) === 'EEXIST') return undefined;
      throw failure;
    });
    if (direct === undefined) return false;
    await direct.writeFile(`${JSON.stringify(me)}\n`);
    await direct.close();
    return true;
  } finally {
    await unlink(draft).catch(() => {});
  }
}

/** Where a disk is read-only, Node's recursive call says that the folder is missing; the plain one says why. */
async function makeFolders(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || path.dirname(dir) === dir) throw error;
    await makeFolders(path.dirname(dir));
    await mkdir(dir, { mode: 0o700 });
  }
}

/**
 * Makes sure that one process at a time works on a state folder. A lock that was left behind (the process is gone,
 * its pid belongs to another now, the machine was started again) is taken over. Where the holder cannot be looked up
 * (another container, another machine on a share) it counts as alive as long as it shows a sign of life; that takes
 * `patienceMs` to find out.
 * @throws StoreError `in-use` (names the process), `read-only`, `full`, `failed`
 */
export async function lockState(dir: string, options: LockOptions = {}): Promise<StateLock> {
  const { beatMs = 2_000, patienceMs = 10_000, onLost } = options;
  const file = path.join(dir, 'lock.json');
  const me: Holder = {
    token: randomUUID(),
    pid: process.pid,
    host: os.hostname(),
    processSpace: await processSpace(),
    started: await ownStart(),
    since: new Date().toISOString(),
    command: process.argv.slice(0, 3).join(' '),
  };
  try {
    await makeFolders(dir);
    while (!(await create(file, me))) {
      const holder = await readHolder(file);
      if (holder === undefined) continue;
      const running = holder === 'unreadable' ? undefined : await isRunning(holder);
      if (
        running !== false &&
        typeof holder === 'object' &&
        (running || !(await staysSilent(file, patienceMs)))
      ) {
        throw inUse(dir, holder);
      }
      if (holder === 'unreadable' && !(await staysSilent(file, patienceMs))) continue;
      await putAside(file, holder, me.token);
    }
  } catch (error) {
    throw storageFailure(error, 'lock the state folder', dir);
  }
  return hold(file, me, beatMs, onLost);
}

function hold(file: string, me: Holder, beatMs: number, onLost: (() => void) | undefined): StateLock {
  const isMine = async () => {
    const holder = await readHolder(file);
    return typeof holder === 'object' && holder.token === me.token;
  };
  const beat = async () => {
    try {
      if (await isMine()) return await utimes(file, new Date(), new Date());
      // Somebody tidied it away: put it back. Somebody else's is there: it is theirs now.
      if (await create(file, me)) return;
    } catch {
      // A disk that refuses for a moment takes nothing away from us.
      return;
    }
    clearInterval(timer);
    onLost?.();
  };
  const timer = setInterval(() => void beat(), beatMs).unref();
  return {
    async release() {
      clearInterval(timer);
      if (await isMine().catch(() => false)) await unlink(file).catch(() => {});
    },
  };
}
