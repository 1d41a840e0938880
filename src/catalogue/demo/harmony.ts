import type { Random } from '../../../ml/random.ts';

/** Semitones above the tonic, from the brightest mode to the darkest. */
export const MODES = {
  lydian: [0, 2, 4, 6, 7, 9, 11],
  ionian: [0, 2, 4, 5, 7, 9, 11],
  mixolydian: [0, 2, 4, 5, 7, 9, 10],
  dorian: [0, 2, 3, 5, 7, 9, 10],
  aeolian: [0, 2, 3, 5, 7, 8, 10],
  'harmonic minor': [0, 2, 3, 5, 7, 8, 11],
  phrygian: [0, 1, 3, 5, 7, 8, 10],
} as const satisfies Record<string, readonly number[]>;

export type Mode = keyof typeof MODES;

/** Whether the third above the tonic is major; what Spotify calls `mode`. */
export function isMajor(mode: Mode): boolean {
  return (MODES[mode] as readonly number[]).includes(4);
}

/** How many notes a chord is made of: `power` has no third, `add9` is a triad with a ninth. */
export type Colour = 'power' | 'triad' | 'add9' | 'seventh' | 'ninth';

/** Semitones are relative to the tonic; `tones[0]` is the root. */
export interface Chord {
  readonly tones: readonly number[];
  /** Pitch classes a melody may use over it, ascending in 0..11. */
  readonly scale: readonly number[];
}

const QUALITIES: Record<string, readonly number[]> = {
  M: [0, 4, 7, 11, 14],
  m: [0, 3, 7, 10, 14],
  d: [0, 3, 6, 9, 14],
  D: [0, 4, 7, 10, 14],
};
const CHORD_SIZE: Record<Colour, number> = { power: 3, triad: 3, add9: 3, seventh: 4, ninth: 5 };

/**
 * Chord named by a scale degree, e.g. `4` (diatonic), `4m` (borrowed minor), `b7M`, `5D` (dominant), `2d`.
 * The melody's scale bends to tones that are not in the mode.
 */
export function chordOf(mode: Mode, name: string, colour: Colour): Chord {
  const match = /^(b?)([1-7])([MmdD]?)$/.exec(name);
  if (!match) throw new RangeError(`"${name}" names no chord`);
  const steps = MODES[mode];
  const degree = Number(match[2]) - 1;
  const root = steps[degree]! - (match[1] ? 1 : 0);
  const at = (n: number) => steps[n % 7]! + 12 * Math.floor(n / 7);
  const all = match[3]
    ? QUALITIES[match[3]]!.map((tone) => root + tone)
    : [0, 2, 4, 6, 8].map((skip) => at(degree + skip));
  const third = all[1]!;
  const fifth = all[2]!;
  let tones = all.slice(0, CHORD_SIZE[colour]);
  if (colour === 'power') tones = fifth - root === 7 ? [root, fifth] : [root, third];
  if (colour === 'add9') tones = [root, third, fifth, all[4]!];
  // Five voices are a crowd: the fifth is missed least.
  if (colour === 'ninth' && fifth - root === 7) tones = [root, third, all[3]!, all[4]!];
  const strange = tones.map((tone) => mod12(tone)).filter((pc) => !(steps as readonly number[]).includes(pc));
  const kept = steps.filter((pc) => strange.every((s) => distance12(s, pc) > 1));
  return { tones, scale: [...new Set([...kept, ...strange])].sort((a, b) => a - b) };
}

export function mod12(pitch: number): number {
  return ((pitch % 12) + 12) % 12;
}

function distance12(a: number, b: number): number {
  const d = mod12(a - b);
  return Math.min(d, 12 - d);
}

/**
 * Voices a chord so that every hand moves as little as it can: of all inversions near `centre`, the one with
 * the smallest total movement from the chord before.
 * @param tonic MIDI pitch of the tonic
 * @returns MIDI pitches, ascending
 */
export function voice(chord: Chord, tonic: number, centre: number, before?: readonly number[]): number[] {
  const pcs = [...new Set(chord.tones.map((tone) => mod12(tonic + tone)))];
  const n = pcs.length;
  let best: number[] = [];
  let bestCost = Number.POSITIVE_INFINITY;
  for (let lowest = Math.round(centre) - 11; lowest <= centre + 2; lowest++) {
    if (!pcs.includes(mod12(lowest))) continue;
    for (let open = 0; open <= (n > 3 ? 1 : 0); open++) {
      const trial = pcs.map((pc) => lowest + mod12(pc - lowest)).sort(ascending);
      // Open position: the second voice from the top sings an octave lower.
      if (open) {
        trial[n - 2]! -= 12;
        trial.sort(ascending);
      }
      const cost = strain(trial, centre, before);
      if (cost < bestCost) {
        bestCost = cost;
        best = trial;
      }
    }
  }
  return best;
}

