import type { Matrix } from '../recommender.ts';
import type { Shape } from './config.ts';
import { type Background, backgroundOf } from './taste.ts';

/** Standardised features beyond this many deviations say nothing more. */
const LIMIT = 5;
const POWER_ITERATIONS = 30;

/** A catalogue as the networks see it. */
export interface SongVectors {
  readonly count: number;
  readonly shape: Shape;
  /** items + emotions. */
  readonly width: number;
  /** count × width: the item vector, clipped, then the centred emotion profile. */
  readonly values: Float32Array;
  /** count × emotions: the profiles as distributions. */
  readonly profiles: Float32Array;
  /** How the catalogue's songs are spread over each column. */
  readonly background: Background;
  /** The canonical order of songs: alike songs have near places. */
  readonly place: Float32Array;
}

/** Scale of centred profiles: the uniform distribution is 0 and a certain emotion about √emotions. */
export function profileScale(emotions: number): { readonly factor: number; readonly offset: number } {
  const factor = Math.sqrt(Math.max(1, emotions));
  return { factor, offset: -factor / Math.max(1, emotions) };
}

/** The projection of each row on the direction of greatest variance (power iteration). */
function principalPlace(values: Float32Array, count: number, width: number): Float32Array {
  const place = new Float32Array(count);
  let direction = new Float64Array(width).map((_, column) => 1 / (column + 1));
  for (let iteration = 0; iteration < POWER_ITERATIONS; iteration++) {
    const next = new Float64Array(width);
    for (let song = 0; song < count; song++) {
      const row = song * width;
      let dot = 0;
      for (let column = 0; column < width; column++) dot += values[row + column]! * direction[column]!;
      place[song] = dot;
      for (let column = 0; column < width; column++) next[column]! += dot * values[row + column]!;
    }
    const norm = Math.hypot(...next);
    if (norm === 0) return place;
    direction = next.map((value) => value / norm);
  }
  return place;
}

/** @throws Error when the two tables do not describe the same songs */
export function songVectors(items: Matrix, profiles: Matrix): SongVectors {
  if (items.rows !== profiles.rows) {
    throw new Error(`${items.rows} songs have features but ${profiles.rows} have emotion profiles`);
  }
  const count = items.rows;
  const shape = { items: items.columns, emotions: profiles.columns };
  const width = shape.items + shape.emotions;
  const { factor, offset } = profileScale(shape.emotions);
  const values = new Float32Array(count * width);
  for (let song = 0; song < count; song++) {
    const row = song * width;
    for (let column = 0; column < shape.items; column++) {
      const value = items.values[song * shape.items + column]!;
      values[row + column] = Math.min(LIMIT, Math.max(-LIMIT, value));
    }
    for (let emotion = 0; emotion < shape.emotions; emotion++) {
      values[row + shape.items + emotion] =
        factor * profiles.values[song * shape.emotions + emotion]! + offset;
    }
  }
  return {
    count,
    shape,
    width,
    values,
    profiles: profiles.values,
    background: backgroundOf(values, count, width),
    place: principalPlace(values, count, width),
  };
}

/** A listener's songs in the canonical order; equal places by index, so that the order is one only. */
export function inPlaceOrder(songs: Int32Array, { place }: SongVectors): Int32Array {
  return songs.slice().sort((a, b) => place[a]! - place[b]! || a - b);
}
