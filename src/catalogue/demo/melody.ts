import type { Random } from '../../../ml/random.ts';
import { type Chord, mod12 } from './harmony.ts';

/** One harmony and the stretch of beats it lasts. */
export interface Slot {
  readonly beat: number;
  readonly beats: number;
  readonly chord: Chord;
}

/** Beats, before swing and people's small delays. */
export interface MelodyNote {
  readonly beat: number;
  readonly beats: number;
  readonly pitch: number;
  /** 0..1: how much the metre weighs here. */
  readonly weight: number;
}

interface Motif {
  readonly onsets: readonly { readonly beat: number; readonly beats: number; readonly step: number }[];
}

export interface MelodyPlan {
  readonly tonic: number;
  /** Middle of the range, MIDI. */
  readonly centre: number;
  /** Notes per beat. */
  readonly density: number;
  /** -1 falls, 1 rises. */
  readonly drift: number;
  /** 0..1: chromatic neighbours and tritones. */
  readonly tension: number;
  readonly random: Random;
}

function metreWeight(beat: number): number {
  if (Math.abs(beat) < 1e-6) return 1;
  if (Math.abs(beat - Math.round(beat)) < 1e-6) return 0.8;
  return Math.abs(beat * 2 - Math.round(beat * 2)) < 1e-6 ? 0.5 : 0.2;
}

/** A short idea: when its notes come and how many scale steps each moves from the one before. */
function inventMotif(beats: number, density: number, plan: MelodyPlan): Motif {
  const { random, drift } = plan;
  const grid = density > 1.5 ? 0.25 : 0.5;
  const places: { beat: number; score: number }[] = [];
  for (let beat = 0; beat < beats - 1e-6; beat += grid) {
    places.push({ beat, score: metreWeight(beat) + 0.55 * random.next() });
  }
  const wanted = Math.max(1, Math.round(density * beats * (0.85 + 0.3 * random.next())));
  const chosen = places
    .sort((a, b) => b.score - a.score)
    .slice(0, wanted)
    .sort((a, b) => a.beat - b.beat);
  const leap = 0.14 + 0.12 * Math.abs(drift);
  return {
    onsets: chosen.map(({ beat }, i) => {
      const until = chosen[i + 1]?.beat ?? beats;
      const up = random.next() < 0.5 + 0.22 * drift ? 1 : -1;
      const size = random.next() < leap ? 2 + random.integer(3) : random.next() < 0.12 ? 0 : 1;
      return { beat, beats: until - beat, step: up * size };
    }),
  };
}

function ladder(plan: MelodyPlan, chord: Chord): number[] {
  const pitches: number[] = [];
  for (let pitch = plan.centre - 15; pitch <= plan.centre + 15; pitch++) {
    if (chord.scale.includes(mod12(pitch - plan.tonic))) pitches.push(pitch);
  }
  return pitches;
}

function nearest(pitches: readonly number[], wanted: number): number {
  let best = 0;
  for (let i = 1; i < pitches.length; i++) {
    if (Math.abs(pitches[i]! - wanted) < Math.abs(pitches[best]! - wanted)) best = i;
  }
  return best;
}

/** Lays a motif over one harmony, starting near `from`; returns its notes and the pitch it ends on. */
function lay(motif: Motif, slot: Slot, from: number, plan: MelodyPlan): MelodyNote[] {
  const scale = ladder(plan, slot.chord);
  const classes = slot.chord.tones.map(mod12);
  const tones = scale.filter((p) => classes.includes(mod12(p - plan.tonic)));
  const notes: MelodyNote[] = [];
  let pitch = from;
  for (const onset of motif.onsets) {
    if (onset.beat >= slot.beats - 1e-6) break;
    const weight = metreWeight(onset.beat);
    // Far from home the line turns back.
    const away = pitch - plan.centre;
    const step = Math.abs(away) > 8 && Math.sign(away) === Math.sign(onset.step) ? -onset.step : onset.step;
    const index = Math.min(scale.length - 1, Math.max(0, nearest(scale, pitch) + step));
    pitch = weight >= 0.8 && tones.length > 0 ? tones[nearest(tones, scale[index]!)]! : scale[index]!;
    if (weight < 0.8 && plan.random.next() < 0.35 * plan.tension) pitch += plan.random.next() < 0.5 ? 1 : -1;
    notes.push({
      beat: slot.beat + onset.beat,
      beats: Math.min(onset.beats, slot.beats - onset.beat),
      pitch,
      weight,
    });
  }
  return notes;
}

/**
 * A melody in sentence form: an idea over A, the same idea with a new turn over A', another and higher one over B
 * that comes to rest on the tonic.
 * @param slots harmonies, the last of which is the closing chord
 * @param lengths number of slots in A, A' and B
 */
export function inventMelody(
  slots: readonly Slot[],
  lengths: readonly [number, number, number],
  plan: MelodyPlan,
): MelodyNote[] {
  const { random, density } = plan;
  const beats = slots[0]!.beats;
  const first = inventMotif(beats, density, plan);
  const answer = inventMotif(beats, density * 0.75, plan);
  const turn = inventMotif(beats, density * 1.1, plan);
  const contrast = inventMotif(beats, density * (random.next() < 0.5 ? 1.25 : 0.8), plan);
  const notes: MelodyNote[] = [];
  const lift = Math.round(3 + 3 * Math.max(0, plan.drift));
  let section = 0;
  let within = 0;
  let pitch = plan.centre;
  for (const slot of slots.slice(0, -1)) {
    if (within === 0) pitch = plan.centre + (section === 2 ? lift : section === 1 ? 2 : 0);
    const lastOfPhrase = within === lengths[section]! - 1;
    const motif = lastOfPhrase
      ? section === 1
        ? turn
        : answer
      : section === 2
        ? within % 2 === 0
          ? contrast
          : turn
        : within % 2 === 0
          ? first
          : answer;
    const laid = lay(motif, slot, pitch, plan);
    // A phrase breathes before the next one.
    const last = laid.at(-1);
    if (lastOfPhrase && last && last.beats > 0.75)
      laid[laid.length - 1] = { ...last, beats: last.beats * 0.7 };
    notes.push(...laid);
    pitch = last?.pitch ?? pitch;
    within++;
    if (within === lengths[section]) {
      section++;
      within = 0;
    }
  }
  const end = slots.at(-1)!;
  const home = ladder(plan, end.chord).filter((p) => mod12(p - plan.tonic) === 0);
  notes.push({
    beat: end.beat,
    beats: end.beats,
    pitch: home[nearest(home, pitch)] ?? plan.tonic,
    weight: 1,
  });
  return notes;
}
