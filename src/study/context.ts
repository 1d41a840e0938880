import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Recommender, RecommenderData } from '../../ml/recommender.ts';
import { PACKAGE_ROOT } from '../paths.ts';
import { VERSION } from '../version.ts';
import type { Section } from './report.ts';
import type { Results } from './results.ts';

/** The tables of the paper, by the names under which they are published. */
export const SONGS = 'spotify_songs.csv';
export const MOODS = 'data_moods.csv';

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

/** Which of these tables the folder lacks. */
export const missingTables = (data: string, names: readonly string[]): string[] =>
  names.filter((name) => !existsSync(path.join(data, name)));

/** SHA-256 of files one after the other, shortened: equal data, equal hash. */
export async function hashFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${path.basename(file)}\0`);
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  }
  return hash.digest('hex').slice(0, 16);
}

/** What of the study's own way to measure has changed is told by this number. */
const STUDY_FORMAT = 1;

function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name))
    .sort();
}

/**
 * What stored results depend on besides data, method and seed: the program's version and, in a checkout, where the
 * version stays the same while methods change, the source of all numerics.
 */
export function programMark(): string {
  const hash = createHash('sha256');
  const numerics = path.join(PACKAGE_ROOT, 'ml');
  if (existsSync(numerics)) {
    const files = [...sourcesOf(numerics), path.join(PACKAGE_ROOT, 'src', 'cli', 'methods.ts')];
    for (const file of files.filter((name) => existsSync(name))) hash.update(readFileSync(file));
  }
  return `${VERSION}.${STUDY_FORMAT}-${hash.digest('hex').slice(0, 12)}`;
}
