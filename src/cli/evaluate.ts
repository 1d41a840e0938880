import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import type { BackendWish } from '../../ml/backend.ts';
import { evaluateRanking } from '../../ml/evaluate.ts';
import { interactionsFromLists, songsOf } from '../../ml/interactions.ts';
import {
  accuracy,
  calibrationError,
  macroF1,
  mean,
  ndcgAt,
  pairedBootstrap,
  precisionAt,
  recallAt,
} from '../../ml/metrics.ts';
import { createRandom } from '../../ml/random.ts';
import type { Interactions } from '../../ml/recommender.ts';
import { environmentWithFile, readConfig } from '../config.ts';
import { currentModelDir } from '../training/model-files.ts';
import { openTable, TableError } from '../training/tables.ts';
import {
  backendOption,
  type FeatureSet,
  featuresOption,
  fitMethod,
  METHODS,
  methodsFor,
  recommenderData,
} from './methods.ts';
import { openAnyCatalogue } from './open-catalogue.ts';
import { action, seedNumber, UsageError } from './run.ts';
import { studyEmotions } from './study-emotions.ts';
import { studyPlaylists } from './study-playlists.ts';
import { type NamedInteractions, readInteractions } from './tables.ts';

interface Options {
  readonly stateDir?: string;
  readonly catalogue?: string;
  readonly train?: string;
  readonly test?: string;
  readonly ranking?: string;
  /** true: the study of emotions; a file: profiles to score. */
  readonly emotions?: string | true;
  readonly playlists?: boolean;
  readonly data: string;
  readonly truth?: string;
  readonly labels?: string;
  readonly methods?: string;
  readonly features: FeatureSet;
  readonly backend: BackendWish;
  readonly seed: number;
}

function print(rows: readonly (readonly string[])[]): void {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
    );
    process.stdout.write(`${cells.join('  ')}\n`);
  }
}

const show = (value: number): string => value.toFixed(4);

/**
 * The test table's rows in the order of the train table's listeners. What cannot be found, and so only lowers the
 * figures or counts for nothing, is told on standard error.
 * @throws TableError when nothing can be found by any listener
 */
function alignTest(
  train: NamedInteractions,
  test: NamedInteractions,
  songCount: number,
  testFile: string,
): Interactions {
  const place = new Map(test.listeners.map((id, listener) => [id, listener]));
  const lists = train.listeners.map((id) => {
    const listener = place.get(id);
    return listener === undefined ? [] : songsOf(test.interactions, listener);
  });
  let [rows, shown] = [0, 0];
  for (const [listener, list] of lists.entries()) {
    const liked = new Set(songsOf(train.interactions, listener));
    rows += list.length;
    shown += [...list].filter((song) => liked.has(song)).length;
  }
  if (rows === shown) {
    const why =
      rows === 0
        ? 'it names no listener of the table to learn from'
        : 'all its songs are in the table to learn from already';
    throw new TableError(`${testFile} has nothing to be found: ${why}.`);
  }
  const trained = new Set(train.listeners);
  const strangers = test.listeners.filter((id) => !trained.has(id)).length;
  const remarks: readonly (readonly [count: number, what: string])[] = [
    [train.unknownSongs, 'rows to learn from are about songs that the catalogue lacks.'],
    [test.unknownSongs, 'test rows are about songs that the catalogue lacks; they do not count.'],
    [strangers, 'test listeners are not in the table to learn from; they do not count.'],
    [
      shown,
      'test rows are among those to learn from: such songs are not ranked, so they count as not found.',
    ],
  ];
  for (const [count, what] of remarks) if (count > 0) process.stderr.write(`${count} ${what}\n`);
  return interactionsFromLists(songCount, lists);
}

