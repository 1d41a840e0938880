import { existsSync } from 'node:fs';
import path from 'node:path';
import { knnGraph } from '../../ml/graph.ts';
import { inferEmotions } from '../../ml/infer-emotions.ts';
import { emotionTable, propagationFeatures, type RawSongs } from '../../ml/items.ts';
import { accuracy, argmax, calibrationError, macroF1, mean } from '../../ml/metrics.ts';
import { labelPropagation, labelSpreading } from '../../ml/propagate.ts';
import { createRandom } from '../../ml/random.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { rawSongs } from '../training/profile-stage.ts';
import { openTable } from '../training/tables.ts';
import { readTablesOfSongs } from './open-catalogue.ts';
import { against, figure, type StudySkipped, type StudyTable } from './study-table.ts';
import { readLabels } from './tables.ts';

/** A profile per song, songs × emotions, from the labels (0 where there is none) of some. */
type Infer = (labels: Float32Array, emotionCount: number, seed: number) => Float32Array;

/** What a method needs of the songs is made once, then used for every split. */
type Method = (raw: RawSongs) => Infer;

const weightsOf = (labels: Float32Array, emotionCount: number) =>
  Float32Array.from({ length: labels.length / emotionCount }, (_, song) =>
    labels.subarray(song * emotionCount, (song + 1) * emotionCount).some((value) => value > 0) ? 1 : 0,
  );

function graphOf(raw: RawSongs, k: number) {
  const points = propagationFeatures(raw);
  return knnGraph(points.values, points.rows, points.columns, k);
}

/** Where scikit-learn stops; among many unlabelled songs ten times as near takes minutes. */
const SCIKIT_TOLERANCE = 1e-3;

const METHODS: Readonly<Record<string, Method>> = {
  propagation: (raw) => {
    const graph = graphOf(raw, 7);
    return (labels, c) =>
      labelPropagation(graph, { labels, weights: weightsOf(labels, c) }, c, {
        weighting: 'connectivity',
        tolerance: SCIKIT_TOLERANCE,
      }).profiles;
  },
  spreading: (raw) => {
    const graph = graphOf(raw, 10);
    return (labels, c) =>
      labelSpreading(graph, { labels, weights: weightsOf(labels, c) }, c, { alpha: 0.2 }).profiles;
  },
  trees: (raw) => {
    const table = emotionTable(raw);
    return (labels, c, seed) =>
      inferEmotions(table, { labels, weights: weightsOf(labels, c) }, c, createRandom(seed)).probabilities;
  },
};
const DEFAULT = 'trees';

const SPLITS = Array.from({ length: 20 }, (_, i) => i + 1);
const CALIBRATION_BAR = 0.05;
/** So much may the unlabelled songs cost. */
const MAY_LOSE = 0.005;

export const MOODS = 'data_moods.csv';
const SONGS = 'spotify_songs.csv';
const splitOf = (split: number) => path.join('splits', `moods-10pct-${split}.csv`);

export interface MoodTruth {
  readonly emotions: readonly string[];
  /** Per song of the catalogue; -1 where the table does not say. */
  readonly of: Int32Array;
}

/** @throws TableError when the table cannot be read */
export async function readMoods(file: string, catalogue: Catalogue): Promise<MoodTruth> {
  const table = await openTable(file, ['id', 'mood']);
  const moods = new Map<number, string>();
  for await (const batch of table.batches) {
    for (const { fields } of batch) {
      const song = catalogue.indexOf(fields[table.columns.indexOf('id')]);
      if (song >= 0) moods.set(song, fields[table.columns.indexOf('mood')]);
    }
  }
  const emotions = [...new Set(moods.values())].sort();
  const of = Int32Array.from({ length: catalogue.size }, (_, song) =>
    emotions.indexOf(moods.get(song) ?? ''),
  );
  return { emotions, of };
}

interface Score {
  readonly accuracy: number;
  readonly macroF1: number;
  readonly calibration: number;
}

