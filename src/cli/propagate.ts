import { Command, Option } from 'commander';
import { knnGraph } from '../../ml/graph.ts';
import { inferEmotions } from '../../ml/infer-emotions.ts';
import { emotionTable, propagationFeatures, type RawSongs } from '../../ml/items.ts';
import { argmax } from '../../ml/metrics.ts';
import { labelPropagation, labelSpreading, type Seeds } from '../../ml/propagate.ts';
import { createRandom } from '../../ml/random.ts';
import { rawSongs } from '../training/profile-stage.ts';
import { TableError } from '../training/tables.ts';
import { openAnyCatalogue } from './open-catalogue.ts';
import { action, seedNumber } from './run.ts';
import { readLabels, round, writeTable } from './tables.ts';

/** Columns of the result that are no emotion. */
const TAKEN = ['song_id', 'emotion', 'confidence', 'source'];

interface Options {
  readonly catalogue?: string;
  readonly stateDir?: string;
  readonly labels: string;
  readonly out?: string;
  readonly method: MethodName;
  readonly seed?: number;
}

type Method = (raw: RawSongs, seeds: Seeds, emotionCount: number, seed: number) => Float32Array;

function graphOf(raw: RawSongs) {
  const { values, rows, columns } = propagationFeatures(raw);
  return knnGraph(values, rows, columns, 10);
}

const METHODS = {
  trees: (raw, seeds, c, seed) =>
    inferEmotions(emotionTable(raw), seeds, c, createRandom(seed)).probabilities,
  spreading: (raw, seeds, c) => labelSpreading(graphOf(raw), seeds, c).profiles,
  propagation: (raw, seeds, c) => labelPropagation(graphOf(raw), seeds, c).profiles,
} as const satisfies Record<string, Method>;
type MethodName = keyof typeof METHODS;

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
  const width = emotions.length;
  const raw = rawSongs(catalogue);
  if (emotionTable(raw).columns === 0)
    throw new TableError('The catalogue has nothing to compare its songs by.');
  const weights = new Float32Array(catalogue.size);
  for (let song = 0; song < catalogue.size; song++) {
    for (let e = 0; e < width; e++) weights[song] += counts[song * width + e];
  }
  const seeds = { labels: counts, weights };
  const inferred = METHODS[options.method](raw, seeds, width, Number(options.seed ?? 1));
  const profiles = withOwnLabels(inferred, seeds, width);
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
    .option('--seed <number>', 'another seed draws other trees', seedNumber)
    .action(action(run));
}
