import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { BackendWish } from '../../ml/backend.ts';
import { once } from '../study/context.ts';
import { openResults } from '../study/results.ts';
import { openSongWorld } from '../study/song-world.ts';
import { checkDataFolder, PARTS, prepareOut, runStudy } from '../study/study.ts';
import { backendOption, fitMethod, METHODS } from './methods.ts';
import { action, seedNumber, UsageError, wholeNumber } from './run.ts';

interface Options {
  readonly data: string;
  readonly out: string;
  readonly parts: readonly string[];
  readonly methods: readonly string[];
  readonly seeds: number;
  readonly seed: number;
  readonly backend: BackendWish;
  readonly fresh?: boolean;
}

const PART_NAMES = PARTS.map(({ id }) => id);

/** A commander parser for names separated by commas, each one of `known`. */
function names(known: readonly string[]): (text: string) => string[] {
  return (text) => {
    const list = [...new Set(text.split(',').map((name) => name.trim()))].filter((name) => name !== '');
    const unknown = list.find((name) => !known.includes(name));
    if (unknown !== undefined || list.length === 0) {
      throw new InvalidArgumentError(`Choose from ${known.join(', ')}.`);
    }
    return list;
  };
}

/** A word as a shell takes it. */
const quoted = (word: string) => (/^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

async function run(options: Options): Promise<void> {
  const { data, out, seed, backend } = options;
  await checkDataFolder(data);
  await prepareOut(out);
  const tell = (what: string) => process.stderr.write(`${what}\n`);
  const results = openResults(path.join(out, 'results'), { fresh: options.fresh });
  const chosen = PARTS.filter(({ id }) => options.parts.includes(id));
  const sections = await runStudy(out, chosen, {
    data,
    seeds: Array.from({ length: options.seeds }, (_, i) => seed + i),
    methods: METHODS.filter((name) => options.methods.includes(name)),
    backend,
    fit: (name, given, own) => fitMethod(name, given, own, backend),
    songs: once(() => openSongWorld(data)),
    results,
    made: (part) =>
      [
        'reactune reproduce',
        ...['--data', quoted(data), '--out', quoted(out)],
        ...['--parts', part, '--seed', String(seed), '--seeds', String(options.seeds)],
        ...(options.methods.length === METHODS.length ? [] : ['--methods', options.methods.join(',')]),
        ...(backend === 'auto' ? [] : ['--backend', backend]),
      ].join(' '),
    tell,
  });
  const { found, measured } = results.counts;
  tell(`${measured} results were measured, ${found} were there already.`);
  if (!sections.some(({ blocks }) => blocks.some(({ kind }) => kind === 'figure' || kind === 'table'))) {
    throw new UsageError(`Nothing could be measured with the tables in ${data}; ${out}/report.md says why.`);
  }
  const broken = sections.filter((section) => section.broken).map(({ id }) => id);
  if (broken.length > 0) {
    process.exitCode = 1;
    tell(`${broken.join(', ')} broke down; the same command tries again and measures nothing twice.`);
  }
  process.stdout.write(`${path.join(out, 'report.html')}\n${path.join(out, 'report.md')}\n`);
}

/** `reactune reproduce`: the paper's whole study as one page. */
export function reproduceCommand(): Command {
  return new Command('reproduce')
    .description(
      "run the paper's whole study on its tables and write it as one page (report.html) and as Markdown with figures " +
        '(report.md); a run that was interrupted goes on where it stopped',
    )
    .requiredOption('--data <folder>', 'the folder with spotify_songs.csv and data_moods.csv')
    .requiredOption('--out <folder>', 'where to write the report and what was measured')
    .option(
      '--parts <names>',
      `parts to run, separated by commas: ${PART_NAMES.join(', ')}`,
      names(PART_NAMES),
      PART_NAMES,
    )
    .option('--methods <names>', 'methods to compare, separated by commas', names(METHODS), METHODS)
    .option('--seeds <number>', 'how often everything is measured', wholeNumber(1, 100), 3)
    .option('--seed <number>', 'the first seed; the others follow', seedNumber, 1)
    .addOption(backendOption())
    .option('--fresh', 'measure again what was measured before')
    .action(action(run));
}
