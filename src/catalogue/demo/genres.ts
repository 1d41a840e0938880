import type { Colour } from './harmony.ts';
import type { DrumName, InstrumentName } from './score.ts';

export type ChordStyle =
  | 'sustain'
  | 'arpeggio'
  | 'alberti'
  | 'strum'
  | 'stabs'
  | 'pulse'
  | 'comp'
  | 'block'
  | 'chug'
  | 'ostinato'
  | 'tremolo';
export type BassStyle = 'roots' | 'root-fifth' | 'eighths' | 'octaves' | 'walking' | 'offbeat' | 'syncopated';
export type Groove = 'backbeat' | 'four' | 'break' | 'lazy' | 'swing' | 'folk' | 'march' | 'rock';

/** What a genre plays for a mood: `still` at low arousal, `driving` at high. */
export interface Styles {
  readonly chords: readonly ChordStyle[];
  readonly bass: readonly BassStyle[];
}

export interface Genre {
  readonly name: string;
  /** Where on the plane it is at home; it is heard elsewhere too, only less often. */
  readonly home: { readonly valence: number; readonly arousal: number };
  /** Beats per minute at the lowest and the highest arousal. */
  readonly tempo: readonly [number, number];
  readonly metres: readonly (3 | 4)[];
  /** Share of an eighth by which every second one comes late. */
  readonly swing: number;
  readonly colours: readonly Colour[];
  readonly chords: readonly InstrumentName[];
  readonly bass: readonly InstrumentName[];
  readonly lead: readonly InstrumentName[];
  readonly pad: readonly InstrumentName[];
  readonly still: Styles;
  readonly driving: Styles;
  readonly drums?: {
    readonly groove: Groove;
    /** Softer sounds for some drums, e.g. brushes for the snare. */
    readonly kit: Partial<Record<DrumName, DrumName>>;
    readonly gain: number;
    /** Arousal from which there are drums at all. */
    readonly from: number;
  };
  readonly reverb: readonly [seconds: number, level: number];
  readonly echo: number;
  readonly crackle: number;
  readonly pump: number;
  /** dB on top of what the mood asks for. */
  readonly loudness: number;
  readonly tone: number;
}

const SOFT_KIT = { kick: 'soft kick', snare: 'brush' } as const;

