import { GLOBAL_LIMIT } from './limits.ts';
import type { LoggedRequest } from './rest/server.ts';

/**
 * When the last of these requests may start at the earliest, if all are ready at once: each bucket lets `requests`
 * through per window, and so does Discord as a whole. Computed, so that minutes of waiting need not be waited.
 */
export function leastTime(requests: readonly LoggedRequest[]): { ms: number; bottleneck: string } {
  const buckets = new Map<string, { count: number; requests: number; perMs: number }>();
  for (const { counted } of requests) {
    if (counted === undefined) continue;
    const limits = [
      [counted.bucket, counted.limit] as const,
      ...(counted.global ? [['global', GLOBAL_LIMIT] as const] : []),
    ];
    for (const [name, limit] of limits) {
      const bucket = buckets.get(name) ?? { count: 0, ...limit };
      bucket.count += 1;
      buckets.set(name, bucket);
    }
  }
  let least = { ms: 0, bottleneck: 'none' };
  for (const [name, { count, requests: perWindow, perMs }] of buckets) {
    const ms = Math.floor((count - 1) / perWindow) * perMs;
    if (ms > least.ms) least = { ms, bottleneck: name };
  }
  return least;
}
