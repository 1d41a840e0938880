import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { EmotionKey } from '../domain/emotion.ts';
import type { SongId } from '../domain/song.ts';
import type { TrainingMetrics } from '../domain/training.ts';
import { parseVoters, type Voters } from './voters.ts';

/** Raised when what is written changes in a way that older readers would misread. */
export const MODEL_FORMAT = 1;

/** A model on disk cannot be used. `message` says which file and what to do; the caller keeps the model it has. */
export class ModelError extends Error {
  readonly code: 'missing' | 'damaged' | 'foreign' | 'other-version';
  constructor(code: ModelError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ModelError';
    this.code = code;
  }
}

/** Which method ranks, and what it needs besides the songs. `meta` belongs to the method. */
export interface StoredRecommender {
  readonly kind: 'gan' | 'item-knn';
  readonly meta?: unknown;
  readonly weights?: ArrayBuffer;
  /** Per song of the model, how much of everybody's recommendations it takes up; models of older versions have none. */
  readonly exposure?: Float32Array;
}

/** A model as it is written: everything that ranking and the emotion profiles need, by song id. */
export interface StoredModel {
  readonly id: string;
  readonly createdAt: number;
  readonly catalogueVersion: string;
  readonly emotions: readonly EmotionKey[];
  readonly metrics: TrainingMetrics;
  /** From `ml/items.ts`: brings another catalogue's features onto the columns of this model. */
  readonly scaler: unknown;
  readonly recommender: StoredRecommender;
  readonly songIds: readonly SongId[];
  /** songs × emotions, rows sum to 1. */
  readonly profiles: Float32Array;
  /** 0..1 per song. */
  readonly confidence: Float32Array;
  /** 1 where members voted (or an imported label counts), 0 where inferred. */
  readonly voted: Uint8Array;
  /** How the run weighed members' votes; models of older versions have none. */
  readonly voters?: Voters;
}

const fileEntry = z.object({ bytes: z.number().int().nonnegative(), sha256: z.string().length(64) });
const header = z.object({
  kind: z.literal('reactune-model'),
  format: z.number().int(),
  id: z.string().regex(/^[A-Za-z0-9_-]+$/),
  createdAt: z.number(),
  catalogueVersion: z.string(),
  emotions: z.array(z.string()).min(1),
  songs: z.number().int().nonnegative(),
  metrics: z.looseObject({ seconds: z.record(z.string(), z.number()), backend: z.string() }),
  scaler: z.unknown(),
  recommender: z.object({ kind: z.enum(['gan', 'item-knn']), meta: z.unknown().optional() }),
  files: z.record(z.string(), fileEntry),
});

const FILES = {
  songs: 'songs.txt',
  profiles: 'profiles.f32',
  confidence: 'confidence.f32',
  voted: 'voted.u8',
  voters: 'voters.json',
  weights: 'weights.bin',
  exposure: 'exposure.f32',
} as const;

const RETRAIN = 'Train again (/retrain, or "reactune train").';

