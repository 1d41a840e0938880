import { existsSync } from 'node:fs';
import path from 'node:path';
import { type LabelTable, shareOfVotes, type VoteTable } from '../../ml/aggregate.ts';
import { dawidSkene } from '../../ml/dawid-skene.ts';
import { honestLabels } from '../../ml/label-votes.ts';
import { accuracy, mean, shareError } from '../../ml/metrics.ts';
import { createRandom } from '../../ml/random.ts';
import { openTable } from '../training/tables.ts';
import { against, figure, type StudySkipped, type StudyTable } from './study-table.ts';
import { type NamedVotes, readVotes } from './tables.ts';

const METHODS: Readonly<Record<string, (table: VoteTable, seed: number) => LabelTable>> = {
  shares: (table) => shareOfVotes(table),
  'dawid-skene': (table) => dawidSkene(table),
  honest: (table, seed) => honestLabels(table, createRandom(seed)),
};
const DEFAULT = 'honest';

const KINDS = ['none', 'random', 'constant', 'mixed'] as const;
const DEALS = [1, 2, 3];
/** Of the top emotion and of the error of the shares; without spammers 0.005 below plain shares may be lost. */
const BARS = { spam: { top: 0.815, error: 0.08 }, none: { top: 0.839, error: 0.081 } } as const;

/** What all listeners of a song say, where only some of their votes are shown. */
interface ShareTruth {
  readonly emotions: readonly string[];
  /** Song → a share per emotion, and whether the first leads clearly. */
  readonly songs: ReadonlyMap<string, { readonly shares: readonly number[]; readonly clear: boolean }>;
}

async function readShareTruth(file: string): Promise<ShareTruth> {
  const table = await openTable(file, ['song_id', 'clear']);
  const emotions = table.columns.filter((name) => name !== 'song_id' && name !== 'clear');
  const songs = new Map<string, { shares: number[]; clear: boolean }>();
  for await (const batch of table.batches) {
    for (const { fields } of batch) {
      const cell = (name: string) => fields[table.columns.indexOf(name)];
      songs.set(cell('song_id'), {
        shares: emotions.map((name) => Number(cell(name))),
        clear: cell('clear') === '1',
      });
    }
  }
  return { emotions, songs };
}

/** Top emotion equal to the crowd's on the clear songs, and the mean absolute error of the shares of all. */
function scoreShares(labels: LabelTable, votes: NamedVotes, truth: ShareTruth) {
  const place = new Map(votes.songs.map((name, song) => [name, song]));
  const column = truth.emotions.map((name) => votes.emotions.indexOf(name));
  const [said, right, shares, expected]: number[][] = [[], [], [], []];
  for (const [name, { shares: true_, clear }] of truth.songs) {
    const song = place.get(name);
    const own = column.map((e) =>
      song === undefined || e < 0 ? 0 : labels.shares[song * labels.emotionCount + e],
    );
    shares.push(...own);
    expected.push(...true_);
    if (!clear) continue;
    said.push(song === undefined ? -1 : column.indexOf(labels.primary[song]));
    right.push(true_.indexOf(Math.max(...true_)));
  }
  return { top: accuracy(said, right), error: shareError(shares, expected) };
}

/** Emotify: is the crowd's opinion found among ten votes a song, whoever else votes? */
export async function studyShares(data: string, seed: number): Promise<StudyTable | StudySkipped> {
  const title = 'Votes about feelings (Emotify, four quadrants, ten votes a song)';
  const truthFile = path.join(data, 'splits', 'emotify4-truth.csv');
  const fileOf = (kind: string, deal: number) =>
    path.join(data, 'splits', `emotify4-votes-${kind}-${deal}.csv`);
  const files = [truthFile, ...KINDS.flatMap((kind) => DEALS.map((deal) => fileOf(kind, deal)))];
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length > 0) return { title, missing };
  const truth = await readShareTruth(truthFile);
  const rows = Object.keys(METHODS).map((name) => [name]);
  const bars = [''];
  for (const kind of KINDS) {
    const votes = await Promise.all(DEALS.map((deal) => readVotes(fileOf(kind, deal))));
    const bar = kind === 'none' ? BARS.none : BARS.spam;
    for (const row of rows) {
      const scores = votes.map((one) => scoreShares(METHODS[row[0]](one.table, seed), one, truth));
      const top = mean(scores.map((score) => score.top));
      const error = mean(scores.map((score) => score.error));
      row.push(`${figure(top)} / ${figure(error)}`);
      if (row[0] !== DEFAULT) continue;
      bars.push(`${against(top, bar.top, 'atLeast')} / ${against(error, bar.error, 'atMost')}`);
    }
  }
  return {
    title,
    protocol:
      'Top emotion equal to the full crowd’s on clear songs / mean absolute error of the shares, mean of three ' +
      'deals; 80 listeners and, but for the first column, 53 who do not listen.',
    head: ['method', 'no spam', 'random', 'constant', 'mixed'],
    rows: [...rows, [`bar for ${DEFAULT}`, ...bars.slice(1)]],
  };
}

/** Faces with an objective truth: is it found? */
export async function studyFacts(data: string, seed: number): Promise<StudyTable | StudySkipped> {
  const title = 'Votes about a fact (584 faces, 27 workers)';
  const votesFile = path.join(data, 'crowd', 'face-sentiment-votes.csv');
  const truthFile = path.join(data, 'crowd', 'face-sentiment-truth.csv');
  const missing = [votesFile, truthFile].filter((file) => !existsSync(file));
  if (missing.length > 0) return { title, missing };
  const votes = await readVotes(votesFile);
  const place = new Map(votes.songs.map((name, song) => [name, song]));
  const truth: [song: number, emotion: number][] = [];
  const table = await openTable(truthFile, ['song_id', 'truth']);
  for await (const batch of table.batches) {
    for (const { fields } of batch) {
      const song = place.get(fields[table.columns.indexOf('song_id')]);
      if (song === undefined) continue;
      truth.push([song, votes.emotions.indexOf(fields[table.columns.indexOf('truth')])]);
    }
  }
  const rows = Object.entries(METHODS).map(([name, method]) => {
    const labels = method(votes.table, seed);
    const right = accuracy(
      truth.map(([song]) => labels.primary[song]),
      truth.map(([, emotion]) => emotion),
    );
    return [name, figure(right), name === DEFAULT ? against(right, 0.645, 'atLeast') : ''];
  });
  return { title, protocol: 'Accuracy of the primary emotion.', head: ['method', 'accuracy', 'bar'], rows };
}
