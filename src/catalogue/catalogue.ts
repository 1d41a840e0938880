import { createHash } from 'node:crypto';
import type { Catalogue, CatalogueListener, ImportedLabel } from '../domain/catalogue.ts';
import type { Song } from '../domain/song.ts';
import { growingNumbers, type TextColumn, textAt } from './columns.ts';
import { type IdIndex, indexIds } from './id-index.ts';
import { searchSongs } from './search.ts';
import { growingSongs, packTexts, SONG_TEXTS, type SongColumns, songAt } from './song-columns.ts';

/** Everything a catalogue consists of, as named buffers: what is hashed, written and read. */
export type Column = Buffer | Float32Array | Int32Array | Uint32Array | Uint8Array;
export type Columns = Readonly<Record<string, Column>>;

/** Addresses indexed before other work has its turn. */
const ADDRESSES_AT_ONCE = 20_000;
const breathe = () => new Promise((resolve) => setImmediate(resolve));

/** A catalogue whose columns can be written to disk. */
export interface ColumnarCatalogue extends Catalogue {
  readonly columns: Columns;
}

export interface CatalogueParts {
  readonly name: string;
  readonly demo: boolean;
  readonly songs: Iterable<Song> | SongColumns;
  readonly listeners: readonly CatalogueListener[];
  readonly labels: readonly ImportedLabel[];
}

/**
 * Makes a catalogue in memory.
 * @throws RangeError when an id is empty or there twice, or when a listener or label names a song that is not there
 */
export function buildCatalogue(parts: CatalogueParts): ColumnarCatalogue {
  const songs = 'features' in parts.songs ? parts.songs : gather(parts.songs);
  const index = indexIds(() => songs.texts.ids, songs.size);
  const columns: Record<string, Column> = {
    features: songs.features,
    years: songs.years,
    popularity: songs.popularity,
    'lyrics-words': songs.lyricsWords,
    'lyrics-repetition': songs.lyricsRepetition,
    explicit: songs.explicit,
    snippets: songs.snippets,
  };
  // Catalogues of before there was a sentiment lack the column; without any they are still the same.
  if (songs.lyricsSentiment.some((value) => !Number.isNaN(value)))
    columns['lyrics-sentiment'] = songs.lyricsSentiment;
  for (const name of SONG_TEXTS) putText(columns, name, songs.texts[name]);

  putText(columns, 'listener-ids', packTexts(parts.listeners.map((listener) => listener.id)));
  putText(columns, 'listener-names', packTexts(parts.listeners.map((listener) => listener.name)));
  putText(columns, 'listener-sources', packTexts(parts.listeners.map((listener) => listener.source ?? '')));
  const liked = growingNumbers(Int32Array);
  const ends = new Uint32Array(parts.listeners.length + 1);
  for (const [i, listener] of parts.listeners.entries()) {
    let previous = -1;
    for (const song of listener.songs) {
      if (song <= previous || song >= songs.size)
        throw new RangeError(
          `Listener ${listener.id} likes song number ${song} after ${previous} of ${songs.size}: positions must ascend and be there.`,
        );
      liked.add(song);
      previous = song;
    }
    ends[i + 1] = liked.size;
  }
  columns['listener-songs'] = liked.finish();
  columns['listener-offsets'] = ends;

  const labelled = new Int32Array(parts.labels.length);
  const weights = new Float32Array(parts.labels.length);
  for (const [i, label] of parts.labels.entries()) {
    labelled[i] = index.find(label.songId);
    if (labelled[i] === -1)
      throw new RangeError(`A label is for the song ${label.songId}, which is not there.`);
    weights[i] = label.weight;
  }
  columns['label-songs'] = labelled;
  columns['label-weights'] = weights;
  putText(columns, 'label-emotions', packTexts(parts.labels.map((label) => label.emotion)));
  putText(columns, 'label-sources', packTexts(parts.labels.map((label) => label.source)));

  let version: string | undefined;
  return new CatalogueOfColumns(parts.name, parts.demo, columns, () => {
    version ??= versionOf(parts.name, parts.demo, digestColumns(columns));
    return version;
  });
}

/** @param columns as made by `buildCatalogue`, already checked */
export function catalogueOfColumns(
  name: string,
  demo: boolean,
  version: string,
  columns: Columns,
): ColumnarCatalogue {
  return new CatalogueOfColumns(name, demo, columns, () => version);
}

/** SHA-256 per column, in hex. */
export function digestColumns(columns: Columns): Record<string, string> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [
      name,
      createHash('sha256').update(bytesOf(column)).digest('hex'),
    ]),
  );
}

export function versionOf(name: string, demo: boolean, digests: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(digests).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([name, demo, sorted]))
    .digest('hex')
    .slice(0, 20);
}

export function bytesOf(column: Column): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

function gather(songs: Iterable<Song>): SongColumns {
  const growing = growingSongs();
  for (const song of songs) growing.add(song);
  return growing.finish();
}

function putText(columns: Record<string, Column>, name: string, column: TextColumn): void {
  columns[name] = column.bytes;
  columns[`${name}-offsets`] = column.offsets;
}

