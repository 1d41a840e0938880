import { type Course, type CourseWish, pairShare, wishedShare } from './course.ts';
import { topK } from './evaluate.ts';
import type { Matrix } from './recommender.ts';
import { createTop } from './top.ts';

export interface PlaylistQuery {
  /** One per song, higher is better; NaN or -Infinity = never. Best without a wish in it: the wish acts here. */
  readonly scores: Float32Array;
  /** songCount × emotions. */
  readonly profiles: Matrix;
  /** Places of the songs on the plane (`planeOf`). */
  readonly valence: Float32Array;
  readonly arousal: Float32Array;
  /** A number per artist; -1 = unknown, never capped. */
  readonly artistOf: Int32Array;
  readonly count: number;
  readonly wish?: CourseWish;
  /** Songs per artist, ≥ 1; default 2. Raised only when there are no other songs left. */
  readonly artistCap?: number;
  /** 0 = best scores only, 1 = as different as can be; default 0.3. */
  readonly diversity?: number;
  /** songCount × width: what similarity of songs is measured on; without it only artists vary. */
  readonly items?: Matrix;
  /** Beats per minute; NaN where unknown. With it neighbours in the list are not far apart in tempo either. */
  readonly tempo?: Float32Array;
  /** Songs that must not come: disliked, or in the last playlists. */
  readonly exclude?: ArrayLike<number>;
  /** Own target points, `count` of them, instead of those the wish leads to. */
  readonly course?: Course;
  /** Songs that are looked at closely; default 400. */
  readonly candidates?: number;
}

/**
 * A song carries an emotion when its share is at least this part of the song's largest share, and well above what
 * every emotion has in a flat profile: `CLEAR` times 1 / emotions, at most a half.
 */
export const CARRIES = 0.75;
const CLEAR = 1.5;
/** A song carries a pair when it carries both; as they share what there is, a third of it is clear for each. */
const CLEAR_OF_BOTH = 1 / 3;

/**
 * Beside one deviation of score: how much one spread of the plane weighs, and one e-fold of wished share. A wish is
 * what the member asked for in words, so it outweighs taste.
 */
export const SCORE_LIMIT = 3;
export const PLANE_WEIGHT = 2;
const SHARE_WEIGHT = 4;
const FLOOR = 1e-3;

/** Songs that are looked at closely; the first `carriers` carry the wish, the others only fill up. */
export interface Pool {
  readonly pool: readonly number[];
  readonly carriers: number;
}

/** What a share of the wished emotion is worth beside a song's score. */
export function strength(share: number): number {
  return SHARE_WEIGHT * Math.log(FLOOR + share);
}

const STEPS = 256;
/** At least what {@link strength} gives a share in this step of 1 / STEPS: a look-up instead of a logarithm. */
const STRENGTH_BELOW = Float64Array.from(
  { length: STEPS + 2 },
  (_, step) => strength(Math.min(1.01, (step + 1) / STEPS)) + 1e-6,
);
const strengthAtMost = (share: number): number => STRENGTH_BELOW[Math.min(STEPS + 1, (share * STEPS) | 0)];

/** How well a song fits a place of a journey: nearness to its target, and carrying the mix wished there. */
export function placeValue(
  { profiles, valence, arousal, wish, count }: PlaylistQuery,
  course: Course,
  plane: number,
  song: number,
  place: number,
): number {
  const v = (valence[song] - course.valence[place]) / plane;
  const a = (arousal[song] - course.arousal[place]) / plane;
  let fit = -PLANE_WEIGHT * (v * v + a * a);
  if (wish !== undefined) {
    const t = count < 2 ? 0 : place / (count - 1);
    const from = wishedShare(profiles, song, wish);
    const to = wish.to === undefined ? from : profiles.values[song * profiles.columns + wish.to];
    fit += strength((1 - t) * from + t * to);
  }
  return fit;
}

const POOL = 400;

/** Of so many of the best a pool is made. */
const looked = (size: number): number => 4 * size;

/** From the best songs, best first, but no artist fills the pool. */
function poolOf(query: PlaylistQuery, best: Int32Array, size: number): number[] {
  const { artistOf, artistCap = 2 } = query;
  const perArtist = new Map<number, number>();
  const pool: number[] = [];
  const spare: number[] = [];
  for (const song of best) {
    const artist = artistOf[song];
    const had = perArtist.get(artist) ?? 0;
    if (artist >= 0 && had >= 3 * artistCap) {
      spare.push(song);
      continue;
    }
    perArtist.set(artist, had + 1);
    pool.push(song);
    if (pool.length === size) return pool;
  }
  return pool.concat(spare).slice(0, size);
}

function largestShare({ columns, values }: Matrix, song: number): number {
  let top = 0;
  for (let e = 0; e < columns; e++) top = Math.max(top, values[song * columns + e]);
  return top;
}

/**
 * Whether a share is enough to say that the song carries the emotion.
 * @param enough the least share that is well above what a flat profile has
 */
function carries(profiles: Matrix, song: number, share: number, enough: number): boolean {
  return share >= enough && share >= CARRIES * largestShare(profiles, song);
}

/**
 * The best songs that carry the wished emotion, or both of a pair; where they are too few, those that carry it most.
 */
