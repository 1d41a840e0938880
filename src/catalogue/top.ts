/** Keeps the best of many without sorting them all. */
export interface Top {
  offer(item: number, score: number): void;
  /** A score has to be above this to get in. */
  bar(): number;
  /** Best first; of equal scores the one offered earlier. */
  list(): number[];
}

/** @param limit how many to keep, at least 1 */
export function topOf(limit: number): Top {
  const items: number[] = [];
  const scores: number[] = [];
  const bar = (): number => (items.length === limit ? scores[limit - 1]! : Number.NEGATIVE_INFINITY);
  return {
    bar,
    offer(item, score) {
      if (score <= bar()) return;
      let low = 0;
      let high = items.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (scores[middle]! >= score) low = middle + 1;
        else high = middle;
      }
      items.splice(low, 0, item);
      scores.splice(low, 0, score);
      if (items.length > limit) {
        items.pop();
        scores.pop();
      }
    },
    list: () => items,
  };
}
