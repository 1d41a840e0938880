import { Worker } from 'node:worker_threads';
import type { Folded, FoldTask } from '../../durable/index.ts';
import { builtEntry } from '../../paths.ts';

/** Makes the store's next snapshot in a thread of its own. */
export function foldInThread(task: FoldTask): Promise<Folded> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(builtEntry('store-fold-worker'), { workerData: task, execArgv: [] });
    worker.once('message', (folded: Folded) => resolve(folded));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the snapshot thread ended early (code ${code})`)));
  });
}
