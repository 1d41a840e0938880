import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PACKAGE_ROOT } from '../paths.ts';
import { VERSION } from '../version.ts';

/** The tables of the paper, by the names under which they are published. */
export const SONGS = 'spotify_songs.csv';
export const MOODS = 'data_moods.csv';
/** Reactions, where there are any: `song_id,member_id,emotion`. */
export const VOTES = 'votes.csv';

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

/** Besides ml/: whatever measures, or makes what is measured. */
const MEASURING = [
  ['cli', 'methods.ts'],
  ['training', 'profile-stage.ts'],
  ['training', 'ranking-stage.ts'],
  ...['cold-start-part.ts', 'emotion-methods.ts', 'moods.ts', 'propagate.ts', 'ranking.ts'].map((name) => [
    'study',
    name,
  ]),
  ...['song-emotions.ts', 'song-world.ts'].map((name) => ['study', name]),
].map((parts) => path.join(PACKAGE_ROOT, 'src', ...parts));

function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name))
    .sort();
}

let mark: string | undefined;

/**
 * What stored results depend on besides data, method and seed: the program's version and, in a checkout, where the
 * version stays the same while methods change, the source of all that measures.
 */
export function programMark(): string {
  if (mark !== undefined) return mark;
  const hash = createHash('sha256');
  const numerics = path.join(PACKAGE_ROOT, 'ml');
  const files = existsSync(numerics) ? [...sourcesOf(numerics), ...MEASURING] : [];
  for (const file of files) if (existsSync(file)) hash.update(readFileSync(file));
  mark = `${VERSION}-${hash.digest('hex').slice(0, 12)}`;
  return mark;
}
