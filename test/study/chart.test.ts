import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Figure, textWidth, WIDTH } from '../../src/study/chart/frame.ts';
import { heatMap } from '../../src/study/chart/heat-map.ts';
import { hexagonBins, hexbinChart } from '../../src/study/chart/hexbin.ts';
import { lineChart } from '../../src/study/chart/line-chart.ts';
import { rowsChart } from '../../src/study/chart/rows-chart.ts';
import { niceTicks, tickText } from '../../src/study/chart/scale.ts';

const words = {
  id: 'one',
  title: 'How it is',
  note: 'What the marks mean.',
  alt: 'It rises from 1 to 3.',
  made: 'reactune reproduce --parts explore --seed 7',
};
const count = (svg: string, name: string) => svg.split(`class="${name}"`).length - 1;

const lines = (over: object = {}) =>
  lineChart({
    ...words,
    x: { label: 'songs liked (number)' },
    y: { label: 'NDCG@10 (0–1)' },
    series: [
      {
        name: 'gan',
        points: [1, 2, 3].map((x) => ({ x, y: x / 10, low: x / 10 - 0.05, high: x / 10 + 0.05 })),
      },
      { name: 'item-knn', points: [1, 2, 3].map((x) => ({ x, y: x / 20 })) },
    ],
    references: [{ y: 0.2, name: 'published' }],
    ...over,
  });

const rows = (value: number, low?: number, high?: number) =>
  rowsChart({
    ...words,
    kind: 'dots',
    x: { label: 'difference (NDCG@10)' },
    series: ['audio', 'all'],
    groups: [
      {
        name: 'gan',
        rows: [
          { series: 0, value, low, high },
          { series: 1, value: 0.01 },
        ],
      },
    ],
    show: (shown) => shown.toFixed(3),
  });

/** What breaks XML, and what a page could be broken into with. */
const anyText = fc
  .array(
    fc.constantFrom(
      'a ',
      '<',
      '>',
      '&',
      '"',
      "'",
      '<!--',
      ']]>',
      '\0',
      '\ud800',
      '\uffff',
      '\u200f',
      'é',
      '😀',
      '</svg>',
    ),
  )
  .map((parts) => parts.join(''));

