import { songsOf } from '../interactions.ts';
import type { Random } from '../random.ts';
import type { Interactions } from '../recommender.ts';

/** Listeners that are looked at, at most: more of them change little and each takes a ranking. */
const MOST_LISTENERS = 256;
/** With fewer listeners nobody's list says what everybody's lists are like. */
const LEAST_LISTENERS = 10;

/**
 * How much of everybody's recommendations each song takes up: the mean over listeners of the softmax of their scores,
 * their own songs left out. A song that stands in many lists is often no better for this listener than for any other,
 * as hubs are among nearest neighbours (Radovanović, Nanopoulos & Ivanović 2010).
 * @param score the recommender, without any correction
 * @returns one share per song, summing to 1; undefined with too few listeners
 */
export async function measureExposure(
  score: (liked: Int32Array) => Float32Array,
  interactions: Interactions,
  random: Random,
  onProgress: (fraction: number) => void,
): Promise<Float32Array | undefined> {
  const listeners = Array.from({ length: interactions.listenerCount }, (_, listener) => listener).filter(
    (listener) => songsOf(interactions, listener).length > 0,
  );
  if (listeners.length < LEAST_LISTENERS) return undefined;
  const asked = random.shuffle(listeners).slice(0, MOST_LISTENERS);
  const exposure = new Float32Array(interactions.songCount);
  for (const [number, listener] of asked.entries()) {
    const own = songsOf(interactions, listener);
    const odds = Float32Array.from(score(own));
    for (const song of own) odds[song] = Number.NEGATIVE_INFINITY;
    addSoftmax(odds, 1 / asked.length, exposure);
    onProgress((number + 1) / asked.length);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return exposure;
}

/** Adds `weight` · softmax(odds) to `sums`; nothing where no song is left. */
function addSoftmax(odds: Float32Array, weight: number, sums: Float32Array): void {
  let top = Number.NEGATIVE_INFINITY;
  for (const value of odds) if (value > top) top = value;
  if (top === Number.NEGATIVE_INFINITY) return;
  let total = 0;
  for (let song = 0; song < odds.length; song++) {
    const share = Math.exp(odds[song]! - top);
    odds[song] = share;
    total += share;
  }
  for (let song = 0; song < odds.length; song++) sums[song] += (weight * odds[song]!) / total;
}

/**
 * What is taken off each song's score: weight · log(1 + exposure · songs), so 0 for a song in nobody's list and about
 * that part of the log odds with which everybody gets a song in many.
 * @param exposure from {@link measureExposure}
 */
export function exposurePenalty(exposure: Float32Array, weight: number): Float32Array {
  return exposure.map((share) => weight * Math.log1p(share * exposure.length));
}