/** Fits every method on the train table and measures it on the test table. */
async function compareMethods(
  options: Options & { readonly emotions?: string },
  trainFile: string,
  testFile: string,
): Promise<void> {
  const methods = options.methods?.split(',').map((name) => name.trim()) ?? methodsFor(options.features);
  const unknown = methods.find((name) => !METHODS.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`There is no method "${unknown}": choose from ${METHODS.join(', ')}.`);
  }
  const catalogue = await openAnyCatalogue(options.catalogue, options.stateDir);
  const train = await readInteractions(trainFile, catalogue);
  const test = alignTest(train, await readInteractions(testFile, catalogue), catalogue.size, testFile);
  const data = await recommenderData(catalogue, train.interactions, options.features, options.emotions);
  const rows = [['method', 'NDCG@10', 'recall@50', '95 % of NDCG@10']];
  for (const name of methods) {
    const recommender = await fitMethod(name, data, options.seed, options.backend);
    const result = await evaluateRanking(recommender, train.interactions, test, { seed: options.seed });
    recommender.dispose?.();
    const zeros = new Float64Array(result.ndcg10.length);
    const { low, high } = pairedBootstrap(result.ndcg10, zeros, createRandom(options.seed));
    rows.push([name, show(result.meanNdcg10), show(result.meanRecall50), `${show(low)} to ${show(high)}`]);
  }
  print(rows);
}

/** Scores a ranking that any program may have written. */
async function scoreRanking(rankingFile: string, testFile: string): Promise<void> {
  const wanted = new Map<string, Set<string>>();
  const test = await openTable(testFile, ['listener_id', 'song_id']);
  for await (const batch of test.batches) {
    for (const { fields } of batch) {
      const listener = fields[test.columns.indexOf('listener_id')];
      const songs = wanted.get(listener) ?? new Set();
      wanted.set(listener, songs);
      songs.add(fields[test.columns.indexOf('song_id')]);
    }
  }
  if (wanted.size === 0) throw new TableError(`${testFile} has a header but no rows below it.`);
  const ranked = new Map<string, { rank: number; song: string }[]>();
  const ranking = await openTable(rankingFile, ['listener_id', 'rank', 'song_id']);
  const [listenerAt, rankAt, songAt] = ['listener_id', 'rank', 'song_id'].map((name) =>
    ranking.columns.indexOf(name),
  );
  for await (const batch of ranking.batches) {
    for (const { line, fields } of batch) {
      const rank = Number(fields[rankAt]);
      if (!Number.isInteger(rank) || rank < 1) {
        throw new TableError(`${rankingFile}, line ${line}: the rank "${fields[rankAt]}" is not 1, 2, 3 …`);
      }
      const list = ranked.get(fields[listenerAt]) ?? [];
      ranked.set(fields[listenerAt], list);
      list.push({ rank, song: fields[songAt] });
    }
  }
  const missing = [...wanted.keys()].filter((listener) => !ranked.has(listener)).length;
  if (missing > 0) {
    process.stderr.write(`${missing} of ${wanted.size} test listeners have no ranking; each counts as 0.\n`);
  }
  const figures = { ndcg: [] as number[], precision: [] as number[], recall: [] as number[] };
  const seen = new Set<string>();
  for (const [listener, songs] of wanted) {
    const list = (ranked.get(listener) ?? []).sort((a, b) => a.rank - b.rank).map((entry) => entry.song);
    if (new Set(list).size !== list.length) {
      throw new TableError(`${rankingFile}: a song is ranked twice for listener ${listener}.`);
    }
    // The metrics count in numbers: each wanted song gets one, any other is -1.
    const numbers = new Map([...songs].map((song, number) => [song, number]));
    const one = { ranking: list.map((song) => numbers.get(song) ?? -1), wanted: new Set(numbers.values()) };
    figures.ndcg.push(ndcgAt(one, 10));
    figures.precision.push(precisionAt(one, 10));
    figures.recall.push(recallAt(one, 50));
    for (const song of list.slice(0, 10)) seen.add(song);
  }
  print([
    ['listeners', 'NDCG@10', 'P@10', 'recall@50', 'songs recommended'],
    [
      String(wanted.size),
      show(mean(figures.ndcg)),
      show(mean(figures.precision)),
      show(mean(figures.recall)),
      String(seen.size),
    ],
  ]);
}

