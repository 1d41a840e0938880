import path from 'node:path';
import { mean } from '../../ml/metrics.ts';
import { createRandom } from '../../ml/random.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { DEFAULT_EMOTION_METHOD, EMOTION_METHODS } from '../study/emotion-methods.ts';
import { MOODS, missingTables, SONGS } from '../study/files.ts';
import { emotionsIn, type HiddenScore, labelsOf, scoreHidden } from '../study/moods.ts';
import { rawSongs } from '../training/profile-stage.ts';
import { readTablesOfSongs } from './open-catalogue.ts';
import { against, figure, type StudySkipped, type StudyTable } from './study-table.ts';
import { readLabels } from './tables.ts';

const SPLITS = Array.from({ length: 20 }, (_, i) => i + 1);
const CALIBRATION_BAR = 0.05;
/** So much may the unlabelled songs cost. */
const MAY_LOSE = 0.005;

const splitOf = (split: number) => path.join('splits', `moods-10pct-${split}.csv`);

/** 1 for each song that a split shows. */
async function shownIn(file: string, catalogue: Catalogue): Promise<Uint8Array> {
  const { emotions, counts } = await readLabels(file, catalogue);
  const c = emotions.length;
  return Uint8Array.from({ length: catalogue.size }, (_, song) =>
    Number(counts.subarray(song * c, (song + 1) * c).some((value) => value > 0)),
  );
}

/** What the songs of a study are; `among` names tables whose songs are there without a label. */
async function measure(
  data: string,
  among: readonly string[],
  seed: number,
  tell: (what: string) => void,
): Promise<ReadonlyMap<string, HiddenScore>> {
  const catalogue = await readTablesOfSongs([MOODS, ...among].map((name) => path.join(data, name)));
  const truth = emotionsIn(catalogue);
  const raw = rawSongs(catalogue);
  const means = new Map<string, HiddenScore>();
  for (const [name, method] of Object.entries(EMOTION_METHODS)) {
    const infer = method(raw);
    const scores: HiddenScore[] = [];
    for (const split of SPLITS) {
      tell(`${name}, ${catalogue.size} songs, split ${split} of ${SPLITS.length}`);
      const shown = await shownIn(path.join(data, splitOf(split)), catalogue);
      const profiles = infer(labelsOf(truth, shown), truth.emotions.length, createRandom(seed + split));
      const score = scoreHidden(truth, shown, profiles);
      if (score !== undefined) scores.push(score);
    }
    const of = (what: keyof HiddenScore) => mean(scores.map((one) => one[what]));
    means.set(name, { accuracy: of('accuracy'), macroF1: of('macroF1'), calibration: of('calibration') });
  }
  return means;
}

function toTable(
  title: string,
  scores: ReadonlyMap<string, HiddenScore>,
  bars: { readonly accuracy: number; readonly macroF1: number },
): StudyTable {
  const rows = [...scores].map(([name, { accuracy, macroF1, calibration }]) => [
    name,
    figure(accuracy, 4),
    figure(macroF1, 4),
    figure(calibration),
  ]);
  const own = scores.get(DEFAULT_EMOTION_METHOD);
  if (own !== undefined) {
    rows.push([
      `bar for ${DEFAULT_EMOTION_METHOD}`,
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
  const missing = missingTables(data, [MOODS, ...SPLITS.map(splitOf)]);
  if (missing.length > 0) {
    yield { title, missing };
    return;
  }
  const alone = await measure(data, [], seed, tell);
  yield toTable(title, alone, { accuracy: 0.815, macroF1: 0.79 });
  const missingSongs = missingTables(data, [SONGS]);
  if (missingSongs.length > 0) {
    yield { title: crowd, missing: missingSongs };
    return;
  }
  const among = await measure(data, [SONGS], seed, tell);
  const own = alone.get(DEFAULT_EMOTION_METHOD);
  const bar = (value: number | undefined) => Number(((value ?? 1) - MAY_LOSE).toFixed(4));
  yield toTable(crowd, among, { accuracy: bar(own?.accuracy), macroF1: bar(own?.macroF1) });
}
