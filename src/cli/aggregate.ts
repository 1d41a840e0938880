import { Command, Option } from 'commander';
import { type GroupedVotes, groupVotes, type LabelTable, shareOfVotes } from '../../ml/aggregate.ts';
import { emotionAlphas, krippendorffAlpha } from '../../ml/agreement.ts';
import { dawidSkene } from '../../ml/dawid-skene.ts';
import { honestLabels } from '../../ml/label-votes.ts';
import { createRandom } from '../../ml/random.ts';
import type { TaskEvidence } from '../../ml/task-kind.ts';
import { countInStep } from '../training/label-stage.ts';
import { alphaText, percent } from '../training/report.ts';
import { TableError } from '../training/tables.ts';
import { action, seedNumber } from './run.ts';
import { LABEL_COLUMNS, type NamedVotes, readVotes, round, writeTable } from './tables.ts';

const METHODS = ['honest', 'shares', 'dawid-skene'] as const;

interface Options {
  readonly votes: string;
  readonly out?: string;
  readonly members?: string;
  readonly report?: boolean;
  readonly method: (typeof METHODS)[number];
  readonly seed: number;
}

/** Labels by any method, with what it says of the members. */
interface Result {
  readonly labels: LabelTable;
  /** 0..1 per member; absent where the method does not judge. */
  readonly reliability?: ArrayLike<number>;
  /** Per member the first member it is in step with. */
  readonly leaders?: Int32Array;
  /** For the report. */
  readonly about: readonly string[];
}

/** Which way from votes to labels was taken, and why. */
function methodReason({ kind, asFeeling, asFact, heldOut }: TaskEvidence): string {
  const method =
    kind === 'feeling'
      ? 'Songs are taken for what they may be: several emotions at once (method "honest").'
      : 'The votes look like answers to a question with one right answer, so each song was given the likeliest one ' +
        '(method "honest", which found facts: pooled Dawid–Skene).';
  if (heldOut === 0) return `${method} There are too few votes to hold any out and tell feelings from facts.`;
  return (
    `${method} Of ${heldOut} votes, each hidden in turn, that view makes one as likely as ` +
    `${percent(Math.exp(kind === 'feeling' ? asFeeling : asFact))} (geometric mean); the other view, ` +
    `${percent(Math.exp(kind === 'feeling' ? asFact : asFeeling))}.`
  );
}

function label(method: Options['method'], named: NamedVotes, grouped: GroupedVotes, seed: number): Result {
  const { table } = named;
  if (method === 'shares') {
    return { labels: shareOfVotes(table, grouped), about: ['Every vote counts alike (method "shares").'] };
  }
  if (method === 'dawid-skene') {
    const labels = dawidSkene(table, {}, grouped);
    const { confusion, classPrior, emotionCount: c } = labels;
    // How often a member names the true emotion, over songs as common as they are.
    const reliability = Float64Array.from({ length: table.memberCount }, (_, m) =>
      classPrior.reduce((sum, rate, e) => sum + rate * confusion[(m * c + e) * c + e], 0),
    );
    const about = `Every song has one true emotion (method "dawid-skene", ${labels.iterations} rounds).`;
    return { labels, reliability, about: [about] };
  }
  const labels = honestLabels(table, createRandom(seed), grouped);
  const { inStep, inStepGroups } = countInStep(labels.leaders);
  const little = labels.weights.filter((weight) => weight < 0.5).length;
  return {
    labels,
    reliability: labels.weights,
    leaders: labels.leaders,
    about: [
      methodReason(labels.task),
      `${little} of ${table.memberCount} members count less than half. ` +
        `${inStep} accounts vote in step and count as ${inStepGroups}.`,
      `A song is worth ${labels.songPrior.concentration.toFixed(2)} votes before anybody votes.`,
    ],
  };
}

function reportOf(named: NamedVotes, grouped: GroupedVotes, about: readonly string[]): string {
  const { table, songs, members, emotions } = named;
  const alphas = emotionAlphas(table, grouped);
  return [
    `${grouped.members.length} votes of ${members.length} members on ${songs.length} songs.`,
    ...about,
    `Agreement (Krippendorff's alpha): ${alphaText(krippendorffAlpha(table, grouped))}`,
    ...emotions.map((name, e) => `  ${name}: ${alphaText(alphas[e])}`),
    '',
  ].join('\n');
}

async function writeMembers(
  file: string,
  { table, members }: NamedVotes,
  grouped: GroupedVotes,
  { reliability, leaders }: Result,
): Promise<void> {
  const votes = new Int32Array(table.memberCount);
  for (const member of grouped.members) votes[member]++;
  const groups = new Map<number, number>();
  for (const [member, leader] of leaders?.entries() ?? []) {
    if (leader !== member && !groups.has(leader)) groups.set(leader, groups.size + 1);
  }
  await writeTable(
    file,
    ['member_id', 'votes', 'reliability', 'in_step'],
    members.map((id, m) => [
      id,
      votes[m],
      reliability === undefined ? '' : round(reliability[m]),
      (leaders && groups.get(leaders[m])) ?? '',
    ]),
  );
}

async function run({ votes: file, out, members, report, method, seed }: Options): Promise<void> {
  const named = await readVotes(file);
  const { table, songs, emotions } = named;
  const clash = emotions.find((name) => LABEL_COLUMNS.includes(name));
  if (clash !== undefined) {
    throw new TableError(`${file}: an emotion cannot be called "${clash}", which is a column of the result.`);
  }
  const grouped = groupVotes(table);
  const result = label(method, named, grouped, seed);
  const { labels, about } = result;
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
  if (members !== undefined) await writeMembers(members, named, grouped, result);
  if (report === true)
    process[out === undefined ? 'stderr' : 'stdout'].write(reportOf(named, grouped, about));
}

/** `reactune aggregate`: votes → labels. */
export function aggregateCommand(): Command {
  return new Command('aggregate')
    .description(
      'turn votes (song_id,member_id,emotion) into labels: primary emotions, confidence and shares',
    )
    .requiredOption('--votes <file>', 'CSV with song_id, member_id and emotion')
    .option('--out <file>', 'where to write the labels; standard output without it')
    .option('--members <file>', "where to write each member's votes and reliability")
    .option('--report', 'tell how it was done and how far members agree (on standard error without --out)')
    .addOption(
      new Option(
        '--method <name>',
        'honest: who does not listen counts little, disagreement stays; shares: every vote counts alike; ' +
          'dawid-skene: one true emotion a song',
      )
        .choices(METHODS)
        .default('honest'),
    )
    .option('--seed <number>', 'chooses which votes are hidden to tell feelings from facts', seedNumber, 1)
    .action(action(run));
}
