import { existsSync } from 'node:fs';
import path from 'node:path';
import { mean } from '../../ml/metrics.ts';
import { createRandom } from '../../ml/random.ts';
import { type FeatureSet, methodsFor } from '../cli/methods.ts';
import { rowsChart } from './chart/rows-chart.ts';
import { once, type Part, type StudyContext } from './context.ts';
import { hashFiles, MOODS, SONGS, VOTES } from './files.ts';
import { readMoods } from './moods.ts';
import { interval, nameOfFeatures, verdict } from './rank-part.ts';
import { perListener, type Ranking, type RankingTask, rankSeeds } from './ranking.ts';
import { type Block, figure, finding, table, text } from './report.ts';
import { type FeltEmotions, givenEmotions, inferredEmotions, votedEmotions } from './song-emotions.ts';
import { difference, type Estimate } from './statistics.ts';

const ID = 'emotion';
const TITLE = 'Does emotion help?';
const FEATURES: readonly FeatureSet[] = ['audio', 'all'];
/** With fewer songs, or listeners of them, nothing could be seen. */
const LEAST_FELT = 50;

/** Where emotions come from, in words. */
const KINDS = {
  inferred: { said: 'inferred from audio', title: 'What emotions inferred from audio add' },
  voted: { said: 'voted by people', title: 'What voted emotions add' },
  given: { said: 'given by people', title: 'What moods given by people add' },
} as const;
type Kind = keyof typeof KINDS;

/** How a method took the profiles, in words. */
const TAKEN: Readonly<Record<NonNullable<Ranking['uses']>, string>> = {
  itself: 'looks at profiles by itself',
  columns: 'as further columns of the songs',
  nothing: 'does not look at songs',
};

interface Effect {
  readonly method: string;
  readonly features: FeatureSet;
  readonly without: number;
  readonly with: number;
  readonly gain: Estimate;
  readonly uses: NonNullable<Ranking['uses']>;
}

type Emotions = NonNullable<RankingTask['emotions']>;

/** Every method with and without the profiles, for the same listeners and seeds. */
async function effects(
  context: StudyContext,
  emotions: Emotions,
  only: RankingTask['only'],
): Promise<{ list: Effect[]; failures: string[] }> {
  const list: Effect[] = [];
  const failures: string[] = [];
  for (const features of FEATURES) {
    const able = methodsFor(features);
    for (const method of context.methods.filter((name) => able.includes(name))) {
      const task = { protocol: 'heldout', features, method, only } as const;
      const without = await rankSeeds(context, task);
      const given = 'failed' in without ? without : await rankSeeds(context, { ...task, emotions });
      if ('failed' in without || 'failed' in given) {
        const why = 'failed' in given ? given.failed : '';
        failures.push(`${method} with ${nameOfFeatures(features)} could not be measured: ${why}`);
        continue;
      }
      const [a, b] = [perListener(given, 'ndcg10'), perListener(without, 'ndcg10')];
      list.push({
        method,
        features,
        without: mean([...b.values()]),
        with: mean([...a.values()]),
        gain: difference(a, b, createRandom(context.seeds[0]!).fork('emotion')),
        uses: given[0]?.uses ?? 'nothing',
      });
    }
  }
  return { list, failures };
}

function conclusion(kind: string, list: readonly Effect[]): string {
  const able = list.filter(({ uses }) => uses !== 'nothing');
  if (able.length === 0) return `No method that could use ${kind} emotions was measured.`;
  const one = ({ method, features, gain }: Effect) =>
    `${method} with ${nameOfFeatures(features)} (${interval(gain)})`;
  const said = (words: string, wanted: ReturnType<typeof verdict>) => {
    const some = able.filter(({ gain }) => verdict(gain) === wanted);
    return some.length === 0 ? '' : ` ${words} ${some.map(one).join(', ')}.`;
  };
  const unclear = able.filter(({ gain }) => verdict(gain) === 'no clear difference').length;
  return (
    `Emotions that were ${kind}: they make no clear difference to ${unclear} of ${able.length} methods and sets of ` +
    `features.${said('They help', 'better')}${said('They harm', 'worse')}`
  );
}

