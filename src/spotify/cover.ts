import { createHash } from 'node:crypto';
import type { Emotion } from '../domain/emotion.ts';
import type { CoursePoint } from '../playlists/course-picture.ts';
import { escapeXml } from '../xml.ts';

/** Pixels, both ways. Spotify shows it between 60 and 640. */
export const COVER_SIZE = 640;
const MARGIN = 48;
/** Steps of the course: more would be noise at the size of a thumbnail. */
const STEPS = 7;
const NEUTRAL = '#8a93a5';
const INK = '#ffffff';
/** Smaller letters could not be read where covers are small. */
const SMALLEST_LETTERS = 64;
const LARGEST_LETTERS = 112;

type Rgb = readonly [number, number, number];

export interface CoverWish {
  /** Song by song. */
  readonly points: readonly CoursePoint[];
  /** What was wished for; the colours come from the songs where nothing was. */
  readonly from?: Pick<Emotion, 'name' | 'colour'>;
  readonly to?: Pick<Emotion, 'name' | 'colour'>;
  readonly and?: Pick<Emotion, 'name' | 'colour'>;
}

const isColour = (text: string | undefined): text is string => /^#[0-9a-f]{6}$/i.test(text ?? '');
const rgb = (hex: string): Rgb =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
const hex = (colour: Rgb) =>
  `#${colour
    .map((value) =>
      Math.round(Math.max(0, Math.min(255, value)))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
const mix = (one: string, other: string, share: number) => {
  const [a, b] = [rgb(one), rgb(other)];
  return hex([0, 1, 2].map((at) => a[at]! * (1 - share) + b[at]! * share) as unknown as Rgb);
};
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const round = (value: number) => Math.round(value * 10) / 10;
const clamp = (value: number) => (Number.isFinite(value) ? Math.max(-1, Math.min(1, value)) : 0);

/** The course in a few steps, each the mean of the songs around it; colours run into one another. */
function steps(points: readonly CoursePoint[]): { arousal: number; colour: string }[] {
  const parts = Array.from({ length: STEPS }, (_, step) => {
    const from = Math.floor((step / STEPS) * points.length);
    return points.slice(from, Math.max(from + 1, Math.floor(((step + 1) / STEPS) * points.length)));
  });
  return parts.map((part, step) => {
    const around = [parts[step - 1] ?? part, part, part, parts[step + 1] ?? part].flat();
    const colours = around.map(({ emotion }) => rgb(isColour(emotion?.colour) ? emotion.colour : NEUTRAL));
    return {
      arousal: part.reduce((sum, { arousal }) => sum + clamp(arousal), 0) / part.length,
      colour: hex([0, 1, 2].map((at) => mean(colours.map((colour) => colour[at]!))) as unknown as Rgb),
    };
  });
}

/** A smooth line through points (Catmull-Rom as Bézier curves). */
function smooth(points: readonly (readonly [number, number])[]): string {
  const at = (index: number) => points[Math.max(0, Math.min(points.length - 1, index))]!;
  return points
    .map(([x, y], index) => {
      if (index === 0) return `M${round(x)} ${round(y)}`;
      const [a, b, c, d] = [at(index - 2), at(index - 1), at(index), at(index + 1)];
      const one = [b[0] + (c[0] - a[0]) / 6, b[1] + (c[1] - a[1]) / 6];
      const two = [c[0] - (d[0] - b[0]) / 6, c[1] - (d[1] - b[1]) / 6];
      return `C${[...one, ...two, x, y].map(round).join(' ')}`;
    })
    .join('');
}

/** DejaVu Sans Bold is some 0.7 of its size wide a letter. */
const lettersThatFit = (text: string) =>
  Math.min(LARGEST_LETTERS, Math.floor((COVER_SIZE - 2 * MARGIN) / (0.72 * [...text].length)));

/** The words, if they can be large enough, and how high they stand. */
function title({ from, to, and }: CoverWish): { svg: string; height: number } {
  const lines = [from?.name, and && `& ${and.name}`, to && `→ ${to.name}`].filter(
    (line): line is string => line !== undefined && line.trim() !== '',
  );
  if (lines.length === 0) return { svg: '', height: 0 };
  const size = Math.min(...lines.map(lettersThatFit));
  if (size < SMALLEST_LETTERS) return { svg: '', height: 0 };
  const leading = size * 1.12;
  const svg = lines
    .map((line, index) => {
      const y = COVER_SIZE - MARGIN - 10 - (lines.length - 1 - index) * leading;
      return `<text x="${MARGIN}" y="${round(y)}" font-size="${size}" font-weight="700" fill="${INK}">${escapeXml(line)}</text>`;
    })
    .join('');
  return { svg, height: leading * lines.length };
}

/**
 * The cover of a playlist: its energy as a ribbon from left to right, in the colours of its songs, on the colour of
 * its emotion. It is made to be known again at the size of a thumb.
 */
export function coverSvg(wish: CoverWish): string | undefined {
  if (wish.points.length === 0) return undefined;
  const course = steps(wish.points);
  const first = isColour(wish.from?.colour) ? wish.from.colour : course[0]!.colour;
  const second = (wish.to ?? wish.and)?.colour;
  const last = isColour(second)
    ? second
    : isColour(wish.from?.colour)
      ? wish.from.colour
      : course.at(-1)!.colour;
  const words = title(wish);
  const id = createHash('sha256')
    .update(JSON.stringify([course, first, last]))
    .digest('hex')
    .slice(0, 8);
  const top = 110;
  const bottom = COVER_SIZE - 120 - words.height;
  const yOf = (arousal: number) => bottom - ((arousal + 1) / 2) * (bottom - top);
  // From edge to edge, and a little beyond.
  const xOf = (index: number) => -20 + (index / (STEPS - 1)) * (COVER_SIZE + 40);
  const line = course.map(({ arousal }, index) => [xOf(index), yOf(arousal)] as const);
  const shifted = (by: number) => line.map(([x, y]) => [x, y + by] as const);
  const area = (by: number) => `${smooth(shifted(by))}L660 660L-20 660Z`;
  const stops = (lighten: number) =>
    course
      .map(
        ({ colour }, index) =>
          `<stop offset="${round((index / (STEPS - 1)) * 100)}%" stop-color="${mix(colour, '#ffffff', lighten)}"/>`,
      )
      .join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${COVER_SIZE}" height="${COVER_SIZE}" viewBox="0 0 ${COVER_SIZE} ${COVER_SIZE}" font-family="'DejaVu Sans', sans-serif">`,
    '<defs>',
    `<linearGradient id="g${id}" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="${mix(first, '#10131c', 0.1)}"/><stop offset="1" stop-color="${mix(last, '#10131c', 0.55)}"/></linearGradient>`,
    `<linearGradient id="r${id}" gradientUnits="userSpaceOnUse" x1="0" y1="0" x2="${COVER_SIZE}" y2="0">${stops(0.45)}</linearGradient>`,
    `<linearGradient id="a${id}" gradientUnits="userSpaceOnUse" x1="0" y1="0" x2="${COVER_SIZE}" y2="0">${stops(0)}</linearGradient>`,
    '</defs>',
    `<rect width="${COVER_SIZE}" height="${COVER_SIZE}" fill="url(#g${id})"/>`,
    `<path d="${area(0)}" fill="#10131c" opacity="0.22"/>`,
    `<path d="${area(64)}" fill="url(#a${id})" opacity="0.55"/>`,
    `<path d="${area(128)}" fill="#10131c" opacity="0.45"/>`,
    `<path d="${smooth(line)}" fill="none" stroke="url(#r${id})" stroke-width="30" stroke-linecap="round"/>`,
    words.svg,
    '</svg>',
  ].join('');
}
