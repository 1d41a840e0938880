import { anySongs } from '../interactions.ts';
import type { Random } from '../random.ts';
import type { Tastes } from '../recommender.ts';
import type { GanConfig } from './config.ts';
import { createFeedback } from './feedback.ts';
import { inPlaceOrder, type SongVectors } from './songs.ts';
import { type Taste, tasteOf } from './taste.ts';

/** One training step's examples. With B listeners of T targets, R = B·T rows, listener by listener. */
export interface Batch {
  /** B × context × width. */
  readonly songs: Float32Array;
  /** B × context. */
  readonly mask: Float32Array;
  /** B: what is typical of all songs that are not hidden, of which the context is a part. */
  readonly tastes: readonly Taste[];
  /** B × T × (emotions + 1): the wish and whether there is one. */
  readonly wish: Float32Array;
  /** R × width: the songs that were hidden from the context. */
  readonly real: Float32Array;
  /** R: 1 where there is a wish. */
  readonly wished: Float32Array;
  /** mismatched × width: songs from anywhere in the catalogue, and some that listeners of the step put away. */
  readonly mismatched: Float32Array;
  /**
   * B × mismatched: for how many songs of the catalogue each stands; 0 where it is one of the listener's own, or was put
   * away by another listener.
   */
  readonly standsFor: Float32Array;
  /** R × mismatched: what each counts as a single song. Absent: all the same, as nobody put anything away. */
  readonly counts?: Float32Array;
}

/** Writes a wish into a row of emotions + 1; absent = zeros. */
export function writeWish(
  target: Float32Array,
  at: number,
  emotions: number,
  wish: ArrayLike<number> | undefined,
  scale: { readonly factor: number; readonly offset: number },
): void {
  if (!wish) return;
  for (let emotion = 0; emotion < emotions; emotion++) {
    target[at + emotion] = scale.factor * wish[emotion]! + scale.offset;
  }
  target[at + emotions] = 1;
}

/** An emotion drawn from a song's profile. */
function drawEmotion(random: Random, { profiles, shape }: SongVectors, song: number): number {
  let left = random.next();
  for (let emotion = 0; emotion < shape.emotions - 1; emotion++) {
    left -= profiles[song * shape.emotions + emotion]!;
    if (left < 0) return emotion;
  }
  return shape.emotions - 1;
}

/**
 * Draws training examples. Each takes a listener, hides some of the liked songs (the real examples) and
 * shows the networks some of the others, so that they learn to tell songs they have not seen from a set
 * they have. The wish of an example is an emotion, or the whole profile, of its hidden song. Mismatched
 * songs come from anywhere in the catalogue; some places go to songs that the step's listeners put away.
 * Without such songs, what is drawn is what it would be if there were no feedback at all.
 *
 * @throws Error when nobody likes anything
 * @throws RangeError when the put-away songs are those of other listeners
 */
export function createSampler(
  { interactions, putAway }: Tastes,
  vectors: SongVectors,
  config: GanConfig,
  random: Random,
  scale: { readonly factor: number; readonly offset: number },
): () => Batch {
  const { offsets, songs: liked } = interactions;
  const active: number[] = [];
  for (let listener = 0; listener < interactions.listenerCount; listener++) {
    if (offsets[listener + 1]! > offsets[listener]!) active.push(listener);
  }
  if (active.length === 0) throw new Error('no listener likes a song: there is no taste to learn from');
  const { width, shape, values, count } = vectors;
  const { listeners, targets, mismatched, context } = config;
  const wishWidth = shape.emotions + 1;
  const feedback = anySongs(putAway)
    ? createFeedback({ interactions, putAway }, config, random.fork('put away'))
    : undefined;
  const copy = (song: number, target: Float32Array, row: number) =>
    target.set(values.subarray(song * width, (song + 1) * width), row * width);

  return () => {
    const rows = listeners * targets;
    const batch = {
      songs: new Float32Array(listeners * context * width),
      mask: new Float32Array(listeners * context),
      wish: new Float32Array(rows * wishWidth),
      real: new Float32Array(rows * width),
      wished: new Float32Array(rows),
      mismatched: new Float32Array(mismatched * width),
      standsFor: new Float32Array(listeners * mismatched).fill(count / mismatched),
      tastes: [] as Taste[],
    };
    const strangers = Int32Array.from({ length: mismatched }, () => random.integer(count));
    strangers.forEach((song, m) => {
      copy(song, batch.mismatched, m);
    });
    const drawn = new Int32Array(listeners);
    for (let b = 0; b < listeners; b++) {
      const listener = active[random.integer(active.length)]!;
      drawn[b] = listener;
      const own = random.shuffle(liked.slice(offsets[listener]!, offsets[listener + 1]!));
      const isOwn = new Set(own);
      strangers.forEach((song, m) => {
        if (isOwn.has(song)) batch.standsFor[b * mismatched + m] = 0;
      });
      // At least half of the songs stay visible; a single one is hidden, and the listener is a newcomer.
      const hidden = Math.max(1, Math.min(targets, own.length >> 1));
      const rest = own.length - hidden;
      let shown = random.next() < 0.5 ? rest : random.integer(rest + 1);
      if (random.next() < config.noContext) shown = 0;
      const visible = own.subarray(hidden, hidden + shown);
      batch.tastes.push(tasteOf(values, width, visible, vectors.background));
      inPlaceOrder(visible.subarray(0, context), vectors).forEach((song, position) => {
        copy(song, batch.songs, b * context + position);
        batch.mask[b * context + position] = 1;
      });
      for (let t = 0; t < targets; t++) {
        const row = b * targets + t;
        const target = own[t % hidden]!;
        copy(target, batch.real, row);
        const wished = shape.emotions > 0 && random.next() >= config.noWish;
        if (wished) {
          batch.wished[row] = 1;
          const at = target * shape.emotions;
          const wish: number[] | Float32Array =
            random.next() < 0.5
              ? vectors.profiles.subarray(at, at + shape.emotions)
              : oneHot(drawEmotion(random, vectors, target), shape.emotions);
          writeWish(batch.wish, row * wishWidth, shape.emotions, wish, scale);
        }
      }
    }
    const fed = feedback?.(drawn, batch.standsFor);
    if (!fed) return batch;
    fed.songs.forEach((song, place) => {
      copy(song, batch.mismatched, place);
    });
    return { ...batch, counts: fed.counts };
  };
}

function oneHot(index: number, size: number): number[] {
  return Array.from({ length: size }, (_, i) => (i === index ? 1 : 0));
}
