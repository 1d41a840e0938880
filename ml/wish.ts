import type { Matrix } from './recommender.ts';

/** Songs that do not carry the wish at all still get a finite score. */
const FLOOR = 1e-3;

/**
 * Blends taste and wish, for every method alike: the scores brought to mean 0 and deviation 1 over the songs,
 * plus log(profile · wish), so that a song with twice the share of the wished emotion gains log 2 ≈ 0.7
 * deviations. Without a wish the scores come back untouched.
 * @param profiles songCount × emotions
 * @param wish a distribution over the emotions
 * @throws RangeError when the wish does not fit the profiles
 */
export function applyWish(scores: Float32Array, profiles: Matrix, wish?: Float32Array): Float32Array {
  if (wish === undefined) return scores;
  const c = profiles.columns;
  if (wish.length !== c) throw new RangeError(`a wish of ${wish.length} emotions for profiles of ${c}`);
  if (scores.length !== profiles.rows) {
    throw new RangeError(`${scores.length} scores for ${profiles.rows} profiles`);
  }
  let mean = 0;
  for (const score of scores) mean += score / scores.length;
  let variance = 0;
  for (const score of scores) variance += (score - mean) ** 2 / scores.length;
  const scale = variance > 0 ? 1 / Math.sqrt(variance) : 0;
  const blended = new Float32Array(scores.length);
  for (let s = 0; s < scores.length; s++) {
    let carried = 0;
    for (let e = 0; e < c; e++) carried += profiles.values[s * c + e] * wish[e];
    blended[s] = (scores[s] - mean) * scale + Math.log(FLOOR + carried);
  }
  return blended;
}
