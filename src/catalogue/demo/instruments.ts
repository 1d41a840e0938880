import type { InstrumentName } from './score.ts';
import type { Partial3, Plucked, Struck, Sustained, Voice } from './voices.ts';
import type { Spectrum } from './waves.ts';

/** Harmonics that fall by `power`, as of a saw (1) or softer (2). */
function falling(power: number, highest = 160): Spectrum {
  return (n) => (n <= highest ? n ** -power : 0);
}

function odd(power: number, even = 0): Spectrum {
  return (n) => n ** -power * (n % 2 === 1 ? 1 : even);
}

/** A saw whose harmonics above `hertz` are taken away, 12 dB per octave, whatever the pitch. */
function cut(spectrum: Spectrum, hertz: number): Spectrum {
  return (n, f) => spectrum(n, f) / (1 + ((n * f) / hertz) ** 2);
}

/** Resonances of a body or a throat, each [hertz, width, gain]. */
function formants(
  spectrum: Spectrum,
  peaks: readonly (readonly [number, number, number])[],
  floor: number,
): Spectrum {
  return (n, f) => {
    let gain = floor;
    for (const [centre, width, height] of peaks) gain += height / (1 + ((n * f - centre) / width) ** 2);
    return spectrum(n, f) * gain;
  };
}

const SUSTAINED: Omit<Sustained, 'dull' | 'bright'> = {
  kind: 'sustained',
  level: 1,
  attack: 0.02,
  decay: 1,
  sustain: 1,
  release: 0.12,
  open: 1,
  settle: 1,
  settling: 0.5,
  detune: [0],
};

const BOWED_BODY = [
  [290, 90, 1],
  [480, 140, 0.8],
  [1100, 300, 0.7],
  [2600, 700, 0.8],
] as const;
const AH = [
  [620, 110, 1],
  [1080, 130, 0.6],
  [2600, 300, 0.34],
  [3500, 420, 0.2],
] as const;

function stringPartials(rings: number, fall: number): Struck['partials'] {
  return (hertz, tone) => {
    const count = Math.min(14, Math.floor(9000 / hertz) + 2);
    const stiffness = 0.00025 * (hertz / 220);
    const base = rings * Math.min(1.6, (220 / hertz) ** 0.6);
    const partials: Partial3[] = [];
    for (let n = 1; n <= count; n++) {
      const ratio = n * Math.sqrt(1 + stiffness * n * n);
      // A hammer at one seventh of the string leaves its seventh partial out.
      const amplitude = n ** -(fall - 0.9 * tone) * (0.25 + 0.75 * Math.abs(Math.sin((Math.PI * n) / 7.3)));
      partials.push([ratio, amplitude * 0.4, base / (1 + 0.28 * (n - 1))]);
      // The second string of the pair, a hair apart, makes the tone bloom.
      if (n <= 4) partials.push([ratio * 1.0007, amplitude * 0.22, (base * 1.3) / (1 + 0.28 * (n - 1))]);
    }
    return partials;
  };
}

function barPartials(list: readonly Partial3[]): Struck['partials'] {
  return (hertz, tone) =>
    list.map(([ratio, amplitude, ring], i) => [
      ratio,
      amplitude * (i === 0 ? 1 : 0.45 + 0.9 * tone),
      ring * Math.min(1.5, (440 / hertz) ** 0.5),
    ]);
}

const struck = (
  level: number,
  partials: Struck['partials'],
  attack: number,
  release: number,
  knock: number,
): Struck => ({ kind: 'struck', level, partials, attack, release, knock });

const plucked = (level: number, ring: number, damping: number, place: number, release: number): Plucked => ({
  kind: 'plucked',
  level,
  ring,
  damping,
  place,
  release,
});

