import { applyCalibration, fitPower } from './calibrate.ts';
import { type FeatureGroup, widerRows } from './feature-groups.ts';
import { forestProbabilities, growForest, type Lesson, type Table } from './forest.ts';
import { knnGraph } from './graph.ts';
import { dealFolds, FOLDS } from './hidden-folds.ts';
import { smooth } from './learn.ts';
import { checkSeeds, type Seeds } from './propagate.ts';
import { applyQuantiles, fitQuantiles } from './quantiles.ts';
import type { Random } from './random.ts';
import { type SparseWeights, symmetrise } from './spread.ts';

/** What became of a group; `nothing new` is what helped alone, but not beside the groups that were chosen first. */
export type Verdict = 'helps' | 'no clear gain' | 'nothing new' | 'too little known' | 'too few labels';

/** A group and how emotions of hidden songs are told with it and without it. */
export interface GroupTrial {
  readonly name: string;
  readonly verdict: Verdict;
  /** Labelled songs that were looked at, and how many of them have something of the group. */
  readonly songs: number;
  readonly known: number;
  /** Absent where it was not tried. */
  readonly trial?: {
    /** Groups that both sides had. */
    readonly beside: readonly string[];
    /** Probability that hidden songs' own emotions got, geometric mean, 0..1. */
    readonly without: number;
    readonly with: number;
    /** The difference of the mean log probabilities in standard errors, songs being the units. */
    readonly standardErrors: number;
  };
}

export interface FeatureChoice {
  /** Those that help, the most useful first. */
  readonly chosen: readonly FeatureGroup[];
  /** One per group, in the order given. */
  readonly trials: readonly GroupTrial[];
}

/** With fewer labelled songs, what helps cannot be told from luck. */
export const MIN_LABELS_TO_CHOOSE = 60;
/** A group is tried when so many labelled songs have it. */
const MIN_KNOWN = 20;
/** More labelled songs than this make the comparison slower and hardly surer. */
const MOST_SONGS = 800;
/** As `inferEmotions` smooths. */
const NEIGHBOURS = 15;
const ALPHA = 0.5;
const TOLERANCE = 1e-3;
const TREES = 30;
/** Examples that one tree sees: more make it slower and what helps hardly clearer. */
const EXAMPLES = 512;
/** Every song is told once per repetition; few songs need more to even out the trees' luck. */
const TOLD = 1000;
const MOST_REPETITIONS = 6;
/** So many standard errors is a clear gain: chance alone brings it about once in twenty trials, or less often. */
const CLEAR = 1.65;
/** A gain that makes the right emotions likelier by less than a hundredth is not worth a group. */
const MIN_GAIN = 0.01;
/** What forests usually need to be as sure as they are right; a few songs do not outweigh it. */
const USUAL_POWER = { usual: 1.6, trust: 2 } as const;
/** No forest is so sure of itself that a class is impossible. */
const FLOOR = 0.02;

/**
 * Which groups of features help to tell emotions, by the labels alone: forests learn from four fifths of the labelled
 * songs, once with a group beside the table's own columns and once without, and tell the last fifth, smoothed over the
 * nearest songs as `inferEmotions` does. A group joins when the mean log probability of the songs' own emotions is
 * clearly higher with it (a paired comparison over songs, each hidden in the same folds); the best one first, then
 * whichever of the others is still clearly better beside it (forward selection by a wrapper, Kohavi & John 1997).
 * @param table what is always used
 * @throws RangeError as `checkSeeds`
 */
export function chooseFeatures(
  table: Table,
  groups: readonly FeatureGroup[],
  seeds: Seeds,
  c: number,
  random: Random,
): FeatureChoice {
  const labelled = checkSeeds(seeds, table.rows, c);
  if (groups.length === 0) return { chosen: [], trials: [] };
  const songs = random.shuffle(Int32Array.from(labelled)).subarray(0, MOST_SONGS);
  const few = songs.length < MIN_LABELS_TO_CHOOSE;
  const trials = new Map<FeatureGroup, GroupTrial>();
  let open: FeatureGroup[] = [];
  for (const group of groups) {
    const known = countKnown(group, songs);
    const verdict = few ? 'too few labels' : 'too little known';
    trials.set(group, { name: group.name, verdict, songs: songs.length, known });
    if (!few && known >= MIN_KNOWN && varies(group, songs)) open.push(group);
  }
  const chosen: FeatureGroup[] = [];
  const result = () => ({ chosen, trials: [...trials.values()] });
  if (open.length === 0) return result();
  const contest = openContest(table, songs, seeds, c, random.fork('contest'));
  let without = contest.logScores(chosen);
  while (open.length > 0) {
    let best:
      | { readonly group: FeatureGroup; readonly gain: number; readonly scores: Float64Array }
      | undefined;
    const clear: FeatureGroup[] = [];
    for (const group of open) {
      const scores = contest.logScores([...chosen, group]);
      const { gain, standardErrors } = contest.compare(scores, without);
      const helps = gain >= MIN_GAIN && standardErrors >= CLEAR;
      trials.set(group, {
        ...(trials.get(group) as GroupTrial),
        verdict: helps ? 'helps' : chosen.length === 0 ? 'no clear gain' : 'nothing new',
        trial: {
          beside: chosen.map(({ name }) => name),
          without: Math.exp(contest.mean(without)),
          with: Math.exp(contest.mean(scores)),
          standardErrors,
        },
      });
      if (!helps) continue;
      clear.push(group);
      if (best === undefined || gain > best.gain) best = { group, gain, scores };
    }
    if (best === undefined) break;
    const { group, scores } = best;
    chosen.push(group);
    without = scores;
    open = clear.filter((other) => other !== group);
  }
  return result();
}