/** An SVG that any reader takes: tags that close one another, nothing that is not a number, nothing from outside. */
function expectSound({ svg }: Figure): void {
  expect(svg).not.toMatch(/NaN|Infinity|undefined|<script|<image|href=/);
  expect(svg.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\((?!#)/);
  const open: string[] = [];
  const rest = svg.replace(/<(\/?)([A-Za-z]+)(?:[^<>"]|"[^"<]*")*>/g, (tag, close: string, name: string) => {
    if (close === '') open.push(name);
    if (close !== '' || tag.endsWith('/>')) if (open.pop() !== name) open.push(`not closed before ${name}`);
    return '';
  });
  expect(open).toEqual([]);
  expect(rest).not.toContain('<');
}

/** Every line of text that is not turned, with where it begins and ends, in pixels. */
function textsOf({ svg }: Figure) {
  return [...svg.matchAll(/<text x="([\d.-]+)" y="[\d.-]+" font-size="(\d+)"([^>]*)>([^<]*)<\/text>/g)]
    .filter(([, , , attributes]) => !attributes!.includes('transform'))
    .map(([, x, size, attributes, text]) => {
      const width = textWidth(text!, Number(size));
      const before = attributes!.includes('"end"') ? width : attributes!.includes('"middle"') ? width / 2 : 0;
      return { text: text!, left: Number(x) - before, right: Number(x) - before + width };
    });
}

describe('every figure', () => {
  it('cuts names that are too long for it, and writes nothing outside', () => {
    const name = 'progressive bluegrass electro house for long journeys through the night '.repeat(3);
    const row = { series: 0, value: 0.2, low: 0.1, high: 0.3 };
    const figures = [
      lines({ series: [{ name, points: [{ x: 1, y: 1 }] }] }),
      rowsChart({
        ...words,
        kind: 'bars',
        x: { label: 'NDCG@10' },
        series: [name, 'other'],
        groups: [{ name, rows: [row] }],
        show: (value) => value.toFixed(4),
      }),
      heatMap({
        ...words,
        rows: [name, 'short'],
        columns: ['valence', name],
        colour: () => 0,
        text: () => '0',
        scale: { low: 'low', middle: '', high: 'high' },
      }),
    ];
    for (const figure of figures) {
      const texts = textsOf(figure);
      expect(texts.some(({ text }) => /^progressive.*…$/.test(text))).toBe(true);
      for (const { text, left, right } of texts) {
        expect(left, text).toBeGreaterThanOrEqual(0);
        expect(right, text).toBeLessThanOrEqual(WIDTH);
      }
      expect(figure.svg).not.toMatch(/(width|height)="-/);
    }
  });

  it('says on its own what it shows, in which units, how it was made, and the same in words', () => {
    const { svg } = lines();
    expect(svg).toContain('<title id="one-title">How it is</title>');
    expect(svg).toContain('<desc id="one-alt">It rises from 1 to 3.</desc>');
    expect(svg).toContain('aria-labelledby="one-title one-alt"');
    for (const shown of [
      'How it is',
      'What the marks mean.',
      'songs liked (number)',
      'NDCG@10 (0–1)',
      'gan',
      'item-knn',
      'published',
    ]) {
      expect(svg).toContain(`>${shown}</text>`);
    }
    expect(svg).toContain('>reactune reproduce --parts explore --seed 7</text>');
  });

  it('takes any text as text', () => {
    fc.assert(
      fc.property(anyText, (any) => {
        const text = { ...words, title: any, alt: any, note: any, made: any };
        expectSound(
          lineChart({
            ...text,
            x: { label: any },
            y: { label: any },
            series: [{ name: any, points: [{ x: 1, y: 1 }] }],
          }),
        );
        expectSound(
          heatMap({
            ...text,
            rows: [any],
            columns: [any],
            colour: () => 0,
            text: () => any,
            scale: { low: any, middle: any, high: any },
          }),
        );
        expectSound(
          rowsChart({
            ...text,
            kind: 'bars',
            x: { label: any },
            series: [any, any],
            groups: [{ name: any, rows: [{ series: 1, value: 1 }] }],
            show: String,
          }),
        );
      }),
      { numRuns: 50 },
    );
  });
});

describe('lines', () => {
  it('have a band where the interval is known, and a level line per reference', () => {
    const { svg } = lines();
    expect([count(svg, 'line'), count(svg, 'band')]).toEqual([2, 1]);
    expect(count(svg, 'level')).toBe(2); // In the plot and in the legend.
  });

  it('leave out what is no number, and say so when nothing is left', () => {
    const { svg } = lines({ series: [{ name: 'gan', points: [{ x: 1, y: Number.NaN }] }] });
    expect(svg).toContain('There is nothing to show.');
    expectSound(
      lines({
        series: [
          {
            name: 'gan',
            points: [
              { x: 1, y: 2 },
              { x: 2, y: Number.NaN, low: 1, high: Number.POSITIVE_INFINITY },
            ],
          },
        ],
      }),
    );
  });

  it('are drawn for any numbers', () => {
    const any = fc.oneof(fc.double(), fc.constantFrom(0, -1, 1e-300, 1e9));
    fc.assert(
      fc.property(
        fc.array(fc.record({ x: any, y: any, low: any, high: any })),
        fc.boolean(),
        (points, log) => {
          expectSound(lines({ x: { label: 'x', log }, series: [{ name: 'a', points }] }));
        },
      ),
    );
  });
});

describe('rows', () => {
  it('write every value with its interval beside its mark', () => {
    const { svg } = rows(0.02, 0.01, 0.03);
    expect(svg).toContain('0.020  [0.010, 0.030]');
    expect(svg).toContain('>0.010</text>');
    expect(count(svg, 'interval')).toBe(1);
  });

  it('name what was not measured', () => {
    expect(rows(Number.NaN).svg).toContain('not measured');
    expectSound(rows(Number.NaN, Number.NaN, 1));
  });

  it('are drawn for any numbers', () => {
    const any = fc.option(fc.double(), { nil: undefined });
    fc.assert(fc.property(fc.double(), any, any, (value, low, high) => expectSound(rows(value, low, high))));
  });
});

describe('a heat map', () => {
  const map = (values: number[][]) =>
    heatMap({
      ...words,
      rows: values.map((_, r) => `row ${r}`),
      columns: (values[0] ?? []).map((_, c) => `column ${c}`),
      colour: (r, c) => values[r]![c]!,
      text: (r, c) => values[r]![c]!.toFixed(2),
      scale: { low: 'r = −1', middle: '0', high: 'r = 1' },
    });

  it('has a cell with its figure for every value, and its colours are explained', () => {
    const { svg } = map([
      [1, -1],
      [0, 0.5],
    ]);
    expect(count(svg, 'cell')).toBe(4);
    for (const text of ['1.00', '-1.00', '0.00', '0.50', 'r = −1', 'r = 1'])
      expect(svg).toContain(`>${text}</text>`);
    const fills = [...svg.matchAll(/class="cell"[^>]*fill="([^"]+)"/g)].map(([, fill]) => fill);
    expect(new Set(fills).size).toBe(4);
  });

  it('stands for nothing, and for what is no number', () => {
    expect(map([]).svg).toContain('There is nothing to show.');
    expectSound(
      map([
        [1, 5e9],
        [-7, 0],
      ]),
    );
  });
});

describe('hexagons', () => {
  it('count every point once, near its own place', () => {
    const point = fc.tuple(
      fc.double({ min: -500, max: 500, noNaN: true }),
      fc.double({ min: -500, max: 500, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(point), (points) => {
        const bins = hexagonBins(points, 10);
        expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(points.length);
        for (const [x, y] of points) {
          const near = Math.min(...bins.map((bin) => Math.hypot(bin.x - x, bin.y - y)));
          expect(near).toBeLessThanOrEqual(10 + 1e-6);
        }
      }),
    );
  });

  it('show a dense place darker, and leave out points that are no numbers', () => {
    const dense = Array.from({ length: 50 }, () => 0.2);
    const chart = hexbinChart({
      ...words,
      x: { label: 'valence (0–1)', values: [...dense, 0.9, Number.NaN] },
      y: { label: 'energy (0–1)', values: [...dense, 0.9, 0.5] },
      fit: { name: 'least squares', intercept: 0, slope: 1 },
      course: {
        name: 'running median',
        points: [
          [0.2, 0.2],
          [0.9, 0.9],
        ],
      },
    });
    expectSound(chart);
    const fills = [...chart.svg.matchAll(/class="hexagon"[^>]*fill="rgb\((\d+),/g)].map(([, red]) =>
      Number(red),
    );
    expect(fills).toHaveLength(2);
    expect(Math.min(...fills)).toBeLessThan(Math.max(...fills) - 100);
    expect(chart.svg).toContain('>50</text>');
  });

  it('stand for one song, and for none', () => {
    const axis = (values: number[]) => ({ label: 'x', values });
    expectSound(hexbinChart({ ...words, x: axis([0.5]), y: axis([0.5]) }));
    expect(hexbinChart({ ...words, x: axis([]), y: axis([]) }).svg).toContain('There is nothing to show.');
  });
});

describe('ticks', () => {
  it('are round, inside the axis, and written with as many decimals as it takes', () => {
    const ticks = niceTicks(0.012, 0.064);
    expect(ticks.map((tick) => tickText(tick, ticks))).toEqual(['0.02', '0.04', '0.06']);
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        (low, size) => {
          const list = niceTicks(low, low + size);
          expect(list.length).toBeLessThan(13);
          expect(list.length).toBeGreaterThan(1);
        },
      ),
    );
  });
});
