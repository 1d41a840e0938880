import { Command, Option } from 'commander';
import type { Crew } from '../../ml/crew.ts';
import { explainSong } from '../../ml/explain.ts';
import { chooseFeatures, type GroupTrial } from '../../ml/feature-choice.ts';
import { type FeatureGroup, withGroups } from '../../ml/feature-groups.ts';
import { knnGraph } from '../../ml/graph.ts';
import { inferEmotions } from '../../ml/infer-emotions.ts';
import { emotionTable, propagationFeatures, type RawSongs } from '../../ml/items.ts';
import { argmax } from '../../ml/metrics.ts';
import { labelPropagation, labelSpreading, type Seeds } from '../../ml/propagate.ts';
import { createRandom } from '../../ml/random.ts';
import { symmetrise } from '../../ml/spread.ts';
import { openCrew } from '../crew/open-crew.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { aboutFeatures } from '../training/feature-words.ts';
import { rawSongs } from '../training/profile-stage.ts';
import { songFeatures } from '../training/song-features.ts';
import { TableError } from '../training/tables.ts';
import { openAnyCatalogue } from './open-catalogue.ts';
import { action, seedNumber } from './run.ts';
import { readLabels, round, writeTable } from './tables.ts';

/** Columns of the result that are no emotion. */
const TAKEN = ['song_id', 'emotion', 'confidence', 'source'];

/** What is looked at: the sound and whatever helps, or the sound alone. */
const FEATURES = ['all', 'audio'] as const;

interface Options {
  readonly catalogue?: string;
  readonly stateDir?: string;
  readonly labels: string;
  readonly out?: string;
  readonly method: MethodName;
  readonly features: (typeof FEATURES)[number];
  readonly seed?: number;
  readonly explain?: string;
}

/** What a method says of all songs, and why. */
interface Inferred {
  readonly profiles: Float32Array;
  readonly explain: (song: number) => Reasons;
  /** What else than their sound is known of the songs, and whether it helped. */
  readonly features: readonly GroupTrial[];
}

interface Reasons {
  readonly neighbours: readonly { readonly song: number; readonly weight: number }[];
  /** What each feature of the song is, `year 1973`, and what it adds to each emotion. */
  readonly features: readonly { readonly what: string; readonly adds: Float64Array }[];
}

type Method = (
  raw: RawSongs,
  groups: readonly FeatureGroup[],
  seeds: Seeds,
  emotionCount: number,
  seed: number,
  crew: Crew,
) => Inferred;

const byTrees: Method = (raw, groups, seeds, c, seed, crew) => {
  const random = createRandom(seed);
  const sound = emotionTable(raw);
  const { chosen, trials } = chooseFeatures(sound, groups, seeds, c, random.fork('features'));
  const table = withGroups(sound, chosen);
  const { probabilities, evidence } = inferEmotions(table, seeds, c, random, { crew });
  return {
    profiles: probabilities,
    features: trials,
    explain: (song) => {
      if (evidence === undefined) return { neighbours: [], features: [] };
      const { neighbours, contributions } = explainSong(evidence, table, song);
      let at = 0;
      const features = table.described.map(({ columns, tell }) => {
        const adds = new Float64Array(c);
        for (const end = at + columns * c; at < end; at++) adds[at % c] += contributions[at];
        return { what: tell(song), adds };
      });
      return { neighbours, features };
    },
  };
};

const classic =
  (method: typeof labelSpreading | typeof labelPropagation): Method =>
  (raw, _groups, seeds, c, _seed, crew) => {
    const { values, rows, columns } = propagationFeatures(raw);
    const graph = knnGraph(values, rows, columns, 10, crew);
    return {
      profiles: method(graph, seeds, c).profiles,
      features: [],
      explain: (song) => {
        const { offsets, columns: others, values: weights, degrees } = symmetrise(graph, 'local');
        const neighbours = Array.from({ length: offsets[song + 1] - offsets[song] }, (_, i) => {
          const at = offsets[song] + i;
          return { song: others[at], weight: weights[at] / degrees[song] };
        });
        return { neighbours: neighbours.sort((a, b) => b.weight - a.weight), features: [] };
      },
    };
  };

const METHODS = {
  trees: byTrees,
  spreading: classic(labelSpreading),
  propagation: classic(labelPropagation),
} as const satisfies Record<string, Method>;
type MethodName = keyof typeof METHODS;