function getText(columns: Columns, name: string): TextColumn {
  return { bytes: columns[name] as Buffer, offsets: columns[`${name}-offsets`] as Uint32Array };
}

function songColumnsOf(columns: Columns): SongColumns {
  const size = columns.years!.length;
  return {
    size,
    texts: Object.fromEntries(
      SONG_TEXTS.map((name) => [name, getText(columns, name)]),
    ) as SongColumns['texts'],
    features: columns.features as Float32Array,
    years: columns.years as Float32Array,
    popularity: columns.popularity as Float32Array,
    lyricsWords: columns['lyrics-words'] as Float32Array,
    lyricsRepetition: columns['lyrics-repetition'] as Float32Array,
    lyricsSentiment: (columns['lyrics-sentiment'] ?? new Float32Array(size).fill(Number.NaN)) as Float32Array,
    explicit: columns.explicit as Uint8Array,
    snippets: columns.snippets as Uint8Array,
  };
}

class CatalogueOfColumns implements ColumnarCatalogue {
  readonly name: string;
  readonly demo: boolean;
  readonly columns: Columns;
  readonly size: number;
  readonly features: Float32Array;
  readonly years: Float32Array;
  readonly popularity: Float32Array;
  readonly #songs: SongColumns;
  readonly #version: () => string;
  // Made when first asked for: a training child never searches, a bot at start needs neither.
  #index: IdIndex | undefined;
  #spotifyIndex: Promise<(uri: string) => number> | undefined;
  #listeners: readonly CatalogueListener[] | undefined;
  #labels: readonly ImportedLabel[] | undefined;

  constructor(name: string, demo: boolean, columns: Columns, version: () => string) {
    this.name = name;
    this.demo = demo;
    this.columns = columns;
    this.#version = version;
    this.#songs = songColumnsOf(columns);
    this.size = this.#songs.size;
    this.features = this.#songs.features;
    this.years = this.#songs.years;
    this.popularity = this.#songs.popularity;
  }

  get version(): string {
    return this.#version();
  }

  get listeners(): readonly CatalogueListener[] {
    if (this.#listeners === undefined) {
      const ids = getText(this.columns, 'listener-ids');
      const names = getText(this.columns, 'listener-names');
      const sources = getText(this.columns, 'listener-sources');
      const songs = this.columns['listener-songs'] as Int32Array;
      const offsets = this.columns['listener-offsets'] as Uint32Array;
      this.#listeners = Array.from({ length: offsets.length - 1 }, (_, i) => {
        const source = textAt(sources, i);
        return {
          id: textAt(ids, i),
          name: textAt(names, i),
          songs: songs.subarray(offsets[i], offsets[i + 1]),
          ...(source !== '' && { source }),
        };
      });
    }
    return this.#listeners;
  }

  get labels(): readonly ImportedLabel[] {
    if (this.#labels === undefined) {
      const emotions = getText(this.columns, 'label-emotions');
      const sources = getText(this.columns, 'label-sources');
      const weights = this.columns['label-weights'] as Float32Array;
      this.#labels = Array.from(this.columns['label-songs'] as Int32Array, (song, i) => ({
        songId: this.idAt(song),
        emotion: textAt(emotions, i),
        weight: weights[i]!,
        source: textAt(sources, i),
      }));
    }
    return this.#labels;
  }

  song(index: number): Song {
    this.#check(index);
    return songAt(this.#songs, index);
  }

  idAt(index: number): string {
    this.#check(index);
    return textAt(this.#songs.texts.ids, index);
  }

  indexOf(id: string): number {
    this.#index ??= indexIds(() => this.#songs.texts.ids, this.size);
    return this.#index.find(id);
  }

  spotifyIndex(): Promise<(uri: string) => number> {
    this.#spotifyIndex ??= this.#indexAddresses();
    return this.#spotifyIndex;
  }

  async #indexAddresses(): Promise<(uri: string) => number> {
    const { spotifyUris } = this.#songs.texts;
    // Nearly every song's address is made of its id, which is indexed anyway: those take a byte at most.
    const hasOthers = (spotifyUris.offsets[this.size] ?? 0) > this.size;
    const others = hasOthers ? indexIds(() => spotifyUris, 0, this.size) : undefined;
    for (let done = 0; others && done < this.size; done++) {
      if (done % ADDRESSES_AT_ONCE === ADDRESSES_AT_ONCE - 1) await breathe();
      others.addNext();
    }
    return (uri) => {
      const id = /^spotify:track:(.+)$/.exec(uri)?.[1];
      if (id === undefined) return -1;
      const index = this.indexOf(id);
      if (index >= 0 && this.song(index).spotifyUri === uri) return index;
      return others?.find(uri) ?? -1;
    };
  }

  search(query: string, limit: number): number[] {
    return searchSongs(this.#songs.texts.search, this.popularity, query, limit);
  }

  #check(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= this.size)
      throw new RangeError(`There is no song number ${index} in a catalogue of ${this.size}.`);
  }
}
