import { AUDIO_FEATURES, type AudioFeatures, type SnippetSource, type Song } from '../domain/song.ts';
import { growingNumbers, growingText, type TextColumn, textAt } from './columns.ts';
import { type IdIndex, indexIds } from './id-index.ts';
import { searchableText } from './search.ts';

/** The songs of a catalogue, a column per property. An empty text or NaN means that it is not known. */
export interface SongColumns {
  readonly size: number;
  readonly texts: Readonly<Record<SongTextName, TextColumn>>;
  /** size × AUDIO_FEATURES.length, row-major. */
  readonly features: Float32Array;
  readonly years: Float32Array;
  readonly popularity: Float32Array;
  readonly lyricsWords: Float32Array;
  readonly lyricsRepetition: Float32Array;
  readonly lyricsSentiment: Float32Array;
  /** 0 = no, 1 = yes, 2 = not known. */
  readonly explicit: Uint8Array;
  /** Position in `SNIPPET_KINDS`. */
  readonly snippets: Uint8Array;
}

export const SONG_TEXTS = [
  'ids',
  'titles',
  'artists',
  'albums',
  'genres',
  'subgenres',
  'languages',
  'spotifyUris',
  /** What a search looks at, see `searchableText`. */
  'search',
] as const;
export type SongTextName = (typeof SONG_TEXTS)[number];

const SNIPPET_KINDS = ['none', 'own', 'spotify'] as const satisfies readonly SnippetSource['kind'][];
const WIDTH = AUDIO_FEATURES.length;
/** Between the artists of one song; no name contains a control character. */
const BETWEEN_ARTISTS = '\x1f';
/** Stands for `spotify:track:` + the song's id, which is what nearly every song has. */
const URI_OF_ID = '=';

const known = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);

/** Builds the song at a position; properties that are not known are absent. */
export function songAt(columns: SongColumns, index: number): Song {
  const { texts } = columns;
  const id = textAt(texts.ids, index);
  const features: { -readonly [K in keyof AudioFeatures]: AudioFeatures[K] } = {};
  for (let f = 0; f < WIDTH; f++) {
    const value = columns.features[index * WIDTH + f]!;
    if (!Number.isNaN(value)) features[AUDIO_FEATURES[f]!] = value;
  }
  const artists = textAt(texts.artists, index);
  const album = textAt(texts.albums, index);
  const genre = textAt(texts.genres, index);
  const subgenre = textAt(texts.subgenres, index);
  const language = textAt(texts.languages, index);
  const uri = textAt(texts.spotifyUris, index);
  const year = known(columns.years[index]!);
  const popularity = known(columns.popularity[index]!);
  const words = known(columns.lyricsWords[index]!);
  const sentiment = known(columns.lyricsSentiment[index]!);
  const explicit = columns.explicit[index]!;
  return {
    id,
    title: textAt(texts.titles, index),
    artists: artists === '' ? [] : artists.split(BETWEEN_ARTISTS),
    ...(album !== '' && { album }),
    ...(genre !== '' && { genre }),
    ...(subgenre !== '' && { subgenre }),
    ...(year !== undefined && { year }),
    ...(popularity !== undefined && { popularity }),
    ...(explicit < 2 && { explicit: explicit === 1 }),
    features,
    ...(words !== undefined && {
      lyrics: {
        ...(language !== '' && { language }),
        ...(sentiment !== undefined && { sentiment }),
        words,
        repetition: columns.lyricsRepetition[index]!,
      },
    }),
    ...(uri !== '' && { spotifyUri: uri === URI_OF_ID ? `spotify:track:${id}` : uri }),
    snippet: { kind: SNIPPET_KINDS[columns.snippets[index]!]! },
  };
}

