import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { VoteTable } from '../../ml/aggregate.ts';
import { interactionsFromLists } from '../../ml/interactions.ts';
import type { Interactions } from '../../ml/recommender.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { csvField } from '../training/job.ts';
import { createInterner, growingInts, openTable, TableError } from '../training/tables.ts';

const ROWS_PER_WRITE = 2000;
/** Sums of weights stay exact enough in 32 bits. */
const MOST_WEIGHT = 1e9;

/**
 * Writes a CSV table, to standard output without a file.
 * @throws TableError when the file cannot be written
 */
export async function writeTable(
  file: string | undefined,
  header: readonly string[],
  rows: Iterable<readonly (string | number)[]>,
): Promise<void> {
  const stream = file === undefined ? process.stdout : createWriteStream(file);
  const done = file === undefined ? undefined : finished(stream);
  done?.catch(() => undefined);
  const line = (cells: readonly (string | number)[]) =>
    `${cells.map((cell) => csvField(String(cell))).join(',')}\n`;
  try {
    let text = line(header);
    let gathered = 0;
    for (const row of rows) {
      text += line(row);
      if (++gathered % ROWS_PER_WRITE !== 0) continue;
      if (!stream.write(text))
        await (done ? Promise.race([once(stream, 'drain'), done]) : once(stream, 'drain'));
      text = '';
    }
    stream.write(text);
    if (done === undefined) return;
    stream.end();
    await done;
  } catch (cause) {
    throw new TableError(`${file} cannot be written (${(cause as NodeJS.ErrnoException).code}).`, { cause });
  }
}

/** Numbers in tables: short, and exact enough to be summed to 1 again. */
export function round(value: number): number {
  return Number(value.toFixed(6));
}

/** Votes of a table, with the names behind its numbers. */
export interface NamedVotes {
  readonly table: VoteTable;
  readonly songs: readonly string[];
  readonly members: readonly string[];
  readonly emotions: readonly string[];
}

function required(file: string, line: number, column: string, value: string | undefined): string {
  const text = value?.trim() ?? '';
  if (text === '') throw new TableError(`${file}, line ${line}: the ${column} is missing.`);
  return text;
}

/**
 * Reads `song_id,member_id,emotion`; any emotion names, any number of other columns.
 * @throws TableError with the line
 */
export async function readVotes(file: string): Promise<NamedVotes> {
  const { columns, batches } = await openTable(file, ['song_id', 'member_id', 'emotion']);
  const [songAt, memberAt, emotionAt] = ['song_id', 'member_id', 'emotion'].map((name) =>
    columns.indexOf(name),
  );
  const interners = { songs: createInterner(), members: createInterner(), emotions: createInterner() };
  const votes = { songs: growingInts(), members: growingInts(), emotions: growingInts() };
  for await (const batch of batches) {
    for (const { line, fields } of batch) {
      votes.songs.push(interners.songs.of(required(file, line, 'song_id', fields[songAt])));
      votes.members.push(interners.members.of(required(file, line, 'member_id', fields[memberAt])));
      votes.emotions.push(interners.emotions.of(required(file, line, 'emotion', fields[emotionAt])));
    }
  }
  if (votes.songs.length === 0) throw new TableError(`${file} has a header but no votes below it.`);
  // By name, so that the same votes in another order give the same table.
  const emotions = [...interners.emotions.texts].sort();
  const position = interners.emotions.texts.map((name) => emotions.indexOf(name));
  return {
    songs: interners.songs.texts,
    members: interners.members.texts,
    emotions,
    table: {
      songs: votes.songs.toArray(),
      members: votes.members.toArray(),
      emotions: votes.emotions.toArray().map((number) => position[number]),
      songCount: interners.songs.texts.length,
      memberCount: interners.members.texts.length,
      emotionCount: emotions.length,
    },
  };
}

/** What `aggregate` writes; behind them comes the share of votes of each emotion. */
export const LABEL_COLUMNS = ['song_id', 'primary', 'secondary', 'confidence', 'votes'];

/** Labels on the songs of a catalogue. */
export interface NamedLabels {
  readonly emotions: readonly string[];
  /** songs × emotions, sums of weights. */
  readonly counts: Float32Array;
  readonly labelledSongs: number;
  /** Rows whose song the catalogue does not have. */
  readonly unknownSongs: number;
}

/**
 * Reads `song_id,emotion[,weight]`, where a song may have several rows, or what `aggregate` wrote: there a share of
 * the votes weighs as much as those votes.
 * @throws TableError with the line
 */
