import { listenersPerSong } from '../interactions.ts';
import type { FitRecommender, Matrix } from '../recommender.ts';
import { applyWish } from '../wish.ts';

/** Rows scaled to length 1 (rows of zeros stay). */
export function unitRows({ rows, columns, values }: Matrix): Float32Array {
  const unit = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) {
    let square = 0;
    for (let c = 0; c < columns; c++) square += values[r * columns + c] ** 2;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let c = 0; c < columns; c++) unit[r * columns + c] = values[r * columns + c] * scale;
  }
  return unit;
}

/**
 * Content-based nearest neighbours: a song's score is its mean cosine with the `neighbours` liked songs that
 * are nearest to it. Needs no other listeners. A listener without songs gets the popular ones.
 * @throws RangeError when neighbours is below 1
 */
export function fitItemKnn({ neighbours = 20 } = {}): FitRecommender {
  if (!(neighbours >= 1)) throw new RangeError(`neighbours is ${neighbours}: at least one is needed`);
  return async ({ interactions, items, profiles }) => {
    const unit = unitRows(items);
    const popular = Float32Array.from(listenersPerSong(interactions), Math.log1p);
    return {
      name: 'item-knn',
      score(liked, options = {}) {
        const scores =
          liked.length === 0 ? popular.slice() : nearestMeans(unit, items.columns, liked, neighbours);
        return applyWish(scores, profiles, options.wish);
      },
    };
  };
}

function nearestMeans(unit: Float32Array, d: number, liked: Int32Array, neighbours: number): Float32Array {
  const count = Math.min(neighbours, liked.length);
  const own = new Float32Array(liked.length * d);
  liked.forEach((song, i) => {
    own.set(unit.subarray(song * d, (song + 1) * d), i * d);
  });
  const songCount = unit.length / d;
  const scores = new Float32Array(songCount);
  // The best so far as a heap: the root is the one to beat.
  const best = new Float64Array(count);
  for (let s = 0; s < songCount; s++) {
    const at = s * d;
    let kept = 0;
    for (let l = 0; l < own.length; l += d) {
      let dot = 0;
      for (let c = 0; c < d; c++) dot += unit[at + c] * own[l + c];
      if (kept < count) {
        best[kept++] = dot;
        if (kept === count) for (let i = (count >> 1) - 1; i >= 0; i--) sink(best, i);
      } else if (dot > best[0]) {
        best[0] = dot;
        sink(best, 0);
      }
    }
    let sum = 0;
    for (let j = 0; j < count; j++) sum += best[j];
    scores[s] = sum / count;
  }
  return scores;
}

/** Restores a heap with its smallest value first after the value at `i` grew. */
function sink(heap: Float64Array, i: number): void {
  const value = heap[i];
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1] < heap[child]) child++;
    if (heap[child] >= value) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = value;
}
