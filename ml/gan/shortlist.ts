import type { SongVectors } from './songs.ts';
import { binOf, type Taste, tasteBins } from './taste.ts';

/** What a song that does not carry a wish at all still counts for. */
const WISH_FLOOR = 1e-3;
/** Steps between the lowest and the highest score when the best are looked for. */
const STEPS = 2048;

/** A first look at a whole catalogue, cheap enough for a million songs. */
export interface FirstLook {
  /**
   * One rough score per song: the sum of the log ratios of its columns (naive Bayes), and how much of the wished
   * emotions it carries.
   */
  scores(taste: Taste, wish: Float32Array | undefined): Float32Array;
}

export function createFirstLook({ values, profiles, count, width, shape }: SongVectors): FirstLook {
  // Two columns at a time, one pair after the other: half as many passes, each reading and adding in one direction.
  const pairs = Math.ceil(width / 2);
  const bins = new Uint16Array(count * pairs);
  for (let song = 0; song < count; song++) {
    for (let pair = 0; pair < pairs; pair++) {
      const c = 2 * pair;
      const second = c + 1 < width ? binOf(values[song * width + c + 1]!) : 0;
      bins[pair * count + song] = binOf(values[song * width + c]!) * tasteBins + second;
    }
  }
  const { fround } = Math;
  const sums = Array.from({ length: pairs }, () => new Float32Array(tasteBins * tasteBins));
  const sumUp = (ratios: Float32Array, c: number, sums: Float32Array): void => {
    for (let a = 0; a < tasteBins; a++) {
      const first = ratios[c * tasteBins + a]!;
      for (let b = 0; b < tasteBins; b++) {
        sums[a * tasteBins + b] = c + 1 < width ? first + ratios[(c + 1) * tasteBins + b]! : first;
      }
    }
  };
  return {
    scores({ ratios }, wish) {
      const scores = new Float32Array(count);
      for (let pair = 0; pair < pairs; pair++) sumUp(ratios, 2 * pair, sums[pair]!);
      let pair = 0;
      // Four pairs a pass, as far as there are four: the scores are read and written a quarter as often.
      for (; pair + 4 <= pairs; pair += 4) {
        const [a, b, c, d] = sums.slice(pair, pair + 4) as [
          Float32Array,
          Float32Array,
          Float32Array,
          Float32Array,
        ];
        const [at, bt, ct, dt] = [pair * count, (pair + 1) * count, (pair + 2) * count, (pair + 3) * count];
        for (let song = 0; song < count; song++) {
          const two = fround(fround(scores[song]! + a[bins[at + song]!]!) + b[bins[bt + song]!]!);
          scores[song] = fround(two + c[bins[ct + song]!]!) + d[bins[dt + song]!]!;
        }
      }
      for (; pair < pairs; pair++) {
        const own = sums[pair]!;
        const from = pair * count;
        for (let song = 0; song < count; song++) scores[song] += own[bins[from + song]!]!;
      }
      if (!wish) return scores;
      const { emotions } = shape;
      for (let song = 0; song < count; song++) {
        let carried = WISH_FLOOR;
        for (let e = 0; e < emotions; e++) carried += profiles[song * emotions + e]! * wish[e]!;
        scores[song] += Math.log(carried);
      }
      return scores;
    },
  };
}

/**
 * At least `most` songs with the highest scores, ascending by index (a few more where scores are nearly equal). A
 * count of scores per step finds the limit, so the work is linear.
 */
export function bestOf(scores: Float32Array, most: number): Int32Array {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (score < low) low = score;
    if (score > high) high = score;
  }
  if (scores.length <= most || !(high > low)) {
    return Int32Array.from({ length: Math.min(scores.length, most) }, (_, i) => i);
  }
  const scale = (STEPS - 1) / (high - low);
  const counts = new Int32Array(STEPS);
  for (let i = 0; i < scores.length; i++) counts[((scores[i]! - low) * scale) | 0]++;
  let step = STEPS - 1;
  for (let found = counts[step]!; found < most && step > 0; found += counts[step]!) step--;
  const best: number[] = [];
  for (let i = 0; i < scores.length; i++) {
    if ((((scores[i]! - low) * scale) | 0) >= step) best.push(i);
  }
  return Int32Array.from(best);
}

/**
 * Puts the songs that only had a first look on the scale of those that were judged: along the line that predicts the
 * judgement from the first look (least squares), which must not fall.
 *
 * @param looks first looks of all songs; becomes the result
 * @param judged judgements of the songs in `shortlist`
 */
export function onOneScale(looks: Float32Array, shortlist: Int32Array, judged: Float32Array): Float32Array {
  const n = shortlist.length;
  let [x, y, xx, xy] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    x += looks[shortlist[i]!]! / n;
    y += judged[i]! / n;
  }
  for (let i = 0; i < n; i++) {
    const off = looks[shortlist[i]!]! - x;
    xx += off * off;
    xy += off * (judged[i]! - y);
  }
  const slope = xx > 0 ? Math.max(0, xy / xx) : 0;
  for (let song = 0; song < looks.length; song++) looks[song] = y + slope * (looks[song]! - x);
  for (let i = 0; i < n; i++) looks[shortlist[i]!] = judged[i]!;
  return looks;
}