/** How every instrument sounds. Levels are set so that all are about equally loud at equal velocity. */
export const INSTRUMENTS: Readonly<Record<InstrumentName, Voice>> = {
  piano: struck(0.85, stringPartials(4.5, 1.8), 0.002, 0.25, 0.25),
  'felt piano': struck(1.1, stringPartials(3, 2.6), 0.006, 0.4, 0.35),
  'electric piano': struck(
    0.62,
    (hertz, tone) => [
      [1, 0.55, 3.2 * Math.min(1.4, (220 / hertz) ** 0.4)],
      [1.003, 0.2, 3.6],
      [2, 0.12 + 0.12 * tone, 1.8],
      [3, 0.05 + 0.1 * tone, 1.2],
      [4, 0.02 + 0.06 * tone, 0.8],
      [14.1, 0.02 + 0.05 * tone, 0.28],
    ],
    0.002,
    0.22,
    0.06,
  ),
  guitar: plucked(0.8, 3.2, 0.75, 0.17, 0.3),
  'nylon guitar': plucked(0.95, 2.2, 1, 0.24, 0.3),
  'overdriven guitar': plucked(0.8, 5, 0.8, 0.12, 0.09),
  harp: plucked(0.95, 3.6, 0.9, 0.42, 0.9),
  'music box': struck(
    0.72,
    barPartials([
      [1, 0.6, 2.2],
      [2.02, 0.12, 1.1],
      [5.4, 0.1, 0.5],
      [10.3, 0.04, 0.2],
    ]),
    0.001,
    1.2,
    0.08,
  ),
  celesta: struck(
    0.8,
    barPartials([
      [1, 0.6, 1.8],
      [4, 0.14, 0.6],
      [9.2, 0.05, 0.2],
    ]),
    0.002,
    0.8,
    0.05,
  ),
  vibraphone: struck(
    0.6,
    barPartials([
      [1, 0.6, 4],
      [1.002, 0.15, 4],
      [4, 0.12, 1.2],
      [10, 0.03, 0.3],
    ]),
    0.003,
    0.5,
    0.06,
  ),
  marimba: struck(
    1.0,
    barPartials([
      [1, 0.7, 0.9],
      [3.95, 0.14, 0.3],
      [9.3, 0.04, 0.12],
    ]),
    0.002,
    0.5,
    0.2,
  ),
  strings: {
    ...SUSTAINED,
    level: 0.8,
    dull: formants(cut(falling(1.15), 2200), BOWED_BODY, 0.35),
    bright: formants(cut(falling(0.85), 7500), BOWED_BODY, 0.35),
    attack: 0.16,
    release: 0.35,
    open: 0.5,
    settle: 0.8,
    detune: [-9, 0, 8],
    vibrato: { hertz: 5.1, cents: 9, after: 0.15 },
    breath: 0.004,
  },
  'solo strings': {
    ...SUSTAINED,
    level: 0.9,
    dull: formants(cut(falling(1.05), 2600), BOWED_BODY, 0.3),
    bright: formants(cut(falling(0.8), 8000), BOWED_BODY, 0.3),
    attack: 0.07,
    release: 0.18,
    open: 0.6,
    settle: 0.9,
    vibrato: { hertz: 5.6, cents: 17, after: 0.25 },
    breath: 0.012,
  },
  flute: {
    ...SUSTAINED,
    level: 0.85,
    dull: (n) => [0, 1, 0.22, 0.08, 0.03, 0.012][n] ?? 0,
    bright: (n) => [0, 1, 0.55, 0.3, 0.16, 0.1, 0.06, 0.04, 0.025][n] ?? 0,
    attack: 0.05,
    release: 0.12,
    vibrato: { hertz: 4.9, cents: 12, after: 0.3 },
    breath: 0.05,
  },
  clarinet: {
    ...SUSTAINED,
    level: 0.82,
    dull: cut(odd(1.2, 0.06), 1700),
    bright: cut(odd(0.85, 0.2), 5200),
    attack: 0.04,
    release: 0.1,
    vibrato: { hertz: 4.6, cents: 6, after: 0.4 },
    breath: 0.02,
  },
  horns: {
    ...SUSTAINED,
    level: 0.85,
    dull: cut(falling(1.1), 950),
    bright: formants(
      cut(falling(0.6), 4200),
      [
        [480, 200, 0.8],
        [1300, 400, 0.5],
      ],
      0.5,
    ),
    attack: 0.06,
    release: 0.16,
    open: 1,
    settle: 0.65,
    settling: 0.25,
    detune: [-4, 4],
    vibrato: { hertz: 4.8, cents: 5, after: 0.4 },
  },
  choir: {
    ...SUSTAINED,
    level: 0.9,
    dull: formants(falling(1.5), AH, 0.06),
    bright: formants(falling(1), AH, 0.1),
    attack: 0.22,
    release: 0.45,
    detune: [-11, -3, 6, 13],
    vibrato: { hertz: 5.2, cents: 14, after: 0.1 },
    breath: 0.03,
  },
  organ: {
    ...SUSTAINED,
    level: 0.75,
    dull: (n) => [0, 1, 0.55, 0.4, 0.2, 0.03, 0.12, 0, 0.08][n] ?? 0,
    bright: (n) => [0, 0.9, 0.8, 0.6, 0.5, 0.1, 0.35, 0, 0.3][n] ?? 0,
    attack: 0.012,
    release: 0.07,
    vibrato: { hertz: 6.3, cents: 6, after: 0 },
  },
  'warm pad': {
    ...SUSTAINED,
    level: 0.85,
    dull: cut(falling(1.05), 900),
    bright: cut(falling(0.95), 4600),
    attack: 0.3,
    release: 0.6,
    open: 0.2,
    settle: 0.75,
    settling: 1.2,
    detune: [-12, 0, 11],
  },
  'glass pad': {
    ...SUSTAINED,
    level: 0.75,
    dull: (n) => [0, 1, 0.1, 0.2, 0, 0.06][n] ?? 0,
    bright: (n) => [0, 0.7, 0.4, 0.45, 0.22, 0.26, 0.12, 0.18, 0.08, 0.1, 0.06, 0.06, 0.05, 0.04][n] ?? 0,
    attack: 0.4,
    release: 0.8,
    open: 0.1,
    settle: 0.9,
    settling: 1.6,
    detune: [-7, 7],
    vibrato: { hertz: 0.7, cents: 5, after: 0 },
  },
  'saw lead': {
    ...SUSTAINED,
    level: 0.85,
    dull: cut(falling(1), 2300),
    bright: cut(falling(0.9), 8500),
    attack: 0.012,
    sustain: 0.75,
    decay: 0.4,
    release: 0.14,
    settle: 0.6,
    settling: 0.3,
    detune: [-7, 6],
    vibrato: { hertz: 5.4, cents: 12, after: 0.3 },
  },
  'soft lead': {
    ...SUSTAINED,
    level: 0.95,
    dull: cut(odd(1.8), 1600),
    bright: cut(odd(1.2, 0.25), 5000),
    attack: 0.03,
    sustain: 0.8,
    decay: 0.5,
    release: 0.2,
    detune: [-4, 4],
    vibrato: { hertz: 4.8, cents: 10, after: 0.3 },
  },
  'pulse lead': {
    ...SUSTAINED,
    level: 1.05,
    dull: cut((n) => Math.sin(Math.PI * n * 0.5) / n, 3000),
    bright: cut((n) => Math.sin(Math.PI * n * 0.25) / n, 9500),
    attack: 0.006,
    sustain: 0.65,
    decay: 0.25,
    release: 0.06,
    settle: 0.75,
    settling: 0.2,
    vibrato: { hertz: 6, cents: 10, after: 0.25 },
  },
  'synth pluck': {
    ...SUSTAINED,
    level: 1.5,
    dull: cut(falling(1.1), 750),
    bright: cut(falling(0.95), 7500),
    attack: 0.005,
    sustain: 0.05,
    decay: 0.22,
    release: 0.18,
    settle: 0.08,
    settling: 0.12,
    detune: [-6, 6],
  },
  'synth bass': {
    ...SUSTAINED,
    level: 1,
    dull: cut(falling(1), 420),
    bright: cut(falling(1), 3200),
    attack: 0.006,
    sustain: 0.7,
    decay: 0.25,
    release: 0.06,
    settle: 0.3,
    settling: 0.14,
    detune: [-5, 5],
  },
  'deep bass': {
    ...SUSTAINED,
    level: 0.98,
    dull: (n) => [0, 1, 0.2, 0.06][n] ?? 0,
    bright: (n) => [0, 1, 0.45, 0.25, 0.12, 0.06][n] ?? 0,
    attack: 0.015,
    release: 0.12,
  },
  'growl bass': {
    ...SUSTAINED,
    level: 0.95,
    dull: cut(falling(1), 380),
    bright: cut(falling(0.9), 2800),
    attack: 0.01,
    release: 0.09,
    open: 0.3,
    settle: 0.9,
    settling: 0.35,
    detune: [-16, 14],
  },
  'chip bass': {
    ...SUSTAINED,
    level: 0.95,
    dull: odd(2),
    bright: odd(1.6),
    attack: 0.005,
    release: 0.04,
  },
  'upright bass': plucked(1.05, 1.6, 1, 0.3, 0.14),
  'electric bass': plucked(0.92, 2.6, 0.85, 0.2, 0.1),
};
