/** One line of the table that `npm run bench` prints. */
export interface BenchRow {
  readonly what: string;
  /** With its unit, e.g. `12.3 ms`. */
  readonly measured: string;
  /** The alternative measured in the same run, e.g. `lowdb, whole file per write: 190 ms`. */
  readonly reference?: string;
  /** From DESIGN.md, e.g. `≤ 50 ms`. */
  readonly budget?: string;
  readonly withinBudget?: boolean;
}
