import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { builtEntry } from '../../paths.ts';
import type { RenderReply, RenderRequest } from './render-worker.ts';

/** No piece takes anywhere near this long; a thread that does is stuck. */
const PATIENCE_MS = 60_000;
/** A thread that has nothing to do gives its memory back. */
const IDLE_MS = 60_000;
const ATTEMPTS = 2;

export interface RenderThread {
  /** A complete WAV file. One piece at a time; a failure or a dead thread is tried once more, then told. */
  render(songId: string): Promise<Uint8Array>;
  stop(): Promise<void>;
}

interface Job {
  readonly id: number;
  readonly songId: string;
  attempts: number;
  readonly resolve: (wav: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Renders in a thread of its own, started when it is first needed, so that the event loop stays free.
 * @param entry the built worker
 */
export function createRenderThread(log: Logger, entry = builtEntry('render-worker')): RenderThread {
  const waiting: Job[] = [];
  let current: Job | undefined;
  let worker: Worker | undefined;
  let patience: NodeJS.Timeout | undefined;
  let idle: NodeJS.Timeout | undefined;
  let lastId = 0;
  let stopped = false;

  function start(): Worker {
    const started = new Worker(entry);
    started.on('message', (reply: RenderReply) => {
      if (started !== worker || reply.job !== current?.id) return;
      if ('wav' in reply) settle((job) => job.resolve(reply.wav));
      else failed(reply.problem);
    });
    started.on('error', (error) => lost(started, error.message));
    started.on('exit', (code) => lost(started, `the thread ended with code ${code}`));
    return started;
  }

  function lost(which: Worker, reason: string): void {
    if (which !== worker) return;
    worker = undefined;
    if (current) failed(reason);
  }

  function failed(reason: string): void {
    const job = current!;
    log.warn({ song: job.songId, attempt: job.attempts, reason }, 'A snippet could not be rendered');
    if (job.attempts < ATTEMPTS && !stopped) {
      current = undefined;
      waiting.unshift(job);
      clearTimeout(patience);
      next();
    } else settle(() => job.reject(new Error(reason)));
  }

  function settle(tell: (job: Job) => void): void {
    const job = current!;
    current = undefined;
    clearTimeout(patience);
    tell(job);
    next();
  }

  function next(): void {
    if (current || stopped) return;
    clearTimeout(idle);
    const job = waiting.shift();
    if (!job) {
      worker?.unref();
      idle = setTimeout(discard, IDLE_MS).unref();
      return;
    }
    current = job;
    job.attempts++;
    worker ??= start();
    worker.ref();
    patience = setTimeout(() => {
      discard();
      failed('it took too long');
    }, PATIENCE_MS).unref();
    worker.postMessage({ job: job.id, songId: job.songId } satisfies RenderRequest);
  }

  function discard(): void {
    const old = worker;
    worker = undefined;
    old?.terminate().catch((error: unknown) => log.warn({ error }, 'A render thread did not end'));
  }

  return {
    render: (songId) =>
      new Promise((resolve, reject) => {
        if (stopped) return reject(new Error('the bot is stopping'));
        waiting.push({ id: ++lastId, songId, attempts: 0, resolve, reject });
        next();
      }),
    async stop() {
      stopped = true;
      clearTimeout(patience);
      clearTimeout(idle);
      for (const job of [...(current ? [current] : []), ...waiting.splice(0)]) {
        job.reject(new Error('the bot is stopping'));
      }
      current = undefined;
      const old = worker;
      worker = undefined;
      await old?.terminate();
    },
  };
}
