import type { Mode } from './harmony.ts';

/** Everything that can play a pitch. How each sounds is in `instruments.ts`. */
export type InstrumentName =
  | 'piano'
  | 'felt piano'
  | 'electric piano'
  | 'guitar'
  | 'nylon guitar'
  | 'overdriven guitar'
  | 'harp'
  | 'music box'
  | 'celesta'
  | 'vibraphone'
  | 'marimba'
  | 'strings'
  | 'solo strings'
  | 'flute'
  | 'clarinet'
  | 'horns'
  | 'choir'
  | 'organ'
  | 'warm pad'
  | 'glass pad'
  | 'saw lead'
  | 'soft lead'
  | 'pulse lead'
  | 'synth pluck'
  | 'synth bass'
  | 'deep bass'
  | 'growl bass'
  | 'chip bass'
  | 'upright bass'
  | 'electric bass';

export type DrumName =
  | 'kick'
  | 'soft kick'
  | 'snare'
  | 'brush'
  | 'clap'
  | 'rim'
  | 'hat'
  | 'open hat'
  | 'ride'
  | 'shaker'
  | 'tambourine'
  | 'tom'
  | 'taiko'
  | 'crash'
  | 'swell';

/** Times in seconds from the start of the piece, pitch as a MIDI number, velocity 0..1. */
export interface Note {
  readonly at: number;
  readonly seconds: number;
  readonly pitch: number;
  readonly velocity: number;
}

export interface Hit {
  readonly at: number;
  readonly drum: DrumName;
  readonly velocity: number;
}

export type Role = 'chords' | 'bass' | 'lead' | 'pad' | 'counter';

export interface Track {
  readonly role: Role;
  readonly instrument: InstrumentName;
  /** Loudness of this part in the mix, dB relative to a melody. */
  readonly level: number;
  /** -1 left .. 1 right. */
  readonly pan: number;
  /** Share sent to the reverb, 0..1. */
  readonly send: number;
  /** Share sent to the echo, 0..1. */
  readonly echo: number;
  readonly notes: readonly Note[];
}

/** What is played, and how it is to be mixed; `render.ts` turns it into sound. */
export interface Score {
  /** Beats (quarter notes) per minute. */
  readonly tempo: number;
  readonly beatsPerBar: number;
  /** Length of the whole piece with its last echo, in seconds. */
  readonly seconds: number;
  /** Pitch class of the tonic, 0 = C. */
  readonly key: number;
  readonly mode: Mode;
  /** Integrated loudness (ITU-R BS.1770) that the mix is levelled to, in LUFS. */
  readonly loudness: number;
  /** Brightness of the instruments, 0 (dark) .. 1 (bright). */
  readonly tone: number;
  readonly reverb: { readonly seconds: number; readonly level: number };
  /** Crackle of an old record, linear level; 0 for none. */
  readonly crackle: number;
  /** How far the kick pushes everything else down, 0..1. */
  readonly pump: number;
  /** 0..1, linear, relative to a melody. */
  readonly drumGain: number;
  /** Start of each section in seconds: A, A', B, and the last chord. */
  readonly sections: readonly number[];
  readonly tracks: readonly Track[];
  readonly hits: readonly Hit[];
  /** For the noises of the renderer. */
  readonly seed: number;
}
