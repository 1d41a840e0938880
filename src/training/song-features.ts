import type { Feature, FeatureGroup } from '../../ml/feature-groups.ts';
import { parsePythonList } from '../catalogue/import/values.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Song } from '../domain/song.ts';

/** Nothing that was recorded is older, and nothing is released later: such a year is a slip of the table. */
const YEARS = [1860, 2100] as const;
/** A genre or language of fewer labelled songs than this has no column. */
const MIN_SONGS = 5;
const MOST_GENRES = 12;
const MOST_LANGUAGES = 6;

const LANGUAGE_NAMES = new Intl.DisplayNames('en', { type: 'language' });

/** The genres of a song, in lower case: tables write several as `rock, jazz`, `rock;jazz`, `Rock|Jazz`, `rock/jazz`. */
export function genresOf({ genre = '', subgenre = '' }: Pick<Song, 'genre' | 'subgenre'>): string[] {
  const names = [genre, subgenre].flatMap((cell) => parsePythonList(cell) ?? cell.split(/[,;|/]/));
  const own = names.map((name) => name.trim().toLowerCase());
  return [...new Set(own)].filter((name) => name !== '');
}

function yearOf({ year }: Song): number {
  return year !== undefined && year >= YEARS[0] && year <= YEARS[1] ? year : Number.NaN;
}

/** A number that a song has or lacks. */
function numeric(
  songAt: (index: number) => Song,
  numberOf: (song: Song) => number | undefined,
  tell: (value: number) => string,
  missing: string,
): Feature {
  return {
    columns: 1,
    write: (index, values, at) => {
      values[at] = numberOf(songAt(index)) ?? Number.NaN;
    },
    tell: (index) => {
      const value = numberOf(songAt(index)) ?? Number.NaN;
      return Number.isNaN(value) ? missing : tell(value);
    },
  };
}

/** Kinds that a song is of, one or more; a column of 0 and 1 for each common one. */
function kinds(
  songAt: (index: number) => Song,
  kindsOf: (song: Song) => readonly string[],
  common: readonly string[],
  tell: (kinds: readonly string[]) => string,
  missing: string,
): Feature {
  return {
    columns: common.length,
    write: (index, values, at) => {
      const own = kindsOf(songAt(index));
      common.forEach((kind, column) => {
        values[at + column] = own.length === 0 ? Number.NaN : Number(own.includes(kind));
      });
    },
    tell: (index) => {
      const own = kindsOf(songAt(index));
      return own.length === 0 ? missing : tell(own);
    },
  };
}

/** The kinds that are common enough among some songs for a column of their own, the commonest first. */
function commonKinds(
  songs: readonly Song[],
  kindsOf: (song: Song) => readonly string[],
  most: number,
): string[] {
  const counts = new Map<string, number>();
  for (const song of songs) for (const kind of kindsOf(song)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= MIN_SONGS)
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([kind]) => kind);
}

/**
 * What a catalogue knows of its songs beside their sound, in groups: `year`, `genre`, `explicit` and `lyrics`, those
 * of which it knows anything at all of the labelled songs. Which of them help is found out by `chooseFeatures`.
 * Genres and languages have a column of 0 and 1 each where they are common among the labelled songs: labels
 * themselves are not looked at.
 * @param labelled songs with a label
 */
export function songFeatures(catalogue: Catalogue, labelled: Iterable<number>): FeatureGroup[] {
  let last = -1;
  let song: Song | undefined;
  // Features of one song are asked for one after the other.
  const songAt = (index: number): Song => {
    if (song === undefined || last !== index) [song, last] = [catalogue.song(index), index];
    return song;
  };
  const songs = Array.from(labelled, (index) => catalogue.song(index));
  const languageOf = ({ lyrics }: Song) => (lyrics?.language === undefined ? [] : [lyrics.language]);
  const genres = commonKinds(songs, genresOf, MOST_GENRES);
  const languages = commonKinds(songs, languageOf, MOST_LANGUAGES);
  const groups: FeatureGroup[] = [];
  const add = (name: string, there: boolean, features: readonly Feature[]) => {
    if (there && features.length > 0) groups.push({ name, features });
  };

  const year = numeric(songAt, yearOf, (value) => `year ${value}`, 'year missing');
  add(
    'year',
    songs.some((one) => !Number.isNaN(yearOf(one))),
    [year],
  );

  const genre = kinds(songAt, genresOf, genres, (own) => `genre ${own.join(', ')}`, 'genre missing');
  add('genre', genres.length > 0, [genre]);

  const explicit = numeric(
    songAt,
    (one) => (one.explicit === undefined ? undefined : Number(one.explicit)),
    (value) => (value === 1 ? 'explicit' : 'not explicit'),
    'explicit or not: missing',
  );
  add(
    'explicit',
    songs.some((one) => one.explicit !== undefined),
    [explicit],
  );

  const none = 'lyrics missing';
  add(
    'lyrics',
    songs.some(({ lyrics }) => lyrics !== undefined),
    [
      ...(languages.length === 0
        ? []
        : [
            kinds(
              songAt,
              languageOf,
              languages,
              ([code]) => `lyrics in ${LANGUAGE_NAMES.of(code) ?? code}`,
              'language of the lyrics missing',
            ),
          ]),
      numeric(
        songAt,
        ({ lyrics }) => lyrics?.sentiment,
        (value) => `sentiment of the lyrics ${value.toFixed(2).replace('-', '−')} (−1 to 1)`,
        'sentiment of the lyrics missing',
      ),
      numeric(
        songAt,
        ({ lyrics }) => lyrics?.words,
        (value) => `${value} words of lyrics`,
        none,
      ),
      numeric(
        songAt,
        ({ lyrics }) => lyrics?.repetition,
        (value) => `${Math.round(100 * value)} % of the lyrics repeated`,
        none,
      ),
    ],
  );
  return groups;
}