/** Invented, but sensible: each has its own tempo, instruments, ways to play them, room and level. */
export const GENRES: readonly Genre[] = [
  {
    name: 'synthwave',
    home: { valence: 0.2, arousal: 0.4 },
    tempo: [76, 128],
    metres: [4],
    swing: 0,
    colours: ['triad', 'add9'],
    chords: ['synth pluck', 'warm pad'],
    bass: ['synth bass'],
    lead: ['saw lead', 'soft lead', 'pulse lead'],
    pad: ['warm pad', 'strings'],
    still: { chords: ['sustain', 'arpeggio'], bass: ['roots', 'offbeat'] },
    driving: { chords: ['arpeggio', 'stabs'], bass: ['eighths', 'octaves'] },
    drums: { groove: 'backbeat', kit: {}, gain: 0.9, from: -0.55 },
    reverb: [2.2, 0.22],
    echo: 0.25,
    crackle: 0,
    pump: 0.35,
    loudness: 0.5,
    tone: 0,
  },
  {
    name: 'chamber',
    home: { valence: -0.2, arousal: -0.2 },
    tempo: [56, 138],
    metres: [3, 4, 4],
    swing: 0,
    colours: ['triad', 'triad', 'add9'],
    chords: ['piano', 'harp', 'strings'],
    bass: ['solo strings'],
    lead: ['solo strings', 'flute', 'clarinet'],
    pad: ['strings'],
    still: { chords: ['sustain', 'arpeggio', 'alberti'], bass: ['roots'] },
    driving: { chords: ['alberti', 'pulse', 'ostinato'], bass: ['root-fifth', 'eighths'] },
    reverb: [2.4, 0.3],
    echo: 0,
    crackle: 0,
    pump: 0,
    loudness: -2,
    tone: -0.05,
  },
  {
    name: 'lo-fi',
    home: { valence: 0.2, arousal: -0.4 },
    tempo: [64, 96],
    metres: [4],
    swing: 0.22,
    colours: ['seventh', 'ninth'],
    chords: ['electric piano', 'felt piano', 'nylon guitar'],
    bass: ['upright bass', 'deep bass'],
    lead: ['vibraphone', 'soft lead', 'nylon guitar', 'flute'],
    pad: ['warm pad'],
    still: { chords: ['sustain', 'comp'], bass: ['roots'] },
    driving: { chords: ['comp', 'stabs'], bass: ['syncopated', 'root-fifth'] },
    drums: {
      groove: 'lazy',
      kit: { kick: 'soft kick', snare: 'rim', 'open hat': 'shaker' },
      gain: 0.75,
      from: -0.8,
    },
    reverb: [1.2, 0.16],
    echo: 0.1,
    crackle: 0.012,
    pump: 0.2,
    loudness: -0.5,
    tone: -0.2,
  },
  {
    name: 'folk',
    home: { valence: 0.35, arousal: 0 },
    tempo: [68, 144],
    metres: [4, 3, 4],
    swing: 0.06,
    colours: ['triad', 'add9'],
    chords: ['guitar'],
    bass: ['upright bass'],
    lead: ['flute', 'solo strings', 'guitar', 'clarinet'],
    pad: ['strings', 'organ'],
    still: { chords: ['arpeggio', 'alberti'], bass: ['roots'] },
    driving: { chords: ['strum'], bass: ['root-fifth'] },
    drums: { groove: 'folk', kit: SOFT_KIT, gain: 0.65, from: -0.1 },
    reverb: [1.3, 0.18],
    echo: 0,
    crackle: 0,
    pump: 0,
    loudness: -1,
    tone: 0.05,
  },
  {
    name: 'ambient',
    home: { valence: 0.1, arousal: -0.8 },
    tempo: [54, 96],
    metres: [4, 4, 3],
    swing: 0,
    colours: ['add9', 'ninth', 'seventh'],
    chords: ['warm pad', 'glass pad', 'choir'],
    bass: ['deep bass'],
    lead: ['celesta', 'soft lead', 'felt piano', 'vibraphone'],
    pad: ['glass pad', 'choir', 'strings'],
    still: { chords: ['sustain'], bass: ['roots'] },
    driving: { chords: ['arpeggio', 'tremolo'], bass: ['roots', 'eighths'] },
    drums: {
      groove: 'lazy',
      kit: { kick: 'soft kick', snare: 'brush', hat: 'shaker', 'open hat': 'shaker' },
      gain: 0.5,
      from: 0.1,
    },
    reverb: [4.2, 0.42],
    echo: 0.3,
    crackle: 0,
    pump: 0,
    loudness: -2.5,
    tone: -0.1,
  },
  {
    name: 'drum & bass',
    home: { valence: 0, arousal: 0.75 },
    tempo: [160, 176],
    metres: [4],
    swing: 0,
    colours: ['seventh', 'add9', 'triad'],
    chords: ['electric piano', 'warm pad', 'synth pluck'],
    bass: ['growl bass', 'deep bass'],
    lead: ['soft lead', 'saw lead', 'flute'],
    pad: ['warm pad', 'choir', 'glass pad'],
    still: { chords: ['sustain', 'comp'], bass: ['roots'] },
    driving: { chords: ['stabs', 'comp', 'arpeggio'], bass: ['syncopated', 'eighths'] },
    drums: { groove: 'break', kit: {}, gain: 0.95, from: -0.6 },
    reverb: [1.8, 0.18],
    echo: 0.2,
    crackle: 0,
    pump: 0.2,
    loudness: 1,
    tone: 0.05,
  },
  {
    name: 'music box',
    home: { valence: 0.5, arousal: -0.35 },
    tempo: [64, 138],
    metres: [3, 3, 4],
    swing: 0,
    colours: ['triad', 'add9'],
    chords: ['music box', 'harp', 'marimba'],
    bass: ['harp', 'marimba'],
    lead: ['music box', 'celesta'],
    pad: ['glass pad', 'strings'],
    still: { chords: ['arpeggio', 'alberti'], bass: ['roots'] },
    driving: { chords: ['alberti', 'ostinato'], bass: ['root-fifth'] },
    reverb: [2, 0.26],
    echo: 0.08,
    crackle: 0.003,
    pump: 0,
    loudness: -2,
    tone: 0,
  },
  {
    name: 'garage rock',
    home: { valence: -0.15, arousal: 0.8 },
    tempo: [84, 172],
    metres: [4],
    swing: 0,
    colours: ['power', 'power', 'triad'],
    chords: ['overdriven guitar'],
    bass: ['electric bass'],
    lead: ['overdriven guitar', 'organ', 'saw lead'],
    pad: ['organ'],
    still: { chords: ['strum', 'arpeggio'], bass: ['roots', 'root-fifth'] },
    driving: { chords: ['chug', 'strum'], bass: ['eighths'] },
    drums: { groove: 'rock', kit: {}, gain: 1, from: -0.7 },
    reverb: [1, 0.13],
    echo: 0.04,
    crackle: 0,
    pump: 0,
    loudness: 1.5,
    tone: 0.05,
  },
  {
    name: 'house',
    home: { valence: 0.55, arousal: 0.65 },
    tempo: [112, 130],
    metres: [4],
    swing: 0.08,
    colours: ['seventh', 'triad', 'ninth'],
    chords: ['piano', 'organ', 'synth pluck'],
    bass: ['synth bass', 'deep bass'],
    lead: ['pulse lead', 'vibraphone', 'soft lead', 'synth pluck'],
    pad: ['warm pad', 'strings'],
    still: { chords: ['sustain', 'comp'], bass: ['offbeat', 'roots'] },
    driving: { chords: ['stabs', 'comp'], bass: ['offbeat', 'syncopated', 'octaves'] },
    drums: { groove: 'four', kit: { snare: 'clap' }, gain: 0.95, from: -0.9 },
    reverb: [1.5, 0.17],
    echo: 0.18,
    crackle: 0,
    pump: 0.45,
    loudness: 1,
    tone: 0.05,
  },
  {
    name: 'café jazz',
    home: { valence: 0.3, arousal: -0.1 },
    tempo: [66, 184],
    metres: [4, 4, 3],
    swing: 0.3,
    colours: ['seventh', 'ninth'],
    chords: ['piano', 'nylon guitar', 'vibraphone'],
    bass: ['upright bass'],
    lead: ['clarinet', 'piano', 'vibraphone', 'horns'],
    pad: ['strings', 'organ'],
    still: { chords: ['block', 'comp'], bass: ['roots', 'root-fifth'] },
    driving: { chords: ['comp'], bass: ['walking'] },
    drums: { groove: 'swing', kit: SOFT_KIT, gain: 0.6, from: -0.75 },
    reverb: [1.1, 0.15],
    echo: 0,
    crackle: 0,
    pump: 0,
    loudness: -1,
    tone: -0.05,
  },
  {
    name: 'chiptune',
    home: { valence: 0.45, arousal: 0.6 },
    tempo: [86, 172],
    metres: [4, 4, 3],
    swing: 0,
    colours: ['triad'],
    chords: ['pulse lead', 'synth pluck'],
    bass: ['chip bass'],
    lead: ['pulse lead', 'soft lead'],
    pad: ['organ'],
    still: { chords: ['arpeggio', 'alberti'], bass: ['roots', 'root-fifth'] },
    driving: { chords: ['arpeggio', 'ostinato', 'stabs'], bass: ['octaves', 'eighths'] },
    drums: { groove: 'backbeat', kit: { snare: 'brush', 'open hat': 'hat' }, gain: 0.7, from: -0.35 },
    reverb: [0.7, 0.08],
    echo: 0.16,
    crackle: 0,
    pump: 0,
    loudness: 0,
    tone: 0.05,
  },
  {
    name: 'cinematic',
    home: { valence: -0.45, arousal: 0.4 },
    tempo: [58, 150],
    metres: [4, 4, 3],
    swing: 0,
    colours: ['triad', 'add9'],
    chords: ['strings', 'piano', 'horns'],
    bass: ['solo strings', 'deep bass'],
    lead: ['horns', 'solo strings', 'choir', 'felt piano'],
    pad: ['choir', 'strings'],
    still: { chords: ['sustain', 'arpeggio'], bass: ['roots'] },
    driving: { chords: ['ostinato', 'pulse', 'tremolo'], bass: ['eighths', 'roots'] },
    drums: {
      groove: 'march',
      kit: { kick: 'taiko', snare: 'tom', hat: 'shaker', 'open hat': 'swell' },
      gain: 0.9,
      from: -0.05,
    },
    reverb: [3, 0.32],
    echo: 0,
    crackle: 0,
    pump: 0,
    loudness: 0,
    tone: 0.12,
  },
];
