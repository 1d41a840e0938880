import type { DrumName } from './score.ts';
import { biquad, noiseSource, RATE } from './waves.ts';

function buffer(seconds: number): Float32Array {
  return new Float32Array(Math.round(seconds * RATE));
}

/** A drum head: a sine that falls from one frequency to another while it dies away. */
function head(out: Float32Array, from: number, to: number, fall: number, ring: number, level: number): void {
  let phase = 0;
  for (let i = 0; i < out.length; i++) {
    const t = i / RATE;
    phase += (to + (from - to) * Math.exp(-t / fall)) / RATE;
    out[i]! += level * Math.sin(2 * Math.PI * phase) * Math.exp((-6.9 * t) / ring) * Math.min(1, i / 24);
  }
}

function hiss(
  seconds: number,
  seed: number,
  band: { readonly low: number; readonly high: number },
  envelope: (t: number) => number,
  level: number,
): Float32Array {
  const out = buffer(seconds);
  const noise = noiseSource(seed);
  for (let i = 0; i < out.length; i++) out[i] = noise();
  biquad(out, 'highpass', band.low, 0.7);
  biquad(out, 'lowpass', band.high, 0.7);
  for (let i = 0; i < out.length; i++) out[i]! *= level * envelope(i / RATE) * Math.min(1, i / 16);
  return out;
}

function add(out: Float32Array, other: Float32Array, at = 0): void {
  for (let i = 0; i < other.length && at + i < out.length; i++) out[at + i]! += other[i]!;
}

const dying = (ring: number) => (t: number) => Math.exp((-6.9 * t) / ring);

/** Metal: partials that are in no simple ratio, beating against one another. */
function metal(out: Float32Array, base: number, ring: number, level: number): void {
  for (const ratio of [1, 1.342, 1.609, 1.997, 2.413, 2.953, 3.427]) {
    const w = (2 * Math.PI * base * ratio) / RATE;
    if (w > 2.8) continue;
    for (let i = 0; i < out.length; i++) {
      out[i]! +=
        level * Math.sin(w * i) * Math.exp((-6.9 * i) / RATE / (ring / ratio ** 0.5)) * Math.min(1, i / 24);
    }
  }
}

/** Strokes are never quite the same: this many are made of each drum and take turns. */
export const STROKES = 3;

/**
 * One stroke of a drum at full force. Everything ends in silence, so that strokes may overlap.
 * @param variant 0..STROKES-1
 */
export function strokeOf(drum: DrumName, variant: number): Float32Array {
  switch (drum) {
    case 'kick': {
      const out = buffer(0.42);
      head(out, 150, 49, 0.028, 0.5, 1.05);
      add(out, hiss(0.012, 3 + 100 * variant, { low: 900, high: 5000 }, dying(0.02), 0.3));
      return faded(out);
    }
    case 'soft kick': {
      const out = buffer(0.36);
      head(out, 105, 52, 0.03, 0.42, 0.95);
      return faded(out);
    }
    case 'snare': {
      const out = hiss(
        0.3,
        5 + 100 * variant,
        { low: 900, high: 9500 },
        (t) => 0.75 * dying(0.2)(t) + 0.25 * dying(0.34)(t),
        0.75,
      );
      head(out, 260, 186, 0.02, 0.16, 0.5);
      head(out, 420, 330, 0.02, 0.1, 0.22);
      return faded(out);
    }
    case 'brush':
      return faded(
        hiss(
          0.22,
          7 + 100 * variant,
          { low: 1200, high: 6500 },
          (t) => Math.min(1, t / 0.018) * dying(0.22)(t),
          0.5,
        ),
      );
    case 'clap': {
      const out = buffer(0.32);
      for (const [i, at] of [0, 0.011, 0.023].entries()) {
        add(
          out,
          hiss(0.28, 11 + i + 100 * variant, { low: 850, high: 3800 }, dying(i === 2 ? 0.24 : 0.03), 0.7),
          Math.round(at * RATE),
        );
      }
      return faded(out);
    }
    case 'rim': {
      const out = buffer(0.09);
      head(out, 1750, 1650, 0.01, 0.05, 0.35);
      head(out, 480, 440, 0.01, 0.07, 0.35);
      return faded(out);
    }
    case 'hat':
      return faded(hiss(0.07, 13 + 100 * variant, { low: 6500, high: 13000 }, dying(0.07), 0.6));
    case 'open hat': {
      const out = hiss(0.32, 17 + 100 * variant, { low: 6000, high: 13000 }, dying(0.36), 0.46);
      return faded(out);
    }
    case 'ride': {
      const out = hiss(0.8, 19 + 100 * variant, { low: 5200, high: 11000 }, dying(0.7), 0.12);
      metal(out, 2350, 0.9, 0.028);
      return faded(out);
    }
    case 'shaker':
      return faded(
        hiss(
          0.1,
          23 + 100 * variant,
          { low: 4200, high: 9500 },
          (t) => Math.min(1, t / 0.022) * dying(0.12)(t),
          0.4,
        ),
      );
    case 'tambourine': {
      const out = hiss(0.2, 29 + 100 * variant, { low: 5600, high: 12000 }, dying(0.2), 0.36);
      metal(out, 3900, 0.25, 0.02);
      return faded(out);
    }
    case 'tom': {
      const out = buffer(0.4);
      head(out, 175, 104, 0.05, 0.42, 0.8);
      add(out, hiss(0.04, 31 + 100 * variant, { low: 500, high: 3000 }, dying(0.05), 0.25));
      return faded(out);
    }
    case 'taiko': {
      const out = buffer(0.8);
      head(out, 98, 58, 0.06, 0.85, 1.05);
      add(out, hiss(0.08, 37 + 100 * variant, { low: 180, high: 1600 }, dying(0.09), 0.5));
      return faded(out);
    }
    case 'crash': {
      const out = hiss(
        1.7,
        41 + 100 * variant,
        { low: 3200, high: 12500 },
        (t) => 0.6 * dying(1.6)(t) + 0.4 * dying(0.4)(t),
        0.3,
      );
      return faded(out);
    }
    case 'swell':
      return faded(
        hiss(
          1.5,
          43 + 100 * variant,
          { low: 3000, high: 9000 },
          (t) => Math.min(1, t / 0.4) * dying(1.5)(Math.max(0, t - 0.3)),
          0.13,
        ),
      );
  }
}

function faded(out: Float32Array): Float32Array {
  const tail = Math.min(out.length, 400);
  for (let i = 0; i < tail; i++) out[out.length - 1 - i]! *= i / tail;
  return out;
}
