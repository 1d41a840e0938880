import { mean } from '../../ml/metrics.ts';
import { createRandom } from '../../ml/random.ts';
import { type FeatureSet, methodsFor } from '../cli/methods.ts';
import { rowsChart } from './chart/rows-chart.ts';
import type { Part, StudyContext } from './context.ts';
import { SONGS } from './files.ts';
import { perListener, type Ranking, rankSeeds } from './ranking.ts';
import { type Block, counted, figure, finding, skipped, table, text } from './report.ts';
import type { Protocol } from './song-world.ts';
import { difference, type Estimate, estimate } from './statistics.ts';

/** What everything is compared with: the paper's rival. */
export const RIVAL = 'item-knn';

/** The GAN, and the same without its adversary. */
const [GAN, ABLATION] = ['gan', 'gan-without-generator'];

interface Setting {
  readonly id: 'rank' | 'discovery';
  readonly title: string;
  readonly protocol: Protocol;
  readonly features: readonly FeatureSet[];
  readonly how: string;
}

const HELD_OUT: Setting = {
  id: 'rank',
  title: 'Who recommends best',
  protocol: 'heldout',
  features: ['audio', 'audio+year+popularity', 'all'],
  how: 'A fifth of the songs of every playlist is hidden. Each method ranks all songs that are not left in the playlist.',
};

const DISCOVERY: Setting = {
  id: 'discovery',
  title: 'Who finds new artists',
  protocol: 'discovery',
  features: ['audio', 'all'],
  how:
    'All songs by a fifth of the artists of every playlist are hidden. Each method ranks only songs by artists that ' +
    'are not left in the playlist.',
};

interface Compared {
  readonly method: string;
  readonly features: FeatureSet;
  readonly ndcg10: Estimate;
  readonly recall50: Estimate;
  readonly coverage: number;
  /** NDCG@10 minus the rival's; absent for the rival itself. */
  readonly gain?: Estimate;
}

export const interval = ({ value, low, high }: Estimate, digits = 4): string =>
  Number.isNaN(value) ? '–' : `${fixed(value, digits)} [${fixed(low, digits)}, ${fixed(high, digits)}]`;

const fixed = (value: number, digits: number) => value.toFixed(digits).replace('-', '−');

/** In words, what a paired difference allows to say. */
export function verdict({ low, high }: Estimate): 'better' | 'worse' | 'no clear difference' {
  if (low > 0) return 'better';
  return high < 0 ? 'worse' : 'no clear difference';
}

function compare(
  context: StudyContext,
  features: FeatureSet,
  measured: ReadonlyMap<string, readonly Ranking[]>,
): Compared[] {
  const random = createRandom(context.seeds[0]!);
  const rival = measured.get(RIVAL);
  return [...measured].map(([method, rankings]) => {
    const own = perListener(rankings, 'ndcg10');
    return {
      method,
      features,
      ndcg10: estimate([...own.values()], random.fork('ndcg10')),
      recall50: estimate([...perListener(rankings, 'recall50').values()], random.fork('recall50')),
      coverage: mean(rankings.map(({ coverage }) => coverage)),
      gain:
        rival === undefined || method === RIVAL
          ? undefined
          : difference(own, perListener(rival, 'ndcg10'), random.fork('gain')),
    };
  });
}

/** Whether the paper's promise holds: a GAN that ranks better than the nearest neighbours. */
function promise(all: readonly Compared[]): string {
  const claims = all.filter(({ method, gain }) => method === GAN && gain !== undefined);
  if (claims.length === 0) return `The paper’s promise was not tested: it takes both ${GAN} and ${RIVAL}.`;
  const said = claims.map(({ features, gain }) => {
    const words = {
      better: 'holds',
      worse: 'does not hold: it is worse',
      'no clear difference': 'cannot be confirmed',
    };
    return `${words[verdict(gain!)]} with ${nameOfFeatures(features)} (difference ${interval(gain!)})`;
  });
  return `That the GAN recommends better than ${RIVAL}, as the paper promises, ${said.join('; ')}.`;
}

/** What the adversarial part adds: the GAN's NDCG@10 minus that of the same without a generator, same listeners. */
interface Adversary {
  readonly features: FeatureSet;
  readonly gain: Estimate;
}

function adversaryOf(
  context: StudyContext,
  features: FeatureSet,
  measured: ReadonlyMap<string, readonly Ranking[]>,
): Adversary[] {
  const [whole, without] = [measured.get(GAN), measured.get(ABLATION)];
  if (whole === undefined || without === undefined) return [];
  const random = createRandom(context.seeds[0]!).fork('adversary');
  return [
    { features, gain: difference(perListener(whole, 'ndcg10'), perListener(without, 'ndcg10'), random) },
  ];
}

function saidOfAdversary(all: readonly Adversary[]): string {
  const words = {
    better: 'adds',
    worse: 'takes away',
    'no clear difference': 'makes no clear difference',
  };
  const said = all.map(
    ({ features, gain }) => `${words[verdict(gain)]} with ${nameOfFeatures(features)} (${interval(gain)})`,
  );
  return `What the adversarial part adds to ranking, ${GAN} minus ${ABLATION} for the same listeners: it ${said.join('; it ')}.`;
}

/** A set of features in words. */
export const nameOfFeatures = (features: FeatureSet): string =>
  ({
    audio: 'audio features alone',
    'audio+year+popularity': 'audio, year and popularity',
    all: 'everything that is known',
  })[features];

