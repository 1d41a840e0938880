import type { Random } from '../../../ml/random.ts';
import { type PlayedNote, playBass, playChord, type Touch } from './accompany.ts';
import { playDrums } from './drums.ts';
import type { Genre, Styles } from './genres.ts';
import { chooseMode, chooseProgression, chordOf, isMajor, mod12, voice } from './harmony.ts';
import { inventMelody, type Slot } from './melody.ts';
import type { SongPlan } from './plan.ts';
import type { InstrumentName, Note, Role, Score, Track } from './score.ts';

/** Octaves and fifths that an instrument sounds best away from the middle of its role, in semitones. */
const RANGE: Partial<Record<InstrumentName, number>> = {
  'music box': 12,
  celesta: 9,
  glass: 0,
  clarinet: -5,
  horns: -10,
  choir: -4,
  'overdriven guitar': -9,
  guitar: -4,
  'nylon guitar': -5,
  marimba: -3,
  'felt piano': -2,
} as Partial<Record<InstrumentName, number>>;

/** Number of harmonies in A, A' and B. */
const FORMS: readonly (readonly [number, number, number])[] = [
  [1, 2, 2],
  [2, 2, 2],
  [2, 2, 4],
  [3, 3, 4],
  [4, 4, 4],
  [4, 4, 6],
  [4, 4, 8],
];
const BODY_SECONDS = 14.8;
/** A piece that takes longer than this has no time left for its last chord. */
const LONGEST_BODY = 17;

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** How long a harmony lasts and how many there are, so that the piece comes closest to its length. */
function chooseForm(tempo: number, metre: 3 | 4) {
  let best = { form: FORMS[0]!, beats: 4, error: Number.POSITIVE_INFINITY };
  for (const beats of metre === 3 ? [3] : [2, 4]) {
    for (const form of FORMS) {
      const seconds = ((form[0] + form[1] + form[2]) * beats * 60) / tempo;
      // A harmony per bar breathes more easily than two.
      const error =
        Math.abs(seconds - BODY_SECONDS) +
        (beats === 2 && tempo > 100 ? 0.6 : 0) +
        (seconds > LONGEST_BODY ? 10 : 0);
      if (error < best.error) best = { form, beats, error };
    }
  }
  return best;
}

function tensionOf(valence: number, arousal: number): number {
  return clamp(-valence * 1.15, 0, 1) * clamp((arousal + 0.35) / 1.1, 0, 1);
}

/**
 * Writes the music for a plan. What follows from where: valence gives the mode, the register, the direction of the
 * melody and how bitter-sweet the harmony is; arousal gives tempo, density, articulation, brightness, drums and
 * loudness; both together give tension (chromatic notes, clusters, tremolo). Genres bend all of it.
 */
export function compose(plan: SongPlan): Score {
  const { valence, arousal, random } = planned(plan);
  const genre = plan.artist.genre;
  const pick = <T>(list: readonly T[]): T => list[random.integer(list.length)]!;
  const tension = tensionOf(valence, arousal);
  const lively = clamp((arousal + 1) / 2 + 0.07 * random.normal(), 0, 1);
  const metre = arousal > 0.6 ? 4 : pick(genre.metres);
  const tempo = Math.round((genre.tempo[0] + (genre.tempo[1] - genre.tempo[0]) * lively) * 10) / 10;
  const mode = chooseMode(valence, tension, random);
  const key = random.integer(12);
  const tonic = 48 + (key > 6 ? key - 12 : key);
  const { form, beats } = chooseForm(tempo, metre);
  const bittersweet = Math.abs(valence) < 0.42 && arousal < 0.15;
  const names = [...chooseProgression(mode, form, bittersweet, random), '1'];
  const colour = pick(genre.colours);
  const beat = 60 / tempo;
  const body = (names.length - 1) * beats * beat;
  const lastSeconds = Math.max(2, 14.6 - body);
  const slots: Slot[] = names.map((name, i) => ({
    beat: i * beats,
    beats: i === names.length - 1 ? Math.max(1, Math.round(lastSeconds / beat)) : beats,
    chord: chordOf(mode, name, colour === 'power' && i < names.length - 1 ? 'power' : colour),
  }));
  const starts: [number, number, number, number] = [
    0,
    form[0] * beats,
    (form[0] + form[1]) * beats,
    (form[0] + form[1] + form[2]) * beats,
  ];
  const swing = genre.swing;
  const time = (at: number) => {
    const whole = Math.floor(at + 1e-9);
    const part = Math.max(0, at - whole);
    const bent = part < 0.5 ? part * (1 + swing) : 0.5 + swing / 2 + (part - 0.5) * (1 - swing);
    return 0.03 + (whole + bent) * beat;
  };
  const touch: Touch = {
    rate: chooseRate(1.2 + 6 * lively, tempo, swing),
    articulation: clamp(0.84 - 0.26 * arousal - (valence > 0 && arousal > 0 ? 0.12 : 0), 0.42, 1.05),
    random,
  };
  const context: Context = {
    genre,
    slots,
    starts,
    tonic,
    tension,
    lively,
    valence,
    arousal,
    touch,
    time,
    beat,
    random,
  };
  const end = time(starts[3]);
  const seconds =
    Math.round((end + Math.max(2.4, slots.at(-1)!.beats * beat) + 0.25 * genre.reverb[0]) * 20) / 20;
  return {
    tempo,
    beatsPerBar: metre,
    seconds: clamp(seconds, 15, 20),
    key: mod12(tonic),
    mode,
    loudness:
      Math.round(clamp(-14.6 + 4.6 * arousal + genre.loudness + 0.7 * random.normal(), -22, -8.5) * 100) /
      100,
    tone: clamp(0.18 + 0.62 * lively + 0.1 * valence + genre.tone, 0.05, 1),
    reverb: {
      seconds: genre.reverb[0] * (1.15 - 0.35 * lively),
      level: genre.reverb[1] * (1.2 - 0.5 * lively),
    },
    crackle: genre.crackle * (0.6 + 0.8 * random.next()),
    pump: genre.pump * lively,
    drumGain: (genre.drums?.gain ?? 0) * (0.3 + 0.7 * lively),
    sections: starts.map(time),
    tracks: arrange(context, colour !== 'power' || isMajor(mode)),
    hits: playDrums({ genre, arousal, beatsPerBar: metre, sections: starts, time, random }),
    seed: random.integer(2 ** 31),
  };
}

