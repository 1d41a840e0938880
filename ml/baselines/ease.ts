import { interactionsFromLists, listenersPerSong, songsOf } from '../interactions.ts';
import { invertPositive } from '../linear.ts';
import type { Random } from '../random.ts';
import type { FitRecommender, Interactions } from '../recommender.ts';
import { applyWish } from '../wish.ts';

/**
 * EASE^R (Steck 2019, "Embarrassingly shallow autoencoders for sparse data"): the linear song × song matrix B
 * with a zero diagonal that best reproduces the listeners X, B = I − P·diag(P)^-1 with P = (XᵀX + λI)^-1.
 *
 * There are far more songs than listeners, so P is never formed: by the Woodbury identity
 * P = (I − XᵀMX)/λ with M = (λI + XXᵀ)^-1, a listeners × listeners system. For a new listener x the score of
 * song j is then x_j − (x_j − (xXᵀMX)_j) / (1 − h_j), h_j = (XᵀMX)_jj.
 * Beyond `maxListeners` a random part of them is used. A listener without songs gets the popular ones.
 */
export function fitEase({ lambda = 100, maxListeners = 2000 } = {}): FitRecommender {
  if (!(lambda > 0)) throw new RangeError(`lambda is ${lambda}: it must be above 0`);
  return async ({ interactions, profiles }, random, onProgress) => {
    const x = sampleListeners(interactions, maxListeners, random);
    const u = x.listenerCount;
    const bySong = listenersBySong(x);
    const inverse = invertPositive(gram(x, bySong, lambda), u);
    onProgress?.(0.8, 'linear autoencoder solved');
    const diagonal = new Float64Array(x.songCount);
    for (let j = 0; j < x.songCount; j++) {
      const begin = bySong.offsets[j];
      const end = bySong.offsets[j + 1];
      for (let a = begin; a < end; a++) {
        const row = bySong.listeners[a] * u;
        for (let b = begin; b < end; b++) diagonal[j] += inverse[row + bySong.listeners[b]];
      }
    }
    const popular = Float32Array.from(listenersPerSong(interactions), Math.log1p);
    onProgress?.(1);
    return {
      name: 'ease',
      score(liked, options = {}) {
        if (liked.length === 0) return applyWish(popular.slice(), profiles, options.wish);
        const shared = new Float64Array(u);
        for (const song of liked) {
          for (let a = bySong.offsets[song]; a < bySong.offsets[song + 1]; a++) shared[bySong.listeners[a]]++;
        }
        const weights = new Float64Array(u);
        for (let a = 0; a < u; a++) {
          if (shared[a] === 0) continue;
          for (let b = 0; b < u; b++) weights[b] += shared[a] * inverse[a * u + b];
        }
        const scores = new Float32Array(x.songCount);
        for (let b = 0; b < u; b++) for (const song of songsOf(x, b)) scores[song] += weights[b];
        const own = new Uint8Array(x.songCount);
        for (const song of liked) own[song] = 1;
        for (let j = 0; j < x.songCount; j++) {
          scores[j] = own[j] - (own[j] - scores[j]) / (1 - diagonal[j]);
        }
        return applyWish(scores, profiles, options.wish);
      },
    };
  };
}

function sampleListeners(interactions: Interactions, most: number, random: Random): Interactions {
  if (interactions.listenerCount <= most) return interactions;
  const order = random.shuffle(Int32Array.from({ length: interactions.listenerCount }, (_, i) => i));
  const kept = order.subarray(0, most).sort();
  return interactionsFromLists(
    interactions.songCount,
    Array.from(kept, (listener) => songsOf(interactions, listener)),
  );
}

interface ListenersBySong {
  readonly offsets: Int32Array;
  readonly listeners: Int32Array;
}

function listenersBySong(x: Interactions): ListenersBySong {
  const offsets = new Int32Array(x.songCount + 1);
  for (const song of x.songs) offsets[song + 1]++;
  for (let s = 0; s < x.songCount; s++) offsets[s + 1] += offsets[s];
  const next = offsets.slice(0, x.songCount);
  const listeners = new Int32Array(x.songs.length);
  for (let i = 0; i < x.listenerCount; i++) for (const song of songsOf(x, i)) listeners[next[song]++] = i;
  return { offsets, listeners };
}

/** λI + XXᵀ. */
function gram(x: Interactions, { offsets, listeners }: ListenersBySong, lambda: number): Float64Array {
  const u = x.listenerCount;
  const matrix = new Float64Array(u * u);
  for (let j = 0; j < x.songCount; j++) {
    for (let a = offsets[j]; a < offsets[j + 1]; a++) {
      for (let b = offsets[j]; b < offsets[j + 1]; b++) matrix[listeners[a] * u + listeners[b]]++;
    }
  }
  for (let i = 0; i < u; i++) matrix[i * u + i] += lambda;
  return matrix;
}
