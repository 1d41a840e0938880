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
  readonly to?: number;
}

/** Songs that tell where an emotion can be found. */
const EXAMPLES = 50;

/**
 * Where the songs that carry an emotion most really lie. Profiles are mixtures, so no song lies on an emotion's
 * own point, and a course between two such points would miss the catalogue.
 * @param allowed 1 for songs that count
 */
export function reachablePoint(
  emotion: number,
  profiles: Matrix,
  plane: Course,
  allowed: Uint8Array,
  examples = EXAMPLES,
): PlanePoint {
  const { columns, values } = profiles;
  const top = createTop(examples);
  let worst = top.worst();
  for (let s = 0; s < profiles.rows; s++) {
    if (allowed[s] !== 1 || !(values[s * columns + emotion] > worst)) continue;
    top.offer(s, values[s * columns + emotion]);
    worst = top.worst();
  }
  let valence = 0;
  let arousal = 0;
  let total = 0;
  for (const song of top.take()) {
    const share = values[song * columns + emotion];
    valence += share * plane.valence[song];
    arousal += share * plane.arousal[song];
    total += share;
  }
  return total === 0 ? { valence: 0, arousal: 0 } : { valence: valence / total, arousal: arousal / total };
}