/** Writes, waits until the bytes are on the disk. */
export async function writeDurably(file: string, data: string | Uint8Array): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a rename inside a folder survive power loss. Windows cannot open folders and does not need it. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function bytesOf(values: Float32Array | Uint8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Where a model is while it is being written. */
export function temporaryModelDir(parent: string, id: string): string {
  return path.join(parent, `.tmp-${id}`);
}

/**
 * Writes a model into `<parent>/<id>`: first beside it under a temporary name, then one rename, so that a folder
 * with the model's name is always whole.
 * @returns the folder
 */
export async function writeModel(
  parent: string,
  model: StoredModel,
  extra: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = path.join(parent, model.id);
  const temporary = temporaryModelDir(parent, model.id);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  const contents: [string, Uint8Array][] = [
    // A line feed in an id would break the lines apart, so ids are written as JSON strings.
    [FILES.songs, Buffer.from(model.songIds.map((id) => `${JSON.stringify(id)}\n`).join(''), 'utf8')],
    [FILES.profiles, bytesOf(model.profiles)],
    [FILES.confidence, bytesOf(model.confidence)],
    [FILES.voted, bytesOf(model.voted)],
  ];
  if (model.recommender.weights !== undefined) {
    contents.push([FILES.weights, new Uint8Array(model.recommender.weights)]);
  }
  if (model.recommender.exposure !== undefined) {
    contents.push([FILES.exposure, bytesOf(model.recommender.exposure)]);
  }
  if (model.voters !== undefined) contents.push([FILES.voters, Buffer.from(JSON.stringify(model.voters))]);
  const files: Record<string, z.infer<typeof fileEntry>> = {};
  for (const [name, data] of contents) {
    await writeDurably(path.join(temporary, name), data);
    files[name] = { bytes: data.byteLength, sha256: createHash('sha256').update(data).digest('hex') };
  }
  for (const [name, text] of Object.entries(extra)) await writeDurably(path.join(temporary, name), text);
  const head: z.input<typeof header> = {
    kind: 'reactune-model',
    format: MODEL_FORMAT,
    id: model.id,
    createdAt: model.createdAt,
    catalogueVersion: model.catalogueVersion,
    emotions: [...model.emotions],
    songs: model.songIds.length,
    metrics: { ...model.metrics },
    scaler: model.scaler,
    recommender: { kind: model.recommender.kind, meta: model.recommender.meta },
    files,
  };
  await writeDurably(path.join(temporary, 'model.json'), `${JSON.stringify(head, null, 1)}\n`);
  await syncFolder(temporary);
  await rename(temporary, folder);
  await syncFolder(parent);
  return folder;
}

async function readChecked(
  dir: string,
  name: string,
  entries: Readonly<Record<string, z.infer<typeof fileEntry>>>,
  bytes?: number,
): Promise<Buffer> {
  const file = path.join(dir, name);
  const expected = entries[name];
  let data: Buffer;
  try {
    data = await readFile(file);
  } catch (cause) {
    throw new ModelError('damaged', `The model's file ${file} is missing. ${RETRAIN}`, { cause });
  }
  if (
    expected === undefined ||
    data.byteLength !== expected.bytes ||
    (bytes ?? data.length) !== data.length
  ) {
    const size = bytes ?? expected?.bytes ?? 0;
    throw new ModelError(
      'damaged',
      `The model's file ${file} has ${data.byteLength} bytes instead of ${size}. ${RETRAIN}`,
    );
  }
  if (createHash('sha256').update(data).digest('hex') !== expected.sha256) {
    throw new ModelError('damaged', `The model's file ${file} was changed or damaged. ${RETRAIN}`);
  }
  return data;
}

async function readVoters(
  dir: string,
  files: Readonly<Record<string, z.infer<typeof fileEntry>>>,
  emotions: number,
): Promise<Voters | undefined> {
  if (!(FILES.voters in files)) return undefined;
  const data = await readChecked(dir, FILES.voters, files);
  const voters = parseVoters(JSON.parse(data.toString('utf8')), emotions);
  if (voters === undefined) {
    throw new ModelError(
      'damaged',
      `The model's file ${path.join(dir, FILES.voters)} is damaged. ${RETRAIN}`,
    );
  }
  return voters;
}

/** A copy that starts at a multiple of four bytes, as a Float32Array over it must. */
function floats(data: Buffer): Float32Array {
  return new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
}

/** Ids in their lines, given back to the event loop now and then: a million of them take half a second. */
async function parseIds(text: string): Promise<SongId[]> {
  const ids: SongId[] = [];
  let from = 0;
  while (from < text.length) {
    const to = text.indexOf('\n', from);
    ids.push(JSON.parse(text.slice(from, to)) as SongId);
    from = to + 1;
    if (ids.length % 5000 === 0) await new Promise(setImmediate);
  }
  return ids;
}

/**
 * Reads a model back and checks every file's size and checksum.
 * @throws ModelError
 */
export async function readStoredModel(dir: string): Promise<StoredModel> {
  const file = path.join(dir, 'model.json');
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new ModelError('missing', `There is no model in ${dir}. ${RETRAIN}`, { cause });
    }
    throw new ModelError('damaged', `${file} cannot be read or is cut off. ${RETRAIN}`, { cause });
  }
  const { kind, format } = (json ?? {}) as { kind?: unknown; format?: unknown };
  if (kind !== 'reactune-model') {
    throw new ModelError('foreign', `${file} is not a model of Reactune. ${RETRAIN}`);
  }
  if (format !== MODEL_FORMAT) {
    const newer = typeof format === 'number' && format > MODEL_FORMAT;
    const fix = newer ? 'Start the newer Reactune that wrote it, or train again (/retrain).' : RETRAIN;
    throw new ModelError(
      'other-version',
      `${file} has format ${String(format)}; this Reactune reads ${MODEL_FORMAT}. ${fix}`,
    );
  }
  const parsed = header.safeParse(json);
  if (!parsed.success) {
    const first = parsed.error.issues[0];
    throw new ModelError(
      'damaged',
      `${file} is damaged (${first?.path.join('.')}: ${first?.message}). ${RETRAIN}`,
    );
  }
  const head = parsed.data;
  const { songs, files } = head;
  const profiles = floats(await readChecked(dir, FILES.profiles, files, songs * head.emotions.length * 4));
  const confidence = floats(await readChecked(dir, FILES.confidence, files, songs * 4));
  const voted = new Uint8Array(await readChecked(dir, FILES.voted, files, songs));
  const songIds = await parseIds((await readChecked(dir, FILES.songs, files)).toString('utf8'));
  if (songIds.length !== songs) {
    throw new ModelError('damaged', `${dir} names ${songIds.length} songs instead of ${songs}. ${RETRAIN}`);
  }
  const voters = await readVoters(dir, files, head.emotions.length);
  let weights: ArrayBuffer | undefined;
  if (FILES.weights in files) {
    const data = await readChecked(dir, FILES.weights, files);
    weights = new Uint8Array(data).buffer;
  } else if (head.recommender.kind === 'gan') {
    throw new ModelError('damaged', `${dir} has no ${FILES.weights}. ${RETRAIN}`);
  }
  const exposure =
    FILES.exposure in files ? floats(await readChecked(dir, FILES.exposure, files, songs * 4)) : undefined;
  return {
    id: head.id,
    createdAt: head.createdAt,
    catalogueVersion: head.catalogueVersion,
    emotions: head.emotions,
    // Written by this program under the format number checked above and covered by no other reader.
    metrics: head.metrics as unknown as TrainingMetrics,
    scaler: head.scaler,
    recommender: { kind: head.recommender.kind, meta: head.recommender.meta, weights, exposure },
    songIds,
    profiles,
    confidence,
    voted,
    voters,
  };
}