/** Song columns that grow. */
export interface GrowingSongs {
  readonly size: number;
  /** Index of a song id, or -1. */
  indexOf(id: string): number;
  /**
   * Appends a song and returns its index.
   * @throws RangeError when the id is empty or there already
   */
  add(song: Song): number;
  title(index: number): string;
  feature(index: number, feature: number): number;
  genre(index: number): [genre: string, subgenre: string];
  /** Genres are often known only after every playlist of a song was seen. */
  setGenre(index: number, genre: string, subgenre: string): void;
  finish(): SongColumns;
}

export function growingSongs(): GrowingSongs {
  const ids = growingText();
  const titles = growingText();
  const artists = growingText();
  const albums = growingText();
  const languages = growingText();
  const spotifyUris = growingText();
  const search = growingText();
  // Few distinct ones: shared strings until the end.
  const genres: string[] = [];
  const subgenres: string[] = [];
  const features = growingNumbers(Float32Array);
  const years = growingNumbers(Float32Array);
  const popularity = growingNumbers(Float32Array);
  const lyricsWords = growingNumbers(Float32Array);
  const lyricsRepetition = growingNumbers(Float32Array);
  const lyricsSentiment = growingNumbers(Float32Array);
  const explicit = growingNumbers(Uint8Array);
  const snippets = growingNumbers(Uint8Array);
  const index: IdIndex = indexIds(() => ids.peek(), 0);

  return {
    get size() {
      return ids.size;
    },
    indexOf: (id) => index.find(id),
    add(song) {
      if (song.id === '') throw new RangeError('A song needs an id.');
      if (index.find(song.id) !== -1) throw new RangeError(`The song id ${song.id} is there twice.`);
      ids.add(song.id);
      index.addNext();
      titles.add(song.title);
      artists.add(song.artists.join(BETWEEN_ARTISTS));
      albums.add(song.album ?? '');
      languages.add(song.lyrics?.language ?? '');
      spotifyUris.add(song.spotifyUri === `spotify:track:${song.id}` ? URI_OF_ID : (song.spotifyUri ?? ''));
      search.add(searchableText(song.title, song.artists));
      genres.push(song.genre ?? '');
      subgenres.push(song.subgenre ?? '');
      for (const feature of AUDIO_FEATURES) features.add(song.features[feature] ?? Number.NaN);
      years.add(song.year ?? Number.NaN);
      popularity.add(song.popularity ?? Number.NaN);
      lyricsWords.add(song.lyrics?.words ?? Number.NaN);
      lyricsRepetition.add(song.lyrics?.repetition ?? Number.NaN);
      lyricsSentiment.add(song.lyrics?.sentiment ?? Number.NaN);
      explicit.add(song.explicit === undefined ? 2 : Number(song.explicit));
      snippets.add(SNIPPET_KINDS.indexOf(song.snippet.kind));
      return ids.size - 1;
    },
    title: (i) => titles.at(i),
    feature: (i, feature) => features.at(i * WIDTH + feature),
    genre: (i) => [genres[i]!, subgenres[i]!],
    setGenre(i, genre, subgenre) {
      genres[i] = genre;
      subgenres[i] = subgenre;
    },
    finish() {
      return {
        size: ids.size,
        texts: {
          ids: ids.finish(),
          titles: titles.finish(),
          artists: artists.finish(),
          albums: albums.finish(),
          genres: packTexts(genres),
          subgenres: packTexts(subgenres),
          languages: languages.finish(),
          spotifyUris: spotifyUris.finish(),
          search: search.finish(),
        },
        features: features.finish(),
        years: years.finish(),
        popularity: popularity.finish(),
        lyricsWords: lyricsWords.finish(),
        lyricsRepetition: lyricsRepetition.finish(),
        lyricsSentiment: lyricsSentiment.finish(),
        explicit: explicit.finish(),
        snippets: snippets.finish(),
      };
    },
  };
}

export function packTexts(texts: Iterable<string>): TextColumn {
  const column = growingText();
  for (const text of texts) column.add(text);
  return column.finish();
}