function best(all: readonly Compared[], features: FeatureSet): string {
  const own = all.filter((one) => one.features === features && !Number.isNaN(one.ndcg10.value));
  const first = own.sort((a, b) => b.ndcg10.value - a.ndcg10.value)[0];
  return first === undefined
    ? ''
    : ` With ${nameOfFeatures(features)}, ${first.method} is best: NDCG@10 ${interval(first.ndcg10)}.`;
}

function blocksOf(
  context: StudyContext,
  setting: Setting,
  all: readonly Compared[],
  adversary: readonly Adversary[],
  failures: readonly string[],
): Block[] {
  const { id, features, protocol } = setting;
  const seeds = counted(context.seeds.length, 'seed');
  const said = promise(all) + best(all, features.at(-1)!);
  const groups = (of: (one: Compared) => Estimate | undefined) =>
    context.methods.flatMap((method) => {
      const rows = all.flatMap((one) => {
        const value = of(one);
        return one.method !== method || value === undefined
          ? []
          : [{ ...value, series: features.indexOf(one.features) }];
      });
      return rows.length === 0 ? [] : [{ name: method, rows }];
    });
  const where = protocol === 'heldout' ? 'hidden songs' : 'hidden artists';
  const blocks: Block[] = [
    figure(
      rowsChart({
        id,
        title: `How well each method finds ${where}`,
        note: `NDCG@10, mean over the listeners of ${seeds}; the lines are 95 % intervals over listeners.`,
        alt: `Bars of NDCG@10 per method and set of features. ${said}`,
        made: context.made(id),
        kind: 'bars',
        x: { label: 'NDCG@10 (0–1)' },
        series: features.map(nameOfFeatures),
        groups: groups(({ ndcg10 }) => ndcg10),
        show: (value) => fixed(value, 4),
      }),
    ),
  ];
  if (all.some(({ gain }) => gain !== undefined)) {
    blocks.push(
      figure(
        rowsChart({
          id: `${id}-difference`,
          title: `How much better or worse than ${RIVAL}`,
          note: `NDCG@10 minus that of ${RIVAL} for the same listener, ${seeds}; 95 % paired bootstrap over listeners. An interval that leaves out 0 is a difference that other listeners would show too.`,
          alt: `Differences of NDCG@10 per method with intervals, beside a line at 0. ${said}`,
          made: context.made(id),
          kind: 'dots',
          x: { label: `NDCG@10 minus that of ${RIVAL}` },
          series: features.map(nameOfFeatures),
          groups: groups(({ gain }) => gain),
          show: (value) => fixed(value, 4),
        }),
      ),
    );
  }
  for (const set of features) {
    blocks.push(
      table({
        caption: `${where[0]!.toUpperCase()}${where.slice(1)}, with ${nameOfFeatures(set)}`,
        head: ['method', 'NDCG@10', 'recall@50', 'songs covered', `NDCG@10 minus ${RIVAL}`],
        rows: all
          .filter((one) => one.features === set)
          .map(({ method, ndcg10, recall50, coverage, gain }) => [
            method,
            interval(ndcg10),
            interval(recall50),
            `${(100 * coverage).toFixed(1)} %`,
            gain === undefined ? '–' : interval(gain),
          ]),
      }),
    );
  }
  blocks.push(...failures.map((failure) => text(failure)), finding(said));
  if (adversary.length > 0) blocks.push(finding(saidOfAdversary(adversary)));
  return blocks;
}

async function run(context: StudyContext, setting: Setting) {
  const { id, title, features, protocol, how } = setting;
  const world = await context.songs();
  if (world.playlists.length < 2)
    return skipped(id, title, `${SONGS} has fewer than two playlists with songs enough.`);
  const all: Compared[] = [];
  const adversary: Adversary[] = [];
  const failures: string[] = [];
  for (const set of features) {
    const measured = new Map<string, readonly Ranking[]>();
    const able = methodsFor(set);
    for (const method of context.methods.filter((name) => able.includes(name))) {
      const rankings = await rankSeeds(context, { protocol, features: set, method });
      if ('failed' in rankings)
        failures.push(`${method} with ${nameOfFeatures(set)} could not be measured: ${rankings.failed}`);
      else measured.set(method, rankings);
    }
    all.push(...compare(context, set, measured));
    adversary.push(...adversaryOf(context, set, measured));
  }
  const sources = await Promise.all(context.seeds.map((seed) => world.split(protocol, seed)));
  const listeners = Math.max(0, ...all.map(({ ndcg10 }) => ndcg10.count));
  const protocolText =
    `${how} ${listeners} listeners (playlists of ${SONGS}) had something hidden, ${world.catalogue.size} songs are ` +
    `ranked. “Songs covered” is the share of them that is in somebody’s top 10. What was hidden: ` +
    `${sources.map(({ source }) => source).join('; ')}.`;
  return { id, title, blocks: [text(protocolText), ...blocksOf(context, setting, all, adversary, failures)] };
}

const partOf = (setting: Setting): Part => ({
  id: setting.id,
  title: setting.title,
  needs: [SONGS],
  run: (context) => run(context, setting),
});

/** GAN, nearest neighbours and all baselines on hidden songs. */
export const RANK = partOf(HELD_OUT);
/** The same on hidden artists. */
export const DISCOVER = partOf(DISCOVERY);
