import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { builtEntry } from '../paths.ts';
import type { RankAnswers, RankCall, RankQuestion, RankReply } from './rank-messages.ts';

/** Why the thread gave no answer. */
export class RankThreadError extends Error {
  /** `ended`: the thread died, asking again may work. `late`: it took too long. `failed`: it refused. */
  readonly code: 'ended' | 'late' | 'failed' | 'stopped';
  constructor(code: RankThreadError['code'], message: string) {
    super(message);
    this.name = 'RankThreadError';
    this.code = code;
  }
}

interface Waiting {
  readonly resolve: (answer: RankAnswers[keyof RankAnswers]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
  readonly loads: boolean;
}

/** Loading a catalogue of a million songs may take so many times as long as an answer, and what was asked meanwhile waits. */
const LOADING_TAKES = 10;

/** The thread that ranks, with a memory of what it should have loaded: it can die and be asked again. */
export interface RankThread {
  ask<Q extends RankQuestion>(question: Q): Promise<RankAnswers[Q['kind']]>;
  /** Counts the starts, so that the asker knows when a new thread has to be loaded. */
  generation(): number;
  stop(): Promise<void>;
}

/**
 * @param timeoutMs a question that takes longer is given up and the thread replaced: it hangs. Loading, and what waits for
 * it, has ten times as long.
 */
export function startRankThread({ log, timeoutMs }: { log: Logger; timeoutMs: number }): RankThread {
  let worker: Worker | undefined;
  let generation = 0;
  let nextId = 1;
  let stopped = false;
  const waiting = new Map<number, Waiting>();

  function failAll(error: Error): void {
    for (const [id, { reject, timer }] of waiting) {
      clearTimeout(timer);
      waiting.delete(id);
      reject(error);
    }
  }

  function settle(reply: RankReply): void {
    const asker = waiting.get(reply.id);
    if (!asker) return;
    waiting.delete(reply.id);
    clearTimeout(asker.timer);
    if ('error' in reply) asker.reject(new RankThreadError('failed', reply.error));
    else asker.resolve(reply.answer);
  }

  /** Lets go of a thread that hangs: whoever asks from now on gets a new one, whoever waited may ask again. */
  function replace(hanging: Worker): void {
    if (worker === hanging) {
      worker = undefined;
      log.warn('the ranking thread hangs; the next playlist starts a new one');
      failAll(new RankThreadError('ended', 'The ranking thread was replaced because it hung.'));
    }
    void hanging.terminate();
  }

  function start(): Worker {
    const started = new Worker(builtEntry('rank-worker'), { name: 'rank' });
    generation += 1;
    // It does not keep the bot alive: whoever waits for an answer has a timer.
    started.unref();
    started.on('message', settle);
    started.on('error', (err) => log.error({ err }, 'the ranking thread failed'));
    started.on('exit', (code) => {
      if (worker !== started) return;
      worker = undefined;
      if (!stopped) log.warn({ code }, 'the ranking thread ended; the next playlist starts a new one');
      failAll(new RankThreadError('ended', `The ranking thread ended (code ${code}).`));
    });
    return started;
  }

  return {
    generation() {
      if (!stopped) worker ??= start();
      return generation;
    },
    ask(question) {
      if (stopped) return Promise.reject(new RankThreadError('stopped', 'Playlists are stopping.'));
      worker ??= start();
      const id = nextId++;
      const asked = worker;
      const loads = question.kind === 'load';
      const isLoading = loads || [...waiting.values()].some((other) => other.loads);
      const patience = isLoading ? LOADING_TAKES * timeoutMs : timeoutMs;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new RankThreadError('late', `"${question.kind}" took longer than ${patience} ms.`));
          replace(asked);
        }, patience);
        waiting.set(id, { resolve: resolve as Waiting['resolve'], reject, timer, loads });
        asked.postMessage({ id, question } satisfies RankCall);
      });
    },
    async stop() {
      stopped = true;
      const running = worker;
      worker = undefined;
      failAll(new RankThreadError('stopped', 'Playlists are stopping.'));
      await running?.terminate();
    },
  };
}
