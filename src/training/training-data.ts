import { existsSync } from 'node:fs';
import path from 'node:path';
import type { VoteTable } from '../../ml/aggregate.ts';
import { interactionsFromLists } from '../../ml/interactions.ts';
import type { Interactions } from '../../ml/recommender.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { EmotionKey } from '../domain/emotion.ts';
import type { MemberId } from '../domain/member.ts';
import { INTERACTIONS_FILE, PUT_AWAY_FILE, RANDOM_POSTS_FILE, VOTES_FILE } from './job.ts';
import { createInterner, growingInts, openTable } from './tables.ts';

/** Everything a training run learns from, on the songs of one catalogue (row = song index). */
export interface TrainingData {
  readonly catalogue: Catalogue;
  readonly emotions: readonly EmotionKey[];
  /** Members' votes, with the catalogue's own labels as its prior. */
  readonly votes: VoteTable;
  /** By the numbers that `votes` gives them. */
  readonly memberIds: readonly MemberId[];
  /** Songs that were posted because chance chose them. */
  readonly postedAtRandom: ReadonlySet<number>;
  /** Songs whose label came with the catalogue. */
  readonly importedSongs: number;
  /** Members with a taste first, then the catalogue's listeners. */
  readonly listenerIds: readonly string[];
  readonly interactions: Interactions;
  /** Songs that the same listeners would rather not hear; of members who like nothing there are none. */
  readonly putAway: Interactions;
  /** Rows of the tables that were passed over: the song is not in this catalogue, or the emotion not in the taxonomy. */
  readonly passedOver: { readonly votes: number; readonly tastes: number; readonly labels: number };
}

async function readVotes(
  file: string,
  catalogue: Catalogue,
  emotions: readonly EmotionKey[],
): Promise<{ votes: Omit<VoteTable, 'prior'>; memberIds: readonly MemberId[]; passedOver: number }> {
  const members = createInterner();
  const columns = { songs: growingInts(), members: growingInts(), emotions: growingInts() };
  let passedOver = 0;
  const { batches } = await openTable(file, ['song_id', 'member_id', 'emotion']);
  for await (const batch of batches) {
    for (const { fields } of batch) {
      const [songId = '', memberId = '', emotion = ''] = fields;
      const song = catalogue.indexOf(songId);
      const position = emotions.indexOf(emotion);
      if (song < 0 || position < 0) {
        passedOver++;
        continue;
      }
      columns.songs.push(song);
      columns.members.push(members.of(memberId));
      columns.emotions.push(position);
    }
  }
  return {
    votes: {
      songs: columns.songs.toArray(),
      members: columns.members.toArray(),
      emotions: columns.emotions.toArray(),
      songCount: catalogue.size,
      memberCount: members.texts.length,
      emotionCount: emotions.length,
    },
    memberIds: members.texts,
    passedOver,
  };
}

async function readPostedAtRandom(file: string, catalogue: Catalogue): Promise<ReadonlySet<number>> {
  const songs = new Set<number>();
  const { batches } = await openTable(file, ['song_id']);
  for await (const batch of batches) {
    for (const { fields } of batch) {
      const song = catalogue.indexOf(fields[0] ?? '');
      if (song >= 0) songs.add(song);
    }
  }
  return songs;
}

/** The catalogue's labels as soft counts, songs × emotions. */
export function importedCounts(
  catalogue: Pick<Catalogue, 'size' | 'indexOf' | 'labels'>,
  emotions: readonly EmotionKey[],
) {
  const counts = new Float32Array(catalogue.size * emotions.length);
  const songs = new Set<number>();
  let passedOver = 0;
  for (const { songId, emotion, weight } of catalogue.labels) {
    const song = catalogue.indexOf(songId);
    const position = emotions.indexOf(emotion);
    if (song < 0 || position < 0 || !(weight > 0) || !Number.isFinite(weight)) {
      passedOver++;
      continue;
    }
    counts[song * emotions.length + position] += weight;
    songs.add(song);
  }
  return { counts, songs: songs.size, passedOver };
}

/** Songs by member. */
interface Lists {
  readonly ids: readonly MemberId[];
  readonly lists: readonly (readonly number[])[];
  readonly passedOver: number;
}

async function readLists(file: string, catalogue: Catalogue): Promise<Lists> {
  const listeners = createInterner();
  const lists: number[][] = [];
  let passedOver = 0;
  const { batches } = await openTable(file, ['listener_id', 'song_id']);
  for await (const batch of batches) {
    for (const { fields } of batch) {
      const [listener = '', songId = ''] = fields;
      const song = catalogue.indexOf(songId);
      if (song < 0) {
        passedOver++;
        continue;
      }
      const position = listeners.of(listener);
      lists[position] ??= [];
      lists[position].push(song);
    }
  }
  return { ids: listeners.texts, lists, passedOver };
}

const NO_LISTS: Lists = { ids: [], lists: [], passedOver: 0 };

/** What members like, and what the same members put away. */
async function readTastes(jobDir: string, catalogue: Catalogue) {
  const liked = await readLists(path.join(jobDir, INTERACTIONS_FILE), catalogue);
  const file = path.join(jobDir, PUT_AWAY_FILE);
  const away = existsSync(file) ? await readLists(file, catalogue) : NO_LISTS;
  const awayOf = new Map(away.ids.map((id, position) => [id, away.lists[position]]));
  return {
    // A member and an imported playlist may bear the same id; what is held out is chosen by this name.
    ids: liked.ids.map((id) => `member:${id}`),
    lists: liked.lists,
    putAway: liked.ids.map((id) => awayOf.get(id) ?? []),
    passedOver: liked.passedOver + away.passedOver,
  };
}

/**
 * Reads a job's tables onto the songs of its catalogue.
 * @throws TableError when a table is damaged
 */
export async function readTrainingData(
  jobDir: string,
  catalogue: Catalogue,
  emotions: readonly EmotionKey[],
): Promise<TrainingData> {
  const {
    votes,
    memberIds,
    passedOver: votesPassedOver,
  } = await readVotes(path.join(jobDir, VOTES_FILE), catalogue, emotions);
  const imported = importedCounts(catalogue, emotions);
  const tastes = await readTastes(jobDir, catalogue);
  const listeners = catalogue.listeners.filter((listener) => listener.songs.length > 0);
  return {
    catalogue,
    emotions,
    votes: { ...votes, ...(imported.songs === 0 ? {} : { prior: imported.counts }) },
    memberIds,
    postedAtRandom: await readPostedAtRandom(path.join(jobDir, RANDOM_POSTS_FILE), catalogue),
    importedSongs: imported.songs,
    listenerIds: [...tastes.ids, ...listeners.map((listener) => listener.id)],
    interactions: interactionsFromLists(catalogue.size, [
      ...tastes.lists,
      ...listeners.map((listener) => listener.songs),
    ]),
    putAway: interactionsFromLists(catalogue.size, [...tastes.putAway, ...listeners.map(() => [])]),
    passedOver: {
      votes: votesPassedOver,
      tastes: tastes.passedOver,
      labels: imported.passedOver,
    },
  };
}
