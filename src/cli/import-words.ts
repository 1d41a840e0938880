import type { ImportReport, ProblemSummary, SongImport, VoteImport } from '../catalogue/import/report.ts';

/** What an import did, for the operator who started it. */
export function describeImport(report: ImportReport): string {
  const lines = report.kind === 'songs' ? describeSongs(report) : describeVotes(report);
  return [...lines, ...describeProblems(report), ...ignored(report)].join('\n');
}

function describeSongs(report: SongImport): string[] {
  const lines = [
    `Imported ${report.table}: ${count(report.songs, 'song')}, ${number(report.newSongs)} of them new.`,
  ];
  if (report.repeatedRows > 0)
    lines.push(`${count(report.repeatedRows, 'row')} named a song again and joined it.`);
  if (report.listeners > 0)
    lines.push(
      `${count(report.listeners, 'playlist')} became ${report.listeners === 1 ? 'a listener' : 'listeners'}.`,
    );
  if (report.labels > 0)
    lines.push(`${count(report.labels, 'mood')} became ${report.labels === 1 ? 'a label' : 'labels'}.`);
  if (report.replacedDemo) lines.push('They took the place of the demo songs.');
  if (report.replacedDamaged !== undefined)
    lines.push(`The catalogue before could not be read and was replaced. ${report.replacedDamaged}`);
  lines.push(
    `The catalogue now has ${count(report.catalogue.songs, 'song')}. A running bot takes it up by itself; train again to make use of it.`,
  );
  return lines;
}

function describeVotes(report: VoteImport): string[] {
  return [
    `Imported ${report.table}: ${count(report.newVotes, 'new vote')} by ${count(report.members, 'member')} on ${count(report.songs, 'song')}. They count at the next training.`,
  ];
}

function describeProblems({ problems, rows, skippedRows }: ImportReport): string[] {
  const lines: string[] = [];
  if (skippedRows > 0) lines.push(`${number(skippedRows)} of ${count(rows, 'row')} could not be used.`);
  lines.push(...examplesOf(problems));
  if (problems.file !== undefined) lines.push(`All of them are in ${problems.file}`);
  return lines;
}

function examplesOf({ counts, first }: ProblemSummary): string[] {
  return Object.entries(counts).flatMap(([reason, total]) => [
    `  ${reason}: ${number(total)}`,
    ...first
      .filter((problem) => problem.reason === reason)
      .map(({ line, detail }) => `    line ${line}: ${detail}`),
  ]);
}

function ignored({ ignoredColumns }: ImportReport): string[] {
  return ignoredColumns.length === 0 ? [] : [`Columns that were not used: ${ignoredColumns.join(', ')}`];
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function count(value: number, what: string): string {
  return `${number(value)} ${what}${value === 1 ? '' : 's'}`;
}
