import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reproduceCommand } from '../../src/cli/reproduce.ts';
import { heatMap } from '../../src/study/chart/heat-map.ts';
import { lineChart } from '../../src/study/chart/line-chart.ts';
import { rowsChart } from '../../src/study/chart/rows-chart.ts';
import { figure } from '../../src/study/report.ts';
import { reportHtml } from '../../src/study/report-html.ts';
import { runCommand } from '../cli/shell.ts';
import { plantTables } from '../study/tables.ts';
import { CHROMIUM, IN_CHROMIUM, openBrowser } from '../support/browser.ts';
import { temporaryFolder } from '../training/planted.ts';

/** Words that any part of a figure, as a reader sees it, leaves out. Runs in the page. */
const CUT_OFF = `[...document.querySelectorAll('svg')].flatMap((svg) => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')]
    .filter((text) => {
      const box = text.getBoundingClientRect();
      return box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom;
    })
    .map((text) => text.textContent);
})`;

/** Figures with as many and as long names as studies have. */
function crowded(): string {
  const words = {
    note: 'A note that is long enough to need a second line below the title, because it explains every single mark.',
    alt: 'Crowded.',
    made: `reactune reproduce --data /somewhere/${'deep/'.repeat(30)} --seed 1`,
  };
  const names = Array.from({ length: 12 }, (_, i) => `a method with name ${i + 1}`);
  const points = [1, 2, 3, 5, 10, 20].map((x) => ({ x, y: x / 20, low: x / 21, high: x / 19 }));
  return reportHtml({
    title: 'Crowded figures',
    facts: [],
    sections: [
      {
        id: 'all',
        title: 'All',
        blocks: [
          lineChart({
            ...words,
            id: 'lines',
            title:
              'A title that is a good deal longer than one line of a figure and therefore continues on the next',
            x: { label: 'liked songs (number)', log: true },
            y: { label: 'NDCG@10 (0–1)' },
            series: names.map((name) => ({ name, points })),
          }),
          rowsChart({
            ...words,
            id: 'rows',
            title: 'Rows',
            kind: 'dots',
            x: { label: 'difference' },
            series: names.slice(0, 3),
            groups: names.map((name) => ({
              name,
              rows: [{ series: 0, value: -0.01, low: -0.0215, high: 0.0112 }],
            })),
            show: (value) => value.toFixed(4),
          }),
          heatMap({
            ...words,
            id: 'heat',
            title: 'Heat',
            rows: names,
            columns: names,
            colour: (r, c) => (r - c) / 12,
            text: (r, c) => ((r - c) / 12).toFixed(3),
            scale: { low: 'a quartile range below', middle: 'as all songs', high: 'a quartile range above' },
          }),
        ].map(figure),
      },
    ],
  });
}

describe.skipIf(CHROMIUM === undefined)(`the page of the study (${IN_CHROMIUM})`, { timeout: 60_000 }, () => {
  let browser: Browser;
  let page: Page;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const requests: string[] = [];
  const at = (name: string) => path.join(folder.dir, name);

  beforeAll(async () => {
    folder = await temporaryFolder();
    await plantTables(at('data'));
    const short = ['--methods', 'random,item-knn', '--seeds', '1'];
    await runCommand(reproduceCommand(), ['--data', at('data'), '--out', at('out'), ...short]);
    await writeFile(at('crowded.html'), crowded());
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 390, height: 800 } });
    page.on('request', (request) => requests.push(request.url()));
  });
  afterAll(async () => {
    await browser.close();
    await folder.remove();
  });

  it('fits a phone, can be read with any aid, and asks nobody for anything', async () => {
    const address = pathToFileURL(path.join(at('out'), 'report.html')).href;
    await page.goto(address);
    expect(requests).toEqual([address]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<AxeResults>('axe.run(document)');
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  });

  it.each(['out/report.html', 'crowded.html'])('%s cuts no word off', async (name) => {
    await page.setViewportSize({ width: 900, height: 900 });
    await page.goto(pathToFileURL(at(name)).href);
    expect(await page.evaluate('document.querySelectorAll("svg text").length')).toBeGreaterThan(50);
    expect(await page.evaluate(CUT_OFF)).toEqual([]);
  });
});
