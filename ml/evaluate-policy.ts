import { drawSome, type SongPlaces } from './coverage.ts';
import { argmax, type Interval, mean, pairedBootstrap } from './metrics.ts';
import type { Seeds } from './propagate.ts';
import { createRandom, type Random } from './random.ts';
import { chooseBatch, planAsking } from './select-next.ts';
import { finish } from './steps.ts';

/** Songs whose emotion is known, to play through how a community would come to know them. */
export interface AskingTask {
  readonly places: SongPlaces;
  /** Index of each song's emotion. */
  readonly truth: Int32Array;
  readonly emotionCount: number;
  /** A number per artist and song, -1 = unknown; absent: all unknown. */
  readonly artistOf?: Int32Array;
  /** Profiles of all songs, songs × emotions, from the labels so far. */
  readonly infer: (seeds: Seeds, random: Random) => Float32Array | Promise<Float32Array>;
  /** What one post of a song brings; absent: the truth, and the song is never posted again. */
  readonly answer?: (song: number, random: Random) => Answer;
}

export interface Answer {
  /** Per emotion. */
  readonly votes: ArrayLike<number>;
  readonly voters: number;
}

export interface PolicyOptions {
  /** Posts after which is measured, ascending. */
  readonly posts: readonly number[];
  /** Posts between two models. Default 7. */
  readonly perDay?: number;
  readonly seeds: readonly number[];
  /** Part of the songs that are never posted and on which alone is measured, 0..1. Default 0. */
  readonly apart?: number;
  /** Called after each seed; awaited, so that the caller can let others run. */
  readonly onProgress?: (fraction: number) => void | Promise<void>;
}

/** How songs were chosen: by `select-next.ts`, all at random, or at random with every emotion's share of the songs. */
export const WAYS = ['policy', 'random', 'stratified'] as const;
export type Way = (typeof WAYS)[number];

export interface Measured {
  readonly posts: number;
  /** Songs that have an answer, mean over the seeds. */
  readonly songs: number;
  /** Accuracy on the songs that have none, one per seed. Questions about hard songs make this easier. */
  readonly rest: readonly number[];
  /** Accuracy on all songs, those that have an answer by what it says; one per seed. */
  readonly all: readonly number[];
}

export interface PolicyEvaluation {
  readonly curves: Readonly<Record<Way, readonly Measured[]>>;
  /** Policy less each of the others after each number of posts, paired by seed, 95%. */
  readonly gains: readonly {
    readonly posts: number;
    readonly over: Exclude<Way, 'policy'>;
    readonly rest: Interval;
    readonly all: Interval;
  }[];
}

/**
 * Plays a campaign for each seed: a day's songs are chosen, answered, a model is made, and so on; once by the policy
 * and, from the same seed, at random. Stratified choice knows the truth, so it cannot be had in life, and only serves
 * to compare with tables that were labelled so; it is drawn anew for each number of posts, and takes no votes.
 * @throws RangeError for more posts than songs that may be asked about, or numbers of posts that do not ascend
 */
export async function evaluatePolicy(task: AskingTask, options: PolicyOptions): Promise<PolicyEvaluation> {
  const { seeds, posts, onProgress } = options;
  const size = task.truth.length;
  const kept = Math.floor((options.apart ?? 0) * size);
  for (const [i, count] of posts.entries()) {
    const isMore = count > (posts[i - 1] ?? 0);
    if (!isMore || (task.answer === undefined && count > size - kept)) {
      throw new RangeError(`posts are ${posts.join(', ')}: they must ascend, up to ${size - kept} songs`);
    }
  }
  const runs: Record<Way, Point[][]> = { policy: [], random: [], stratified: [] };
  for (const [i, seed] of seeds.entries()) {
    const random = createRandom(seed);
    const apart = new Uint8Array(size);
    for (const song of drawSome(size, kept, random.fork('apart'))) apart[song] = 1;
    runs.policy.push(await campaign(task, options, apart, random.fork('policy'), 0.1));
    runs.random.push(await campaign(task, options, apart, random.fork('random'), 1));
    if (task.answer === undefined) {
      runs.stratified.push(await stratifiedCampaign(task, options, apart, random.fork('stratified')));
    }
    await onProgress?.((i + 1) / seeds.length);
  }
  const curves = {
    policy: curveOf(posts, runs.policy),
    random: curveOf(posts, runs.random),
    stratified: runs.stratified.length > 0 ? curveOf(posts, runs.stratified) : [],
  };
  const draws = createRandom(1).fork('bootstrap');
  const gains = (['random', 'stratified'] as const).flatMap((over) =>
    curves[over].map((other, at) => ({
      posts: posts[at],
      over,
      rest: pairedBootstrap(curves.policy[at].rest, other.rest, draws),
      all: pairedBootstrap(curves.policy[at].all, other.all, draws),
    })),
  );
  return { curves, gains };
}

/**
 * How many posts bring a curve to an accuracy on the remaining songs, read between its points along straight lines;
 * undefined when it does not get there.
 */
export function postsFor(curve: readonly Measured[], accuracy: number): number | undefined {
  for (const [at, point] of curve.entries()) {
    const reached = mean(point.rest);
    if (reached < accuracy) continue;
    const before = curve[at - 1];
    if (before === undefined) return point.posts;
    const start = mean(before.rest);
    return before.posts + ((point.posts - before.posts) * (accuracy - start)) / (reached - start);
  }
  return undefined;
}

/** What a campaign had come to after one of the numbers of posts. */
interface Point {
  readonly songs: number;
  readonly rest: number;
  readonly all: number;
}

