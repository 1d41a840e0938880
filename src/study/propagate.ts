import path from 'node:path';
import { z } from 'zod';
import { createRandom } from '../../ml/random.ts';
import { rawSongs } from '../training/profile-stage.ts';
import { type LineSeries, lineChart } from './chart/line-chart.ts';
import type { Part, StudyContext } from './context.ts';
import { DEFAULT_EMOTION_METHOD, EMOTION_METHODS, type InferEmotions } from './emotion-methods.ts';
import { hashFiles, MOODS, programMark } from './files.ts';
import { drawLabelled, type LabelledSongs, labelsOf, readMoods, scoreHidden } from './moods.ts';
import { type Block, figure, finding, skipped, table, text } from './report.ts';
import { type Estimate, estimate } from './statistics.ts';

const ID = 'propagate';
const SHARES = [0.01, 0.05, 0.1, 0.2, 0.5];
/** Drawing and inferring are quick, and with few labels luck decides much: so many draws for each seed. */
const DRAWS_PER_SEED = 5;

/**
 * What others got on the public table (issue 7's data folder has the protocols); shown only when the table is that
 * very one.
 */
const PUBLIC_TABLE = 'a6b1fc0e3c90564f';
const REFERENCES = [
  { y: 0.825, name: 'random forest, 80 % labelled: 0.825' },
  { y: 0.76, name: 'published figure, 80 % labelled: 0.76' },
];

const scores = z.object({
  accuracy: z.array(z.number()),
  macroF1: z.array(z.number()),
  calibration: z.array(z.number()),
});
type Scores = z.infer<typeof scores>;

/** Measures a method on the songs that were not shown, once per draw. */
function measure(
  songs: LabelledSongs,
  infer: InferEmotions,
  share: number,
  seeds: readonly number[],
): Scores {
  const c = songs.emotions.length;
  const result: Scores = { accuracy: [], macroF1: [], calibration: [] };
  for (const seed of seeds) {
    for (let draw = 0; draw < DRAWS_PER_SEED; draw++) {
      const shown = drawLabelled(songs, share, createRandom(seed).fork(`draw ${draw} of ${share}`));
      const profiles = infer(labelsOf(songs, shown), c, createRandom(seed));
      const score = scoreHidden(songs, shown, profiles);
      if (score === undefined) continue;
      result.accuracy.push(score.accuracy);
      result.macroF1.push(score.macroF1);
      result.calibration.push(score.calibration);
    }
  }
  return result;
}

const show = ({ value, low, high }: Estimate) =>
  Number.isNaN(value) ? '–' : `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
const percent = (share: number) => `${Math.round(100 * share)} %`;

function commonest({ of, emotions }: LabelledSongs): number {
  const counts = emotions.map((_, emotion) => of.filter((one) => one === emotion).length);
  return Math.max(...counts) / counts.reduce((sum, count) => sum + count, 0);
}

async function run(context: StudyContext) {
  const songs = await readMoods(context.data);
  const labelled = songs.of.filter((emotion) => emotion >= 0).length;
  if (songs.emotions.length < 2) {
    return skipped(ID, PROPAGATE.title, `${MOODS} has fewer than two different moods.`);
  }
  const hash = await hashFiles([path.join(context.data, MOODS)]);
  const raw = rawSongs(songs.catalogue);
  const measured = new Map<string, Scores[]>();
  for (const [name, method] of Object.entries(EMOTION_METHODS)) {
    let infer: InferEmotions | undefined;
    const list: Scores[] = [];
    for (const share of SHARES) {
      const key = {
        kind: 'emotions',
        part: ID,
        method: name,
        share,
        seed: context.seeds.join(' '),
        draws: DRAWS_PER_SEED,
        data: hash,
        program: programMark(),
      };
      list.push(
        await context.results.get(key, scores, async () => {
          context.tell(`emotions: ${name}, ${percent(share)} of the songs labelled`);
          infer ??= method(raw);
          return measure(songs, infer, share, context.seeds);
        }),
      );
    }
    measured.set(name, list);
  }
  return { id: ID, title: PROPAGATE.title, blocks: blocksOf(context, songs, labelled, measured, hash) };
}

function blocksOf(
  context: StudyContext,
  songs: LabelledSongs,
  labelled: number,
  measured: ReadonlyMap<string, readonly Scores[]>,
  hash: string,
): Block[] {
  const draws = context.seeds.length * DRAWS_PER_SEED;
  const random = createRandom(context.seeds[0]!);
  const estimates = [...measured].map(([name, list]) => ({
    name,
    accuracy: list.map((one) => estimate(one.accuracy, random.fork('accuracy'))),
    macroF1: list.map((one) => estimate(one.macroF1, random.fork('macroF1'))),
    calibration: list.map((one) => estimate(one.calibration, random.fork('calibration'))),
  }));
  const base = commonest(songs);
  const tenth = SHARES.indexOf(0.1);
  const byTenth = [...estimates].sort((a, b) => b.accuracy[tenth]!.value - a.accuracy[tenth]!.value);
  const own = estimates.find(({ name }) => name === DEFAULT_EMOTION_METHOD);
  const said =
    `With ${percent(0.1)} of the songs labelled, ${byTenth[0]!.name} is best: it names the right one of ` +
    `${songs.emotions.length} emotions for ${(100 * byTenth[0]!.accuracy[tenth]!.value).toFixed(1)} % of the other ` +
    `songs` +
    (own === undefined || own === byTenth[0]
      ? '.'
      : ` (the project’s default for ${(100 * own.accuracy[tenth]!.value).toFixed(1)} %).`) +
    ` Always saying the commonest would be right for ${(100 * base).toFixed(1)} %.`;
  const series: LineSeries[] = estimates.map(({ name, accuracy: list }) => ({
    name,
    points: list.map(({ value, low, high }, i) => ({ x: 100 * SHARES[i]!, y: value, low, high })),
  }));
  const rows = estimates.flatMap(({ name, accuracy: list, macroF1: f1, calibration }) =>
    SHARES.map((share, i) => [name, percent(share), show(list[i]!), show(f1[i]!), show(calibration[i]!)]),
  );
  return [
    text(
      `${labelled} songs of ${MOODS} have one of ${songs.emotions.length} emotions. A share of them is shown, the ` +
        `same share of every emotion, and the emotion of all others is inferred from audio features. Mean of ${draws} ` +
        'draws; the intervals (95 %, bootstrap) are about the mean.',
    ),
    figure(
      lineChart({
        id: 'propagation',
        title: 'Emotions inferred from a few labelled songs',
        note: `Mean of ${draws} draws; bands are 95 % intervals of the mean.`,
        alt: `Accuracy against the share of labelled songs, one line per method. ${said}`,
        made: context.made(ID),
        x: {
          label: 'songs with a label (%, by logarithm)',
          ticks: SHARES.map((share) => 100 * share),
          log: true,
        },
        y: { label: 'accuracy on the other songs (0–1)' },
        series,
        references: hash === PUBLIC_TABLE ? REFERENCES : [],
      }),
    ),
    table({
      caption: 'Mean and 95 % interval',
      head: ['method', 'labelled', 'accuracy', 'macro-F1', 'calibration error'],
      rows,
    }),
    finding(said),
  ];
}

/** How well the emotion of unlabelled songs is inferred. */
export const PROPAGATE: Part = { id: ID, title: 'From a few labels to all songs', needs: [MOODS], run };
