import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { z } from 'zod';
import { findHeldBack } from '../labelling/held-back.ts';
import type { Store } from '../store/store.ts';

const jobFile = z.object({
  format: z.literal(1),
  runId: z.string(),
  createdAt: z.number(),
  catalogueDir: z.string(),
  catalogueVersion: z.string(),
  emotions: z.array(z.string()).min(1),
  seed: z.number().int(),
  backend: z.enum(['auto', 'node', 'wasm', 'cpu']),
  /** Where models are written. */
  modelsDir: z.string(),
  /** The model in use, to be beaten. */
  championDir: z.string().optional(),
  /** Steps of the GAN's training; absent = chosen by the size of the data. */
  ganSteps: z.number().int().positive().optional(),
  /** Votes of new members that came in a sudden burst: they are not in the table. */
  heldBackVotes: z.number().int().nonnegative().optional(),
});

/** What a training run works on, frozen at its start: besides the tables, all there is to know. */
export type Job = Readonly<z.infer<typeof jobFile>>;

export const VOTES_FILE = 'votes.csv';
export const RANDOM_POSTS_FILE = 'posted-at-random.csv';
/** A community's latest posts that are looked through for those chosen at random. */
const POSTS_LOOKED_AT = 10_000;
export const INTERACTIONS_FILE = 'interactions.csv';
/** Jobs of earlier versions have none. */
export const PUT_AWAY_FILE = 'put-away.csv';

/** The job was cancelled while it was being written. */
export class JobAborted extends Error {
  constructor() {
    super('The training run was cancelled.');
    this.name = 'JobAborted';
  }
}

export function jobsDir(stateDir: string): string {
  return path.join(stateDir, 'jobs');
}

/** One CSV field, quoted when it has to be (RFC 4180). */
export function csvField(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

async function writeTable<T>(
  file: string,
  header: string,
  batches: AsyncIterable<readonly T[]>,
  line: (row: T) => string,
  signal: AbortSignal,
): Promise<void> {
  const stream: WriteStream = createWriteStream(file);
  const done = finished(stream);
  // Awaited below; without this, a failing disk would be an unhandled rejection while a batch is being read.
  done.catch(() => undefined);
  stream.write(`${header}\n`);
  for await (const batch of batches) {
    if (signal.aborted) {
      stream.destroy();
      throw new JobAborted();
    }
    if (stream.destroyed) break;
    let text = '';
    for (const row of batch) text += line(row);
    // One batch, then the event loop's turn: reactions come in meanwhile.
    if (!stream.write(text)) await Promise.race([once(stream, 'drain'), done]);
    await new Promise(setImmediate);
  }
  stream.end();
  await done;
  if (signal.aborted) throw new JobAborted();
}

/** Songs that were posted because chance chose them, one batch per community. */
async function* postedAtRandom(store: Store): AsyncGenerator<readonly string[]> {
  for (const community of await store.communities()) {
    const posts = await store.recentPosts(community.id, POSTS_LOOKED_AT);
    yield posts.filter((post) => post.chosenBy === 'random').map((post) => post.songId);
  }
}

/**
 * Writes the job folder: `job.json`, `votes.csv` (`song_id,member_id,emotion`) and `interactions.csv`
 * (`listener_id,song_id`, the songs members like), `put-away.csv` (the same of songs they would rather not hear), and
 * which songs were posted at random. Votes that are held back or left out are not among them. Streams, so that the bot
 * keeps answering.
 * @throws JobAborted when `signal` aborts meanwhile
 */
export async function writeJob(
  dir: string,
  job: Omit<Job, 'heldBackVotes'>,
  store: Store,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(dir, { recursive: true });
  const heldBack = await findHeldBack(store);
  await writeTable(
    path.join(dir, VOTES_FILE),
    'song_id,member_id,emotion',
    heldBack.counted(),
    (vote) => `${csvField(vote.songId)},${csvField(vote.memberId)},${csvField(vote.emotion)}\n`,
    signal,
  );
  for (const [file, liked] of [
    [INTERACTIONS_FILE, true],
    [PUT_AWAY_FILE, false],
  ] as const) {
    await writeTable(
      path.join(dir, file),
      'listener_id,song_id',
      store.tastes(),
      ({ memberId, entries }) => {
        let lines = '';
        for (const entry of entries) {
          if (entry.liked === liked) lines += `${csvField(memberId)},${csvField(entry.songId)}\n`;
        }
        return lines;
      },
      signal,
    );
  }
  await writeTable(
    path.join(dir, RANDOM_POSTS_FILE),
    'song_id',
    postedAtRandom(store),
    (songId) => `${csvField(songId)}\n`,
    signal,
  );
  const frozen: Job = { ...job, heldBackVotes: heldBack.votes };
  await writeFile(path.join(dir, 'job.json'), JSON.stringify(frozen, null, 1));
}

/** Reads `job.json` back. */
export async function readJob(dir: string): Promise<Job> {
  return jobFile.parse(JSON.parse(await readFile(path.join(dir, 'job.json'), 'utf8')));
}
