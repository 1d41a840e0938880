import { z } from 'zod';
import { topK } from '../../ml/evaluate.ts';
import { interactionsFromLists } from '../../ml/interactions.ts';
import { ndcgAt } from '../../ml/metrics.ts';
import { createRandom } from '../../ml/random.ts';
import { recommenderData } from '../cli/methods.ts';
import { lineChart } from './chart/line-chart.ts';
import type { Part, StudyContext } from './context.ts';
import { programMark, SONGS } from './files.ts';
import { interval, RIVAL, verdict } from './rank-part.ts';
import { type Block, counted, figure, finding, skipped, table, text } from './report.ts';
import { isNewcomer, type SongWorld } from './song-world.ts';
import { difference, type Estimate, estimate } from './statistics.ts';

const ID = 'cold-start';
const TITLE = 'How few songs are enough';
const LIKES = [1, 2, 3, 5, 10, 20];
const NEWCOMERS = 0.2;
/** So many songs must be left to be found. */
const LEAST_HIDDEN = 5;
const LEAST_NEWCOMERS = 5;

const schema = z.object({
  newcomers: z.array(z.string()),
  /** Per number of liked songs and newcomer. */
  ndcg10: z.array(z.array(z.number())),
});
type Measured = z.infer<typeof schema>;

interface Newcomer {
  readonly id: string;
  /** In the order in which they are shown. */
  readonly songs: Int32Array;
}

/** A fifth of the listeners, of those with songs enough, is unknown while methods learn. */
function divide({ playlists }: SongWorld, most: number, seed: number) {
  const newcomers: Newcomer[] = [];
  const known: Int32Array[] = [];
  for (const { id, songs } of playlists) {
    if (songs.length < most + LEAST_HIDDEN || !isNewcomer(id, NEWCOMERS, seed)) known.push(songs);
    else newcomers.push({ id, songs: createRandom(seed).fork(id).shuffle(Int32Array.from(songs)) });
  }
  return { newcomers, known };
}

/** The numbers of liked songs for which there are newcomers enough, with every seed. */
function numbersFor(world: SongWorld, seeds: readonly number[]): number[] {
  const enough = (most: number) =>
    seeds.every((seed) => {
      const { newcomers, known } = divide(world, most, seed);
      return newcomers.length >= LEAST_NEWCOMERS && known.length > 0;
    });
  const most = LIKES.findLast(enough);
  return most === undefined ? [] : LIKES.filter((likes) => likes <= most);
}

async function measure(
  context: StudyContext,
  world: SongWorld,
  method: string,
  seed: number,
  numbers: readonly number[],
): Promise<Measured> {
  const most = numbers.at(-1)!;
  const { newcomers, known } = divide(world, most, seed);
  const train = interactionsFromLists(world.catalogue.size, known);
  const recommender = await context.fit(
    method,
    await recommenderData(world.catalogue, train, 'all', undefined),
    seed,
  );
  try {
    const ndcg10 = numbers.map((likes) =>
      newcomers.map(({ songs }) => {
        const liked = songs.slice(0, likes).sort();
        // What is to be found is the same, however much is shown.
        const wanted = new Set(songs.subarray(most));
        const ranking = topK(recommender.score(liked, { seed }), 10, songs.subarray(0, most));
        return ndcgAt({ ranking, wanted }, 10);
      }),
    );
    return { newcomers: newcomers.map(({ id }) => id), ndcg10 };
  } finally {
    recommender.dispose?.();
  }
}

/** NDCG@10 per newcomer, the mean over the seeds that had this newcomer. */
function perNewcomer(measured: readonly Measured[], at: number): Map<string, number> {
  const lists = new Map<string, number[]>();
  for (const { newcomers, ndcg10 } of measured) {
    for (const [i, id] of newcomers.entries()) lists.set(id, [...(lists.get(id) ?? []), ndcg10[at]![i]!]);
  }
  return new Map(
    [...lists].map(([id, list]) => [id, list.reduce((sum, value) => sum + value, 0) / list.length]),
  );
}

