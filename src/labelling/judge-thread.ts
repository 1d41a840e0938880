import { Worker } from 'node:worker_threads';
import { builtEntry } from '../paths.ts';
import { inSteps } from './in-steps.ts';
import { type JudgedVotes, judgeVotes, type NumberedDecision, type PlacedVotes } from './judge-votes.ts';

export interface JudgeTask {
  readonly votes: PlacedVotes;
  readonly decisions: readonly NumberedDecision[];
}

interface Answer {
  readonly votes: PlacedVotes;
  readonly judged: JudgedVotes;
}

/** So many votes take less time than a thread takes to begin. */
const FEW = 20_000;

/** The memory of all arrays in an object, also of those further in, once each: what a thread can be handed. */
export function buffersOf(value: object): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const part of Object.values(value)) {
    if (ArrayBuffer.isView(part)) buffers.add(part.buffer as ArrayBuffer);
    else if (typeof part === 'object' && part !== null) {
      for (const buffer of buffersOf(part)) buffers.add(buffer);
    }
  }
  return [...buffers];
}

function inThread(task: JudgeTask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(builtEntry('judge-worker'), {
      workerData: task,
      transferList: buffersOf(task.votes),
      execArgv: [],
    });
    worker.once('message', (answer: Answer) => resolve(answer));
    worker.once('error', reject);
    worker.once('exit', (code) =>
      reject(new Error(`the thread that looks for bursts ended early (code ${code})`)),
    );
  });
}

/**
 * Tells which votes count: few in steps, many in a thread of its own. The arrays of `votes` are handed over: those in
 * the answer are to be used from now on.
 */
export async function judge(task: JudgeTask): Promise<Answer> {
  if (task.votes.times.length > FEW) return await inThread(task);
  return { votes: task.votes, judged: await inSteps(judgeVotes(task.votes, task.decisions)) };
}
