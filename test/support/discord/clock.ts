/** The server's time: the real one, moved forward by tests, so that 3 seconds and 15 minutes pass without waiting. */
export interface Clock {
  now(): number;
  /** Moves the server's time; what was waiting for it (tokens that die) sees the new time at once. */
  advance(ms: number): void;
}

export function createClock(source: () => number = Date.now, moved: () => void = () => {}): Clock {
  let offset = 0;
  return {
    now: () => source() + offset,
    advance(ms) {
      offset += ms;
      moved();
    },
  };
}
