import { aboutVariety, VARIETY_HEAD, varietyRows } from '../training/variety-words.ts';
import { lineChart } from './chart/line-chart.ts';
import type { Part, StudyContext } from './context.ts';
import { SONGS } from './files.ts';
import { type Ranking, rank } from './ranking.ts';
import { type Block, figure, finding, skipped, table, text } from './report.ts';

const ID = 'losses';
const TITLE = 'How the GAN learns';

type Curve = NonNullable<Ranking['curve']>;

/** Names of what is reported, in words. */
const NAMES: Readonly<Record<string, string>> = {
  generatorLoss: 'generator',
  discriminatorLoss: 'discriminator',
  dReal: 'real songs of the listener',
  dFake: 'generated songs',
  dMismatched: 'real songs of others',
  dReplaced: 'real songs that are not theirs',
  dRealOfTwo: 'real against generated',
  dFakeOfTwo: 'generated against real',
};

const nameOf = (key: string) =>
  NAMES[key] ??
  key
    .replace(/Loss$/, '')
    .replace(/^d(?=[A-Z])/, '')
    .replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`)
    .toLowerCase();

function seriesOf(curve: Curve, wanted: (key: string) => boolean) {
  return Object.keys(curve[0] ?? {})
    .filter((key) => key !== 'step' && wanted(key))
    .map((key) => ({
      name: nameOf(key),
      plain: true,
      points: curve.map((point, i) => ({ x: point.step ?? i + 1, y: point[key]! })),
    }));
}

/** The mean over the last tenth of the training. */
function last(curve: Curve, key: string): number {
  const end = curve.slice(-Math.max(1, Math.ceil(curve.length / 10)));
  return end.reduce((sum, point) => sum + (point[key] ?? Number.NaN), 0) / end.length;
}

/** The paper's own objective, ½ E[1 − D(x)] + E[D(G(z))], step by step; empty where D is not reported. */
const objective = (curve: Curve) =>
  curve.flatMap(({ dReal, dFake, step }, i) =>
    dReal === undefined || dFake === undefined ? [] : [{ x: step ?? i + 1, y: (1 - dReal) / 2 + dFake }],
  );

/** How one seed's training went. */
interface Learned {
  readonly seed: number;
  readonly curve: Curve;
  readonly variety: Ranking['variety'];
}

/** Whether the generated songs are as varied as the listeners' own. */
function varietyBlocks(method: string, runs: readonly Learned[]): Block[] {
  const measured = runs.flatMap(({ seed, variety }) => (variety === undefined ? [] : [{ seed, variety }]));
  if (measured.length === 0) return [];
  return [
    table({
      caption: `${method}: generated songs and the listener’s own, against a half of the list that was hidden`,
      head: ['seed', ...VARIETY_HEAD],
      rows: measured.flatMap(({ seed, variety }) =>
        varietyRows(variety).map((row) => [String(seed), ...row]),
      ),
    }),
    finding(`${method}, seed ${measured[0]!.seed}: ${aboutVariety(measured[0]!.variety)}`),
  ];
}

function methodBlocks(context: StudyContext, method: string, runs: readonly Learned[]): Block[] {
  const { curve, seed } = runs[0]!;
  const steps = curve.at(-1)?.step ?? curve.length;
  const end = (key: string) => last(curve, key).toFixed(3);
  const keys = Object.keys(curve[0] ?? {}).filter((key) => key !== 'step');
  const d = seriesOf(curve, (key) => /^d[A-Z]/.test(key));
  const paper = objective(curve);
  const losses = seriesOf(curve, (key) => key.endsWith('Loss'));
  if (paper.length > 0) losses.push({ name: 'the paper’s objective E(G, D)', plain: true, points: paper });
  const saidLosses = losses
    .map(({ name, points }) => `${name} ends at ${points.at(-1)?.y.toFixed(3)}`)
    .join(', ');
  const saidD =
    curve[0]?.dReal === undefined || curve[0]?.dFake === undefined
      ? `${method} does not report D.`
      : `At the end of ${method}’s training D is ${end('dReal')} on the listener’s hidden real songs and ` +
        `${end('dFake')} on generated ones; where it cannot tell them apart, both are the same.` +
        (curve[0].dRealOfTwo === undefined
          ? ''
          : ` Asked only whether a song is real or generated it says ${end('dRealOfTwo')} and ${end('dFakeOfTwo')}.`);
  const blocks: Block[] = [
    figure(
      lineChart({
        id: `losses-${method}`,
        title: `Losses of ${method} over its training`,
        note: `Seed ${seed}, held-out songs, everything that is known of songs; ${steps} steps.`,
        alt: `Lines over the training steps: ${saidLosses}.`,
        made: context.made(ID),
        x: { label: 'training step (number)' },
        y: { label: 'loss (no unit)' },
        series: losses,
      }),
    ),
  ];
  if (d.length > 0) {
    blocks.push(
      figure(
        lineChart({
          id: `d-${method}`,
          title: `What the discriminator of ${method} believes`,
          note: `Mean D over the songs of a step: 1 = surely one of the listener’s own. Seed ${seed}.`,
          alt: `Lines of D over the training steps. ${saidD}`,
          made: context.made(ID),
          x: { label: 'training step (number)' },
          y: { label: 'D (0–1)', low: 0, high: 1 },
          series: d,
          references: [{ y: 0.5, name: 'one half' }],
        }),
      ),
    );
  }
  blocks.push(
    table({
      caption: `${method}: means over the last tenth of the steps, per seed`,
      head: ['seed', ...keys.map(nameOf), 'E(G, D)'],
      rows: runs.map(({ seed, curve: one }) => [
        String(seed),
        ...keys.map((key) => last(one, key).toFixed(3)),
        objective(one).length === 0 ? '–' : ((1 - last(one, 'dReal')) / 2 + last(one, 'dFake')).toFixed(3),
      ]),
    }),
    finding(saidD),
    ...varietyBlocks(method, runs),
  );
  return blocks;
}

async function run(context: StudyContext) {
  const blocks: Block[] = [
    text(
      'What training reports step by step. E(G, D) = ½ E[1 − D(x)] + E[D(G(z))] is the paper’s objective, with x a ' +
        'hidden real song of the listener and G(z) a generated one.',
    ),
  ];
  for (const method of context.methods.filter((name) => /gan/.test(name))) {
    const runs: Learned[] = [];
    for (const seed of context.seeds) {
      // The very runs of the ranking part: measured there, they are found here.
      const one = await rank(context, { protocol: 'heldout', features: 'all', method, seed });
      if ('failed' in one) blocks.push(text(`${method}, seed ${seed}, could not be trained: ${one.failed}`));
      else if (one.curve !== undefined && one.curve.length > 0) {
        runs.push({ seed, curve: one.curve, variety: one.variety });
      }
    }
    if (runs.length > 0) blocks.push(...methodBlocks(context, method, runs));
  }
  if (blocks.length === 1) return skipped(ID, TITLE, 'none of the chosen methods reports how it learns.');
  return { id: ID, title: TITLE, blocks };
}

/** Loss curves and D over the training. */
export const LOSSES: Part = { id: ID, title: TITLE, needs: [SONGS], run };