function score(profiles: Float32Array, truth: MoodTruth, shown: Float32Array): Score {
  const c = truth.emotions.length;
  const [right, said, stated]: number[][] = [[], [], []];
  for (const [song, emotion] of truth.of.entries()) {
    if (emotion < 0 || shown.subarray(song * c, (song + 1) * c).some((value) => value > 0)) continue;
    const guess = argmax(profiles, song * c, c);
    right.push(emotion);
    said.push(guess);
    stated.push(profiles[song * c + guess]);
  }
  return {
    accuracy: accuracy(said, right),
    macroF1: macroF1(said, right, c),
    calibration: calibrationError(
      stated,
      right.map((emotion, i) => emotion === said[i]),
    ),
  };
}

/** What the songs of a study are; `among` names tables whose songs are there without a label. */
async function measure(
  data: string,
  among: readonly string[],
  seed: number,
  tell: (what: string) => void,
): Promise<ReadonlyMap<string, Score>> {
  const moods = path.join(data, MOODS);
  const catalogue = await readTablesOfSongs([moods, ...among.map((name) => path.join(data, name))]);
  const truth = await readMoods(moods, catalogue);
  const raw = rawSongs(catalogue);
  const means = new Map<string, Score>();
  for (const [name, method] of Object.entries(METHODS)) {
    const infer = method(raw);
    const scores: Score[] = [];
    for (const split of SPLITS) {
      tell(`${name}, ${catalogue.size} songs, split ${split} of ${SPLITS.length}`);
      const { counts } = await readLabels(path.join(data, splitOf(split)), catalogue);
      scores.push(score(infer(counts, truth.emotions.length, seed + split), truth, counts));
    }
    const of = (what: keyof Score) => mean(scores.map((one) => one[what]));
    means.set(name, { accuracy: of('accuracy'), macroF1: of('macroF1'), calibration: of('calibration') });
  }
  return means;
}

function toTable(
  title: string,
  scores: ReadonlyMap<string, Score>,
  bars: { readonly accuracy: number; readonly macroF1: number },
): StudyTable {
  const rows = [...scores].map(([name, { accuracy, macroF1, calibration }]) => [
    name,
    figure(accuracy, 4),
    figure(macroF1, 4),
    figure(calibration),
  ]);
  const own = scores.get(DEFAULT);
  if (own !== undefined) {
    rows.push([
      `bar for ${DEFAULT}`,
      against(own.accuracy, bars.accuracy, 'atLeast', 4),
      against(own.macroF1, bars.macroF1, 'atLeast', 4),
      against(own.calibration, CALIBRATION_BAR, 'atMost'),
    ]);
  }
  return {
    title,
    protocol: 'Mean of the 20 given splits, measured on the songs that were not shown.',
    head: ['method', 'accuracy', 'macro-F1', 'calibration error'],
    rows,
  };
}

/**
 * 686 songs of four moods, a tenth of them labelled: how well are the others inferred, alone and among the 28,352
 * unlabelled songs of another table?
 */
export async function* studyMoods(
  data: string,
  seed: number,
  tell: (what: string) => void,
): AsyncGenerator<StudyTable | StudySkipped> {
  const title = 'From labels to all songs (686 songs, four moods, a tenth labelled)';
  const crowd = 'The same among 28,352 unlabelled songs';
  const absent = (files: readonly string[]) => files.filter((file) => !existsSync(path.join(data, file)));
  const missing = absent([MOODS, ...SPLITS.map(splitOf)]);
  if (missing.length > 0) {
    yield { title, missing };
    return;
  }
  const alone = await measure(data, [], seed, tell);
  yield toTable(title, alone, { accuracy: 0.815, macroF1: 0.79 });
  const missingSongs = absent([SONGS]);
  if (missingSongs.length > 0) {
    yield { title: crowd, missing: missingSongs };
    return;
  }
  const among = await measure(data, [SONGS], seed, tell);
  const own = alone.get(DEFAULT);
  const bar = (value: number | undefined) => Number(((value ?? 1) - MAY_LOSE).toFixed(4));
  yield toTable(crowd, among, { accuracy: bar(own?.accuracy), macroF1: bar(own?.macroF1) });
}