function columnsOf(group: FeatureGroup, songs: Int32Array): Table {
  return widerRows({ rows: 0, columns: 0, values: new Float32Array(0) }, [group], songs);
}

/** Songs of which a group says anything. */
function countKnown(group: FeatureGroup, songs: Int32Array): number {
  const { values, columns } = columnsOf(group, songs);
  let known = 0;
  for (let i = 0; i < songs.length; i++) {
    const own = values.subarray(i * columns, (i + 1) * columns);
    if (own.some((value) => !Number.isNaN(value))) known++;
  }
  return known;
}

/** Whether the group tells any two of the songs apart, other than by what is missing. */
function varies(group: FeatureGroup, songs: Int32Array): boolean {
  const { values, columns } = columnsOf(group, songs);
  for (let column = 0; column < columns; column++) {
    let first = Number.NaN;
    for (let at = column; at < values.length; at += columns) {
      if (Number.isNaN(values[at])) continue;
      if (Number.isNaN(first)) first = values[at];
      else if (values[at] !== first) return true;
    }
  }
  return false;
}

interface Contest {
  /** Log probability of each song's own emotion while its label was hidden. */
  logScores(groups: readonly FeatureGroup[]): Float64Array;
  mean(scores: Float64Array): number;
  compare(scores: Float64Array, without: Float64Array): { gain: number; standardErrors: number };
}

function openContest(
  table: Table,
  songs: Int32Array,
  { labels, weights }: Seeds,
  c: number,
  random: Random,
): Contest {
  const n = songs.length;
  const truth = new Float32Array(n * c);
  songs.forEach((song, i) => {
    truth.set(labels.subarray(song * c, (song + 1) * c), i * c);
  });
  const same = new Array<number>(c).fill(1);
  applyCalibration(truth, { factors: same, power: 1 });
  let total = 0;
  for (const song of songs) total += weights[song];
  // A label of usual weight counts 1, whatever the scale of the weights.
  const counts = Float32Array.from(songs, (song) => (weights[song] * n) / total);
  const mass = truth.map((share, at) => share * counts[Math.floor(at / c)]);
  const repetitions = Math.max(1, Math.min(MOST_REPETITIONS, Math.round(TOLD / n)));
  const folds = Array.from({ length: repetitions }, (_, r) => dealFolds(truth, c, random.fork(`folds ${r}`)));

  function lesson(kept: Int32Array): Lesson {
    const own = new Float32Array(kept.length * c);
    kept.forEach((i, at) => {
      own.set(mass.subarray(i * c, (i + 1) * c), at * c);
    });
    return { rows: kept, mass: own };
  }

  const mean = (scores: Float64Array): number =>
    scores.reduce((sum, score, i) => sum + counts[i] * score, 0) / n;
  return {
    mean,
    logScores(groups) {
      const wide = widerRows(table, groups, songs);
      const edges = neighbourEdges(wide);
      const said = new Float32Array(n * c);
      folds.forEach((fold, r) => {
        for (let hidden = 0; hidden < FOLDS; hidden++) {
          const kept = Int32Array.from(fold.keys()).filter((i) => fold[i] !== hidden);
          const forest = growForest(wide, lesson(kept), c, random.fork(`${r} ${hidden}`), {
            trees: TREES,
            examples: EXAMPLES,
          });
          const told = smooth(edges, forestProbabilities(forest, wide), c, ALPHA, TOLERANCE);
          for (let at = 0; at < said.length; at++) {
            if (fold[Math.floor(at / c)] === hidden) said[at] += told[at] / repetitions;
          }
        }
      });
      // Columns of noise make forests shy. That must not pass for a gain where they are bold, so both are put right.
      said.forEach((probability, at) => {
        said[at] = (1 - FLOOR) * probability + FLOOR / c;
      });
      const power = fitPower({ said, truth, weights: counts }, same, USUAL_POWER);
      applyCalibration(said, { factors: same, power });
      const scores = new Float64Array(n);
      said.forEach((probability, at) => {
        if (truth[at] > 0) scores[Math.floor(at / c)] += truth[at] * Math.log(Math.max(1e-6, probability));
      });
      return scores;
    },
    compare(scores, without) {
      const gain = mean(scores) - mean(without);
      let squares = 0;
      for (let i = 0; i < n; i++) squares += (counts[i] * (scores[i] - without[i] - gain)) ** 2;
      const error = Math.sqrt(squares / (n * (n - 1)));
      return { gain, standardErrors: error > 0 ? gain / error : 0 };
    },
  };
}

/** Songs as near to each other as `inferEmotions` takes them. */
function neighbourEdges({ rows, columns, values }: Table): SparseWeights {
  const all = new Int32Array(rows).map((_, row) => row);
  const quantiles = applyQuantiles(values, fitQuantiles(values, columns, all));
  return symmetrise(knnGraph(quantiles, rows, columns, NEIGHBOURS), 'local');
}
