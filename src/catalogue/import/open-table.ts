import path from 'node:path';
import type { Logger } from 'pino';
import type { Taxonomy } from '../../domain/emotion.ts';
import type { Store } from '../../store/store.ts';
import { catalogueFolder } from '../current-catalogue.ts';
import { type ColumnMap, type ColumnPlan, planColumns } from './columns.ts';
import { listProblems, type ProblemList } from './problems.ts';
import { ImportError, type ImportProgress, type SongImport } from './report.ts';
import { type Row, readRows } from './rows.ts';
import { sniffTable } from './sniff.ts';

export interface ImportOptions {
  /** A CSV file; commas, semicolons, tabs and bars separate. */
  readonly file: string;
  readonly stateDir: string;
  readonly taxonomy: Taxonomy;
  /** Column names by field, for tables whose columns have unusual names. */
  readonly map?: ColumnMap;
  /** Called a few times a second at most. */
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly log: Logger;
  readonly signal?: AbortSignal;
  /** Opens the store, for a table of votes only. */
  readonly openStore?: () => Promise<Store>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A table on its way in. */
export interface OpenTable {
  readonly name: string;
  readonly file: string;
  readonly plan: ColumnPlan;
  readonly columns: number;
  readonly decimalComma: boolean;
  readonly rows: AsyncGenerator<Row>;
  readonly problems: ProblemList;
  readonly report: Pick<SongImport, 'columns' | 'ignoredColumns'>;
  progress(stage: ImportProgress['stage'], rows: number, bytes: number): void;
}

/**
 * Looks at a file, reads its header and finds out what its columns mean.
 * @throws ImportError
 */
export async function openTable(options: ImportOptions): Promise<OpenTable> {
  const { file } = options;
  const head = await sniffTable(file);
  const fileName = path.basename(file);
  const name = path.basename(file, path.extname(file));
  const rows = readRows(file, head, options.signal);
  const first = await rows.next();
  const header = first.done ? undefined : first.value.cells;
  if (header === undefined)
    throw new ImportError(
      'binary',
      `The first line of ${fileName} opens a quote that is never closed. It must be a header line with the names of the columns.`,
    );
  const names = header.map((column) => column.trim());
  const plan = planColumns(names, options.map ?? {}, fileName);
  const used = new Set(Object.values(plan));
  return {
    name,
    file: fileName,
    plan,
    columns: header.length,
    decimalComma: head.delimiter !== ',',
    rows,
    problems: listProblems(
      path.join(catalogueFolder(options.stateDir), `problems-${name.replace(/[^\w.-]+/g, '_')}.csv`),
    ),
    report: {
      columns: Object.fromEntries(Object.entries(plan).map(([field, position]) => [field, names[position]!])),
      ignoredColumns: names.filter((column, i) => column !== '' && !used.has(i)),
    },
    progress: progressReporter(options, head.totalBytes),
  };
}

function progressReporter({ onProgress, now }: ImportOptions, totalBytes: number): OpenTable['progress'] {
  let last = { stage: '', at: Number.NEGATIVE_INFINITY };
  return (stage, rows, bytes) => {
    if (onProgress === undefined) return;
    const at = now();
    if (stage === last.stage && at - last.at < 200) return;
    last = { stage, at };
    onProgress({ stage, rows, bytes, totalBytes });
  };
}

/** What is wrong with a row before anybody looks into its cells. */
export function shapeFault(
  cells: readonly string[] | undefined,
  columns: number,
): { reason: 'open quote' | 'wrong number of columns'; detail: string } | undefined {
  if (cells === undefined) return { reason: 'open quote', detail: 'a quote is opened and never closed' };
  if (cells.length === columns) return undefined;
  const quote = cells.some((cell) => cell.includes('\n')) ? '; a quote may be open or missing' : '';
  return {
    reason: 'wrong number of columns',
    detail: `${cells.length} columns instead of ${columns}${quote}`,
  };
}

export function nothingUsable(table: OpenTable, rows: number): ImportError {
  if (rows === 0)
    return new ImportError(
      'header-only',
      `${table.file} has a header line and nothing below it. Export the table again, with its rows.`,
    );
  const { first } = table.problems.summary();
  const examples = first.slice(0, 3).map(({ line, detail }) => `line ${line}: ${detail}`);
  return new ImportError(
    'nothing-usable',
    `None of the ${rows} rows of ${table.file} can be used (${examples.join('; ')}). Check that the columns mean what their names say, or map them with --map.`,
  );
}
