/** One table of a study: what was measured, beside what was wanted. */
export interface StudyTable {
  readonly title: string;
  /** How it was measured, in a sentence or two. */
  readonly protocol: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A study's data set is a folder of tables; what a part needs and does not find, it names. */
export interface StudySkipped {
  readonly title: string;
  readonly missing: readonly string[];
}

/** A figure as tables show it: three decimals. */
export const figure = (value: number, digits = 3): string => value.toFixed(digits);

/** A figure with the bar it is held against: `0.813 (bar ≥ 0.815: missed)`. */
export function against(value: number, bar: number, direction: 'atLeast' | 'atMost', digits = 3): string {
  // What is printed is what is compared, so that nobody reads "0.815 ≥ 0.815: missed".
  const shown = Number(value.toFixed(digits));
  const met = direction === 'atLeast' ? shown >= bar : shown <= bar;
  return `${direction === 'atLeast' ? '≥' : '≤'} ${bar}: ${met ? 'met' : 'missed'}`;
}

/** As Markdown, aligned so that it also reads well in a terminal. */
export function markdown({ title, protocol, head, rows }: StudyTable): string {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [`### ${title}`, '', protocol, '', line(head), rule, ...rows.map(line), ''].join('\n');
}
