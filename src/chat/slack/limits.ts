/**
 * How often Slack lets a method be called, per workspace: its tiers, and one message a second and channel.
 * https://docs.slack.dev/apis/web-api/rate-limits
 */
const PER_MINUTE: Readonly<Record<string, number>> = {
  'conversations.list': 20,
  'reactions.remove': 20,
  'usergroups.list': 20,
  'users.list': 20,
  'auth.teams.list': 20,
  'chat.delete': 50,
  'chat.update': 50,
  'conversations.info': 50,
  'conversations.join': 50,
  'conversations.open': 50,
  'reactions.add': 50,
  'reactions.get': 50,
  'team.info': 50,
  'users.conversations': 50,
};
const OTHERS_PER_MINUTE = 100;
const POSTS_PER_MINUTE = 60;
/** Requests of one kind that are under way at the same time. */
const AT_ONCE = 8;

/** Requests that share a limit. */
interface Lane {
  readonly waiting: Waiting[];
  readonly capacity: number;
  readonly perMs: number;
  readonly atOnce: number;
  underWay: number;
  /** What Slack's own count has at the least, but for those under way. */
  left: number;
  filledAt: number;
  blockedUntil: number;
  timer: NodeJS.Timeout | undefined;
}

interface Waiting {
  /** Whether Slack took it: what it refuses does not count. */
  run(): Promise<boolean>;
  giveUp(reason: Error): void;
}

/** What came of a request: done, or Slack asks to wait (then it comes again). */
export type Outcome<T> = { readonly value: T } | { readonly waitMs: number };

/** One queue for each limit of Slack's: who has to wait keeps nobody waiting whom another limit counts. */
export interface Limits {
  /**
   * Runs when its limit allows, in order of arrival.
   * @param urgent before everything that is not
   * @throws what `attempt` throws; what `tooLong` makes when Slack asks for more patience than there is
   */
  run<T>(
    of: { readonly team: string; readonly method: string; readonly channel?: string },
    attempt: () => Promise<Outcome<T>>,
    options: { readonly urgent?: boolean; readonly tooLong: (waitMs: number) => Error },
  ): Promise<T>;
  /** Everything that waits fails. */
  close(reason: Error): void;
}

/** Whoever asks for more than this is not waited for. */
const MOST_PATIENCE_MS = 2 * 60_000;
const MOST_ATTEMPTS = 8;
const MANY_LANES = 5_000;

export function createLimits(): Limits {
  const lanes = new Map<string, Lane>();
  let closed: Error | undefined;

  function fill(lane: Lane, now: number): void {
    lane.left = Math.min(lane.capacity, lane.left + (now - lane.filledAt) * lane.perMs);
    lane.filledAt = now;
  }

  /** Those that nobody would miss: nothing waits, and the whole allowance is there. */
  function prune(now: number): void {
    for (const [key, lane] of lanes) {
      fill(lane, now);
      const idle = lane.waiting.length === 0 && lane.underWay === 0 && lane.blockedUntil <= now;
      if (idle && lane.left >= lane.capacity) lanes.delete(key);
    }
  }

  function laneOf(team: string, method: string, channel = ''): Lane {
    const post = method === 'chat.postMessage';
    const key = post ? `${method} ${team} ${channel}` : `${method} ${team}`;
    let lane = lanes.get(key);
    if (lane === undefined) {
      const now = performance.now();
      if (lanes.size > MANY_LANES) prune(now);
      const perMinute = post ? POSTS_PER_MINUTE : (PER_MINUTE[method] ?? OTHERS_PER_MINUTE);
      const capacity = post ? 1 : perMinute;
      lane = {
        waiting: [],
        capacity,
        perMs: perMinute / 60_000,
        // Messages of a channel keep their order.
        atOnce: post ? 1 : AT_ONCE,
        underWay: 0,
        left: capacity,
        filledAt: now,
        blockedUntil: 0,
        timer: undefined,
      };
      lanes.set(key, lane);
    }
    return lane;
  }

  function pump(lane: Lane): void {
    while (lane.waiting.length > 0 && lane.underWay < lane.atOnce) {
      const now = performance.now();
      fill(lane, now);
      const missing = 1 + lane.underWay - lane.left;
      const wait = Math.max(lane.blockedUntil - now, missing > 0 ? missing / lane.perMs : 0);
      if (wait > 0) {
        clearTimeout(lane.timer);
        lane.timer = setTimeout(() => pump(lane), Math.ceil(wait));
        return;
      }
      lane.underWay += 1;
      void lane.waiting
        .shift()
        ?.run()
        .then((taken) => {
          lane.underWay -= 1;
          // Slack counts a call when it arrives, and only now that has surely happened. Counted when it was sent, a call
          // that was long on its way would let the next one, if that is quicker, come too soon.
          fill(lane, performance.now());
          if (taken) lane.left -= 1;
          pump(lane);
        });
    }
  }

  return {
    run: ({ team, method, channel }, attempt, { urgent = false, tooLong }) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(closed);
        const lane = laneOf(team, method, channel);
        const blockedMs = lane.blockedUntil - performance.now();
        if (blockedMs > MOST_PATIENCE_MS) return reject(tooLong(blockedMs));
        let attempts = 0;
        const waiting: Waiting = {
          async run() {
            attempts += 1;
            try {
              const outcome = await attempt();
              if ('value' in outcome) {
                resolve(outcome.value);
                return true;
              }
              lane.blockedUntil = Math.max(lane.blockedUntil, performance.now() + outcome.waitMs);
              // What Slack says wins over our own counting.
              lane.left = Math.min(lane.left, 1);
              if (closed) reject(closed);
              else if (outcome.waitMs > MOST_PATIENCE_MS) {
                const reason = tooLong(outcome.waitMs);
                for (const { giveUp } of lane.waiting.splice(0)) giveUp(reason);
                reject(reason);
              } else if (attempts >= MOST_ATTEMPTS) reject(tooLong(outcome.waitMs));
              else lane.waiting.unshift(waiting);
              return false;
            } catch (error) {
              reject(error);
              return true;
            }
          },
          giveUp: reject,
        };
        if (urgent) lane.waiting.unshift(waiting);
        else lane.waiting.push(waiting);
        pump(lane);
      }),
    close(reason) {
      closed = reason;
      for (const lane of lanes.values()) {
        clearTimeout(lane.timer);
        for (const { giveUp } of lane.waiting.splice(0)) giveUp(reason);
      }
      lanes.clear();
    },
  };
}
