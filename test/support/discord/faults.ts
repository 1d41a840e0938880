import type { LimitScope, Refusal } from './limits.ts';
import type { Route } from './rest/route.ts';

/** Which requests a fault hits: `'POST /channels/{channel_id}/messages'`, a part of it, an expression, or any. */
export type Matcher = string | RegExp | undefined;

interface Fault {
  readonly matcher: Matcher;
  left: number;
  readonly status?: number;
  readonly delayMs?: number;
  readonly refusal?: Refusal;
  readonly hangUp?: boolean;
  readonly code?: number;
}

function fits(matcher: Matcher, route: Route): boolean {
  const name = `${route.method} ${route.path}`;
  if (matcher === undefined) return true;
  return typeof matcher === 'string' ? name.includes(matcher) : matcher.test(name);
}

/** What tests make go wrong, each a given number of times. */
export class Faults {
  private faults: Fault[] = [];

  /** Answers 429. */
  limitNext(matcher?: Matcher, seconds = 1, scope: LimitScope = 'user', times = 1): void {
    this.faults.push({ matcher, left: times, refusal: { retryAfterMs: seconds * 1000, scope } });
  }

  /** Answers with a status of Discord's bad days: 500, 502, 503, 504. */
  failNext(matcher?: Matcher, status = 500, times = 1): void {
    this.faults.push({ matcher, left: times, status });
  }

  /** Refuses with one of Discord's error codes. */
  refuseNext(matcher: Matcher, code: number, times = 1): void {
    this.faults.push({ matcher, left: times, code });
  }

  /** Takes its time before it answers. */
  delayNext(matcher?: Matcher, delayMs = 100, times = 1): void {
    this.faults.push({ matcher, left: times, delayMs });
  }

  /** Cuts the connection instead of answering, after the request was carried out. */
  hangUpNext(matcher?: Matcher, times = 1): void {
    this.faults.push({ matcher, left: times, hangUp: true });
  }

  /** The faults of this request, used up once. */
  next(route: Route): {
    status?: number;
    delayMs?: number;
    refusal?: Refusal;
    hangUp?: boolean;
    code?: number;
  } {
    const fault = this.faults.find((one) => one.left > 0 && fits(one.matcher, route));
    if (fault === undefined) return {};
    fault.left -= 1;
    if (fault.left === 0) this.faults = this.faults.filter((one) => one !== fault);
    return fault;
  }
}
