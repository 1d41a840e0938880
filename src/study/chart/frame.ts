import { escapeXml } from '../../xml.ts';
import { FAINT, GRID, INK, seriesColour, seriesDash } from './palette.ts';
import { type Scale, tickText } from './scale.ts';

/** A picture that can be read on its own. */
export interface Figure {
  /** Names its file. */
  readonly id: string;
  readonly title: string;
  /** The same in words. */
  readonly alt: string;
  readonly svg: string;
}

/** What is said around every chart. */
export interface FigureText {
  /** Lower case letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** What the marks mean, beneath the title. */
  readonly note?: string;
  readonly alt: string;
  /** The command and the seeds that made it, beneath the chart. */
  readonly made: string;
}

export const WIDTH = 760;
export const PAD = 20;
const LETTER = 0.58;
const MONO_LETTER = 0.62;

/** Pixels that a text of this size takes at most, roughly: there is no way to measure here. */
export const textWidth = (text: string, size = 13): number => [...text].length * size * LETTER;

/** Pixels with one decimal; what is not a number cannot be drawn and must not get here. */
export const px = (value: number): string => String(Math.round(value * 10) / 10);

interface TextStyle {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly fill?: string;
  readonly bold?: boolean;
  /** Degrees around the text's own place. */
  readonly turn?: number;
  readonly mono?: boolean;
}

/** A line of text. */
export function write(x: number, y: number, text: string, style: TextStyle = {}): string {
  const { size = 13, anchor = 'start', fill = INK, bold = false, turn, mono = false } = style;
  const attributes = [
    `x="${px(x)}" y="${px(y)}" font-size="${size}" fill="${fill}"`,
    anchor === 'start' ? '' : ` text-anchor="${anchor}"`,
    bold ? ' font-weight="600"' : '',
    mono ? ' font-family="ui-monospace, \'DejaVu Sans Mono\', monospace"' : '',
    turn === undefined ? '' : ` transform="rotate(${turn} ${px(x)} ${px(y)})"`,
  ];
  return `<text ${attributes.join('')}>${escapeXml(text)}</text>`;
}

