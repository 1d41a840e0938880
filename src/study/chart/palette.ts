/**
 * Colours that people with any kind of colour vision tell apart (after Okabe & Ito 2008, the light ones darkened so
 * that thin lines stand out on white). Marks and dashes differ as well: colour is never the only carrier.
 */
const SERIES = ['#0072b2', '#d55e00', '#009e73', '#882255', '#333333', '#b07d00', '#4a9bd1', '#8a8a8a'];
const DASHES = ['', '7 4', '2 3', '10 3 2 3'];

export const INK = '#1d2330';
export const FAINT = '#5b6475';
export const GRID = '#e1e5ec';

export const seriesColour = (index: number): string => SERIES[index % SERIES.length]!;

/** How the line of a series is dashed; the first one is solid. */
export const seriesDash = (index: number): string => DASHES[index % DASHES.length]!;

type Rgb = readonly [number, number, number];
const BLUE: Rgb = [33, 102, 172];
const WHITE: Rgb = [247, 247, 247];
const RED: Rgb = [178, 24, 43];
const PALE: Rgb = [226, 236, 246];
const DARK: Rgb = [20, 78, 140];

const mix = (a: Rgb, b: Rgb, share: number): Rgb =>
  [0, 1, 2].map((i) => a[i]! + (b[i]! - a[i]!) * share) as unknown as Rgb;
const css = (colour: Rgb) => `rgb(${colour.map((part) => Math.round(part)).join(',')})`;
const within = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));

/** Blue below, white at 0, red above; `value` is clipped to -1..1. */
export function diverging(value: number): string {
  const v = within(value, -1, 1);
  return css(v < 0 ? mix(WHITE, BLUE, -v) : mix(WHITE, RED, v));
}

/** The colour of letters that are read on {@link diverging}. */
export const inkOn = (value: number): string => (Math.abs(value) > 0.7 ? '#ffffff' : INK);

/** Pale to dark for 0..1. */
export const sequential = (value: number): string => css(mix(PALE, DARK, within(value, 0, 1)));
