import { createHash } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Limit, Route } from './rest/route.ts';

export type LimitScope = 'user' | 'global' | 'shared';

/** Why a request has to wait, and how long. */
export interface Refusal {
  readonly retryAfterMs: number;
  readonly scope: LimitScope;
}

export interface LimitsOptions {
  readonly clock: Clock;
  /** False: headers are sent, nobody ever waits. */
  readonly on: boolean;
  /** So many times as fast as Discord: the same limits over shorter windows, for tests that are in a hurry. */
  readonly speed: number;
}

interface Window {
  used: number;
  endsAt: number;
}

/** What a route without a limit of its own is held to. */
export const DEFAULT_LIMIT: Limit = { requests: 50, perMs: 1000 };
export const GLOBAL_LIMIT: Limit = { requests: 50, perMs: 1000 };

/** The name of the bucket, as in `X-RateLimit-Bucket`: routes that share a limit share it. */
export function bucketOf(route: Route): string {
  return route.bucket ?? `${route.method} ${route.path}`;
}

const hashes = new Map<string, string>();

function bucketHash(bucket: string): string {
  let hash = hashes.get(bucket);
  if (hash === undefined) {
    hash = createHash('md5').update(bucket).digest('hex');
    hashes.set(bucket, hash);
  }
  return hash;
}

/** Channels, guilds and webhooks have their limits each on their own. */
export function majorParameter(params: Readonly<Record<string, string>>): string {
  const { channel_id: channel, guild_id: guild, webhook_id: webhook, webhook_token: token } = params;
  return channel ?? guild ?? (webhook === undefined ? '' : `${webhook}/${token}`);
}

/** Fixed windows per bucket and major parameter, and one over everything, as Discord's headers describe them. */
export class Limits {
  private readonly options: LimitsOptions;
  private readonly windows = new Map<string, Window>();
  private global: Window = { used: 0, endsAt: 0 };

  constructor(options: LimitsOptions) {
    this.options = options;
  }

  /** Counts a request: its headers, and whether it has to come again later. */
  count(
    route: Route,
    params: Readonly<Record<string, string>>,
  ): { headers: Record<string, string>; refused?: Refusal } {
    const { clock, on, speed } = this.options;
    const now = clock.now();
    const limit = route.limit ?? DEFAULT_LIMIT;
    const bucket = bucketOf(route);
    const key = `${bucket} ${majorParameter(params)}`;
    if (!route.exempt && on) {
      if (now >= this.global.endsAt) this.global = { used: 0, endsAt: now + GLOBAL_LIMIT.perMs / speed };
      if (this.global.used >= GLOBAL_LIMIT.requests)
        return { headers: {}, refused: { retryAfterMs: this.global.endsAt - now, scope: 'global' } };
      this.global.used += 1;
    }
    let window = this.windows.get(key);
    if (window === undefined || now >= window.endsAt) {
      window = { used: 0, endsAt: now + limit.perMs / speed };
      this.windows.set(key, window);
    }
    const left = limit.requests - window.used;
    // Switched off, there is always something left, or clients would wait by themselves.
    const remaining = on ? Math.max(0, left - 1) : limit.requests;
    const headers = this.headers(route, limit.requests, remaining, window.endsAt - now, now);
    if (!on) return { headers };
    if (left <= 0) return { headers, refused: { retryAfterMs: window.endsAt - now, scope: 'user' } };
    window.used += 1;
    return { headers };
  }

  private headers(
    route: Route,
    limit: number,
    remaining: number,
    resetMs: number,
    now: number,
  ): Record<string, string> {
    return {
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': String(remaining),
      'X-RateLimit-Reset': ((now + resetMs) / 1000).toFixed(3),
      'X-RateLimit-Reset-After': (resetMs / 1000).toFixed(3),
      'X-RateLimit-Bucket': bucketHash(bucketOf(route)),
    };
  }
}
