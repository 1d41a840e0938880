import type { Block, Report, ReportTable } from './report.ts';

/** Where the figures lie, as seen from the Markdown file. */
export const FIGURES = 'figures';

/** Text that Markdown takes as it is: names of songs and genres come from tables that anybody may have written. */
function plain(value: string): string {
  return value.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#]/g, (character) => `\\${character}`);
}

function markdownTable({ caption, head, rows }: ReportTable): string {
  const cells = [head, ...rows].map((row) => row.map(plain));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, c) => (c === 0 ? (row[c] ?? '').padEnd(width) : (row[c] ?? '').padStart(width))).join(' | ')} |`;
  const rule = `|${widths.map((width, c) => (c === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [`**${plain(caption)}**`, '', line(cells[0]!), rule, ...cells.slice(1).map(line)].join('\n');
}

function markdownBlock(block: Block): string {
  switch (block.kind) {
    case 'text':
      return plain(block.text);
    case 'finding':
      return `> ${plain(block.text)}`;
    case 'table':
      return markdownTable(block.table);
    case 'figure':
      return `![${plain(`${block.figure.title}. ${block.figure.alt}`)}](${FIGURES}/${block.figure.id}.svg)`;
  }
}

/** The whole report as Markdown; its figures are files beside it. */
export function reportMarkdown(report: Report): string {
  return [
    `# ${plain(report.title)}`,
    report.facts.map(([name, value]) => `- ${plain(name)}: ${plain(value)}`).join('\n'),
    ...report.sections.flatMap(({ title, blocks }) => [`## ${plain(title)}`, ...blocks.map(markdownBlock)]),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}
