import type { Recommender, RecommenderData } from '../../ml/recommender.ts';
import type { Section } from './report.ts';
import type { Results } from './results.ts';
import type { SongWorld } from './song-world.ts';

/** What every part of the study is given. */
export interface StudyContext {
  /** The folder of the tables. */
  readonly data: string;
  /** Each part is measured once per seed. */
  readonly seeds: readonly number[];
  readonly methods: readonly string[];
  /** What the GAN computes with; results of different backends are not mixed. */
  readonly backend: string;
  readonly fit: (method: string, data: RecommenderData, seed: number) => Promise<Recommender>;
  /** The paper's songs and playlists; read when they are first asked for. */
  readonly songs: () => Promise<SongWorld>;
  readonly results: Results;
  /** The command that makes a part again, with its seeds. */
  readonly made: (part: string) => string;
  readonly tell: (what: string) => void;
}

/** A part of the study: what it is called, and how it is made. */
export interface Part {
  readonly id: string;
  readonly title: string;
  /** Tables without which it is skipped. */
  readonly needs: readonly string[];
  readonly run: (context: StudyContext) => Promise<Section>;
}

/** A value that is made when it is first asked for, and kept. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
