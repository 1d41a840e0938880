import type { PlanePoint } from './plane.ts';
import type { Matrix } from './recommender.ts';
import { createTop } from './top.ts';

/** Where on the emotion plane each place of a playlist should lie. */
export interface Course {
  readonly valence: Float32Array;
  readonly arousal: Float32Array;
}

/**
 * Target points in equal steps from one place on the plane to another, both ends included; without `to` every
 * target is `from`.
 */
export function planCourse({
  from,
  to = from,
  count,
}: {
  from: PlanePoint;
  to?: PlanePoint;
  count: number;
}): Course {
  const valence = new Float32Array(count);
  const arousal = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const t = count < 2 ? 0 : i / (count - 1);
    valence[i] = from.valence + t * (to.valence - from.valence);
    arousal[i] = from.arousal + t * (to.arousal - from.arousal);
  }
  return { valence, arousal };
}

/** A playlist's wish: indices of emotions in the profiles. */
export interface CourseWish {
  readonly from: number;
  /** For a journey. */
  readonly to?: number;
  /** For songs that feel like `from` and like this at once; never together with `to`. */
  readonly and?: number;
}

/** So that of two songs without the one emotion, the one that has the other is nearer to the pair. */
const TRACE = 1e-3;

/**
 * How much of a pair a song carries by its shares of both, in [0, 1]: twice their geometric mean, so that half and half
 * count as much as a whole. Much of one does not make up for the other.
 */
export function pairShare(one: number, other: number): number {
  return 2 * (Math.sqrt((one + TRACE) * (other + TRACE)) - TRACE);
}

/** How much of a wish's emotion a song carries, or of its pair ({@link pairShare}), in [0, 1]. */
export function wishedShare(
  { columns, values }: Matrix,
  song: number,
  { from, and }: Pick<CourseWish, 'from' | 'and'>,
): number {
  const share = values[song * columns + from];
  if (and === undefined || and === from) return share;
  return pairShare(share, values[song * columns + and]);
}

/** Songs that tell where an emotion, or a pair, can be found. */
const EXAMPLES = 50;

/**
 * Where the songs that carry an emotion, or both of a pair, most really lie. Profiles are mixtures, so no song lies on an emotion's
 * own point, and a course between two such points would miss the catalogue.
 * @param allowed 1 for songs that count
 */
export function reachablePoint(
  wish: Pick<CourseWish, 'from' | 'and'>,
  profiles: Matrix,
  plane: Course,
  allowed: Uint8Array,
  examples = EXAMPLES,
): PlanePoint {
  const top = createTop(examples);
  let worst = top.worst();
  for (let s = 0; s < profiles.rows; s++) {
    if (allowed[s] !== 1) continue;
    const share = wishedShare(profiles, s, wish);
    if (!(share > worst)) continue;
    top.offer(s, share);
    worst = top.worst();
  }
  let valence = 0;
  let arousal = 0;
  let total = 0;
  for (const song of top.take()) {
    const share = wishedShare(profiles, song, wish);
    valence += share * plane.valence[song];
    arousal += share * plane.arousal[song];
    total += share;
  }
  return total === 0 ? { valence: 0, arousal: 0 } : { valence: valence / total, arousal: arousal / total };
}
