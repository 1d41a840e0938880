import type { EmotionKey } from './emotion.ts';
import type { Song, SongId } from './song.ts';

/** Position of a song in one version of a catalogue, 0..size-1. Never stored beyond that version. */
export type SongIndex = number;

/** A listener that came with the catalogue (an imported playlist, a demo listener) and the songs it likes. */
export interface CatalogueListener {
  readonly id: string;
  readonly name: string;
  /** Ascending, no duplicates. */
  readonly songs: Int32Array;
  /** Name of the table it came from, which a new import of that table replaces. */
  readonly source?: string;
}

/** A label that came with an imported table (a `mood` column). Counts like `weight` votes. */
export interface ImportedLabel {
  readonly songId: SongId;
  readonly emotion: EmotionKey;
  readonly weight: number;
  /** Name of the table it came from. */
  readonly source: string;
}

/** One immutable version of the songs an operator imported (or the demo). */
export interface Catalogue {
  /** Content hash: equal songs, equal version. */
  readonly version: string;
  readonly name: string;
  readonly demo: boolean;
  readonly size: number;
  /** Song at an index; throws RangeError outside 0..size-1. */
  song(index: SongIndex): Song;
  idAt(index: SongIndex): SongId;
  /** Index of a song id, or -1. */
  indexOf(id: SongId): SongIndex;
  /** Finds songs by their Spotify address: an index, or -1. Made at the first call, a few milliseconds at a time. */
  spotifyIndex(): Promise<(uri: string) => SongIndex>;
  /** size × AUDIO_FEATURES.length, row-major, raw scales, NaN where missing. Shared: do not write. */
  readonly features: Float32Array;
  /** Release year per song, NaN where missing. */
  readonly years: Float32Array;
  /** Popularity 0..100 per song, NaN where missing. */
  readonly popularity: Float32Array;
  readonly listeners: readonly CatalogueListener[];
  readonly labels: readonly ImportedLabel[];
  /** Best matches first for a typed title and/or artist (case, accents and word order don't matter). */
  search(query: string, limit: number): SongIndex[];
}
