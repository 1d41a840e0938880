import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Between what a process thinks and what the system says of its start. */
const TOLERANCE_MS = 3_000;

/** The 22nd field of `stat`, in clock ticks since boot; the second field may hold spaces and brackets. */
async function linuxTicks(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

async function startedAt(pid: number): Promise<number> {
  if (process.platform === 'win32') {
    const ask = `([DateTimeOffset](Get-Process -Id ${pid}).StartTime).ToUnixTimeMilliseconds()`;
    return Number((await run('powershell.exe', ['-NoProfile', '-Command', ask])).stdout);
  }
  const env = { ...process.env, LC_ALL: 'C' };
  return Date.parse((await run('ps', ['-o', 'lstart=', '-p', String(pid)], { env })).stdout);
}

/** A mark that this process has and a later one with the same pid has not. Asks no other program. */
export async function ownStart(): Promise<string> {
  if (process.platform === 'linux') return linuxTicks(process.pid).catch(() => '');
  return String(Math.round(performance.timeOrigin));
}

/** Whether the process that has this pid now is the one which left the mark. True when the system does not tell. */
export async function isSameProcess(pid: number, mark: string): Promise<boolean> {
  if (mark === '') return true;
  try {
    if (process.platform === 'linux') return (await linuxTicks(pid)) === mark;
    const started = await startedAt(pid);
    return Number.isNaN(started) || Math.abs(started - Number(mark)) <= TOLERANCE_MS;
  } catch {
    return true;
  }
}
