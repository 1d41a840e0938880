import { type ChildProcess, fork } from 'node:child_process';
import os from 'node:os';
import type { Logger } from 'pino';
import { builtEntry } from '../paths.ts';
import type { ChildMessage, RunDecision } from './child-message.ts';

/** How a training child ended. */
export type ChildEnd =
  | { readonly kind: 'done'; readonly result: RunDecision }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'timed-out' };

export interface ChildOptions {
  readonly jobDir: string;
  readonly timeoutMs: number;
  /** Between asking the child to end and making it. */
  readonly graceMs: number;
  /** Aborting it cancels the run. */
  readonly cancel: AbortSignal;
  onProgress(message: Extract<ChildMessage, { type: 'progress' }>): void;
  readonly log: Logger;
}

const STDERR_KEPT = 4000;

/** Why a child that said nothing is gone, in words for people. */
function reasonOf(code: number | null, signal: NodeJS.Signals | null, stderr: string): string {
  if (/heap out of memory|Allocation failed|bad_alloc|RangeError: Array buffer allocation/i.test(stderr)) {
    return 'The training ran out of memory. Free some, or import a smaller catalogue.';
  }
  if (signal === 'SIGKILL') {
    return 'The training process was killed from outside, by somebody or by the system because memory was short.';
  }
  if (signal !== null) return `The training process was ended from outside (${signal}).`;
  return `The training process ended unexpectedly (exit code ${code}); the log has the details.`;
}

function lowerPriority(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    // The bot answers people; training takes what is left.
    os.setPriority(child.pid, os.constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Some systems do not allow it: training then merely competes.
  }
}

/**
 * Runs the training child on a job folder until it is gone. Never rejects.
 */
export function runChild(options: ChildOptions): Promise<ChildEnd> {
  const { log } = options;
  return new Promise((resolve) => {
    // Not the parent's flags: a debugger's or a test runner's do not belong to the child.
    const child = fork(builtEntry('training-child'), [options.jobDir], {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    lowerPriority(child);
    log.info({ childPid: child.pid, job: options.jobDir }, 'training process started');

    let stderr = '';
    let answer: ChildEnd | undefined;
    let stopped: 'cancelled' | 'timed-out' | undefined;
    let killTimer: NodeJS.Timeout | undefined;

    function end(why: 'cancelled' | 'timed-out'): void {
      if (stopped !== undefined) return;
      stopped = why;
      child.kill('SIGTERM');
      killTimer = setTimeout(() => child.kill('SIGKILL'), options.graceMs);
    }
    const timeout = setTimeout(() => end('timed-out'), options.timeoutMs);
    const onCancel = () => end('cancelled');
    options.cancel.addEventListener('abort', onCancel, { once: true });

    child.stdout?.resume();
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_KEPT);
    });
    child.on('message', (message: ChildMessage) => {
      if (message.type === 'progress') options.onProgress(message);
      else if (message.type === 'done') answer = { kind: 'done', result: message.result };
      else {
        answer = { kind: 'failed', reason: message.reason };
        log.error({ detail: message.detail }, `training failed: ${message.reason}`);
      }
    });

    let settled = false;
    function settle(end: ChildEnd): void {
      if (settled) return;
      settled = true;
      clearTimeout(timeout);
      clearTimeout(killTimer);
      options.cancel.removeEventListener('abort', onCancel);
      resolve(end);
    }
    child.on('error', (error) => {
      log.error({ err: error }, 'the training process could not be started');
      if (child.pid === undefined) {
        settle({
          kind: 'failed',
          reason: 'The training process could not be started; the log has the details.',
        });
      }
    });
    // `close` comes after the last message and the last line of stderr.
    child.on('close', (code, signal) => {
      if (stopped !== undefined) return settle({ kind: stopped });
      if (answer !== undefined) return settle(answer);
      log.error({ code, signal, stderr }, 'the training process is gone');
      settle({ kind: 'failed', reason: reasonOf(code, signal, stderr) });
    });
    if (options.cancel.aborted) onCancel();
  });
}
