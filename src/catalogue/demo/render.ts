import { STROKES, strokeOf } from './drum-kit.ts';
import { INSTRUMENTS } from './instruments.ts';
import { integratedLoudness, level } from './loudness.ts';
import type { DrumName, InstrumentName, Score, Track } from './score.ts';
import { addEcho, addEnsemble, addPanned, addReverb, overdrive, type Stereo, stereo } from './space.ts';
import { sound } from './voices.ts';
import { biquad, noiseSource, RATE } from './waves.ts';

/** Change it whenever the sound of a piece changes: cached files of other versions are rendered anew. */
export const RENDERER_VERSION = 1;

const ENSEMBLES: ReadonlySet<InstrumentName> = new Set([
  'strings',
  'choir',
  'organ',
  'warm pad',
  'glass pad',
  'electric piano',
  'saw lead',
]);
const PANNED_DRUMS: Partial<Record<DrumName, number>> = {
  hat: 0.25,
  'open hat': 0.25,
  ride: -0.3,
  shaker: -0.25,
  tambourine: 0.35,
  tom: -0.2,
  rim: 0.15,
};
/** Every part is brought to its loudness before it is mixed, so that no instrument or voicing drowns the others. */
const MELODY_LOUDNESS = -26;
const FADE_OUT = 1.1;

/** Turns a score into sound: `score.seconds` long, at `score.loudness`, never louder than the ceiling. */
export function render(score: Score): Stereo {
  return level(mixdown(score), score.loudness);
}

/** The mix before it is levelled. */
export function mixdown(score: Score): Stereo {
  const length = Math.round(score.seconds * RATE);
  const mix = stereo(length);
  const room = new Float32Array(length);
  const echoes = new Float32Array(length);
  const duck = duckingOf(score, length);
  for (const [index, track] of score.tracks.entries()) {
    if (track.notes.length === 0) continue;
    const played = playTrack(track, score, index, length);
    if (duck) for (let i = 0; i < length; i++) played[i]! *= duck[i]!;
    const gain = gainTo(MELODY_LOUDNESS + track.level, played);
    if (ENSEMBLES.has(track.instrument)) addEnsemble(mix, played, gain, track.pan);
    else addPanned(mix, played, gain, track.pan);
    for (let i = 0; i < length; i++) {
      room[i]! += played[i]! * gain * track.send;
      echoes[i]! += played[i]! * gain * track.echo;
    }
  }
  addDrums(mix, room, score);
  if (score.tracks.some((track) => track.echo > 0)) addEcho(mix, echoes, 45 / score.tempo, 0.42);
  addReverb(mix, room, score.reverb.seconds, score.reverb.level * 1.8);
  if (score.crackle > 0) addCrackle(mix, score);
  for (const channel of [mix.left, mix.right]) {
    biquad(channel, 'highpass', 32, 0.7);
    // Many parts meet in the low middle; less there and a little air above keeps them apart.
    biquad(channel, 'peak', 250, 0.7, -2.5);
    biquad(channel, 'highshelf', 3200, 0.7, 1 + 4 * score.tone);
  }
  fade(mix);
  return mix;
}

function gainTo(lufs: number, ...channels: readonly Float32Array[]): number {
  const now = integratedLoudness(...channels);
  return Number.isFinite(now) ? 10 ** ((lufs - now) / 20) : 1;
}

function playTrack(track: Track, score: Score, index: number, length: number): Float32Array {
  const out = new Float32Array(length);
  const voice = INSTRUMENTS[track.instrument];
  const tables = new Map<string, Float32Array>();
  for (const [n, note] of track.notes.entries()) {
    sound(voice, {
      out,
      at: Math.min(length, Math.round(note.at * RATE)),
      seconds: note.seconds,
      pitch: note.pitch,
      velocity: note.velocity,
      tone: score.tone,
      seed: (score.seed + index * 7919 + n * 104729) | 0,
      tables,
    });
  }
  if (track.instrument === 'overdriven guitar') overdrive(out, 2 + 9 * score.tone);
  return out;
}

/** How far the kick pushes the rest down, sample by sample; undefined if it does not. */
function duckingOf(score: Score, length: number): Float32Array | undefined {
  const kicks = score.hits.filter((hit) => hit.drum === 'kick' || hit.drum === 'soft kick');
  if (score.pump < 0.02 || kicks.length === 0) return undefined;
  const gain = new Float32Array(length).fill(1);
  const reach = Math.round(0.3 * RATE);
  for (const kick of kicks) {
    const start = Math.round(kick.at * RATE);
    for (let i = 0; i < reach && start + i < length; i++) {
      const t = i / RATE;
      const dip = score.pump * kick.velocity * Math.min(1, t / 0.006) * Math.exp(-t / 0.08) * (1 - i / reach);
      gain[start + i] = Math.min(gain[start + i]!, 1 - dip);
    }
  }
  return gain;
}

function addDrums(mix: Stereo, room: Float32Array, score: Score): void {
  if (score.hits.length === 0) return;
  const length = mix.left.length;
  const drums = stereo(length);
  const wet = new Float32Array(length);
  const strokes = new Map<string, Float32Array>();
  for (const [n, hit] of score.hits.entries()) {
    const variant = n % STROKES;
    let stroke = strokes.get(`${hit.drum} ${variant}`);
    if (!stroke) {
      stroke = strokeOf(hit.drum, variant);
      strokes.set(`${hit.drum} ${variant}`, stroke);
    }
    const start = Math.round(hit.at * RATE);
    const force = hit.velocity ** 1.4;
    const pan = PANNED_DRUMS[hit.drum] ?? 0;
    const left = force * (1 - Math.max(0, pan));
    const right = force * (1 + Math.min(0, pan));
    const send = force * (hit.drum.includes('kick') ? 0.03 : 0.16);
    for (let i = 0; i < stroke.length && start + i < length; i++) {
      drums.left[start + i]! += left * stroke[i]!;
      drums.right[start + i]! += right * stroke[i]!;
      wet[start + i]! += send * stroke[i]!;
    }
  }
  const target = MELODY_LOUDNESS + 4 + 20 * Math.log10(Math.max(0.05, score.drumGain));
  const gain = gainTo(target, drums.left, drums.right);
  for (let i = 0; i < length; i++) {
    mix.left[i]! += gain * drums.left[i]!;
    mix.right[i]! += gain * drums.right[i]!;
    room[i]! += gain * wet[i]!;
  }
}

/** Dust and hiss of an old record. */
function addCrackle(mix: Stereo, score: Score): void {
  const noise = noiseSource(score.seed ^ 0x51ed);
  let left = 0;
  let right = 0;
  for (let i = 0; i < mix.left.length; i++) {
    const speck = noise() > 0.9997 ? noise() * 14 : 0;
    left += 0.35 * (noise() * 0.25 + speck - left);
    right += 0.35 * (noise() * 0.25 + speck * 0.6 - right);
    mix.left[i]! += score.crackle * left;
    mix.right[i]! += score.crackle * right;
  }
}

function fade(mix: Stereo): void {
  const length = mix.left.length;
  const rise = Math.round(0.008 * RATE);
  const fall = Math.round(FADE_OUT * RATE);
  for (const channel of [mix.left, mix.right]) {
    for (let i = 0; i < rise; i++) channel[i]! *= i / rise;
    for (let i = 0; i < fall; i++) channel[length - 1 - i]! *= Math.sin((Math.PI / 2) * (i / fall)) ** 2;
  }
}
