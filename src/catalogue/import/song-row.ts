import { AUDIO_FEATURES, type AudioFeature, type AudioFeatures, type Song } from '../../domain/song.ts';
import type { ColumnPlan, Field } from './columns.ts';
import { lyricsFeatures } from './lyrics.ts';
import type { RowProblem } from './report.ts';
import {
  cleanText,
  idOfWords,
  isMissing,
  isUndetected,
  parseArtists,
  parseFlag,
  parseNumber,
  parseYear,
  RANGES,
  spotifyTrackId,
} from './values.ts';

type Fault = Pick<RowProblem, 'reason' | 'detail'>;

/** What one row says. */
export interface SongRow {
  readonly song: Song;
  readonly playlist?: { readonly id: string; readonly name: string };
  readonly mood?: string;
  /** What was wrong with it and could be left out. */
  readonly notes: readonly Fault[];
}

const LONGEST_ID = 200;

/**
 * Makes the function that turns the cells of a row into a song, or says why it cannot.
 * @param decimalComma whether `0,5` is a half (tables that are not separated by commas)
 */
export function songReader(
  plan: ColumnPlan,
  decimalComma: boolean,
): (cells: readonly string[]) => SongRow | Fault {
  const cellOf = (cells: readonly string[], field: Field): string | undefined => {
    const position = plan[field];
    return position === undefined ? undefined : cells[position];
  };

  function readFeatures(cells: readonly string[]): AudioFeatures | Fault {
    const features: { -readonly [K in AudioFeature]?: number } = {};
    for (const feature of AUDIO_FEATURES) {
      const value = readFeature(feature, cellOf(cells, feature), decimalComma);
      if (typeof value === 'object') return value;
      if (value !== undefined) features[feature] = value;
    }
    if (features.durationMs === undefined) {
      const seconds = parseNumber(cellOf(cells, 'durationSeconds'), decimalComma);
      if (typeof seconds === 'number' && seconds > 0 && seconds <= RANGES.durationMs[1] / 1000)
        features.durationMs = Math.round(seconds * 1000);
    }
    return features;
  }

  function readPopularity(cells: readonly string[], notes: Fault[]): number | undefined {
    const cell = cellOf(cells, 'popularity');
    const value = parseNumber(cell, decimalComma);
    if (value === undefined) return undefined;
    if (value !== null && value >= 0 && value <= 100) return value;
    notes.push({
      reason: value === null ? 'not a number' : 'out of range',
      detail: `popularity is ${shown(cell)}, not between 0 and 100`,
    });
    return undefined;
  }

  return (cells) => {
    const title = cleanText(cellOf(cells, 'title'));
    const artists = parseArtists(cellOf(cells, 'artists'));
    // "NA" can be a title, but not of nobody.
    if (title === '' || (isMissing(title) && artists.length === 0))
      return { reason: 'no title', detail: 'the title is missing' };

    const features = readFeatures(cells);
    if ('reason' in features) return features as Fault;
    if (!Object.keys(features).some((feature) => feature !== 'durationMs'))
      return { reason: 'no features', detail: 'every audio feature is missing' };

    const given = cellOf(cells, 'id');
    const track = spotifyTrackId(given) ?? spotifyTrackId(cellOf(cells, 'spotifyUri'));
    const id =
      given === undefined
        ? (track ?? idOfWords(title, artists))
        : (spotifyTrackId(given) ?? cleanText(given));
    if (id === '' || id.length > LONGEST_ID || isMissing(id))
      return { reason: 'no id', detail: `the id is ${shown(given)}` };

    const notes: Fault[] = [];
    if (title.includes('\uFFFD') || artists.some((artist) => artist.includes('\uFFFD')))
      notes.push({ reason: 'not UTF-8', detail: `"${title}" has characters that are not UTF-8` });
    const optional = {
      album: optionalText(cellOf(cells, 'album')),
      genre: optionalText(cellOf(cells, 'genre')),
      subgenre: optionalText(cellOf(cells, 'subgenre')),
      year: parseYear(cellOf(cells, 'year')) ?? parseYear(cellOf(cells, 'releaseDate')),
      popularity: readPopularity(cells, notes),
      explicit: parseFlag(cellOf(cells, 'explicit')),
      lyrics: lyricsFeatures(cellOf(cells, 'lyrics'), cellOf(cells, 'language')),
      spotifyUri: track && `spotify:track:${track}`,
    };
    const playlist = cleanText(cellOf(cells, 'playlistId') ?? cellOf(cells, 'playlistName'));
    const mood = cleanText(cellOf(cells, 'mood'));
    return {
      song: { id, title, artists, ...optional, features, snippet: { kind: track ? 'spotify' : 'none' } },
      ...(!isMissing(playlist) && {
        playlist: { id: playlist, name: cleanText(cellOf(cells, 'playlistName')) || playlist },
      }),
      ...(!isMissing(mood) && { mood }),
      notes,
    };
  };
}

const PITCH_CLASSES: Readonly<Record<string, number>> = {
  c: 0,
  'c#': 1,
  db: 1,
  d: 2,
  'd#': 3,
  eb: 3,
  e: 4,
  f: 5,
  'f#': 6,
  gb: 6,
  g: 7,
  'g#': 8,
  ab: 8,
  a: 9,
  'a#': 10,
  bb: 10,
  b: 11,
};
const MODES: Readonly<Record<string, number>> = { minor: 0, major: 1 };

/** One feature: its value, undefined when it is missing or was not detected, or what is wrong with it. */
function readFeature(
  feature: AudioFeature,
  cell: string | undefined,
  decimalComma: boolean,
): number | undefined | Fault {
  const value = parseNumber(cell, decimalComma) ?? inWords(feature, cell);
  if (value === undefined) {
    return isMissing(cell)
      ? undefined
      : { reason: 'not a number', detail: `${feature} is ${shown(cell)}, which is no number` };
  }
  const [low, high] = RANGES[feature];
  const whole = feature === 'key' || feature === 'mode' || feature === 'timeSignature';
  if (value < low || value > high || (whole && !Number.isInteger(value)))
    return { reason: 'out of range', detail: `${feature} is ${value}, outside ${low}..${high}` };
  return isUndetected(feature, value) ? undefined : value;
}

/** Some tables write `C#`, `Major` and `4/4`. */
function inWords(feature: AudioFeature, cell: string | undefined): number | undefined {
  const text = cell?.trim().toLowerCase() ?? '';
  if (feature === 'key') return PITCH_CLASSES[text.replace('♯', '#').replace('♭', 'b')];
  if (feature === 'mode') return MODES[text];
  if (feature === 'timeSignature' && /^\d{1,2}\/4$/.test(text)) return Number.parseInt(text, 10);
  return undefined;
}

function optionalText(cell: string | undefined): string | undefined {
  const text = cleanText(cell);
  return isMissing(text) ? undefined : text;
}

function shown(cell: string | undefined): string {
  const text = cleanText(cell);
  return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
}
