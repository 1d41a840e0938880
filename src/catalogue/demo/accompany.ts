import type { Random } from '../../../ml/random.ts';
import type { BassStyle, ChordStyle } from './genres.ts';
import { mod12 } from './harmony.ts';
import type { Slot } from './melody.ts';

/** In beats; `spread` delays a note by some milliseconds, as a strummed string is. */
export interface PlayedNote {
  readonly beat: number;
  readonly beats: number;
  readonly pitch: number;
  readonly velocity: number;
  readonly spread?: number;
}

export interface Touch {
  /** Notes per beat that figures move in: 1, 2, 3 or 4. */
  readonly rate: number;
  /** Length of a note as a share of its place, 0.4 (short) .. 1.05 (bound). */
  readonly articulation: number;
  readonly random: Random;
}

const STRUM_STILL = 'D...D.u.';
const STRUM_DRIVING = 'D.DuuDDu';
const STRUM_WALTZ = 'D.D.Du';

/** One harmony in a playing style; `pitches` are its voiced tones, ascending. */
export function playChord(
  style: ChordStyle,
  slot: Slot,
  pitches: readonly number[],
  touch: Touch,
): PlayedNote[] {
  const { beat: start, beats } = slot;
  const { rate, articulation, random } = touch;
  const notes: PlayedNote[] = [];
  const strike = (beat: number, length: number, velocity: number, spread = 0) => {
    pitches.forEach((pitch, i) => {
      notes.push({ beat: start + beat, beats: length, pitch, velocity, spread: spread * i });
    });
  };
  const run = (order: readonly number[], step: number, length: number, accent: number) => {
    for (let i = 0; i * step < beats - 1e-6; i++) {
      const voiceIndex = order[i % order.length]!;
      const octave = 12 * Math.floor(voiceIndex / pitches.length);
      notes.push({
        beat: start + i * step,
        beats: Math.min(length, beats - i * step),
        pitch: pitches[voiceIndex % pitches.length]! + octave,
        velocity: Math.abs((i * step) % 1) < 1e-6 ? accent : accent * 0.8,
      });
    }
  };
  const n = pitches.length;
  const step = 1 / rate;
  switch (style) {
    case 'sustain':
      strike(0, beats * 1.02, 0.7, 12);
      break;
    case 'block':
      for (let beat = 0; beat < beats; beat += 2)
        strike(beat, Math.min(2, beats - beat) * articulation, 0.7, 6);
      break;
    case 'arpeggio': {
      const up = Array.from({ length: n + 2 }, (_, i) => i);
      run([...up, ...up.slice(1, -1).reverse()], step, Math.max(step * 1.6, articulation), 0.74);
      break;
    }
    case 'alberti':
      run([0, n - 1, 1, n - 1], Math.max(step, 0.25), step * Math.max(0.8, articulation), 0.7);
      break;
    case 'ostinato':
      run([0, 1, 0, n, 0, 1, n - 1, 1], Math.max(0.25, step / 1), step * articulation, 0.78);
      break;
    case 'pulse':
      for (let beat = 0; beat < beats - 1e-6; beat += 0.5) {
        strike(beat, 0.5 * articulation, beat % 1 === 0 ? 0.76 : 0.6);
      }
      break;
    case 'stabs':
      for (let beat = 0; beat < beats - 1e-6; beat += 1) {
        strike(beat + 0.5, 0.32 * (0.6 + articulation), 0.78, 2);
        if (random.next() < 0.2 && beat + 1 < beats) strike(beat + 0.75, 0.2, 0.55, 2);
      }
      break;
    case 'comp': {
      strike(0, Math.min(1.3, beats) * articulation, 0.72, 5);
      if (beats > 1.5) strike(random.next() < 0.6 ? 1.5 : 1, 0.45, 0.62, 5);
      if (beats > 3) strike(random.next() < 0.5 ? 2.5 : 3, 0.8 * articulation, 0.64, 5);
      break;
    }
    case 'strum': {
      const pattern = beats % 3 === 0 ? STRUM_WALTZ : rate > 2 ? STRUM_DRIVING : STRUM_STILL;
      for (let i = 0; i * 0.5 < beats - 1e-6; i++) {
        const stroke = pattern[i % pattern.length];
        if (stroke === '.') continue;
        let length = 1;
        while (pattern[(i + length) % pattern.length] === '.') length++;
        const order = stroke === 'D' ? pitches : [...pitches].reverse();
        order.forEach((pitch, k) => {
          const velocity = (stroke === 'D' ? 0.74 : 0.55) - 0.03 * k;
          notes.push({ beat: start + i * 0.5, beats: length * 0.5, pitch, velocity, spread: 11 * k });
        });
      }
      break;
    }
    case 'chug':
      for (let i = 0; i * 0.5 < beats - 1e-6; i++) {
        const open = i === 0 || (i % 8 === 3 && beats > 2);
        for (const pitch of open ? pitches : pitches.slice(0, 2)) {
          notes.push({
            beat: start + i * 0.5,
            beats: open ? 0.9 : 0.3,
            pitch,
            velocity: open ? 0.85 : 0.58,
            spread: 2,
          });
        }
      }
      break;
    case 'tremolo':
      for (let i = 0; i * 0.25 < beats - 1e-6; i++)
        strike(i * 0.25, 0.24, 0.42 + 0.32 * ((i * 0.25) / beats));
      break;
  }
  return notes;
}

