import {
  emptyBody,
  type Figure,
  type FigureText,
  frame,
  horizontalAxis,
  type LegendEntry,
  PAD,
  type Plot,
  px,
  verticalAxis,
  WIDTH,
  write,
} from './frame.ts';
import { FAINT, INK, sequential, seriesColour } from './palette.ts';
import { drawable, extent, linearScale, niceTicks } from './scale.ts';

export interface HexbinChart extends FigureText {
  readonly x: { readonly label: string; readonly values: ArrayLike<number> };
  readonly y: { readonly label: string; readonly values: ArrayLike<number> };
  /** y = intercept + slope · x, drawn over the whole width. */
  readonly fit?: { readonly name: string; readonly intercept: number; readonly slope: number };
  /** A line through these points, left to right. */
  readonly course?: { readonly name: string; readonly points: readonly (readonly [number, number])[] };
}

const HEIGHT = 400;
const LEFT = 78;
/** Of a hexagon, from its centre to a corner, in pixels. */
const RADIUS = 9;

interface Bin {
  readonly x: number;
  readonly y: number;
  count: number;
}

/**
 * Counts points in hexagons (Carr et al. 1987, with two interleaved grids of rectangles: the nearer centre wins).
 * @param points pixels; one that is no number is left out
 */
export function hexagonBins(points: Iterable<readonly [number, number]>, radius: number): Bin[] {
  const [dx, dy] = [radius * Math.sqrt(3), radius * 1.5];
  const bins = new Map<string, Bin>();
  for (const [x, y] of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    // A row of centres every dy, every other one shifted by half a step.
    const row = Math.floor(y / dy);
    let best: readonly [number, number, number, number] | undefined;
    for (const r of [row, row + 1]) {
      const shift = Math.abs(r % 2) / 2;
      const column = Math.round(x / dx - shift);
      const distance = (x - (column + shift) * dx) ** 2 + (y - r * dy) ** 2;
      if (best === undefined || distance < best[0]) best = [distance, r, column, shift];
    }
    const [, r, column, shift] = best!;
    const key = `${r} ${column}`;
    const bin = bins.get(key);
    if (bin) bin.count++;
    else bins.set(key, { x: (column + shift) * dx, y: r * dy, count: 1 });
  }
  return [...bins.values()];
}

function hexagon(x: number, y: number, fill: string): string {
  const corners = Array.from({ length: 6 }, (_, i) => {
    const angle = (Math.PI / 3) * i + Math.PI / 6;
    return `${px(x + RADIUS * Math.cos(angle))},${px(y + RADIUS * Math.sin(angle))}`;
  });
  return `<polygon class="hexagon" points="${corners.join(' ')}" fill="${fill}"/>`;
}

/** The colours of the counts, 1 to the most. */
function countScale(most: number, plot: Plot): string {
  const [left, top, width, steps] = [plot.left, plot.bottom + 56, 220, 20];
  return [
    ...Array.from(
      { length: steps },
      (_, i) =>
        `<rect x="${px(left + (i * width) / steps)}" y="${px(top)}" width="${px(width / steps + 0.5)}" height="12" fill="${sequential(i / (steps - 1))}"/>`,
    ),
    write(left, top + 28, '1', { size: 12, fill: FAINT }),
    write(left + width, top + 28, String(most), { size: 12, fill: FAINT, anchor: 'end' }),
    write(left + width + 12, top + 11, 'songs per hexagon', { size: 12, fill: FAINT }),
  ].join('');
}

const stroke = (colour: string, dash: string) =>
  `fill="none" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dash}"`;
const FIT = stroke(seriesColour(1), '');
const COURSE = stroke(INK, '6 4');

/** A line over hexagons of any shade: on a white one that is wider. */
const lineOver = (path: string, style: string) =>
  `<path d="${path}" fill="none" stroke="#ffffff" stroke-width="5" opacity="0.8"/><path d="${path}" ${style}/>`;

/** How two measurements lie together when there are far too many songs for a dot each. */
export function hexbinChart(chart: HexbinChart): Figure {
  const [xs, ys] = [chart.x.values, chart.y.values];
  const pairs = Array.from(
    { length: Math.min(xs.length, ys.length) },
    (_, i) => [xs[i]!, ys[i]!] as const,
  ).filter(([x, y]) => drawable(x) && drawable(y));
  if (pairs.length === 0) return frame(chart, [], emptyBody());
  const sample = (style: string) => (x: number, y: number) =>
    `<path d="M${px(x - 11)} ${px(y)}h22" ${style}/>`;
  const legend: LegendEntry[] = [];
  if (chart.fit) legend.push({ name: chart.fit.name, draw: sample(FIT) });
  if (chart.course) legend.push({ name: chart.course.name, draw: sample(COURSE) });
  const [xRange, yRange] = [extent(pairs.map(([x]) => x))!, extent(pairs.map(([, y]) => y))!];
  return frame(chart, legend, (top) => {
    const plot = { left: LEFT, right: WIDTH - PAD - 10, top: top + 6, bottom: top + 6 + HEIGHT };
    const x = linearScale(xRange[0], xRange[1], plot.left + RADIUS, plot.right - RADIUS);
    const y = linearScale(yRange[0], yRange[1], plot.bottom - RADIUS, plot.top + RADIUS);
    const bins = hexagonBins(
      pairs.map(([a, b]) => [x.at(a), y.at(b)] as const),
      RADIUS,
    );
    const most = Math.max(...bins.map((bin) => bin.count));
    const shade = (count: number) => (most === 1 ? 1 : (count - 1) / (most - 1));
    const clip = `${chart.id}-plot`;
    const lines: string[] = [];
    if (chart.course) {
      const points = chart.course.points.filter((point) => point.every(drawable));
      lines.push(
        lineOver(
          points.map(([a, b], i) => `${i === 0 ? 'M' : 'L'}${px(x.at(a))} ${px(y.at(b))}`).join(''),
          COURSE,
        ),
      );
    }
    if (chart.fit && drawable(chart.fit.slope) && drawable(chart.fit.intercept)) {
      const at = (value: number) => y.at(chart.fit!.intercept + chart.fit!.slope * value);
      lines.push(lineOver(`M${px(x.at(x.low))} ${px(at(x.low))}L${px(x.at(x.high))} ${px(at(x.high))}`, FIT));
    }
    const svg = [
      `<clipPath id="${clip}"><rect x="${px(plot.left)}" y="${px(plot.top)}" width="${px(plot.right - plot.left)}" height="${px(plot.bottom - plot.top)}"/></clipPath>`,
      verticalAxis(plot, y, niceTicks(y.low, y.high), chart.y.label),
      horizontalAxis(plot, x, niceTicks(x.low, x.high), chart.x.label),
      `<g clip-path="url(#${clip})">`,
      ...bins.map((bin) => hexagon(bin.x, bin.y, sequential(shade(bin.count)))),
      ...lines,
      '</g>',
      countScale(most, plot),
    ];
    return { svg: svg.join('\n'), height: HEIGHT + 6 + 92 };
  });
}