function planned(plan: SongPlan) {
  return { valence: plan.valence, arousal: plan.arousal, random: plan.random.fork('music') };
}

function chooseRate(perSecond: number, tempo: number, swing: number): number {
  const rates = swing > 0.1 ? [1, 2] : [1, 2, 3, 4];
  const cost = (rate: number) => Math.abs(Math.log((rate * tempo) / 60 / perSecond)) + (rate === 3 ? 0.1 : 0);
  return rates.reduce((best, rate) => (cost(rate) < cost(best) ? rate : best));
}

interface Context {
  readonly genre: Genre;
  readonly slots: readonly Slot[];
  readonly starts: readonly [number, number, number, number];
  readonly tonic: number;
  readonly tension: number;
  readonly lively: number;
  readonly valence: number;
  readonly arousal: number;
  readonly touch: Touch;
  readonly time: (beat: number) => number;
  readonly beat: number;
  readonly random: Random;
}

/** Who plays what: chords throughout, bass and pad as the piece fills, the melody, a second voice in B. */
function arrange(context: Context, mayPad: boolean): Track[] {
  const { genre, slots, starts, tonic, lively, valence, arousal, touch, tension, random } = context;
  const pick = <T>(list: readonly T[]): T => list[random.integer(list.length)]!;
  const styles: Styles = random.next() < clamp(lively * 1.5 - 0.25, 0, 1) ? genre.driving : genre.still;
  const chordStyle = pick(styles.chords);
  const instruments = {
    chords: pick(genre.chords),
    bass: pick(genre.bass),
    lead: pick(genre.lead),
    pad: pick(genre.pad),
  };
  const centre = 60 + 2.5 * valence + (RANGE[instruments.chords] ?? 0);
  const voicings: number[][] = [];
  for (const slot of slots) voicings.push(voice(slot.chord, tonic, centre, voicings.at(-1)));
  const last = slots.length - 1;

  const chords = slots.flatMap((slot, i) =>
    playChord(i === last ? closing(chordStyle) : chordStyle, slot, voicings[i]!, touch),
  );

  const bassStyle = pick(styles.bass);
  const roots = slots.map((slot) => 30 + mod12(tonic + slot.chord.tones[0]! - 30));
  const bassFrom = arousal > 0.2 ? 0 : starts[1];
  const bass = slots.flatMap((slot, i) => {
    if (slot.beat < bassFrom) return [];
    return playBass(i === last ? 'roots' : bassStyle, slot, roots[i]!, roots[i + 1] ?? roots[i]!, touch);
  });

  const density = clamp((0.55 + 2.8 * lively) / (1 / context.beat), 0.3, 2.6);
  const leadCentre = Math.round(70 + 4 * valence + 2.5 * arousal + (RANGE[instruments.lead] ?? 0));
  const melody = inventMelody(slots, formOf(slots, starts), {
    tonic,
    centre: leadCentre,
    density,
    drift: clamp(valence + 0.15 * random.normal(), -1, 1),
    tension,
    random,
  });
  const lead = melody.map(
    (note): PlayedNote => ({
      beat: note.beat,
      beats: note.beats * (note.beats > 1 ? Math.max(0.8, touch.articulation) : touch.articulation),
      pitch: note.pitch,
      velocity: 0.62 + 0.2 * note.weight,
    }),
  );

  const tracks: Track[] = [
    track(context, 'chords', instruments.chords, chords, -2.5 + 1.5 * lively, -0.22),
    track(context, 'bass', instruments.bass, bass, -3 + 1.5 * lively, 0),
    track(context, 'lead', instruments.lead, lead, 0, 0.14),
  ];
  if (mayPad && instruments.pad !== instruments.chords) {
    const from = arousal < -0.2 ? 0 : starts[1];
    const pad = slots.flatMap((slot, i) => {
      const pitches = voice(slot.chord, tonic, 64, i > 0 ? voicings[i - 1] : undefined);
      return slot.beat < from ? [] : playChord('sustain', slot, pitches, touch);
    });
    tracks.push(track(context, 'pad', instruments.pad, pad, -7, 0.3));
  }
  tracks.push(counter(context, instruments.chords, voicings));
  if (tension > 0.4) tracks.push(dread(context));
  return tracks;
}