function curveOf(posts: readonly number[], runs: readonly (readonly Point[])[]): Measured[] {
  return posts.map((count, at) => ({
    posts: count,
    songs: mean(runs.map((run) => run[at].songs)),
    rest: runs.map((run) => run[at].rest),
    all: runs.map((run) => run[at].all),
  }));
}

/** Votes after which a song counts as known. */
const ENOUGH = 10;

/** What has been answered so far. */
function createAnswers({ truth, emotionCount, answer }: AskingTask) {
  const labels = new Float32Array(truth.length * emotionCount);
  const voters = new Map<number, number>();
  return {
    labels,
    voters,
    take(song: number, random: Random): void {
      const { votes, voters: more } = answer?.(song, random) ?? certain(truth[song], emotionCount);
      for (let e = 0; e < emotionCount; e++) labels[song * emotionCount + e] += votes[e];
      voters.set(song, (voters.get(song) ?? 0) + more);
    },
    seeds(): Seeds {
      const weights = new Float32Array(truth.length);
      for (const [song, count] of voters) weights[song] = Math.min(1, count / ENOUGH);
      return { labels, weights };
    },
  };
}

function certain(emotion: number, emotionCount: number): Answer {
  const votes = new Float32Array(emotionCount);
  votes[emotion] = ENOUGH;
  return { votes, voters: ENOUGH };
}

type Answers = ReturnType<typeof createAnswers>;

async function campaign(
  task: AskingTask,
  { posts, perDay = 7 }: PolicyOptions,
  apart: Uint8Array,
  random: Random,
  randomShare: number,
): Promise<Point[]> {
  const { places, truth, emotionCount } = task;
  const unknown = new Int32Array(truth.length).fill(-1);
  const answers = createAnswers(task);
  const postedOn = new Map<number, number>();
  const recent: number[] = [];
  const points: Point[] = [];
  let profiles: Float32Array | undefined;
  for (let day = 0; points.length < posts.length; day++) {
    const model = profiles;
    const profileOf =
      model && ((song: number) => model.subarray(song * emotionCount, (song + 1) * emotionCount));
    const plan = finish(
      planAsking({ places, profileOf, voters: answers.voters, excluded: apart }, random.fork(`plan ${day}`)),
    );
    const candidates = {
      plan,
      voters: (song: number) => answers.voters.get(song) ?? 0,
      genreOf: unknown,
      artistOf: task.artistOf ?? unknown,
      lastPostedDaysAgo: new Map(Array.from(postedOn, ([song, on]) => [song, day - on])),
      recent,
      pending: 0,
    };
    const count = Math.min(perDay, posts[points.length] - recent.length);
    // Without votes a song is known after one post, and a pause that never ends keeps it from coming again.
    const pauseDays = task.answer === undefined ? Number.POSITIVE_INFINITY : undefined;
    const batch = chooseBatch(candidates, count, random, { randomShare, ...(pauseDays && { pauseDays }) });
    for (const { song } of batch) {
      answers.take(song, random);
      postedOn.set(song, day);
      recent.unshift(song);
    }
    const isMeasured = recent.length === posts[points.length];
    // Chance asks no model.
    if (!isMeasured && randomShare === 1) continue;
    profiles = await task.infer(answers.seeds(), random.fork(`model ${day}`));
    if (isMeasured) points.push(measure(task, answers, profiles, apart));
  }
  return points;
}

async function stratifiedCampaign(
  task: AskingTask,
  { posts }: PolicyOptions,
  apart: Uint8Array,
  random: Random,
): Promise<Point[]> {
  const points: Point[] = [];
  for (const count of posts) {
    const answers = createAnswers(task);
    const draws = random.fork(`${count} posts`);
    for (const song of drawStratified(task, count, apart, draws)) answers.take(song, draws);
    const profiles = await task.infer(answers.seeds(), draws.fork('model'));
    points.push(measure(task, answers, profiles, apart));
  }
  return points;
}

/** As many songs of each emotion as its share of them says; what rounding leaves goes to the largest remainders. */
function drawStratified(
  { truth, emotionCount }: AskingTask,
  count: number,
  apart: Uint8Array,
  random: Random,
): number[] {
  const songs: number[][] = Array.from({ length: emotionCount }, () => []);
  let size = 0;
  for (let s = 0; s < truth.length; s++) {
    if (apart[s] === 1) continue;
    songs[truth[s]].push(s);
    size++;
  }
  const quotas = songs.map((list) => (list.length * count) / size);
  const counts = quotas.map(Math.floor);
  const byRemainder = quotas.map((_, e) => e).sort((a, b) => (quotas[b] % 1) - (quotas[a] % 1));
  const left = count - counts.reduce((sum, n) => sum + n, 0);
  for (const e of byRemainder.slice(0, left)) counts[e]++;
  return songs.flatMap((list, e) => random.shuffle(list).slice(0, counts[e]));
}

function measure(
  { truth, emotionCount }: AskingTask,
  { labels, voters }: Answers,
  profiles: Float32Array,
  apart: Uint8Array,
): Point {
  const onlyApart = apart.includes(1);
  let rest = 0;
  let restRight = 0;
  let all = 0;
  let allRight = 0;
  for (let s = 0; s < truth.length; s++) {
    if (onlyApart && apart[s] === 0) continue;
    const isKnown = voters.has(s);
    const right = argmax(isKnown ? labels : profiles, s * emotionCount, emotionCount) === truth[s] ? 1 : 0;
    all++;
    allRight += right;
    if (isKnown) continue;
    rest++;
    restRight += right;
  }
  return { songs: voters.size, rest: restRight / rest, all: allRight / all };
}
