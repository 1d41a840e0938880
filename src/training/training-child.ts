import { CatalogueError } from '../catalogue/catalogue-error.ts';
import type { ChildMessage } from './child-message.ts';
import { ModelError } from './model-format.ts';
import { runJob } from './run-job.ts';
import { TableError } from './tables.ts';

/** Resolves when the message is on its way, so that the process can end after it. */
function tell(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) return resolve();
    process.send(message, undefined, undefined, () => resolve());
  });
}

/** Errors whose message is a sentence of ours; any other goes to the log only. */
function reasonOf(error: unknown): string {
  const ours = [TableError, ModelError, CatalogueError].some((kind) => error instanceof kind);
  if (ours) return (error as Error).message;
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') return 'The disk is full.';
  if (name === 'RangeError' && /allocation|Invalid typed array length/i.test(message)) {
    return 'The training ran out of memory. Free some, or import a smaller catalogue.';
  }
  return 'The training met an error; the log has the details.';
}

// Ctrl-C and a closed terminal reach every process at once; the bot says when to end, by SIGTERM.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
// Nobody is left to use the result when the bot is gone.
process.on('disconnect', () => process.exit(1));

const jobDir = process.argv[2];
if (jobDir === undefined || process.send === undefined) {
  process.stderr.write('This program is started by Reactune itself: use "reactune train".\n');
  process.exit(2);
}
try {
  const result = await runJob(jobDir, (stage, fraction, detail) => {
    void tell({ type: 'progress', stage, fraction, detail });
  });
  await tell({ type: 'done', result });
  process.exit(0);
} catch (error) {
  await tell({ type: 'failed', reason: reasonOf(error), detail: (error as Error)?.stack ?? String(error) });
  process.exit(1);
}