/**
 * A bass line under one harmony.
 * @param root MIDI pitch of the harmony's root in the bass's range
 * @param next root of the following harmony, to walk towards
 */
export function playBass(
  style: BassStyle,
  slot: Slot,
  root: number,
  next: number,
  touch: Touch,
): PlayedNote[] {
  const { beat: start, beats, chord } = slot;
  const { articulation, random } = touch;
  const notes: PlayedNote[] = [];
  const add = (beat: number, length: number, pitch: number, velocity: number) => {
    if (beat < beats - 1e-6) {
      notes.push({ beat: start + beat, beats: Math.min(length, beats - beat), pitch, velocity });
    }
  };
  const fifth =
    root + mod12((chord.tones[2] ?? chord.tones[0]! + 7) - chord.tones[0]!) - (root > 40 ? 12 : 0);
  const bound = Math.max(0.55, articulation);
  switch (style) {
    case 'roots':
      add(0, beats, root, 0.75);
      break;
    case 'root-fifth':
      for (let beat = 0; beat < beats; beat += 2) {
        add(beat, bound * (beats % 3 === 0 ? 1.6 : 0.9), root, 0.8);
        add(beat + 1, bound * 0.9, fifth, 0.66);
      }
      break;
    case 'eighths':
      for (let beat = 0; beat < beats; beat += 0.5) {
        const late = beats - beat <= 0.5 && next !== root;
        add(
          beat,
          0.46 * bound,
          late ? root + Math.sign(next - root) * 2 : root,
          beat % 1 === 0 ? 0.82 : 0.66,
        );
      }
      break;
    case 'octaves':
      for (let beat = 0; beat < beats; beat += 0.5) add(beat, 0.42, beat % 1 === 0 ? root : root + 12, 0.76);
      break;
    case 'offbeat':
      for (let beat = 0; beat < beats; beat += 1) {
        add(beat + 0.5, 0.42, root, 0.82);
        if (random.next() < 0.18) add(beat + 0.75, 0.2, root + 12, 0.55);
      }
      break;
    case 'syncopated':
      add(0, 0.9 * bound, root, 0.85);
      add(1.5, 0.45, root, 0.68);
      if (beats > 2) {
        add(2.5, 0.8 * bound, fifth, 0.7);
        add(3.5, 0.4, next > root ? next - 2 : next + 2, 0.6);
      }
      break;
    case 'walking': {
      const tones = chord.tones.map((tone) => root + mod12(tone - chord.tones[0]!));
      for (let beat = 0; beat < beats; beat++) {
        const last = beats - beat <= 1;
        const pitch =
          beat === 0 ? root : last ? next + (random.next() < 0.5 ? 1 : -1) : tones[beat % tones.length]!;
        add(beat, 0.92, pitch > root + 9 ? pitch - 12 : pitch, beat % 2 === 0 ? 0.78 : 0.7);
      }
      break;
    }
  }
  return notes;
}
