/** Why a table, or something in a column map, cannot be imported at all. */
export type ImportErrorCode =
  | 'missing'
  | 'folder'
  | 'unreadable'
  | 'empty'
  | 'compressed'
  | 'utf-16'
  | 'binary'
  | 'header-only'
  | 'no-title'
  | 'no-features'
  | 'nothing-usable'
  | 'other-ids'
  | 'bad-map'
  | 'no-store'
  | 'no-catalogue';

/** An import that did nothing. `message` is a sentence for the operator that says what to do. */
export class ImportError extends Error {
  readonly code: ImportErrorCode;
  constructor(code: ImportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImportError';
    this.code = code;
  }
}

/** What was wrong with a row, for counting. */
export type ProblemReason =
  | 'wrong number of columns'
  | 'open quote'
  | 'no title'
  | 'no id'
  | 'not a number'
  | 'out of range'
  | 'no features'
  | 'same id, other values'
  | 'unknown emotion'
  | 'unknown song'
  | 'no member'
  | 'not UTF-8';

/** One row that could not be used, or not wholly. */
export interface RowProblem {
  /** 1 is the header. */
  readonly line: number;
  readonly reason: ProblemReason;
  readonly detail: string;
  /** Whether the rest of the row was used. */
  readonly kept: boolean;
}

export interface ProblemSummary {
  readonly counts: Readonly<Partial<Record<ProblemReason, number>>>;
  /** The first ones, a few of every reason, by line. */
  readonly first: readonly RowProblem[];
  /** A CSV file with all of them, when `first` is not all. */
  readonly file?: string;
}

export interface SongImport {
  readonly kind: 'songs';
  /** Name of the table: that of its file, without ending. */
  readonly table: string;
  /** Rows below the header, blank ones not counted. */
  readonly rows: number;
  readonly skippedRows: number;
  /** Rows about a song that an earlier row had already brought. */
  readonly repeatedRows: number;
  /** Different songs in the table. */
  readonly songs: number;
  /** Of these, songs that the catalogue did not have. */
  readonly newSongs: number;
  readonly listeners: number;
  readonly labels: number;
  /** Which column was taken for what, in the file's own words. */
  readonly columns: Readonly<Record<string, string>>;
  readonly ignoredColumns: readonly string[];
  readonly replacedDemo: boolean;
  /** Set when a catalogue that could not be read was replaced; says why. */
  readonly replacedDamaged?: string;
  readonly problems: ProblemSummary;
  /** The catalogue now in use. */
  readonly catalogue: { readonly dir: string; readonly version: string; readonly songs: number };
}

export interface VoteImport {
  readonly kind: 'votes';
  readonly table: string;
  readonly rows: number;
  readonly skippedRows: number;
  /** Votes that were not there before. */
  readonly newVotes: number;
  readonly members: number;
  readonly songs: number;
  readonly columns: Readonly<Record<string, string>>;
  readonly ignoredColumns: readonly string[];
  readonly problems: ProblemSummary;
}

export type ImportReport = SongImport | VoteImport;

export interface ImportProgress {
  readonly stage: 'reading' | 'merging' | 'writing';
  readonly rows: number;
  /** Read so far, of `totalBytes`. */
  readonly bytes: number;
  readonly totalBytes: number;
}
