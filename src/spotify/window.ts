/** Spotify counts an app's calls over this long (developer.spotify.com/documentation/web-api/concepts/rate-limits). */
export const WINDOW_MS = 30_000;
/** Who is refused after fewer did not call too often just now: they were in a block already, or it is the quota. */
const FEWEST_CALLS = 10;

/**
 * The calls of the last window. How many Spotify takes is not published: none are held back until it has refused one,
 * then a fifth fewer than were too many are made, and one more for every window that is used up without a refusal.
 */
export interface CallWindow {
  /**
   * How long to wait before the next call; 0 = it may be made, and counts.
   * @param anyway it is made, come what may
   */
  take(anyway?: boolean): number;
  /** Spotify refused a call. Returns how many within the window were too many, if that was why. */
  refused(): number | undefined;
  /** What was learned before a restart. */
  learned(calls: number): void;
}

export function createCallWindow(now: () => number): CallWindow {
  let calls: number[] = [];
  let most = Number.POSITIVE_INFINITY;
  let raisedAt = Number.NEGATIVE_INFINITY;

  function recent(): number[] {
    const from = now() - WINDOW_MS;
    calls = calls.filter((at) => at > from);
    return calls;
  }

  const below = (tooMany: number) => Math.max(FEWEST_CALLS, Math.floor(tooMany * 0.8));

  return {
    take(anyway = false) {
      const made = recent();
      if (made.length >= most && now() - raisedAt >= WINDOW_MS) {
        raisedAt = now();
        most += 1;
      }
      if (made.length < most || anyway) {
        made.push(now());
        return 0;
      }
      return Math.max(1, (made[made.length - most] ?? now()) + WINDOW_MS - now());
    },
    refused() {
      // The refused call is not among those that Spotify took.
      const made = recent().length - 1;
      if (made < FEWEST_CALLS) return undefined;
      most = Math.min(most, below(made));
      raisedAt = now();
      return made;
    },
    learned(tooMany) {
      most = below(tooMany);
      raisedAt = now();
    },
  };
}
