import { Worker } from 'node:worker_threads';
import { builtEntry } from '../paths.ts';
import { createSlots } from './slots.ts';

/** Longer, the thread is stuck. */
const PATIENCE_MS = 30_000;
const slots = createSlots(1);

/** Draws a cover as a JPEG, in a thread of its own that lives for this one; one at a time, as nobody waits for it. */
export function drawCover(svg: string): Promise<Uint8Array> {
  return slots.run(
    () =>
      new Promise((resolve, reject) => {
        const worker = new Worker(builtEntry('cover-worker'), { workerData: { svg }, execArgv: [] });
        // A bot that stops does not wait for a picture.
        worker.unref();
        const patience = setTimeout(() => void worker.terminate(), PATIENCE_MS).unref();
        worker.once('message', (jpeg: Uint8Array) => resolve(jpeg));
        worker.once('error', reject);
        worker.once('exit', (code) => {
          clearTimeout(patience);
          reject(new Error(`the cover thread ended early (code ${code})`));
        });
      }),
  );
}