/** What speaks against a voicing: distance from the middle of the range, friction, and movement of the hands. */
function strain(pitches: readonly number[], centre: number, before?: readonly number[]): number {
  let cost = 0;
  let middle = 0;
  for (let i = 0; i < pitches.length; i++) {
    middle += pitches[i]! / pitches.length;
    const step = pitches[i]! - (pitches[i - 1] ?? pitches[i]! - 12);
    // Seconds rub, and anything closer than a fourth is mud in the bass.
    if (step === 1) cost += 2.5;
    else if (step === 2) cost += 1;
    if (step < 5 && pitches[i]! < 52) cost += 1.5;
  }
  cost += 0.5 * Math.abs(middle - centre);
  if (before) {
    for (const pitch of pitches) {
      let move = Number.POSITIVE_INFINITY;
      for (const other of before) move = Math.min(move, Math.abs(other - pitch));
      cost += 0.7 * move;
    }
  }
  return cost;
}

function ascending(a: number, b: number): number {
  return a - b;
}

interface Progressions {
  /** Of four chords each; shorter phrases take the first ones. */
  readonly a: readonly string[];
  readonly b: readonly string[];
  /** The chord that leads home. */
  readonly cadence: readonly string[];
}

const PROGRESSIONS: Record<Mode, Progressions> = {
  lydian: {
    a: ['1 2 1 2', '1 2 5 1', '1 2 6 5', '1 5 2 1'],
    b: ['6 2 5 2', '4d 2 6 2', '3 6 2 5'],
    cadence: ['2', '5'],
  },
  ionian: {
    a: ['1 5 6 4', '1 4 1 5', '1 6 4 5', '1 3 4 5', '1 4 6 5', '1 2 4 1', '1 4 2 5'],
    b: ['4 5 6 4', '6 4 1 5', '2 5 1 4', '4 1 4 5', '6 3 4 5'],
    cadence: ['5', '5', '4', '2'],
  },
  mixolydian: {
    a: ['1 7 4 1', '1 4 7 4', '1 5 7 4', '1 2 7 1'],
    b: ['4 1 7 4', '6 7 1 4', '2 4 7 5'],
    cadence: ['7', '4', '4m'],
  },
  dorian: {
    a: ['1 4 1 4', '1 7 4 1', '1 3 4 7', '1 2 3 7'],
    b: ['3 7 4 1', '7 3 4 5', '4 7 1 5'],
    cadence: ['7', '4', '5'],
  },
  aeolian: {
    a: ['1 6 3 7', '1 4 6 5', '1 7 6 5', '1 6 4 5', '1 3 6 4', '1 4 1 5'],
    b: ['6 7 1 3', '4 1 6 5', '3 7 4 6', '6 3 4 5'],
    cadence: ['5D', '5', '4', '7'],
  },
  'harmonic minor': {
    a: ['1 4 5 1', '1 6 2 5', '1 5 6 5', '1 2 1 7'],
    b: ['4 1 6 5', '6 4 2 5', '4 7 1 5D'],
    cadence: ['5D', '7'],
  },
  phrygian: {
    a: ['1 2 1 2', '1 2 7 1', '1 6 2 1', '1 b2M 4 2'],
    b: ['6 7 2 1', '4 2 6 2', '2 3 2 5'],
    cadence: ['2', '7', '5D'],
  },
};

/** A longing or clouded turn for songs between gladness and sorrow: the minor fourth in a major key. */
const BITTERSWEET = ['1 3 4 4m', '1 6 4 4m', '4 4m 1 6', '1 5 4 4m'];

/** Which modes suit a mood; valence decides how bright, tension pulls to the darkest ones. */
export function chooseMode(valence: number, tension: number, random: Random): Mode {
  const brightness = valence + 0.16 * random.normal();
  if (tension > 0.5 && brightness < 0) return random.next() < 0.55 ? 'phrygian' : 'harmonic minor';
  if (brightness > 0.85) return random.next() < 0.5 ? 'lydian' : 'ionian';
  if (brightness > 0.3) return 'ionian';
  if (brightness > 0.05) return random.next() < 0.5 ? 'mixolydian' : 'ionian';
  if (brightness > -0.3) return 'dorian';
  return random.next() < 0.75 ? 'aeolian' : 'harmonic minor';
}

/** The chord names of a piece: A, the same again, B, each of the given length; the last chord of B leads home. */
export function chooseProgression(
  mode: Mode,
  lengths: readonly [number, number, number],
  bittersweet: boolean,
  random: Random,
): string[] {
  const pick = (list: readonly string[]) => list[random.integer(list.length)]!;
  const table = PROGRESSIONS[mode];
  const a = pick(bittersweet && isMajor(mode) ? BITTERSWEET : table.a).split(' ');
  const b = pick(table.b).split(' ');
  const fill = (chords: readonly string[], length: number) =>
    Array.from({ length }, (_, i) => chords[i % chords.length]!);
  const again = fill(a, lengths[1]);
  const last = fill(b, lengths[2]);
  last[last.length - 1] = pick(table.cadence);
  return [...fill(a, lengths[0]), ...again, ...last];
}
