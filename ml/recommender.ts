import type { Random } from './random.ts';

/** Who likes what, as compressed sparse rows: listener i likes `songs[offsets[i]..offsets[i+1]]`, ascending. */
export interface Interactions {
  readonly listenerCount: number;
  readonly songCount: number;
  /** listenerCount + 1. */
  readonly offsets: Int32Array;
  readonly songs: Int32Array;
}

/** A dense matrix, row-major, all values finite. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** Which songs belong together by name: equal numbers, same artist (album, title); -1 where it is not known. */
export interface SongGroups {
  /** songCount: the first artist. */
  readonly artists: Int32Array;
  /** songCount: the album, of this artist. */
  readonly albums: Int32Array;
  /** songCount: the title, by this artist: editions of one recording. */
  readonly titles: Int32Array;
}

export interface RecommenderData {
  readonly interactions: Interactions;
  /** songCount × width: what is known of a song without listeners, standardised (mean 0, deviation 1). */
  readonly items: Matrix;
  /** songCount × emotions: each row a distribution. */
  readonly profiles: Matrix;
  /** Leave out to go by the songs' features alone. */
  readonly groups?: SongGroups;
  /**
   * The interactions that a fitted method may look up later as well, a row for each listener (empty for one who is not
   * to be looked up). Absent: all.
   */
  readonly companions?: Interactions;
  /**
   * Songs that the same listeners put away: certainly not theirs. A method may learn from them; none has to. Those of a
   * listener who likes nothing say nothing of a taste. Absent: none.
   */
  readonly putAway?: Interactions;
}

/** What listeners say of songs. */
export type Tastes = Pick<RecommenderData, 'interactions' | 'putAway'>;

export interface ScoreOptions {
  /** Wished distribution over the emotions; absent = no wish. */
  readonly wish?: Float32Array;
  /** For methods that draw noise; same seed, same scores. */
  readonly seed?: number;
}

/** A fitted method. */
export interface Recommender {
  readonly name: string;
  /** One score per song, higher is better, for a listener who likes these songs (indices; may be empty). */
  score(liked: Int32Array, options?: ScoreOptions): Float32Array;
  dispose?(): void;
}

/** Fits a method. `onProgress` gets a fraction 0..1 and a short detail. */
export type FitRecommender = (
  data: RecommenderData,
  random: Random,
  onProgress?: (fraction: number, detail?: string) => void,
) => Promise<Recommender>;
