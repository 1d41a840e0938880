import type { Clock } from './clock.ts';
import { RefusedRequest, WORDS } from './errors.ts';
import type { App } from './world.ts';

export interface LimitsOptions {
  readonly clock: Clock;
  /** Calls per app in any 30 seconds; undefined: nobody is ever limited. Spotify does not publish its number. */
  readonly calls: number | undefined;
  /** What `Retry-After` says when the limit is hit; by default the seconds until the window has room again. */
  readonly penaltySeconds?: number;
}

export const WINDOW_MS = 30_000;

/**
 * A rolling window of 30 seconds per app, as in developer.spotify.com/documentation/web-api/concepts/rate-limits, and
 * a quota per developer account (blog of 2026-07-23).
 */
export class Limits {
  private readonly options: LimitsOptions;
  private readonly calls = new Map<App, number[]>();
  private readonly blockedUntil = new Map<App, number>();
  private readonly outOfQuotaUntil = new Map<App, number>();

  constructor(options: LimitsOptions) {
    this.options = options;
  }

  /** The quota of the developer's account is used up for so long. */
  exhaustQuota(app: App, seconds: number): void {
    this.outOfQuotaUntil.set(app, this.options.clock.now() + seconds * 1000);
  }

  /** The app has to stay away for so long: hours are real. */
  block(app: App, seconds: number): void {
    this.blockedUntil.set(app, this.options.clock.now() + seconds * 1000);
  }

  /** Counts a call, or refuses it. A refused call does not count. */
  count(app: App): void {
    const now = this.options.clock.now();
    const quota = (this.outOfQuotaUntil.get(app) ?? 0) - now;
    if (quota > 0) throw tooMany(quota, 'QUOTA_EXCEEDED');
    const blocked = (this.blockedUntil.get(app) ?? 0) - now;
    if (blocked > 0) throw tooMany(blocked);
    const { calls: limit, penaltySeconds } = this.options;
    if (limit === undefined) return;
    const recent = (this.calls.get(app) ?? []).filter((at) => at > now - WINDOW_MS);
    this.calls.set(app, recent);
    if (recent.length < limit) {
      recent.push(now);
      return;
    }
    if (penaltySeconds !== undefined) this.block(app, penaltySeconds);
    throw tooMany(
      penaltySeconds === undefined ? (recent[0] ?? now) + WINDOW_MS - now : penaltySeconds * 1000,
    );
  }
}

function tooMany(ms: number, reason?: string): RefusedRequest {
  return new RefusedRequest(429, reason === undefined ? WORDS.limited : 'Quota exceeded', {
    headers: { 'Retry-After': String(Math.ceil(ms / 1000)) },
    ...(reason !== undefined && { reason }),
  });
}