/** What spoke for a song's emotions, for people. */
function explanation(
  catalogue: Catalogue,
  emotions: readonly string[],
  profiles: Float32Array,
  weights: Float32Array,
  song: number,
  { neighbours, features }: Reasons,
): string {
  const c = emotions.length;
  const named = (index: number) => {
    const { title, artists } = catalogue.song(index);
    return artists.length === 0 ? title : `${title} by ${artists.join(', ')}`;
  };
  const source = (index: number) => (weights[index] > 0 ? 'voted' : 'inferred');
  const topOf = (index: number) => argmax(profiles, index * c, c);
  const top = topOf(song);
  const order = Array.from(emotions.keys()).sort((a, b) => profiles[song * c + b] - profiles[song * c + a]);
  const lines = [
    `${named(song)} (${source(song)}): ` +
      order.map((e) => `${emotions[e]} ${profiles[song * c + e].toFixed(2)}`).join(', '),
    '',
    'Its nearest songs, how much each counts among them, and what is said of them:',
    ...neighbours.map(
      ({ song: other, weight }) =>
        `  ${weight.toFixed(3)}  ${emotions[topOf(other)]} (${source(other)})  ${named(other)}`,
    ),
  ];
  if (features.length > 0) {
    const ranked = [...features].sort((a, b) => Math.abs(b.adds[top]) - Math.abs(a.adds[top]));
    lines.push(
      '',
      `What its features add to ${emotions[top]} in the trees, beside what is usual:`,
      ...ranked.map(
        ({ what, adds }) => `  ${adds[top] < 0 ? '−' : '+'}${Math.abs(adds[top]).toFixed(3)}  ${what}`,
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** A song's own label counts as its weight, and all that is inferred of it as one label. */
function withOwnLabels(inferred: Float32Array, { labels, weights }: Seeds, c: number): Float32Array {
  return inferred.map((share, at) => {
    const weight = weights[Math.floor(at / c)];
    return (labels[at] + share) / (weight + 1);
  });
}

async function run(options: Options): Promise<void> {
  const catalogue = await openAnyCatalogue(options.catalogue, options.stateDir);
  const { emotions, counts, labelledSongs, unknownSongs } = await readLabels(options.labels, catalogue);
  const clash = emotions.find((name) => TAKEN.includes(name));
  if (clash !== undefined) {
    throw new TableError(
      `${options.labels}: an emotion cannot be called "${clash}", which is a column of the result.`,
    );
  }
  if (labelledSongs === 0) {
    throw new TableError(`${options.labels}: none of its songs is in the catalogue; is it the right one?`);
  }
  if (unknownSongs > 0)
    process.stderr.write(`${unknownSongs} labels are on songs that the catalogue lacks.\n`);
  if (emotions.length === 1) {
    process.stderr.write(
      `Every label is "${emotions[0]}", so that is what every song becomes: label songs of other emotions too.\n`,
    );
  }
  const width = emotions.length;
  const raw = rawSongs(catalogue);
  if (emotionTable(raw).columns === 0)
    throw new TableError('The catalogue has nothing to compare its songs by.');
  const weights = new Float32Array(catalogue.size);
  for (let song = 0; song < catalogue.size; song++) {
    for (let e = 0; e < width; e++) weights[song] += counts[song * width + e];
  }
  const seeds = { labels: counts, weights };
  const asked = options.explain === undefined ? -1 : catalogue.indexOf(options.explain);
  if (options.explain !== undefined && asked < 0) {
    throw new TableError(`The catalogue has no song "${options.explain}".`);
  }
  const labelled = [...weights.keys()].filter((song) => weights[song] > 0);
  const groups = options.features === 'audio' ? [] : songFeatures(catalogue, labelled);
  const crew = openCrew();
  let inferred: Inferred;
  try {
    inferred = METHODS[options.method](raw, groups, seeds, width, options.seed ?? 1, crew);
  } finally {
    await crew.close();
  }
  for (const trial of inferred.features) process.stderr.write(`${aboutFeatures(trial)}\n`);
  const profiles = withOwnLabels(inferred.profiles, seeds, width);
  if (asked >= 0) {
    process.stdout.write(explanation(catalogue, emotions, profiles, weights, asked, inferred.explain(asked)));
    if (options.out === undefined) return;
  }
  await writeTable(
    options.out,
    ['song_id', 'emotion', ...emotions, 'confidence', 'source'],
    Array.from({ length: catalogue.size }, (_, song) => {
      const top = argmax(profiles, song * width, width);
      return [
        catalogue.idAt(song),
        emotions[top],
        ...emotions.map((_, e) => round(profiles[song * width + e])),
        round(profiles[song * width + top]),
        weights[song] > 0 ? 'voted' : 'inferred',
      ];
    }),
  );
}

/** `reactune propagate`: labels of some songs → an emotion profile for every song. */
export function propagateCommand(): Command {
  return new Command('propagate')
    .description('spread labels (song_id,emotion[,weight]) to every song of a catalogue')
    .requiredOption(
      '--labels <file>',
      'CSV with song_id, emotion and perhaps weight, or what aggregate wrote',
    )
    .option('--catalogue <file>', 'a table of songs; the imported catalogue without it')
    .option('--state-dir <folder>', "the bot's folder, for its catalogue")
    .option('--out <file>', 'where to write the profiles; standard output without it')
    .addOption(
      new Option('--method <name>', 'how: by the default, or by one of the classic methods')
        .choices(Object.keys(METHODS))
        .default('trees'),
    )
    .addOption(
      new Option('--features <which>', 'the sound and what else helps (trees only), or the sound alone')
        .choices(FEATURES)
        .default('all'),
    )
    .option(
      '--explain <song_id>',
      'say which songs and features spoke for one song; the table only with --out',
    )
    .option('--seed <number>', 'another seed draws other trees', seedNumber)
    .action(action(run));
}