export function emotionPool(query: PlaylistQuery, allowed: Uint8Array, relevance: Float32Array): Pool {
  const { profiles, wish, count, candidates = POOL } = query;
  const size = Math.max(count, candidates);
  if (wish === undefined) {
    const pool = poolOf(query, topK(relevance, looked(size)), size);
    return { pool, carriers: pool.length };
  }
  const { columns, values } = profiles;
  const { from, and = from } = wish;
  const pair = and !== from;
  const enough = Math.min(pair ? CLEAR_OF_BOTH : 0.5, CLEAR / columns);
  const best = createTop(looked(size));
  const highest = strengthAtMost(1);
  let worst = best.worst();
  for (let s = 0; s < profiles.rows; s++) {
    // Most songs are out before anything is read but their score.
    if (relevance[s] + highest <= worst || allowed[s] === 0) continue;
    // Read here and not by a function: this is done for every song of a catalogue.
    const one = values[s * columns + from];
    const other = values[s * columns + and];
    const share = pair ? pairShare(one, other) : one;
    if (relevance[s] + strengthAtMost(share) <= worst) continue;
    if (!carries(profiles, s, Math.min(one, other), enough)) continue;
    best.offer(s, Math.fround(relevance[s] + strength(share)));
    worst = best.worst();
  }
  const pool = poolOf(query, best.take(), size);
  const artists = new Map<number, number>();
  let usable = 0;
  for (const song of pool) {
    const artist = query.artistOf[song];
    const had = artists.get(artist) ?? 0;
    if (artist < 0 || had < (query.artistCap ?? 2)) usable++;
    artists.set(artist, had + 1);
  }
  if (usable >= count) return { pool, carriers: pool.length };
  const others = new Float32Array(profiles.rows).fill(Number.NEGATIVE_INFINITY);
  for (let s = 0; s < profiles.rows; s++) {
    if (allowed[s] === 0) continue;
    const one = values[s * columns + from];
    const other = values[s * columns + and];
    if (carries(profiles, s, Math.min(one, other), enough)) continue;
    // Beside its largest share even a flat profile has the whole of a pair.
    others[s] = pair ? pairShare(one, other) : one / Math.max(largestShare(profiles, s), FLOOR);
  }
  const wanted = size - Math.min(size, pool.length) + count;
  const more = poolOf(query, topK(others, looked(wanted)), wanted);
  return { pool: pool.concat(more), carriers: pool.length };
}

/** For some places along the journey the songs that fit best there. */
export function journeyPool(
  query: PlaylistQuery,
  course: Course,
  plane: number,
  relevance: Float32Array,
): Pool {
  const { count, candidates = POOL, profiles, wish, valence, arousal } = query;
  const { columns, values } = profiles;
  const stages = Math.min(count, 8);
  const each = Math.max(Math.ceil((2 * count) / stages), Math.ceil(candidates / stages));
  const places = Int32Array.from({ length: stages }, (_, stage) =>
    stages < 2 ? 0 : Math.round((stage * (count - 1)) / (stages - 1)),
  );
  const tops = Array.from(places, () => createTop(looked(each)));
  const worst = new Float64Array(stages).fill(Number.NEGATIVE_INFINITY);
  const highest = strengthAtMost(1);
  /** The lowest of what a song must be above: most songs are below all of them. */
  let least = Number.NEGATIVE_INFINITY;
  for (let s = 0; s < relevance.length; s++) {
    // From the cheapest to the dearest: mostly the score alone, or the shares, tell that it is for no place.
    if (relevance[s] + highest <= least) continue;
    const one = wish === undefined ? 1 : values[s * columns + wish.from];
    const from = wish?.and === undefined ? one : pairShare(one, values[s * columns + wish.and]);
    const to = wish?.to === undefined ? from : values[s * columns + wish.to];
    if (relevance[s] + strengthAtMost(Math.max(from, to)) <= least) continue;
    let taken = false;
    for (let stage = 0; stage < stages; stage++) {
      const place = places[stage];
      const t = count < 2 ? 0 : place / (count - 1);
      const v = (valence[s] - course.valence[place]) / plane;
      const a = (arousal[s] - course.arousal[place]) / plane;
      const atMost = relevance[s] - PLANE_WEIGHT * (v * v + a * a) + strengthAtMost((1 - t) * from + t * to);
      if (atMost <= worst[stage]) continue;
      tops[stage].offer(s, Math.fround(relevance[s] + placeValue(query, course, plane, s, place)));
      worst[stage] = tops[stage].worst();
      taken = true;
    }
    if (taken) least = worst.reduce((low, one) => Math.min(low, one));
  }
  const pool = new Set<number>();
  for (const top of tops) for (const song of poolOf(query, top.take(), each)) pool.add(song);
  return { pool: [...pool], carriers: pool.size };
}

/** Songs outside the pool by artists of whom there may be more, best first; none only when there are none. */
export function furtherSongs(
  query: PlaylistQuery,
  relevance: Float32Array,
  pool: readonly number[],
  full: (artist: number) => boolean,
): number[] {
  const values = relevance.slice();
  for (const song of pool) values[song] = Number.NEGATIVE_INFINITY;
  for (let s = 0; s < values.length; s++) if (full(query.artistOf[s])) values[s] = Number.NEGATIVE_INFINITY;
  return poolOf(query, topK(values, looked(query.count)), query.count);
}
