import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';

/** What the machine's other work costs a process that does nothing: its event loop's delay, p99, ms. */
export async function idleDelay(): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await setTimeout(1_000);
  delay.disable();
  return delay.percentile(99) / 1e6;
}
