/** Identity of a song across imports: the id column of its table (a Spotify track id for Spotify tables). */
export type SongId = string;

/**
 * The audio features of a song on Spotify's scales, in the column order of every feature matrix.
 * 0..1 unless said otherwise: loudness in dB (about -60..0), tempo in beats per minute, durationMs in
 * milliseconds, key 0..11 (pitch class), mode 0 or 1, timeSignature in beats per bar.
 */
export const AUDIO_FEATURES = [
  'danceability',
  'energy',
  'key',
  'loudness',
  'mode',
  'speechiness',
  'acousticness',
  'instrumentalness',
  'liveness',
  'valence',
  'tempo',
  'durationMs',
  'timeSignature',
] as const;

export type AudioFeature = (typeof AUDIO_FEATURES)[number];
/** A missing feature is absent here and NaN in a feature matrix. */
export type AudioFeatures = Partial<Record<AudioFeature, number>>;

/** Derived from lyrics at import; the text itself is never kept. */
export interface LyricsFeatures {
  /** ISO 639 code, `en`; absent where the table does not say and the text does not show. */
  readonly language?: string;
  /** Mean valence of the words that are rated, -1..1; English only, absent with too few. */
  readonly sentiment?: number;
  readonly words: number;
  /** Share of words that repeat an earlier word of the song, 0..1. */
  readonly repetition: number;
}

/** Where the sound of a song comes from. `own` is rendered or served by the bot itself. */
export type SnippetSource =
  | { readonly kind: 'own' }
  | { readonly kind: 'spotify' }
  | { readonly kind: 'none' };

export interface Song {
  readonly id: SongId;
  readonly title: string;
  readonly artists: readonly string[];
  readonly album?: string;
  readonly genre?: string;
  readonly subgenre?: string;
  readonly year?: number;
  /** 0..100. */
  readonly popularity?: number;
  readonly explicit?: boolean;
  readonly features: AudioFeatures;
  readonly lyrics?: LyricsFeatures;
  /** `spotify:track:…` */
  readonly spotifyUri?: string;
  readonly snippet: SnippetSource;
}
