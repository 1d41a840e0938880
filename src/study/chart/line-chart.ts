import {
  emptyBody,
  type Figure,
  type FigureText,
  frame,
  horizontalAxis,
  type LegendEntry,
  lineEntry,
  mark,
  PAD,
  px,
  verticalAxis,
  WIDTH,
} from './frame.ts';
import { INK, seriesColour, seriesDash } from './palette.ts';
import { drawable, extent, linearScale, logScale, niceTicks, type Scale } from './scale.ts';

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  /** The ends of its interval; without them no band is drawn. */
  readonly low?: number;
  readonly high?: number;
}

export interface LineSeries {
  readonly name: string;
  readonly points: readonly LinePoint[];
  /** Many points: a line without marks. */
  readonly plain?: boolean;
}

export interface LineChart extends FigureText {
  readonly x: { readonly label: string; readonly ticks?: readonly number[]; readonly log?: boolean };
  readonly y: { readonly label: string; readonly low?: number; readonly high?: number };
  readonly series: readonly LineSeries[];
  /** Level lines to compare with. */
  readonly references?: readonly { readonly y: number; readonly name: string }[];
}

const HEIGHT = 320;
const LEFT = 78;
const usable = (point: LinePoint) => drawable(point.x) && drawable(point.y);

/** The band of a series, from point to point where both ends are known. */
function band(points: readonly LinePoint[], x: Scale, y: Scale, index: number, opacity: number): string {
  const known = points.filter((p) => drawable(p.low) && drawable(p.high));
  if (known.length < 2) return '';
  const upper = known.map((p) => `${px(x.at(p.x))},${px(y.at(p.high!))}`);
  const lower = known.map((p) => `${px(x.at(p.x))},${px(y.at(p.low!))}`).reverse();
  return `<polygon class="band" points="${[...upper, ...lower].join(' ')}" fill="${seriesColour(index)}" opacity="${opacity}"/>`;
}

/** Level lines are told apart by their dashes; their names stand in the legend, where no line crosses them. */
const levelStyle = (index: number) =>
  `stroke="${INK}" stroke-width="1.2" stroke-dasharray="${['2 4', '9 3', '9 3 2 3', '4 2'][index % 4]}"`;

const level = (left: number, right: number, y: number, index: number) =>
  `<line class="level" x1="${px(left)}" y1="${px(y)}" x2="${px(right)}" y2="${px(y)}" ${levelStyle(index)}/>`;

/** Lines over a common axis, each with the band of its interval. Points that are no numbers are left out. */
export function lineChart(chart: LineChart): Figure {
  const series = chart.series.map((one) => ({ ...one, points: one.points.filter(usable) }));
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) return frame(chart, [], emptyBody());
  const levels = (chart.references ?? []).filter((one) => drawable(one.y));
  const xs = extent([...points.map((p) => p.x), ...(chart.x.ticks ?? [])])!;
  const ys = extent([
    ...points.flatMap((p) => [p.y, p.low ?? p.y, p.high ?? p.y]),
    ...levels.map((one) => one.y),
  ])!;
  const room = (ys[1] - ys[0]) * 0.06;
  // Many bands over one another would hide the lines.
  const shade = series.length > 4 ? 0.07 : 0.14;
  const legend: LegendEntry[] = series.map((one, index) =>
    one.plain ? { ...lineEntry(one.name, index), draw: plainSample(index) } : lineEntry(one.name, index),
  );
  legend.push(
    ...levels.map(({ name }, index) => ({
      name,
      draw: (x: number, y: number) => level(x - 11, x + 11, y, index),
    })),
  );
  return frame(chart, legend, (top) => {
    const plot = { left: LEFT, right: WIDTH - PAD - 10, top: top + 6, bottom: top + 6 + HEIGHT };
    const x = (chart.x.log ? logScale : linearScale)(xs[0], xs[1], plot.left + 14, plot.right - 14);
    const y = linearScale(chart.y.low ?? ys[0] - room, chart.y.high ?? ys[1] + room, plot.bottom, plot.top);
    const lines = series.map((one, index) => {
      const path = one.points
        .map((p, i) => `${i === 0 ? 'M' : 'L'}${px(x.at(p.x))} ${px(y.at(p.y))}`)
        .join('');
      const line = `<path class="line" d="${path}" fill="none" stroke="${seriesColour(index)}" stroke-width="2" stroke-linejoin="round" stroke-dasharray="${seriesDash(index)}"/>`;
      const marks = one.plain ? '' : one.points.map((p) => mark(index, x.at(p.x), y.at(p.y))).join('');
      return line + marks;
    });
    const svg = [
      verticalAxis(plot, y, niceTicks(y.low, y.high), chart.y.label),
      horizontalAxis(
        plot,
        x,
        chart.x.ticks ?? niceTicks(x.low, x.high, 6),
        chart.x.label,
        chart.x.ticks && ((tick) => String(tick)),
      ),
      ...series.map((one, index) => band(one.points, x, y, index, shade)),
      ...levels.map((one, index) => level(plot.left, plot.right, y.at(one.y), index)),
      ...lines,
    ];
    return { svg: svg.join('\n'), height: HEIGHT + 6 + 48 };
  });
}

const plainSample = (index: number) => (x: number, y: number) =>
  `<line x1="${px(x - 11)}" y1="${px(y)}" x2="${px(x + 11)}" y2="${px(y)}" stroke="${seriesColour(index)}" stroke-width="2" stroke-dasharray="${seriesDash(index)}"/>`;
