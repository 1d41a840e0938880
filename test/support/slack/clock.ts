/** The server's time: tests move it forward, so that 3 seconds, 5 minutes and half an hour pass without waiting. */
export interface Clock {
  now(): number;
  /** Moves the time; everything that falls due on the way happens on the way, in order. */
  advance(ms: number): void;
  /** Runs something when so much time has passed, by `advance` or, with `real`, also by itself. Returns how to call it off. */
  after(ms: number, run: () => void, options?: { readonly real?: boolean }): () => void;
  /** Lets go of timers. */
  close(): void;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
  real?: NodeJS.Timeout;
}

export function createClock(source: () => number = Date.now): Clock {
  let offset = 0;
  const timers = new Set<Timer>();
  const now = () => source() + offset;

  function call(timer: Timer): void {
    if (!timers.delete(timer)) return;
    clearTimeout(timer.real);
    timer.run();
  }

  return {
    now,
    advance(ms) {
      const end = now() + ms;
      for (;;) {
        // What falls due may set new timers, which may fall due as well.
        const due = [...timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
        if (due.length === 0) break;
        const horizon = due[0]!.at;
        // Real time goes on meanwhile: never step back.
        offset += Math.max(0, horizon - now());
        for (const timer of due) if (timer.at <= now()) call(timer);
      }
      offset += Math.max(0, end - now());
    },
    after(ms, run, { real = false } = {}) {
      const timer: Timer = { at: now() + ms, run };
      if (real) {
        timer.real = setTimeout(() => call(timer), ms);
        timer.real.unref();
      }
      timers.add(timer);
      return () => {
        clearTimeout(timer.real);
        timers.delete(timer);
      };
    },
    close() {
      for (const timer of timers) clearTimeout(timer.real);
      timers.clear();
    },
  };
}
