import { createHash } from 'node:crypto';
import type { Picture } from '../chat/message.ts';
import type { Emotion } from '../domain/emotion.ts';
import { escapeXml } from '../xml.ts';

/** One song on the course: where it lies on the plane, and its strongest emotion. */
export interface CoursePoint {
  /** Both in [-1, 1]. */
  readonly valence: number;
  readonly arousal: number;
  readonly emotion?: Pick<Emotion, 'name' | 'colour'>;
}

/** Narrow enough that the letters stay readable on a phone. */
const WIDTH = 480;
const MARGIN = 18;
const LANE = 64;
const TOP = 14;
const GAP = 30;
const LEGEND_LINE = 24;
const NEUTRAL = '#9aa3b2';

/** The card has its own ground, so that it reads the same on a light and a dark page. */
const GROUND = '#1b2130';
const INK = '#e8ecf4';
const FAINT = '#aab3c5';

const number = (value: number) => String(Math.round(value * 10) / 10);
const clamp = (value: number) => (Number.isFinite(value) ? Math.max(-1, Math.min(1, value)) : 0);
const colourOf = ({ emotion }: CoursePoint) =>
  /^#[0-9a-f]{6}$/i.test(emotion?.colour ?? '') ? (emotion?.colour as string) : NEUTRAL;

/** A smooth line that never leaves the range of its points: level at each of them. */
function curve(points: readonly (readonly [number, number])[]): string {
  return points
    .map(([x, y], index) => {
      const before = points[index - 1];
      if (!before) return `M${number(x)} ${number(y)}`;
      const middle = number((before[0] + x) / 2);
      return `C${middle} ${number(before[1])} ${middle} ${number(y)} ${number(x)} ${number(y)}`;
    })
    .join('');
}

function lane(
  points: readonly CoursePoint[],
  xs: readonly number[],
  { of, top, name, high, low, gradient }: LaneOptions,
): string {
  const base = top + LANE;
  const inset = 9;
  const yOf = (value: number) => base - inset - ((clamp(value) + 1) / 2) * (LANE - 2 * inset);
  const line = points.map((point, index) => [xs[index], yOf(of(point))] as const);
  // A single song is drawn as a level line through its dot.
  const drawn =
    line.length === 1
      ? ([
          [MARGIN + 12, line[0][1]],
          [WIDTH - MARGIN - 12, line[0][1]],
        ] as const)
      : line;
  const path = curve(drawn);
  const first = number(drawn[0][0]);
  const last = number(drawn.at(-1)![0]);
  const radius = points.length > 40 ? 3 : points.length > 24 ? 4 : 5.5;
  return [
    `<rect x="${MARGIN}" y="${top}" width="${WIDTH - 2 * MARGIN}" height="${LANE}" rx="8" fill="#262e41"/>`,
    `<path d="${path}L${last} ${base}L${first} ${base}Z" fill="url(#${gradient})" opacity="0.28"/>`,
    `<path d="${path}" fill="none" stroke="url(#${gradient})" stroke-width="3" stroke-linecap="round"/>`,
    ...line.map(
      ([x, y], index) =>
        `<circle cx="${number(x)}" cy="${number(y)}" r="${radius}" fill="${colourOf(points[index])}" stroke="${GROUND}" stroke-width="1.5"/>`,
    ),
    `<text x="${MARGIN}" y="${base + 19}" fill="${INK}" font-weight="600">${name}</text>`,
    `<text x="${WIDTH - MARGIN}" y="${base + 19}" fill="${FAINT}" text-anchor="end">▲ ${high}  ▼ ${low}</text>`,
  ].join('');
}

interface LaneOptions {
  readonly of: (point: CoursePoint) => number;
  readonly top: number;
  readonly name: string;
  readonly high: string;
  readonly low: string;
  /** Id of the colours along the course. */
  readonly gradient: string;
}

/** The strongest emotions in the order in which they first come. */
function emotionsOf(points: readonly CoursePoint[]): { name: string; colour: string; songs: number }[] {
  const seen = new Map<string, { name: string; colour: string; songs: number }>();
  for (const point of points) {
    if (!point.emotion) continue;
    const known = seen.get(point.emotion.name);
    if (known) known.songs += 1;
    else seen.set(point.emotion.name, { name: point.emotion.name, colour: colourOf(point), songs: 1 });
  }
  return [...seen.values()];
}

/** About half a letter's height per letter, with a little room; there is no way to measure here. */
const textWidth = (text: string) => text.length * 8.6;

