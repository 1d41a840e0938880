import type { Random } from '../../../ml/random.ts';
import type { Genre, Groove } from './genres.ts';
import type { DrumName, Hit } from './score.ts';

/** Sixteenths of one bar: `x` strong, `o` medium, `-` soft, `.` silent. Twelve of them in a waltz. */
type Pattern = Partial<Record<DrumName, string>>;

/** From sparse to full; a song takes the one its arousal asks for. */
const GROOVES: Record<Groove, readonly [Pattern, Pattern, Pattern]> = {
  backbeat: [
    { kick: 'x.......o.......', rim: '....o.......o...', hat: 'o...-...o...-...' },
    { kick: 'x.......x.o.....', snare: '....x.......x...', hat: 'o.-.o.-.o.-.o.-.' },
    {
      kick: 'x...x...x...x..o',
      snare: '....x.......x.-.',
      hat: 'o-o-o-o-o-o-o-o-',
      'open hat': '..............o.',
    },
  ],
  four: [
    { kick: 'x.......x.......', hat: '..-...-...-...-.', rim: '....-.......-...' },
    { kick: 'x...x...x...x...', snare: '....o.......o...', hat: '..o...o...o...o.' },
    {
      kick: 'x...x...x...x...',
      snare: '....x.......x..-',
      'open hat': '..o...o...o...o.',
      shaker: 'o-o-o-o-o-o-o-o-',
    },
  ],
  break: [
    { kick: 'x.........o.....', rim: '....o.......o...', hat: 'o.-.o.-.o.-.o.-.' },
    { kick: 'x.........x.....', snare: '....x..-.-..x...', hat: 'o.o.o.o.o.o.o.o.' },
    {
      kick: 'x.x.......x..o..',
      snare: '....x..o.-..x..-',
      hat: 'ooo-o-o-o-oo-oo-',
      ride: 'o...o...o...o...',
    },
  ],
  lazy: [
    { kick: 'x.........o.....', hat: '....-.......-...' },
    { kick: 'x......o..o.....', snare: '....o.......o...', hat: 'o.-.o.-.o.-.o.--' },
    {
      kick: 'x..o...x..o.....',
      snare: '....x..-....x...',
      hat: 'o-o.o-o.o-o.o-o-',
      shaker: '..-...-...-...-.',
    },
  ],
  swing: [
    { ride: 'o.......o.......', snare: '-.......-.......' },
    { ride: 'o...o.-.o...o.-.', snare: '-...o...-...o...', kick: '-.......-.......' },
    {
      ride: 'x...x.o.x...x.o.',
      hat: '....o.......o...',
      snare: '....o.-...-.o...',
      kick: 'o...-...o...-...',
    },
  ],
  folk: [
    { shaker: 'o.-.o.-.o.-.o.-.' },
    { kick: 'x.......x.......', shaker: 'o.-.o.-.o.-.o.-.', rim: '....-.......-...' },
    {
      kick: 'x.....o.x.......',
      snare: '....o.......o...',
      tambourine: 'o.-.x.-.o.-.x.-.',
      shaker: 'o-o-o-o-o-o-o-o-',
    },
  ],
  march: [
    { kick: 'x...............', hat: '..-...-...-...-.' },
    { kick: 'x.....o.x.......', snare: '....o.......o.o.', hat: 'o.-.o.-.o.-.o.-.' },
    { kick: 'x..x..x.x..x..x.', snare: '..o...o.o...o.oo', hat: 'o-o-o-o-o-o-o-o-' },
  ],
  rock: [
    { kick: 'x.......o.......', rim: '....o.......o...', hat: 'o...o...o...o...' },
    { kick: 'x.......x.x.....', snare: '....x.......x...', hat: 'x.o.x.o.x.o.x.o.' },
    {
      kick: 'x..x..x.x..x..x.',
      snare: '....x.......x..o',
      'open hat': 'x...x...x...x...',
      tambourine: '..o...o...o...o.',
    },
  ],
};

const WALTZ: readonly [Pattern, Pattern, Pattern] = [
  { kick: 'o...........', hat: '....-...-...' },
  { kick: 'x...........', rim: '....o...o...', hat: 'o.-.o.-.o.-.' },
  { kick: 'x.......o...', snare: '....o...x...', ride: 'o.o.o.o.o.o.' },
];
const LEVEL: Record<string, number> = { x: 1, o: 0.66, '-': 0.36 };

export interface DrumPlan {
  readonly genre: Genre;
  readonly arousal: number;
  readonly beatsPerBar: number;
  /** Beats at which A, A', B and the last chord start. */
  readonly sections: readonly [number, number, number, number];
  /** Beats → seconds, with swing. */
  readonly time: (beat: number) => number;
  readonly random: Random;
}

/**
 * Drums for a whole piece: sparser in A, full in A' and B, a small fill before each new section, a crash into B
 * and one last stroke. Nothing at all below the arousal from which the genre has drums.
 */
export function playDrums(plan: DrumPlan): Hit[] {
  const { genre, arousal, beatsPerBar, sections, time, random } = plan;
  const drums = genre.drums;
  if (!drums || arousal < drums.from) return [];
  const patterns = beatsPerBar === 3 ? WALTZ : GROOVES[drums.groove];
  const grooves = patterns.map((pattern) => Object.entries(pattern) as [DrumName, string][]);
  const full = arousal > 0.45 ? 2 : arousal > -0.15 ? 1 : 0;
  const hits: Hit[] = [];
  const force = 0.62 + 0.2 * (arousal + 1);
  const add = (beat: number, drum: DrumName, level: number) => {
    const velocity = Math.min(1, level * force * (0.94 + 0.12 * random.next()));
    const at = Math.max(0, time(beat) + 0.003 * random.normal());
    hits.push({ at, drum: drums.kit[drum] ?? drum, velocity });
  };
  const [, again, last, end] = sections;
  for (let beat = 0; beat < end - 1e-6; beat += 0.25) {
    const sparse = beat < again;
    if (sparse && arousal < 0.1) continue;
    const pattern = grooves[sparse ? Math.max(0, full - 1) : full]!;
    const step = Math.round((beat % beatsPerBar) * 4);
    const next = [again, last, end].find((start) => start > beat + 1e-6)!;
    const fill = full > 0 && next - beat <= 1 && !sparse;
    for (const [drum, steps] of pattern) {
      const level = LEVEL[steps[step] ?? '.'];
      if (level && !(fill && (drum === 'snare' || drum === 'hat'))) add(beat, drum, level);
    }
    if (fill && (full === 2 || (beat * 4) % 2 === 0)) {
      add(beat, (next - beat) * 4 > 2 ? 'snare' : 'tom', 0.55 + 0.4 * (1 - (next - beat)));
    }
  }
  if (full > 0) add(last, arousal > 0.3 ? 'crash' : 'swell', 0.55);
  add(end, 'kick', 0.9);
  if (full > 0) add(end, arousal > 0.3 ? 'crash' : 'swell', 0.6);
  return hits;
}