export async function readLabels(file: string, catalogue: Catalogue): Promise<NamedLabels> {
  const { columns, batches } = await openTable(file, ['song_id', 'emotion'], LABEL_COLUMNS);
  const place = (name: string) => columns.indexOf(name);
  const [songAt, emotionAt, weightAt, votesAt] = ['song_id', 'emotion', 'weight', 'votes'].map(place);
  const shares = emotionAt < 0 ? columns.filter((name) => !LABEL_COLUMNS.includes(name)) : [];
  const names = createInterner();
  const rows: { song: number; emotion: number; weight: number }[] = [];
  let unknownSongs = 0;
  for await (const batch of batches) {
    for (const { line, fields } of batch) {
      const song = catalogue.indexOf(required(file, line, 'song_id', fields[songAt]));
      const number = (column: string, at: number) => {
        const text = at < 0 ? '1' : required(file, line, column, fields[at]);
        const value = Number(text);
        if (value >= 0 && value <= MOST_WEIGHT) return value;
        const what = `the ${column} "${text}" is not a number from 0 to ${MOST_WEIGHT}`;
        throw new TableError(`${file}, line ${line}: ${what}.`);
      };
      if (song < 0) unknownSongs++;
      if (emotionAt >= 0) {
        const emotion = names.of(required(file, line, 'emotion', fields[emotionAt]));
        const weight = number('weight', weightAt);
        if (song >= 0) rows.push({ song, emotion, weight });
        continue;
      }
      const votes = number('votes', votesAt);
      for (const share of shares) {
        const emotion = names.of(share);
        const weight = votes * number(`share of ${share}`, place(share));
        if (song >= 0) rows.push({ song, emotion, weight });
      }
    }
  }
  if (names.texts.length === 0) throw new TableError(`${file} has a header but no labels below it.`);
  const emotions = [...names.texts].sort();
  const counts = new Float32Array(catalogue.size * emotions.length);
  for (const { song, emotion, weight } of rows) {
    counts[song * emotions.length + emotions.indexOf(names.texts[emotion])] += weight;
  }
  return { emotions, counts, labelledSongs: new Set(rows.map((row) => row.song)).size, unknownSongs };
}

/** Who likes what, with the listeners' names. */
export interface NamedInteractions {
  readonly listeners: readonly string[];
  readonly interactions: Interactions;
  readonly unknownSongs: number;
}

/**
 * Reads `listener_id,song_id`.
 * @throws TableError with the line, and when the catalogue has none of the songs
 */
export async function readInteractions(file: string, catalogue: Catalogue): Promise<NamedInteractions> {
  const { columns, batches } = await openTable(file, ['listener_id', 'song_id']);
  const [listenerAt, songAt] = ['listener_id', 'song_id'].map((name) => columns.indexOf(name));
  const listeners = createInterner();
  const lists: number[][] = [];
  let unknownSongs = 0;
  let rows = 0;
  for await (const batch of batches) {
    for (const { line, fields } of batch) {
      rows++;
      const listener = listeners.of(required(file, line, 'listener_id', fields[listenerAt]));
      lists[listener] ??= [];
      const song = catalogue.indexOf(required(file, line, 'song_id', fields[songAt]));
      if (song < 0) unknownSongs++;
      else lists[listener].push(song);
    }
  }
  if (rows === 0) throw new TableError(`${file} has a header but no rows below it.`);
  if (unknownSongs === rows) {
    throw new TableError(`${file}: none of its songs is in the catalogue; is it the right one?`);
  }
  return {
    listeners: listeners.texts,
    interactions: interactionsFromLists(catalogue.size, lists),
    unknownSongs,
  };
}

/** Emotion profiles of a catalogue's songs. */
export interface NamedProfiles {
  readonly emotions: readonly string[];
  /** songs × emotions; a song that the table lacks has the same share everywhere. */
  readonly profiles: Float32Array;
}

/**
 * Reads `song_id,emotion` and a probability per emotion, as `propagate` writes it.
 * @throws TableError with the line
 */
export async function readProfiles(file: string, catalogue: Catalogue): Promise<NamedProfiles> {
  const { columns, batches } = await openTable(file, ['song_id', 'emotion']);
  const songAt = columns.indexOf('song_id');
  const places = columns.flatMap((name, at) =>
    ['song_id', 'emotion', 'confidence', 'source'].includes(name) ? [] : [at],
  );
  if (places.length < 2) {
    throw new TableError(
      `${file}, line 1: a column with a probability is needed for each of at least two emotions.`,
    );
  }
  const profiles = new Float32Array(catalogue.size * places.length).fill(1 / places.length);
  for await (const batch of batches) {
    for (const { line, fields } of batch) {
      const song = catalogue.indexOf(required(file, line, 'song_id', fields[songAt]));
      const values = places.map((at) => Number(fields[at]));
      const bad = values.findIndex(
        (value, i) => !(value >= 0) || value > 1e9 || fields[places[i]].trim() === '',
      );
      if (bad >= 0) {
        throw new TableError(
          `${file}, line ${line}: the probability "${fields[places[bad]]}" of ${columns[places[bad]]} is not a ` +
            'number from 0 to 1.',
        );
      }
      const sum = values.reduce((total, value) => total + value, 0);
      if (song >= 0 && sum > 0)
        profiles.set(
          values.map((value) => value / sum),
          song * places.length,
        );
    }
  }
  return { emotions: places.map((at) => columns[at]), profiles };
}
