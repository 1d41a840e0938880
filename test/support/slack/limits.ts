import type { Clock } from './clock.ts';

/** Slack's tiers: calls per minute, per method, app and workspace. */
export type Tier = 1 | 2 | 3 | 4 | 'post' | 'none';

const PER_MINUTE: Readonly<Record<1 | 2 | 3 | 4, number>> = { 1: 1, 2: 20, 3: 50, 4: 100 };

/** Tier 1 is once a minute, «a small amount of burst behaviour is tolerated». */
const TIER_1_BURST = 5;

/** Posting: one message a second and channel, and a limit over the workspace («several hundred per minute»). */
const POSTS_PER_MINUTE_AND_TEAM = 300;

export interface LimitsOptions {
  readonly clock: Clock;
  readonly on: boolean;
  /** So many times as fast as Slack, for tests and benchmarks that are in a hurry. */
  readonly speed: number;
}

interface Bucket {
  left: number;
  filledAt: number;
}

/** Buckets that fill up again at the tier's rate. Slack tells nobody how it counts; this is the strict reading. */
export class Limits {
  private readonly options: LimitsOptions;
  private readonly buckets = new Map<string, Bucket>();

  constructor(options: LimitsOptions) {
    this.options = options;
  }

  /** Counts a call. Returns the seconds to wait if it has to come again. */
  count(method: string, tier: Tier, team: string, channel: string | undefined): number | undefined {
    if (!this.options.on || tier === 'none') return undefined;
    if (tier !== 'post') {
      const perMinute = PER_MINUTE[tier];
      return this.take(`${method} ${team}`, tier === 1 ? TIER_1_BURST : perMinute, perMinute);
    }
    return (
      this.take(`${method} ${team} ${channel ?? ''}`, 1, 60) ??
      this.take(`${method} ${team}`, POSTS_PER_MINUTE_AND_TEAM, POSTS_PER_MINUTE_AND_TEAM)
    );
  }

  private take(key: string, capacity: number, perMinute: number): number | undefined {
    const now = this.options.clock.now();
    const perMs = (perMinute * this.options.speed) / 60_000;
    let bucket = this.buckets.get(key);
    if (bucket === undefined) {
      bucket = { left: capacity, filledAt: now };
      this.buckets.set(key, bucket);
    }
    bucket.left = Math.min(capacity, bucket.left + (now - bucket.filledAt) * perMs);
    bucket.filledAt = now;
    // A timer may fire a fraction of a millisecond early; the bucket is not that exact.
    if (bucket.left < 0.999) {
      const seconds = (1 - bucket.left) / perMs / 1000;
      return this.options.speed > 1 ? Math.round(seconds) : Math.max(1, Math.ceil(seconds));
    }
    bucket.left -= 1;
    return undefined;
  }
}