/** Breaks a text between words into lines that are narrow enough; a word that is too long is cut. */
export function wrap(text: string, width: number, size: number, letter = LETTER): string[] {
  const most = Math.max(8, Math.floor(width / (size * letter)));
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    for (let rest = word; rest !== ''; rest = rest.slice(most)) {
      const part = rest.slice(0, most);
      if (line !== '' && line.length + 1 + part.length > most) {
        lines.push(line);
        line = '';
      }
      line = line === '' ? part : `${line} ${part}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** The text, or as much of its beginning as is narrow enough: names come from tables that anybody may have written. */
export function shorten(text: string, width: number, size = 13): string {
  const letters = [...text];
  const most = Math.max(4, Math.floor(width / (size * LETTER)));
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`;
}

/** The sign of a series: a shape per number, in its colour. */
export function mark(index: number, x: number, y: number, radius = 4.5): string {
  const fill = `fill="${seriesColour(index)}" stroke="#ffffff" stroke-width="1"`;
  const r = radius;
  const points = (list: readonly (readonly [number, number])[]) =>
    `<polygon points="${list.map(([dx, dy]) => `${px(x + dx)},${px(y + dy)}`).join(' ')}" ${fill}/>`;
  switch (index % 5) {
    case 0:
      return `<circle cx="${px(x)}" cy="${px(y)}" r="${r}" ${fill}/>`;
    case 1:
      return `<rect x="${px(x - r)}" y="${px(y - r)}" width="${px(2 * r)}" height="${px(2 * r)}" ${fill}/>`;
    case 2:
      return points([
        [0, -1.3 * r],
        [1.2 * r, r],
        [-1.2 * r, r],
      ]);
    case 3:
      return points([
        [0, -1.4 * r],
        [1.4 * r, 0],
        [0, 1.4 * r],
        [-1.4 * r, 0],
      ]);
    default:
      return points([
        [-1.2 * r, -r],
        [1.2 * r, -r],
        [0, 1.3 * r],
      ]);
  }
}

/** One entry of a legend: what it looks like, drawn around (x, y), and its name. */
export interface LegendEntry {
  readonly name: string;
  readonly draw: (x: number, y: number) => string;
}

/** The legend entry of a line with marks. */
export const lineEntry = (name: string, index: number): LegendEntry => ({
  name,
  draw: (x, y) =>
    `<line x1="${px(x - 11)}" y1="${px(y)}" x2="${px(x + 11)}" y2="${px(y)}" stroke="${seriesColour(index)}" stroke-width="2" stroke-dasharray="${seriesDash(index)}"/>${mark(index, x, y, 4)}`,
});

/** The legend entry of a mark alone. */
export const markEntry = (name: string, index: number): LegendEntry => ({
  name,
  draw: (x, y) => mark(index, x, y, 5),
});

function legendLines(entries: readonly LegendEntry[], top: number): { svg: string; height: number } {
  let x = PAD;
  let y = top;
  const parts = entries.map((entry) => {
    const name = shorten(entry.name, WIDTH - 2 * PAD - 46);
    const width = 30 + textWidth(name) + 16;
    if (x > PAD && x + width > WIDTH - PAD) {
      x = PAD;
      y += 21;
    }
    const part = entry.draw(x + 12, y + 8) + write(x + 30, y + 12.5, name);
    x += width;
    return part;
  });
  return { svg: parts.join(''), height: entries.length === 0 ? 0 : y - top + 26 };
}

/**
 * Puts title, legend and origin around a chart.
 * @param body draws below a line (pixels from the top) and says how high it became
 */
export function frame(
  text: FigureText,
  legend: readonly LegendEntry[],
  body: (top: number) => { readonly svg: string; readonly height: number },
): Figure {
  const inner = WIDTH - 2 * PAD;
  const parts: string[] = [];
  let y = PAD + 14;
  for (const line of wrap(text.title, inner, 17)) {
    parts.push(write(PAD, y, line, { size: 17, bold: true }));
    y += 22;
  }
  for (const line of wrap(text.note ?? '', inner, 13)) {
    parts.push(write(PAD, y, line, { fill: FAINT }));
    y += 18;
  }
  const names = legendLines(legend, y - 4);
  parts.push(names.svg);
  y += names.height;
  const drawn = body(y);
  parts.push(drawn.svg);
  y += drawn.height + 18;
  for (const line of wrap(text.made, inner, 11, MONO_LETTER)) {
    parts.push(write(PAD, y, line, { size: 11, fill: FAINT, mono: true }));
    y += 15;
  }
  const height = Math.ceil(y + PAD - 12);
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${text.id}-title ${text.id}-alt" font-family="system-ui, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif">`,
    `<title id="${text.id}-title">${escapeXml(text.title)}</title>`,
    `<desc id="${text.id}-alt">${escapeXml(text.alt)}</desc>`,
    `<rect width="${WIDTH}" height="${height}" rx="8" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
  ].join('\n');
  return { id: text.id, title: text.title, alt: text.alt, svg };
}

/** A chart that has nothing to show says so. */
export function emptyBody(
  what = 'There is nothing to show.',
): (top: number) => { svg: string; height: number } {
  return (top) => ({ svg: write(WIDTH / 2, top + 40, what, { anchor: 'middle', fill: FAINT }), height: 70 });
}

/** The area that a chart draws into, in pixels. */
export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Grid lines, numbers and label of the axis that goes up. */
export function verticalAxis(plot: Plot, scale: Scale, ticks: readonly number[], label: string): string {
  const middle = (plot.top + plot.bottom) / 2;
  return [
    ...ticks.map((tick) => {
      const y = scale.at(tick);
      return `<line x1="${px(plot.left)}" y1="${px(y)}" x2="${px(plot.right)}" y2="${px(y)}" stroke="${GRID}"/>${write(plot.left - 8, y + 4.5, tickText(tick, ticks), { anchor: 'end', size: 12, fill: FAINT })}`;
    }),
    write(PAD + 10, middle, label, { anchor: 'middle', turn: -90 }),
  ].join('');
}

/** Grid lines, numbers and label of the axis that goes to the right; takes some 45 pixels below the plot. */
export function horizontalAxis(
  plot: Plot,
  scale: Scale,
  ticks: readonly number[],
  label: string,
  show: (tick: number) => string = (tick) => tickText(tick, ticks),
): string {
  return [
    ...ticks.map((tick) => {
      const x = scale.at(tick);
      return `<line x1="${px(x)}" y1="${px(plot.top)}" x2="${px(x)}" y2="${px(plot.bottom)}" stroke="${GRID}"/>${write(x, plot.bottom + 18, show(tick), { anchor: 'middle', size: 12, fill: FAINT })}`;
    }),
    `<line x1="${px(plot.left)}" y1="${px(plot.bottom)}" x2="${px(plot.right)}" y2="${px(plot.bottom)}" stroke="${FAINT}"/>`,
    write((plot.left + plot.right) / 2, plot.bottom + 40, label, { anchor: 'middle' }),
  ].join('');
}