/** Scores emotion profiles against songs whose emotion is known and was not shown (`--labels`). */
async function scoreEmotions(emotionsFile: string, truthFile: string, shownFile?: string): Promise<void> {
  const shown = new Set<string>();
  if (shownFile !== undefined) {
    const table = await openTable(shownFile, ['song_id']);
    const at = table.columns.indexOf('song_id');
    for await (const batch of table.batches) for (const { fields } of batch) shown.add(fields[at]);
  }
  const truth = new Map<string, string>();
  const known = await openTable(truthFile, ['song_id', 'emotion']);
  for await (const batch of known.batches) {
    for (const { fields } of batch) {
      const song = fields[known.columns.indexOf('song_id')];
      if (!shown.has(song)) truth.set(song, fields[known.columns.indexOf('emotion')].toLowerCase());
    }
  }
  const table = await openTable(emotionsFile, ['song_id', 'emotion']);
  const names = [...new Set([...truth.values(), ...table.columns.map((name) => name.toLowerCase())])];
  const [songAt, emotionAt] = [table.columns.indexOf('song_id'), table.columns.indexOf('emotion')];
  const [right, said, stated]: [number[], number[], number[]] = [[], [], []];
  for await (const batch of table.batches) {
    for (const { fields } of batch) {
      const expected = truth.get(fields[songAt]);
      if (expected === undefined) continue;
      const emotion = fields[emotionAt].toLowerCase();
      right.push(names.indexOf(expected));
      said.push(names.indexOf(emotion));
      stated.push(Number(fields[table.columns.findIndex((name) => name.toLowerCase() === emotion)]));
    }
  }
  if (right.length === 0) throw new TableError(`${emotionsFile} has none of the songs of ${truthFile}.`);
  print([
    ['songs', 'accuracy', 'macro-F1', 'calibration error'],
    [
      String(right.length),
      show(accuracy(said, right)),
      show(macroF1(said, right, names.length)),
      show(
        calibrationError(
          stated,
          right.map((emotion, i) => emotion === said[i]),
        ),
      ),
    ],
  ]);
}

async function run(options: Options): Promise<void> {
  const { train, test, ranking, truth } = options;
  if (options.playlists === true) return await studyPlaylists(options);
  if (options.emotions === true) {
    if ([train, test, ranking, truth, options.labels].every((given) => given === undefined)) {
      return await studyEmotions(options.data, options.seed);
    }
    throw new UsageError('--emotions needs a file here; alone it measures everything about emotions.');
  }
  const emotions = options.emotions;
  if (train !== undefined && test !== undefined)
    return await compareMethods({ ...options, emotions }, train, test);
  if (ranking !== undefined && test !== undefined) return await scoreRanking(ranking, test);
  if (emotions !== undefined && truth !== undefined) {
    return await scoreEmotions(emotions, truth, options.labels);
  }
  if ([train, test, ranking, emotions, truth, options.labels].some((given) => given !== undefined)) {
    throw new UsageError(
      'Give --train and --test, or --ranking and --test, or --emotions and --truth, or none.',
    );
  }
  const stateDir = path.resolve(options.stateDir ?? readConfig(environmentWithFile()).stateDir);
  const model = await currentModelDir(stateDir);
  if (model === undefined)
    throw new UsageError(`There is no model in ${stateDir} yet: run "reactune train".`);
  process.stdout.write(await readFile(path.join(model, 'report.md'), 'utf8'));
}

/** `reactune evaluate`: prints tables of figures. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description(
      'measure methods (--train, --test), a ranking (--ranking, --test), emotion profiles (--emotions, --truth) or, ' +
        'with --emotions alone, the whole way from a vote to an emotion, or, with --playlists, whether lists for a ' +
        'mood have that mood; without options, print the report of the model in use',
    )
    .option('--train <file>', 'CSV with listener_id and song_id to learn from')
    .option('--test <file>', 'CSV with listener_id and song_id that were hidden')
    .option('--ranking <file>', 'CSV with listener_id, rank and song_id')
    .option(
      '--emotions [file]',
      'CSV with song_id, emotion and a probability per emotion; none: the study of emotions',
    )
    .option('--playlists', 'the study of lists for a mood')
    .option('--data <folder>', 'the data sets of a study', path.join('..', 'shared', 'data'))
    .option('--truth <file>', 'CSV with song_id and emotion')
    .option('--labels <file>', 'CSV whose song_id column names songs to leave out: their emotion was shown')
    .option('--catalogue <file>', 'a table of songs; the imported catalogue without it')
    .option('--state-dir <folder>', "the bot's folder")
    .option(
      '--methods <names>',
      `methods to measure, separated by commas: ${METHODS.join(', ')}; all without it`,
    )
    .addOption(featuresOption())
    .addOption(backendOption())
    .option('--seed <number>', 'same seed, same result', seedNumber, 1)
    .action(action(run));
}
