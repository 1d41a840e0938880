import {
  emptyBody,
  type Figure,
  type FigureText,
  frame,
  horizontalAxis,
  mark,
  markEntry,
  PAD,
  px,
  shorten,
  textWidth,
  WIDTH,
  write,
} from './frame.ts';
import { FAINT, INK, seriesColour } from './palette.ts';
import { drawable, extent, linearScale, niceTicks, type Scale } from './scale.ts';

/** One measured value with its interval. */
export interface Row {
  /** Which of the chart's series it belongs to. */
  readonly series: number;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

export interface RowsChart extends FigureText {
  readonly x: { readonly label: string };
  /** Bars start at 0; dots stand on their own, beside a line at 0, and suit differences. */
  readonly kind: 'bars' | 'dots';
  readonly series: readonly string[];
  readonly groups: readonly { readonly name: string; readonly rows: readonly Row[] }[];
  /** How a value is written beside its row. */
  readonly show: (value: number) => string;
}

const ROW = 20;
const GAP = 10;
const WIDEST_NAME = 230;

function words({ value, low, high }: Row, show: (value: number) => string): string {
  if (!drawable(value)) return 'not measured';
  return drawable(low) && drawable(high) ? `${show(value)}  [${show(low)}, ${show(high)}]` : show(value);
}

function drawRow(row: Row, y: number, scale: Scale, kind: RowsChart['kind']): string {
  if (!drawable(row.value)) return '';
  const x = scale.at(row.value);
  const parts: string[] = [];
  if (kind === 'bars') {
    const [from, to] = [scale.at(0), x].sort((a, b) => a - b);
    parts.push(
      `<rect class="bar" x="${px(from!)}" y="${px(y - 7)}" width="${px(Math.max(0.5, to! - from!))}" height="14" fill="${seriesColour(row.series)}" opacity="0.85"/>`,
    );
  }
  if (drawable(row.low) && drawable(row.high)) {
    const [a, b] = [scale.at(row.low), scale.at(row.high)];
    const stroke = kind === 'bars' ? INK : seriesColour(row.series);
    parts.push(
      `<path class="interval" d="M${px(a)} ${px(y)}H${px(b)}M${px(a)} ${px(y - 4)}V${px(y + 4)}M${px(b)} ${px(y - 4)}V${px(y + 4)}" stroke="${stroke}" stroke-width="1.6" fill="none"/>`,
    );
  }
  if (kind === 'dots') parts.push(mark(row.series, x, y));
  return parts.join('');
}

/** Rows of values with intervals, in groups; the figures stand beside them. */
export function rowsChart(chart: RowsChart): Figure {
  const rows = chart.groups.flatMap((group) => group.rows);
  const values = extent([
    0,
    ...rows.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]),
  ])!;
  if (!rows.some((row) => drawable(row.value))) return frame(chart, [], emptyBody());
  const legend = chart.series.length > 1 ? chart.series.map((name, index) => markEntry(name, index)) : [];
  const names = Math.min(WIDEST_NAME, Math.max(...chart.groups.map(({ name }) => textWidth(name))));
  const figures = Math.max(...rows.map((row) => textWidth(words(row, chart.show), 12)));
  return frame(chart, legend, (top) => {
    const height = chart.groups.reduce((sum, group) => sum + group.rows.length * ROW + GAP, GAP);
    const plot = {
      left: PAD + names + 12,
      right: WIDTH - PAD - figures - 12,
      top: top + 4,
      bottom: top + 4 + height,
    };
    const room = (values[1] - values[0]) * 0.04;
    const scale = linearScale(values[0] < 0 ? values[0] - room : 0, values[1] + room, plot.left, plot.right);
    const parts = [horizontalAxis(plot, scale, niceTicks(scale.low, scale.high, 4), chart.x.label)];
    const zero = px(scale.at(0));
    parts.push(
      `<line x1="${zero}" y1="${px(plot.top)}" x2="${zero}" y2="${px(plot.bottom)}" stroke="${FAINT}"/>`,
    );
    let y = plot.top + GAP + ROW / 2;
    for (const group of chart.groups) {
      const middle = y + ((group.rows.length - 1) * ROW) / 2;
      parts.push(write(plot.left - 10, middle + 4.5, shorten(group.name, WIDEST_NAME), { anchor: 'end' }));
      for (const row of group.rows) {
        parts.push(drawRow(row, y, scale, chart.kind));
        parts.push(write(plot.right + 10, y + 4, words(row, chart.show), { size: 12, fill: FAINT }));
        y += ROW;
      }
      y += GAP;
    }
    return { svg: parts.join('\n'), height: height + 4 + 48 };
  });
}
