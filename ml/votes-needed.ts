import type { Dirichlet } from './dirichlet.ts';
import { createRandom } from './random.ts';
import { isClear, labelFromCounts, nextVote, type SongLabel } from './song-label.ts';

/** Beyond so many further votes nobody waits for a clear label. */
export const MOST_FURTHER_VOTES = 30;

/** Futures that are played through; the median of so many is off by about one vote. */
const FUTURES = 41;

/**
 * About how many more votes a song needs until {@link isClear}: the median over {@link FUTURES} futures. In each, one
 * full vote after the other falls as what is known so far makes likely (Pólya's urn: the chance of an emotion is its
 * part of the votes and the prior together), until the label is clear. The draws are seeded: the same label gives
 * the same answer. 0 when it is clear already; undefined when in half of the futures more than
 * {@link MOST_FURTHER_VOTES} votes do not suffice. Takes a few milliseconds at most.
 */
export function votesNeeded(label: SongLabel, prior: Dirichlet): number | undefined {
  if (isClear(label, prior)) return 0;
  const random = createRandom(1);
  const waits: number[] = [];
  for (let future = 0; future < FUTURES; future++) {
    const urn = Float64Array.from(label.counts);
    let wait = 0;
    let clear = false;
    while (!clear && wait < MOST_FURTHER_VOTES) {
      wait++;
      const chances = nextVote(urn, prior);
      let rest = random.next();
      let drawn = 0;
      while (drawn < urn.length - 1) {
        rest -= chances[drawn];
        if (rest < 0) break;
        drawn++;
      }
      urn[drawn]++;
      clear = isClear(labelFromCounts(urn, prior), prior);
    }
    waits.push(clear ? wait : Infinity);
  }
  waits.sort((a, b) => a - b);
  const median = waits[(FUTURES - 1) / 2];
  return Number.isFinite(median) ? median : undefined;
}
