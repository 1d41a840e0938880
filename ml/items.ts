import { applyStandardizer, fitStandardizer, type Standardizer, transformFeature } from './features.ts';
import type { Table } from './forest.ts';
import type { Matrix } from './recommender.ts';

/** What a catalogue knows of its songs, on raw scales, NaN where missing. */
export interface RawSongs {
  readonly size: number;
  /** size × names.length, row-major. */
  readonly features: Float32Array;
  /** Names of the feature columns: `danceability`, `energy`, `key`, …, `durationMs`. */
  readonly names: readonly string[];
  /** Release year per song; leave out to do without. */
  readonly years?: Float32Array;
  /** Popularity 0..100 per song; leave out to do without. */
  readonly popularity?: Float32Array;
}

/** How item columns were made. JSON-able; stored beside a model so that new songs get the same columns. */
export interface ItemScaler {
  readonly format: 1;
  readonly columns: readonly string[];
  readonly standardizer: Standardizer;
}

export interface Items {
  readonly items: Matrix;
  readonly scaler: ItemScaler;
  readonly columns: readonly string[];
}

/**
 * Beats per bar hardly vary; a key is a place on a circle, not a size; and mode has two values, so that it would
 * weigh more than any other column in every distance. Without it nearest neighbours recommend better.
 */
const LEFT_OUT = new Set(['key', 'mode', 'timeSignature']);

/** Writes column `name` of the songs, transformed, NaN where missing, into a row-major matrix. */
function fillColumn(raw: RawSongs, name: string, values: Float32Array, columns: number, at: number): void {
  const source = name === 'year' ? raw.years : name === 'popularity' ? raw.popularity : undefined;
  const position = raw.names.indexOf(name);
  for (let s = 0; s < raw.size; s++) {
    let value = Number.NaN;
    if (source !== undefined) value = source[s];
    else if (position >= 0) value = raw.features[s * raw.names.length + position];
    values[s * columns + at] = transformFeature(name, value);
  }
}

function columnsOf(raw: RawSongs): string[] {
  const columns = raw.names.filter((name) => !LEFT_OUT.has(name));
  if (raw.years !== undefined) columns.push('year');
  if (raw.popularity !== undefined) columns.push('popularity');
  return columns;
}

function fill(raw: RawSongs, columns: readonly string[]): Float32Array {
  if (raw.features.length !== raw.size * raw.names.length) {
    throw new RangeError(
      `${raw.features.length} features are not ${raw.size} songs × ${raw.names.length} columns`,
    );
  }
  const values = new Float32Array(raw.size * columns.length);
  columns.forEach((name, at) => {
    fillColumn(raw, name, values, columns.length, at);
  });
  return values;
}

/**
 * What is known of songs without listeners, ready for the recommenders: long-tailed columns transformed, all
 * standardised, missing values at the mean (0), constant columns 0. Key, mode and time signature are left out.
 * @param scaler of a stored model: gives this catalogue exactly that model's columns and scales (a column the
 *   catalogue does not have is all 0). Absent: fitted on these songs.
 */
export function buildItems(raw: RawSongs, scaler?: ItemScaler): Items {
  const columns = scaler?.columns ?? columnsOf(raw);
  const values = fill(raw, columns);
  const used: ItemScaler = scaler ?? {
    format: 1,
    columns,
    standardizer: fitStandardizer(values, raw.size, columns.length),
  };
  applyStandardizer(values, raw.size, used.standardizer);
  return { items: { rows: raw.size, columns: columns.length, values }, scaler: used, columns };
}

/** The columns that carry emotion; `mode` and `key` add noise to distances on real catalogues. */
const PROPAGATION_COLUMNS = [
  'danceability',
  'energy',
  'loudness',
  'speechiness',
  'acousticness',
  'instrumentalness',
  'liveness',
  'valence',
  'tempo',
  'durationMs',
];

/** Points whose distances the neighbour graph is made of: transformed and standardised audio features. */
export function propagationFeatures(raw: RawSongs): Matrix {
  const columns = PROPAGATION_COLUMNS.filter((name) => raw.names.includes(name));
  const values = fill(raw, columns);
  applyStandardizer(values, raw.size, fitStandardizer(values, raw.size, columns.length));
  return { rows: raw.size, columns: columns.length, values };
}

/** What emotions are inferred from: the same columns as they are, NaN where a value is missing or cannot be. */
export function emotionTable(raw: RawSongs): Table {
  const columns = PROPAGATION_COLUMNS.filter((name) => raw.names.includes(name));
  const places = columns.map((name) => raw.names.indexOf(name));
  const values = new Float32Array(raw.size * columns.length);
  for (let song = 0; song < raw.size; song++) {
    columns.forEach((name, c) => {
      const value = raw.features[song * raw.names.length + places[c]];
      values[song * columns.length + c] = Number.isNaN(transformFeature(name, value)) ? Number.NaN : value;
    });
  }
  return { rows: raw.size, columns: columns.length, values };
}