function closing(style: Styles['chords'][number]): Styles['chords'][number] {
  return style === 'strum' || style === 'chug' ? 'block' : style === 'tremolo' ? 'tremolo' : 'sustain';
}

function formOf(slots: readonly Slot[], starts: Context['starts']): [number, number, number] {
  const beats = slots[0]!.beats;
  return [starts[1] / beats, (starts[2] - starts[1]) / beats, (starts[3] - starts[2]) / beats];
}

/** In B a second voice joins: high broken chords when lively, one held tone per harmony when still. */
function counter(
  context: Context,
  instrument: InstrumentName,
  voicings: readonly (readonly number[])[],
): Track {
  const { slots, starts, touch, lively } = context;
  const notes = slots.flatMap((slot, i) => {
    if (slot.beat < starts[2] || slot.beat >= starts[3]) return [];
    const top = voicings[i]!.map((pitch) => pitch + 12);
    if (lively > 0.45) return playChord('arpeggio', slot, top, { ...touch, articulation: 0.6 });
    return [
      { beat: slot.beat + slot.beats / 2, beats: slot.beats / 2, pitch: top[1] ?? top[0]!, velocity: 0.55 },
    ];
  });
  return track(context, 'counter', instrument, notes, -10, 0.45);
}

/** What makes a tense piece uneasy: a trembling semitone over the tonic that swells through each section. */
function dread(context: Context): Track {
  const { starts, tonic, tension } = context;
  const notes: PlayedNote[] = [];
  for (let beat = 0; beat < starts[3]; beat += 0.25) {
    const from = starts.findLast((start) => start <= beat)!;
    const until = starts.find((start) => start > beat)!;
    const swell = (beat - from) / (until - from);
    for (const pitch of [tonic + 12, tonic + 13]) {
      notes.push({ beat, beats: 0.25, pitch, velocity: 0.25 + 0.5 * swell * tension });
    }
  }
  return track(context, 'pad', 'strings', notes, -13 + 6 * tension, -0.4);
}

const SECTION_LEVEL = [0.84, 0.94, 1, 0.9];

/** From beats to seconds, with small human unevenness in time and force. */
function track(
  context: Context,
  role: Role,
  instrument: InstrumentName,
  played: readonly PlayedNote[],
  level: number,
  pan: number,
): Track {
  const { genre, starts, time, beat, lively, random } = context;
  const force = 0.66 + 0.34 * lively;
  const notes = played.map((note): Note => {
    const section = starts.findLastIndex((start) => start <= note.beat + 1e-6);
    const at = time(note.beat) + (note.spread ?? 0) / 1000 + 0.004 * random.normal();
    return {
      at: Math.max(0.005, at),
      seconds: Math.max(0.06, note.beats * beat),
      pitch: note.pitch,
      velocity: clamp(
        note.velocity * force * SECTION_LEVEL[Math.max(0, section)]! * (0.95 + 0.1 * random.next()),
        0.05,
        1,
      ),
    };
  });
  const wet = role === 'bass' ? 0.15 : role === 'pad' ? 1.2 : 1;
  return {
    role,
    instrument,
    level,
    pan,
    send: Math.min(1, genre.reverb[1] * 2 * wet),
    echo: role === 'lead' || role === 'counter' ? genre.echo : 0,
    notes: notes.sort((a, b) => a.at - b.at),
  };
}
