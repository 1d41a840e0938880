/** Which requests a fault hits: `'POST /playlists/{playlist_id}/items'`, a part of it, an expression, or any. */
export type Matcher = string | RegExp | undefined;

/** What happens to a request instead of, or after, being served. */
export interface Fault {
  /** The line is cut: before Spotify acted, after it did, or in the middle of its answer. */
  readonly kill?: 'before' | 'after' | 'halfway';
  readonly delayMs?: number;
  /** No answer, ever; nothing was done. */
  readonly hang?: boolean;
  /** An answer that goes on for ever, a byte at a time; nothing was done. */
  readonly drip?: boolean;
  /** Answered like this; nothing was done. */
  readonly answer?: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly type: string;
    readonly text: string;
  };
}

interface Planned {
  readonly matcher: Matcher;
  readonly fault: Fault;
  /** Requests that fit and are spared before the first one is hit. */
  spared: number;
  left: number;
}

function fits(matcher: Matcher, name: string): boolean {
  if (matcher === undefined) return true;
  return typeof matcher === 'string' ? name.includes(matcher) : matcher.test(name);
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Fault => ({
  answer: { status, headers, type: 'application/json; charset=utf-8', text: JSON.stringify(body) },
});

/** What tests make go wrong, each a given number of times. */
export class Faults {
  private planned: Planned[] = [];

  /** Answers 429 with so many seconds to wait; hours are real: 86,400 was seen (spotDL/spotify-downloader#2585). */
  limitNext(matcher?: Matcher, seconds = 1, times = 1): void {
    const body = { error: { status: 429, message: 'API rate limit exceeded' } };
    this.plan(matcher, json(429, body, { 'Retry-After': String(seconds) }), times);
  }

  /** The 429 of Spotify's edge: a sentence, no JSON; null: it does not even say how long. */
  limitPlainlyNext(matcher?: Matcher, seconds: number | null = 1, times = 1): void {
    const headers: Record<string, string> = seconds === null ? {} : { 'Retry-After': String(seconds) };
    this.plan(
      matcher,
      { answer: { status: 429, headers, type: 'text/plain', text: 'Too many requests' } },
      times,
    );
  }

  /** Answers with a status of Spotify's bad days: 500, 502, 503, 504. */
  failNext(matcher?: Matcher, status = 500, times = 1): void {
    this.plan(matcher, json(status, { error: { status, message: 'Server error' } }), times);
  }

  /** Answers with whatever text, as it is. */
  answerNext(
    matcher: Matcher,
    status: number,
    text: string,
    type = 'application/json',
    times = 1,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    this.plan(matcher, { answer: { status, type, text, headers } }, times);
  }

  /** Begins an answer and never comes to its end, though a byte comes now and then. */
  dripNext(matcher?: Matcher, times = 1): void {
    this.plan(matcher, { drip: true }, times);
  }

  /** Takes its time before it acts. */
  delayNext(matcher?: Matcher, delayMs = 100, times = 1): void {
    this.plan(matcher, { delayMs }, times);
  }

  /** Never answers. */
  hangNext(matcher?: Matcher, times = 1): void {
    this.plan(matcher, { hang: true }, times);
  }

  /**
   * Cuts the line: `before` Spotify acted, `after` it did, or `halfway` through its answer; so many requests that fit
   * are `spared` first.
   */
  killNext(when: 'before' | 'after' | 'halfway', matcher?: Matcher, spared = 0): void {
    this.plan(matcher, { kill: when }, 1, spared);
  }

  /** Forgets what has not happened yet. */
  clear(): void {
    this.planned = [];
  }

  /** The fault of this request, used up once. */
  next(name: string): Fault {
    for (const one of this.planned) {
      if (!fits(one.matcher, name)) continue;
      if (one.spared > 0) {
        one.spared -= 1;
        continue;
      }
      one.left -= 1;
      if (one.left === 0) this.planned = this.planned.filter((other) => other !== one);
      return one.fault;
    }
    return {};
  }

  private plan(matcher: Matcher, fault: Fault, times: number, spared = 0): void {
    this.planned.push({ matcher, fault, left: times, spared });
  }
}
