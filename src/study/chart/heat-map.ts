import {
  emptyBody,
  type Figure,
  type FigureText,
  frame,
  PAD,
  px,
  shorten,
  textWidth,
  WIDTH,
  write,
} from './frame.ts';
import { diverging, FAINT, GRID, inkOn } from './palette.ts';

export interface HeatMap extends FigureText {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** rows × columns: colour from -1 (blue) to 1 (red), and what is written; NaN is left white. */
  readonly colour: (row: number, column: number) => number;
  readonly text: (row: number, column: number) => string;
  /** What the colours mean: the words at both ends and in the middle of their scale. */
  readonly scale: { readonly low: string; readonly middle: string; readonly high: string };
}

const STEPS = 21;
const WIDEST_ROW_NAME = 170;
const WIDEST_COLUMN_NAME = 200;

/** The colours from -1 to 1 with the words below. */
function colourScale(left: number, width: number, top: number, scale: HeatMap['scale']): string {
  const step = width / STEPS;
  return [
    ...Array.from({ length: STEPS }, (_, i) => {
      const value = (2 * i) / (STEPS - 1) - 1;
      return `<rect x="${px(left + i * step)}" y="${px(top)}" width="${px(step + 0.5)}" height="12" fill="${diverging(value)}"/>`;
    }),
    write(left, top + 28, scale.low, { size: 12, fill: FAINT }),
    write(left + width / 2, top + 28, scale.middle, { size: 12, fill: FAINT, anchor: 'middle' }),
    write(left + width, top + 28, scale.high, { size: 12, fill: FAINT, anchor: 'end' }),
  ].join('');
}

/** A table in colours, with the figure in every cell. */
export function heatMap(chart: HeatMap): Figure {
  const { rows, columns } = chart;
  if (rows.length === 0 || columns.length === 0) return frame(chart, [], emptyBody());
  return frame(chart, [], (top) => {
    const left = PAD + Math.min(WIDEST_ROW_NAME, Math.max(...rows.map((name) => textWidth(name)))) + 12;
    const heads = columns.map((name) => shorten(name, WIDEST_COLUMN_NAME));
    const turned = Math.max(...heads.map((name) => textWidth(name))) * 0.72 + 14;
    // The last column's name leans out to the right.
    const width = Math.min(90, (WIDTH - PAD - left - turned * 0.6) / columns.length);
    const height = Math.max(24, Math.min(36, width * 0.75));
    const first = top + turned;
    const parts = heads.map((name, c) =>
      write(left + (c + 0.5) * width, first - 8, name, { turn: -45, size: 13 }),
    );
    for (const [r, name] of rows.entries()) {
      const y = first + r * height;
      parts.push(write(left - 10, y + height / 2 + 4.5, shorten(name, WIDEST_ROW_NAME), { anchor: 'end' }));
      for (const c of columns.keys()) {
        const value = chart.colour(r, c);
        const fill = Number.isNaN(value) ? '#ffffff' : diverging(value);
        const ink = Number.isNaN(value) ? FAINT : inkOn(value);
        parts.push(
          `<rect class="cell" x="${px(left + c * width)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" fill="${fill}" stroke="${GRID}" stroke-width="0.5"/>`,
          write(left + (c + 0.5) * width, y + height / 2 + 4, chart.text(r, c), {
            anchor: 'middle',
            size: width < 46 ? 11 : 12,
            fill: ink,
          }),
        );
      }
    }
    const below = first + rows.length * height + 16;
    parts.push(colourScale(left, Math.min(420, WIDTH - left - PAD), below, chart.scale));
    return { svg: parts.join('\n'), height: below + 32 - top };
  });
}
