/** How much one browser may ask for. */
export interface Bucket {
  /** Takes one token if there is one. */
  take(): boolean;
  /** Refusals since a token was last there. */
  readonly refusedInARow: number;
}

/**
 * A token bucket: `burst` at once, then `perSecond`.
 * @param now milliseconds
 */
export function createBucket(burst: number, perSecond: number, now: () => number): Bucket {
  let tokens = burst;
  let last = now();
  let refused = 0;
  return {
    take() {
      const time = now();
      // A clock that was set back must not empty or freeze the bucket.
      tokens = Math.min(burst, tokens + (Math.max(0, time - last) / 1000) * perSecond);
      last = time;
      if (tokens < 1) {
        refused++;
        return false;
      }
      tokens--;
      refused = 0;
      return true;
    },
    get refusedInARow() {
      return refused;
    },
  };
}

/** One bucket per key; the ones not used longest are forgotten. */
export function createBuckets(
  options: { readonly burst: number; readonly perSecond: number; readonly keys: number },
  now: () => number,
): (key: string) => Bucket {
  const buckets = new Map<string, Bucket>();
  return (key) => {
    const bucket = buckets.get(key) ?? createBucket(options.burst, options.perSecond, now);
    buckets.delete(key);
    buckets.set(key, bucket);
    if (buckets.size > options.keys) {
      const oldest = buckets.keys().next().value;
      if (oldest !== undefined) buckets.delete(oldest);
    }
    return bucket;
  };
}
