import { Command, Option } from 'commander';
import { shareOfVotes } from '../../ml/aggregate.ts';
import { dawidSkene } from '../../ml/dawid-skene.ts';
import { TableError } from '../training/tables.ts';
import { action, seedNumber } from './run.ts';
import { LABEL_COLUMNS, readVotes, round, writeTable } from './tables.ts';

interface Options {
  readonly votes: string;
  readonly out?: string;
  readonly method: 'shares' | 'dawid-skene';
}

async function run({ votes: file, out, method }: Options): Promise<void> {
  const { table, songs, emotions } = await readVotes(file);
  const clash = emotions.find((name) => LABEL_COLUMNS.includes(name));
  if (clash !== undefined) {
    throw new TableError(`${file}: an emotion cannot be called "${clash}", which is a column of the result.`);
  }
  const labels = method === 'shares' ? shareOfVotes(table) : dawidSkene(table);
  const name = (emotion: number) => (emotion < 0 ? '' : emotions[emotion]);
  await writeTable(
    out,
    [...LABEL_COLUMNS, ...emotions],
    songs.map((song, s) => [
      song,
      name(labels.primary[s]),
      name(labels.secondary[s]),
      round(labels.confidence[s]),
      labels.votes[s],
      ...emotions.map((_, e) => round(labels.shares[s * emotions.length + e])),
    ]),
  );
}

/** `reactune aggregate`: votes → labels. */
export function aggregateCommand(): Command {
  return new Command('aggregate')
    .description(
      'turn votes (song_id,member_id,emotion) into labels: primary emotions, confidence and shares',
    )
    .requiredOption('--votes <file>', 'CSV with song_id, member_id and emotion')
    .option('--out <file>', 'where to write the labels; standard output without it')
    .addOption(
      new Option('--method <name>', 'share of votes, or Dawid–Skene EM')
        .choices(['shares', 'dawid-skene'])
        .default('shares'),
    )
    .option(
      '--seed <number>',
      'taken for symmetry with the other commands: nothing here is random',
      seedNumber,
    )
    .action(action(run));
}
