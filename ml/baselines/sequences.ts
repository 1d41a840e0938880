import { inPlaceOrder, type SongVectors } from '../gan/songs.ts';
import { songsOf } from '../interactions.ts';
import type { Random } from '../random.ts';
import type { Interactions } from '../recommender.ts';

/** Songs of listeners as an LSTM reads them, with what it should say of them. */
export interface Example {
  /** length · B: the first song of every listener, then the second …; row 0 where there is none. */
  readonly context: Int32Array;
  /** length · B: 1 where there is a song. */
  readonly mask: Float32Array;
  /** B. */
  readonly listeners: Int32Array;
  /** B · targets: songs that the context does not show. */
  readonly real: Int32Array;
  /** Songs from anywhere in the catalogue. */
  readonly mismatched: Int32Array;
  /** B × mismatched: for how many songs of the catalogue each stands; 0 where it is the listener's own. */
  readonly standsFor: Float32Array;
}

export interface Sequences {
  /** Whether any listener likes a song. */
  readonly anybody: boolean;
  draw(random: Random): Example;
  /** A listener's songs, at most `length` of them evenly spread over the order: rows and mask. */
  read(liked: Int32Array): { readonly rows: Int32Array; readonly mask: Float32Array };
}

export interface SequenceSizes {
  /** Songs of a listener that the LSTM reads; of more it reads this many. */
  readonly length: number;
  /** Listeners per training step. */
  readonly listeners: number;
  /** Hidden songs of one listener per step. */
  readonly targets: number;
  /** Songs of the catalogue per step that the hidden ones must beat. */
  readonly mismatched: number;
}

/** Listeners' songs as sequences in the canonical order, with some hidden to learn from. */
export function createSequences(
  interactions: Interactions,
  vectors: SongVectors,
  sizes: SequenceSizes,
): Sequences {
  const { listeners: B, targets: T, mismatched: M, length } = sizes;
  const active = Array.from({ length: interactions.listenerCount }, (_, listener) => listener).filter(
    (listener) => songsOf(interactions, listener).length > 0,
  );
  return {
    anybody: active.length > 0,
    draw(random) {
      const context = new Int32Array(length * B);
      const mask = new Float32Array(length * B);
      const listeners = Int32Array.from({ length: B }, () => active[random.integer(active.length)]!);
      const real = new Int32Array(B * T);
      const mismatched = Int32Array.from({ length: M }, () => random.integer(vectors.count));
      const standsFor = new Float32Array(B * M).fill(vectors.count / M);
      listeners.forEach((listener, b) => {
        const own = random.shuffle(songsOf(interactions, listener).slice());
        const isOwn = new Set(own);
        mismatched.forEach((song, m) => {
          if (isOwn.has(song)) standsFor[b * M + m] = 0;
        });
        // At least half of the songs stay visible; a single one is hidden, and the listener is a newcomer.
        const hidden = Math.max(1, Math.min(T, own.length >> 1));
        for (let t = 0; t < T; t++) real[b * T + t] = own[t % hidden]!;
        const visible = inPlaceOrder(own.subarray(hidden, hidden + length), vectors);
        visible.forEach((song, i) => {
          const step = length - visible.length + i;
          context[step * B + b] = song;
          mask[step * B + b] = 1;
        });
      });
      return { context, mask, listeners, real, mismatched, standsFor };
    },
    read(liked) {
      const ordered = inPlaceOrder(liked, vectors);
      // A newcomer's sequence is one step of padding: no tensor may be empty.
      const count = Math.max(1, Math.min(length, ordered.length));
      const rows = Int32Array.from({ length: count }, (_, i) =>
        ordered.length === 0 ? 0 : ordered[Math.floor((i * ordered.length) / count)]!,
      );
      return { rows, mask: new Float32Array(count).fill(ordered.length > 0 ? 1 : 0) };
    },
  };
}
