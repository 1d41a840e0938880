import { escapeXml } from '../xml.ts';
import type { Block, Report, ReportTable } from './report.ts';

// Figures bring their own white ground, so that they look the same in either scheme and as files.
const STYLE = `
:root { color-scheme: light dark; --page: #f4f6f9; --card: #fff; --ink: #1d2330; --faint: #5b6475; --line: #e1e5ec;
  --link: #0b5cad; --mark: #0072b2; }
@media (prefers-color-scheme: dark) { :root { --page: #14171d; --card: #1d222b; --ink: #e6e9ef; --faint: #a3adbd;
  --line: #343b48; --link: #7cb8f2; --mark: #4fa8de; } }
body { margin: 0 auto; max-width: 820px; padding: 24px 20px 64px; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif; }
h1 { font-size: 1.8rem; line-height: 1.2; } h2 { margin-top: 2.6rem; font-size: 1.35rem; }
nav ul, dl { padding: 0; margin: 0; } nav li { display: inline-block; margin-right: 1.1rem; }
a { color: var(--link); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 1rem 0; }
dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: 1.4rem 0; overflow-x: auto; }
figure svg { width: 100%; min-width: 640px; max-width: 760px; height: auto; display: block; }
.finding { border-left: 4px solid var(--mark); padding: 2px 0 2px 14px; font-weight: 500; }
.wide { overflow-x: auto; margin: 1.2rem 0; }
table { border-collapse: collapse; min-width: min(100%, 22rem); background: var(--card); font-size: 0.92rem;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: 4px 0 6px; }
th, td { padding: 5px 12px; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 2px solid var(--faint); }
@media print { :root { color-scheme: light; --page: #fff; --card: #fff; --ink: #1d2330; --faint: #5b6475;
  --line: #e1e5ec; } figure, .wide { break-inside: avoid; } figure svg { min-width: 0; } }
`;

function htmlTable({ caption, head, rows }: ReportTable): string {
  const cells = (list: readonly string[]) =>
    list.map((cell, i) =>
      i === 0 ? `<th scope="row">${escapeXml(cell)}</th>` : `<td>${escapeXml(cell)}</td>`,
    );
  // A wide table scrolls on its own, by keyboard too.
  return [
    `<div class="wide" tabindex="0" role="region" aria-label="${escapeXml(caption)}"><table>`,
    `<caption>${escapeXml(caption)}</caption>`,
    `<thead><tr>${head.map((cell) => `<th scope="col">${escapeXml(cell)}</th>`).join('')}</tr></thead>`,
    `<tbody>${rows.map((row) => `<tr>${cells(row).join('')}</tr>`).join('')}</tbody>`,
    '</table></div>',
  ].join('\n');
}

function htmlBlock(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p>${escapeXml(block.text)}</p>`;
    case 'finding':
      return `<p class="finding">${escapeXml(block.text)}</p>`;
    case 'table':
      return htmlTable(block.table);
    case 'figure':
      // On a phone its letters would be too small to read: it scrolls on its own instead, by keyboard too.
      return `<figure id="figure-${block.figure.id}" tabindex="0" aria-label="${escapeXml(block.figure.title)}">\n${block.figure.svg}\n</figure>`;
  }
}

/** The whole report as one page that loads nothing from anywhere. */
export function reportHtml(report: Report): string {
  const sections = report.sections.map(
    ({ id, title, blocks }) =>
      `<section id="${id}">\n<h2>${escapeXml(title)}</h2>\n${blocks.map(htmlBlock).join('\n')}\n</section>`,
  );
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeXml(report.title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${escapeXml(report.title)}</h1>`,
    `<dl>${report.facts.map(([name, value]) => `<dt>${escapeXml(name)}</dt><dd>${escapeXml(value)}</dd>`).join('')}</dl>`,
    `<nav aria-label="Parts"><ul>${report.sections.map(({ id, title }) => `<li><a href="#${id}">${escapeXml(title)}</a></li>`).join('')}</ul></nav>`,
    ...sections,
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