function blocksOf(
  context: StudyContext,
  kind: Kind,
  how: string,
  { list, failures }: { readonly list: readonly Effect[]; readonly failures: readonly string[] },
): Block[] {
  const said = conclusion(KINDS[kind].said, list);
  const able = context.methods.flatMap((name) => {
    const rows = list
      .filter(({ method, uses }) => method === name && uses !== 'nothing')
      .map(({ features, gain }) => ({ ...gain, series: FEATURES.indexOf(features) }));
    return rows.length === 0 ? [] : [{ name, rows }];
  });
  return [
    text(how),
    figure(
      rowsChart({
        id: `emotion-${kind}`,
        title: KINDS[kind].title,
        note: `NDCG@10 with emotion profiles minus without, same listeners, seeds ${context.seeds.join(', ')}; 95 % paired bootstrap over listeners.`,
        alt: `Differences of NDCG@10 per method with intervals, beside a line at 0. ${said}`,
        made: context.made(ID),
        kind: 'dots',
        x: { label: 'NDCG@10 with emotions minus without' },
        series: FEATURES.map(nameOfFeatures),
        groups: able,
        show: (value) => value.toFixed(4).replace('-', '−'),
      }),
    ),
    table({
      caption: `NDCG@10 with and without emotions that were ${KINDS[kind].said}`,
      head: ['method', 'features', 'without', 'with', 'difference', 'how it takes them'],
      rows: list.map((one) => [
        one.method,
        one.features,
        one.without.toFixed(4),
        one.with.toFixed(4),
        one.uses === 'nothing' ? '–' : interval(one.gain),
        TAKEN[one.uses],
      ]),
    }),
    ...failures.map((failure) => text(failure)),
    finding(said),
  ];
}

async function inferredBlocks(context: StudyContext): Promise<Block[]> {
  const world = await context.songs();
  const moods = await readMoods(context.data);
  const profiles = once(async () => {
    context.tell('inferring the emotions of all songs');
    return inferredEmotions(world.catalogue, moods, context.seeds[0]!);
  });
  const hash = `${await hashFiles([path.join(context.data, MOODS)])} seed ${context.seeds[0]}`;
  const measured = await effects(context, { name: 'inferred', hash, profiles }, undefined);
  const how =
    `The moods of ${MOODS} spread to the ${world.catalogue.size} songs of ${SONGS} by audio features alone; no song of ` +
    'a playlist needs to have a mood of its own. A method that has no place of its own for profiles gets them as ' +
    'further columns of the songs. Inferred this way, an emotion is a function of the audio features: it can only say ' +
    'again what they say, in another form.';
  return blocksOf(context, 'inferred', how, measured);
}

/** Emotions that people felt, on the songs alone of which they are known. */
async function feltBlocks(
  context: StudyContext,
  kind: 'voted' | 'given',
  hash: string,
  { songs, profiles }: FeltEmotions,
  how: string,
): Promise<Block[]> {
  const { playlists } = await context.songs();
  const known = new Set(songs);
  const listeners = playlists.filter(
    (list) => list.songs.filter((song) => known.has(song)).length >= 2,
  ).length;
  if (songs.length < LEAST_FELT || listeners < 2) {
    return [
      text(
        `Emotions that were ${KINDS[kind].said} could not be tested: they are known of ${songs.length} songs of the ` +
          `playlists, and at least ${LEAST_FELT} are needed.`,
      ),
    ];
  }
  const emotions = { name: kind, hash, profiles: () => Promise.resolve(profiles) };
  const measured = await effects(context, emotions, { name: `${kind} ${hash}`, songs });
  const only =
    `They are known of ${songs.length} songs that playlists hold; ${listeners} playlists hold two or more. Only these ` +
    'songs are learned from and ranked, so that every song has an emotion that somebody felt.';
  return blocksOf(context, kind, `${how} ${only}`, measured);
}

async function votedBlocks(context: StudyContext): Promise<Block[]> {
  const { catalogue } = await context.songs();
  if (!existsSync(path.join(context.data, VOTES))) {
    const how =
      `There is no ${VOTES} (song_id,member_id,emotion) in the data folder, so nobody’s votes could be tested. The ` +
      `moods of ${MOODS} stand in for them: people gave them to songs, they do not come from audio. So few songs show ` +
      'large effects only.';
    const given = givenEmotions(await readMoods(context.data), catalogue);
    return feltBlocks(context, 'given', await hashFiles([path.join(context.data, MOODS)]), given, how);
  }
  const voted = await votedEmotions(context.data, catalogue);
  const how = `The emotions are the shares of the ${voted.votes} votes of ${VOTES}.`;
  return feltBlocks(context, 'voted', await hashFiles([path.join(context.data, VOTES)]), voted, how);
}

async function run(context: StudyContext) {
  return {
    id: ID,
    title: TITLE,
    blocks: [...(await inferredBlocks(context)), ...(await votedBlocks(context))],
  };
}

/** Every method with and without emotion profiles. */
export const EMOTION: Part = { id: ID, title: TITLE, needs: [SONGS, MOODS], run };
