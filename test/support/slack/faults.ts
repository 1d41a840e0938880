/** Whom a fault hits: undefined fields fit anything. */
export interface FaultTarget {
  readonly method?: string;
  readonly team?: string;
  readonly channel?: string;
}

export interface Fault {
  /** Answers 429 with this Retry-After. */
  readonly retryAfter?: number;
  /** Answers `ok: false` with this code. */
  readonly error?: string;
  /** Answers with this HTTP status and no JSON. */
  readonly status?: number;
  readonly delayMs?: number;
  /** Carries the request out, then cuts the connection instead of answering. */
  readonly hangUp?: boolean;
}

interface Planned extends Fault {
  readonly target: FaultTarget;
  left: number;
}

export interface FaultScope {
  readonly team?: string;
  readonly channel?: string;
  readonly times?: number;
}

/** What tests make go wrong, each a given number of times. */
export class Faults {
  private planned: Planned[] = [];

  limitNext(method: string | undefined, seconds = 1, { times = 1, ...target }: FaultScope = {}): void {
    this.plan({ method, ...target }, { retryAfter: seconds }, times);
  }

  /** A code of Slack's, or an HTTP status. */
  failNext(
    method: string | undefined,
    failure: string | number,
    { times = 1, ...target }: FaultScope = {},
  ): void {
    this.plan(
      { method, ...target },
      typeof failure === 'string' ? { error: failure } : { status: failure },
      times,
    );
  }

  delayNext(method: string | undefined, delayMs: number, { times = 1, ...target }: FaultScope = {}): void {
    this.plan({ method, ...target }, { delayMs }, times);
  }

  hangUpNext(method: string | undefined, { times = 1, ...target }: FaultScope = {}): void {
    this.plan({ method, ...target }, { hangUp: true }, times);
  }

  /** The fault of this request, used up once. */
  next(request: FaultTarget): Fault | undefined {
    if (this.planned.length === 0) return undefined;
    const fault = this.planned.find(({ target }) =>
      (['method', 'team', 'channel'] as const).every(
        (field) => target[field] === undefined || target[field] === request[field],
      ),
    );
    if (fault === undefined) return undefined;
    fault.left -= 1;
    if (fault.left === 0) this.planned = this.planned.filter((one) => one !== fault);
    return fault;
  }

  private plan(target: FaultTarget, fault: Fault, times: number): void {
    this.planned.push({ target, ...fault, left: times });
  }
}
