import { describe, expect, it } from 'vitest';
import { rowsChart } from '../../src/study/chart/rows-chart.ts';
import { figure, finding, type Report, table, text } from '../../src/study/report.ts';
import { reportHtml } from '../../src/study/report-html.ts';
import { reportMarkdown } from '../../src/study/report-markdown.ts';

const chart = rowsChart({
  id: 'ranking',
  title: 'Who ranks best',
  alt: 'gan 0.05.',
  made: 'reactune reproduce --seed 1',
  kind: 'bars',
  x: { label: 'NDCG@10 (0–1)' },
  series: ['all'],
  groups: [{ name: 'gan', rows: [{ series: 0, value: 0.05 }] }],
  show: String,
});
const report: Report = {
  title: 'The <study>',
  facts: [['Seeds', '1, 2']],
  sections: [
    {
      id: 'rank',
      title: 'Ranking',
      blocks: [
        text('r&b <b>rock</b> https://example.org *loud*'),
        figure(chart),
        table({ caption: 'All | methods', head: ['method', 'NDCG'], rows: [['a|b', '<i>1</i>']] }),
        finding('It holds.'),
      ],
    },
  ],
};

describe('the page', () => {
  const page = reportHtml(report);

  it('loads nothing: no reference leads out of it, and it runs nothing', () => {
    for (const [, target] of page.matchAll(/(?:href|src|action|data)="([^"]*)"/g))
      expect(target).toMatch(/^#/);
    expect(page).not.toMatch(
      /<(script|link|img|iframe|object|embed|base|form)\b|@import|url\((?!#)|\son[a-z]+=/i,
    );
  });

  it('has every figure with a title and a text alternative', () => {
    const figures = page.split('<svg ').slice(1);
    expect(figures).toHaveLength(1);
    for (const svg of figures) {
      const [, title, alt] = /aria-labelledby="(\S+) (\S+)"/.exec(svg)!;
      expect(svg).toMatch(new RegExp(`<title id="${title}">.+</title>`));
      expect(svg).toMatch(new RegExp(`<desc id="${alt}">.+</desc>`));
    }
  });

  it('lets a figure scroll where a screen is too narrow for its letters, by keyboard too', () => {
    expect(page).toMatch(/<figure id="figure-\S+" tabindex="0" aria-label="Who ranks best">/);
  });

  it('takes text as text, and links its parts', () => {
    expect(page).toContain('r&amp;b &lt;b&gt;rock&lt;/b&gt;');
    expect(page).toContain('<td>&lt;i&gt;1&lt;/i&gt;</td>');
    expect(page).toContain('<title>The &lt;study&gt;</title>');
    expect(page).toContain('<a href="#rank">Ranking</a>');
    expect(page).toContain('<section id="rank">');
  });
});

describe('the Markdown', () => {
  const page = reportMarkdown(report);

  it('shows figures from the files beside it, with their text alternative', () => {
    expect(page).toContain('![Who ranks best. gan 0.05.](figures/ranking.svg)');
  });

  it('takes text as text, also in tables', () => {
    expect(page).toContain('r&b \\<b\\>rock\\</b\\> https://example.org \\*loud\\*');
    const rows = page.split('\n').filter((line) => line.startsWith('|'));
    expect(rows).toEqual([
      '| method |         NDCG |',
      '|--------|-------------:|',
      '| a\\|b   | \\<i\\>1\\</i\\> |',
    ]);
    expect(page).toContain('> It holds.');
  });
});