/** The names of the emotions beside their colours: colour is never the only carrier. */
function legend(points: readonly CoursePoint[], top: number): { svg: string; height: number } {
  let x = MARGIN;
  let line = 0;
  const parts = emotionsOf(points).map(({ name, colour }) => {
    const width = 18 + textWidth(name) + 14;
    if (x > MARGIN && x + width > WIDTH - MARGIN) {
      x = MARGIN;
      line += 1;
    }
    const y = top + line * LEGEND_LINE;
    const part = `<circle cx="${x + 6}" cy="${y + 8}" r="6" fill="${colour}"/><text x="${x + 18}" y="${y + 13}" fill="${INK}">${escapeXml(name)}</text>`;
    x = Math.round(x + width);
    return part;
  });
  return { svg: parts.join(''), height: parts.length === 0 ? 0 : (line + 1) * LEGEND_LINE };
}

function moodWord(valence: number): string {
  return valence > 0.25 ? 'bright' : valence < -0.25 ? 'dark' : 'mixed';
}

function energyWord(arousal: number): string {
  return arousal > 0.25 ? 'lively' : arousal < -0.25 ? 'quiet' : 'moderate';
}

function course(
  points: readonly CoursePoint[],
  of: (point: CoursePoint) => number,
  word: (v: number) => string,
) {
  // Ends by their outer thirds: one song does not decide what a list feels like.
  const third = Math.max(1, Math.floor(points.length / 3));
  const mean = (part: readonly CoursePoint[]) =>
    part.reduce((sum, point) => sum + clamp(of(point)), 0) / part.length;
  const start = word(mean(points.slice(0, third)));
  const end = word(mean(points.slice(-third)));
  return start === end ? `stays ${start}` : `goes from ${start} to ${end}`;
}

function alternative(points: readonly CoursePoint[]): string {
  const songs = points.length === 1 ? '1 song' : `${points.length} songs`;
  const emotions = emotionsOf(points).map((emotion) => `${emotion.name.toLowerCase()} ${emotion.songs}`);
  const tail = emotions.length === 0 ? '' : ` Strongest emotions in order: ${emotions.join(', ')}.`;
  const mood = course(points, (point) => point.valence, moodWord);
  const energy = course(points, (point) => point.arousal, energyWord);
  return `Emotional course over ${songs}: the mood ${mood}, the energy ${energy}.${tail}`;
}

/**
 * The emotional course of a playlist as a strip: mood (valence) and energy (arousal) song by song, each dot in the
 * colour of the song's strongest emotion. Undefined for an empty list.
 */
export function coursePicture(points: readonly CoursePoint[]): Picture | undefined {
  if (points.length === 0) return undefined;
  const left = MARGIN + 14;
  const step = points.length === 1 ? 0 : (WIDTH - 2 * left) / (points.length - 1);
  const xs = points.map((_, index) => (points.length === 1 ? WIDTH / 2 : left + index * step));
  const stops = points.map((point, index) => {
    const offset = points.length === 1 ? 0 : index / (points.length - 1);
    return `<stop offset="${Math.round(offset * 1000) / 1000}" stop-color="${colourOf(point)}"/>`;
  });
  // An id of its own, or two pictures drawn into one page would share the first one's colours.
  const gradient = `course-${createHash('sha256').update(stops.join('')).digest('hex').slice(0, 8)}`;
  const energyTop = TOP + LANE + GAP;
  const legendTop = energyTop + LANE + GAP + 2;
  const names = legend(points, legendTop);
  const height = legendTop + names.height + (names.height > 0 ? 6 : 0);
  const alt = alternative(points);
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="system-ui, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif" font-size="15">`,
    `<title>${escapeXml(alt)}</title>`,
    // In user space: a gradient by bounding box is not painted on a perfectly level line.
    `<defs><linearGradient id="${gradient}" gradientUnits="userSpaceOnUse" x1="${left}" y1="0" x2="${WIDTH - left}" y2="0">${stops.join('')}</linearGradient></defs>`,
    `<rect width="${WIDTH}" height="${height}" rx="12" fill="${GROUND}"/>`,
    lane(points, xs, {
      of: (point) => point.valence,
      top: TOP,
      name: 'Mood',
      high: 'bright',
      low: 'dark',
      gradient,
    }),
    lane(points, xs, {
      of: (point) => point.arousal,
      top: energyTop,
      name: 'Energy',
      high: 'lively',
      low: 'quiet',
      gradient,
    }),
    names.svg,
    '</svg>',
  ].join('');
  return { svg, width: WIDTH, height, alt };
}
