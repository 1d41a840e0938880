/** The best of what is offered, kept in a heap: its root is the worst of the kept. */
interface Top {
  /** What a score must be above to be taken; -Infinity until there are `most`. */
  worst(): number;
  /** Takes it if it is good enough. Of equal scores the first one offered is better. NaN and -Infinity never are. */
  offer(item: number, score: number): void;
  /** What was taken, best first. Empties it. */
  take(): Int32Array;
}

/** Keeps the `most` best of items that are offered in ascending order. */
export function createTop(most: number): Top {
  const items = new Int32Array(Math.max(0, most));
  const scores = new Float64Array(items.length);
  let size = 0;

  const sink = (item: number, score: number): void => {
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      const next = child + 1;
      if (
        next < size &&
        (scores[next]! < scores[child]! || (scores[next] === scores[child] && items[next]! > items[child]!))
      ) {
        child = next;
      }
      if (!(scores[child]! < score || (scores[child] === score && items[child]! > item))) break;
      items[i] = items[child]!;
      scores[i] = scores[child]!;
      i = child;
    }
    items[i] = item;
    scores[i] = score;
  };

  return {
    worst: () => (size < items.length || size === 0 ? Number.NEGATIVE_INFINITY : scores[0]!),
    offer(item, score) {
      if (!(score > Number.NEGATIVE_INFINITY)) return;
      if (size === items.length) {
        if (size > 0 && score > scores[0]!) sink(item, score);
        return;
      }
      let i = size++;
      while (i > 0) {
        const parent = (i - 1) >> 1;
        if (!(scores[parent]! > score || (scores[parent] === score && items[parent]! < item))) break;
        items[i] = items[parent]!;
        scores[i] = scores[parent]!;
        i = parent;
      }
      items[i] = item;
      scores[i] = score;
    },
    take() {
      const ranking = new Int32Array(size);
      while (size > 0) {
        size--;
        ranking[size] = items[0]!;
        if (size > 0) sink(items[size]!, scores[size]!);
      }
      return ranking;
    },
  };
}