function summary(
  numbers: readonly number[],
  estimates: readonly { readonly method: string; readonly list: readonly Estimate[] }[],
  gains: readonly Estimate[] | undefined,
): string {
  const bestAt = (i: number) => [...estimates].sort((a, b) => b.list[i]!.value - a.list[i]!.value)[0]!;
  const ends = numbers.length === 1 ? [0] : [0, numbers.length - 1];
  const said = ends.map((i) => {
    return `with ${counted(numbers[i]!, 'liked song')} ${bestAt(i).method} is best (NDCG@10 ${bestAt(i).list[i]!.value.toFixed(4)})`;
  });
  const better = gains === undefined ? [] : numbers.filter((_, i) => verdict(gains[i]!) === 'better');
  const versus =
    gains === undefined
      ? ''
      : better.length === 0
        ? ` At no number of liked songs is the GAN clearly better than ${RIVAL}.`
        : ` The GAN is clearly better than ${RIVAL} with ${better.join(', ')} liked song${better.at(-1) === 1 ? '' : 's'}.`;
  return `For listeners who were unknown in training, ${said.join('; ')}.${versus}`;
}

async function run(context: StudyContext) {
  const world = await context.songs();
  const numbers = numbersFor(world, context.seeds);
  if (numbers.length === 0) return skipped(ID, TITLE, `${SONGS} has too few long playlists.`);
  const measured = new Map<string, Measured[]>();
  const failures: Block[] = [];
  for (const method of context.methods) {
    const list: Measured[] = [];
    try {
      for (const seed of context.seeds) {
        const key = {
          kind: 'cold start',
          part: ID,
          method,
          seed,
          likes: numbers.join(' '),
          backend: context.backend,
          data: world.hash,
          program: programMark(),
        };
        list.push(
          await context.results.get(key, schema, () => {
            context.tell(`cold start, ${method}, seed ${seed}`);
            return measure(context, world, method, seed, numbers);
          }),
        );
      }
      measured.set(method, list);
    } catch (error) {
      failures.push(text(`${method} could not be measured: ${(error as Error).message.split('\n')[0]}`));
    }
  }
  if (measured.size === 0) return { id: ID, title: TITLE, blocks: failures };
  return { id: ID, title: TITLE, blocks: [...blocksOf(context, numbers, measured), ...failures] };
}

function blocksOf(
  context: StudyContext,
  numbers: readonly number[],
  measured: ReadonlyMap<string, readonly Measured[]>,
): Block[] {
  const random = createRandom(context.seeds[0]!);
  const values = (method: string, at: number) => perNewcomer(measured.get(method)!, at);
  const estimates = [...measured.keys()].map((method) => ({
    method,
    list: numbers.map((_, at) => estimate([...values(method, at).values()], random.fork('mean'))),
  }));
  const gains =
    measured.has('gan') && measured.has(RIVAL)
      ? numbers.map((_, at) => difference(values('gan', at), values(RIVAL, at), random.fork('gain')))
      : undefined;
  const said = summary(numbers, estimates, gains);
  const newcomers = estimates[0]!.list[0]!.count;
  const blocks: Block[] = [
    text(
      `A fifth of the listeners with at least ${numbers.at(-1)! + LEAST_HIDDEN} songs is left out of training. Each of ` +
        `them then likes 1, 2, … songs, in random order; to be found are the songs after the first ${numbers.at(-1)}, ` +
        `which are the same at every step. ${newcomers} different newcomers over ${counted(context.seeds.length, 'seed')}, ` +
        'everything that is known of songs.',
    ),
    figure(
      lineChart({
        id: ID,
        title: 'Ranking for somebody new, by the number of songs they like',
        note: `NDCG@10, mean over ${newcomers} newcomers; bands are 95 % intervals over newcomers.`,
        alt: `Lines of NDCG@10 over the number of liked songs, one per method. ${said}`,
        made: context.made(ID),
        x: { label: 'liked songs (number, by logarithm)', ticks: numbers, log: true },
        y: { label: 'NDCG@10 (0–1)' },
        series: estimates.map(({ method, list }) => ({
          name: method,
          points: list.map(({ value, low, high }, i) => ({ x: numbers[i]!, y: value, low, high })),
        })),
      }),
    ),
    table({
      caption: 'NDCG@10 by the number of liked songs',
      head: ['method', ...numbers.map(String)],
      rows: estimates.map(({ method, list }) => [method, ...list.map((one) => interval(one, 3))]),
    }),
  ];
  if (gains !== undefined) {
    blocks.push(
      table({
        caption: `GAN minus ${RIVAL}, paired`,
        head: ['liked songs', 'difference of NDCG@10'],
        rows: gains.map((gain, i) => [String(numbers[i]), interval(gain)]),
      }),
    );
  }
  return [...blocks, finding(said)];
}

/** How well a new listener is served, by the number of songs they like. */
export const COLD_START: Part = { id: ID, title: TITLE, needs: [SONGS], run };
