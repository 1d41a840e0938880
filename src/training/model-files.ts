import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import type { Model } from '../domain/model.ts';
import type { SongId } from '../domain/song.ts';
import { ModelError, readStoredModel, type StoredModel, syncFolder } from './model-format.ts';
import { labelNow } from './voters.ts';

/** The model in use and the two before it stay on disk. */
const KEPT_MODELS = 3;

const pointer = z.object({ format: z.literal(1), id: z.string().regex(/^[A-Za-z0-9_-]+$/) });

export function modelsDir(stateDir: string): string {
  return path.join(stateDir, 'models');
}

/** Where the model with this id is. */
export function modelDir(stateDir: string, id: string): string {
  return path.join(modelsDir(stateDir), id);
}

function pointerFile(stateDir: string): string {
  return path.join(modelsDir(stateDir), 'current.json');
}

/**
 * The folder of the model in use; undefined before the first one was published.
 * @throws ModelError when `current.json` is damaged
 */
export async function currentModelDir(stateDir: string): Promise<string | undefined> {
  const file = pointerFile(stateDir);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ModelError('damaged', `${file} cannot be read. Check the rights of the folder.`, { cause });
  }
  let id: string;
  try {
    id = pointer.parse(JSON.parse(text)).id;
  } catch (cause) {
    throw new ModelError('damaged', `${file} is damaged: delete it and train again (/retrain).`, { cause });
  }
  return modelDir(stateDir, id);
}

/** Puts a model that is whole on disk into use: one file is replaced atomically. */
export async function setCurrentModel(stateDir: string, id: string): Promise<void> {
  await writeFileAtomic(pointerFile(stateDir), `${JSON.stringify({ format: 1, id })}\n`, { fsync: true });
  await syncFolder(modelsDir(stateDir));
}

/** Ids of the models on disk, newest first (ids begin with the time of their run). */
export async function modelIds(stateDir: string): Promise<string[]> {
  let names: string[];
  try {
    const entries = await readdir(modelsDir(stateDir), { withFileTypes: true });
    names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
  return names
    .filter((name) => !name.startsWith('.'))
    .sort()
    .reverse();
}

/**
 * Removes half-written models and all but the one in use and the newest two besides.
 * @param current id of the model in use
 */
export async function tidyModels(stateDir: string, current: string | undefined): Promise<void> {
  const folder = modelsDir(stateDir);
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    if (name.startsWith('.tmp-')) await rm(path.join(folder, name), { recursive: true, force: true });
  }
  const ids = await modelIds(stateDir);
  const spare = ids
    .filter((id) => id !== current)
    .slice(0, current === undefined ? KEPT_MODELS : KEPT_MODELS - 1);
  for (const id of ids) {
    if (id !== current && !spare.includes(id))
      await rm(path.join(folder, id), { recursive: true, force: true });
  }
}

/** The model as the bot's main thread sees it. */
export function modelOf(stored: StoredModel): Model {
  const width = stored.emotions.length;
  const rows = new Map<SongId, number>();
  for (const [row, id] of stored.songIds.entries()) rows.set(id, row);
  return {
    id: stored.id,
    createdAt: stored.createdAt,
    catalogueVersion: stored.catalogueVersion,
    emotions: stored.emotions,
    metrics: stored.metrics,
    profile(id) {
      const row = rows.get(id);
      if (row === undefined) return undefined;
      return {
        distribution: stored.profiles.slice(row * width, (row + 1) * width),
        confidence: stored.confidence[row] ?? 0,
        voted: stored.voted[row] === 1,
      };
    },
    label: (votes, imported) => stored.voters && labelNow(stored.voters, stored.emotions, votes, imported),
  };
}

/**
 * Reads a model for the main thread.
 * @throws ModelError when it is missing, truncated, foreign or of another version: keep the model you have
 */
export async function readModel(dir: string): Promise<Model> {
  return modelOf(await readStoredModel(dir));
}

export { loadRanking, type Ranking } from './load-ranking.ts';
