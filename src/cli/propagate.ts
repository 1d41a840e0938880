import { Command } from 'commander';
import { argmax } from '../../ml/metrics.ts';
import { labelSpreading } from '../../ml/propagate.ts';
import { rawSongs, songGraph } from '../training/profile-stage.ts';
import { TableError } from '../training/tables.ts';
import { openAnyCatalogue } from './open-catalogue.ts';
import { action, seedNumber } from './run.ts';
import { readLabels, round, writeTable } from './tables.ts';

interface Options {
  readonly catalogue?: string;
  readonly stateDir?: string;
  readonly labels: string;
  readonly out?: string;
}

async function run(options: Options): Promise<void> {
  const catalogue = await openAnyCatalogue(options.catalogue, options.stateDir);
  const { emotions, counts, labelledSongs, unknownSongs } = await readLabels(options.labels, catalogue);
  const clash = emotions.find((name) => name === 'song_id' || name === 'emotion');
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
  const graph = songGraph(rawSongs(catalogue));
  if (graph === undefined) throw new TableError('The catalogue has nothing to compare its songs by.');
  const weights = new Float32Array(catalogue.size);
  for (let song = 0; song < catalogue.size; song++) {
    for (let e = 0; e < width; e++) weights[song] += counts[song * width + e];
  }
  const { profiles } = labelSpreading(graph, { labels: counts, weights }, width);
  await writeTable(
    options.out,
    ['song_id', 'emotion', ...emotions],
    Array.from({ length: catalogue.size }, (_, song) => [
      catalogue.idAt(song),
      emotions[argmax(profiles, song * width, width)],
      ...emotions.map((_, e) => round(profiles[song * width + e])),
    ]),
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
    .option(
      '--seed <number>',
      'taken for symmetry with the other commands: nothing here is random',
      seedNumber,
    )
    .action(action(run));
}
