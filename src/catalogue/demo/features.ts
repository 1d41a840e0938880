import type { Random } from '../../../ml/random.ts';
import type { AudioFeatures } from '../../domain/song.ts';
import { isMajor, MODES, type Mode } from './harmony.ts';
import type { InstrumentName, Score } from './score.ts';

/** How acoustic an instrument sounds; what is not named is electronic. */
const ACOUSTIC: Partial<Record<InstrumentName, number>> = {
  piano: 0.95,
  'felt piano': 1,
  'electric piano': 0.55,
  guitar: 1,
  'nylon guitar': 1,
  harp: 1,
  'music box': 0.95,
  celesta: 0.95,
  vibraphone: 0.85,
  marimba: 0.95,
  strings: 0.85,
  'solo strings': 0.95,
  flute: 0.95,
  clarinet: 0.95,
  horns: 0.8,
  choir: 0.8,
  organ: 0.5,
  'upright bass': 0.95,
  'electric bass': 0.25,
  'overdriven guitar': 0.06,
};

function unit(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** 0 for the darkest mode, 1 for the brightest: its intervals summed. */
function brightnessOf(mode: Mode): number {
  const sum = (name: Mode) => MODES[name].reduce<number>((total, step) => total + step, 0);
  return (sum(mode) - sum('phrygian')) / (sum('lydian') - sum('phrygian'));
}

/** Notes and strokes per second that begin apart from one another. */
export function onsetsPerSecond(score: Score): number {
  const notes = score.tracks.reduce((sum, track) => sum + track.notes.length, 0);
  const times = new Float64Array(notes + score.hits.length);
  let filled = 0;
  for (const track of score.tracks) for (const note of track.notes) times[filled++] = note.at;
  for (const hit of score.hits) times[filled++] = hit.at;
  times.sort();
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const at of times) {
    if (at - last > 0.04) {
      count++;
      last = at;
    }
  }
  return count / score.seconds;
}

/**
 * Audio features on Spotify's scales, measured on the composition (never on the mood it was planted with) and
 * blurred a little, as real ones are. Tempo, key, mode, metre, length and loudness are exact: the renderer keeps to
 * them.
 */
export function measure(score: Score, random: Random): AudioFeatures {
  const blur = (value: number, spread: number) => round(unit(value + spread * random.normal()), 3);
  const onsets = unit(onsetsPerSecond(score) / 11);
  const loud = unit((score.loudness + 22) / 13.5);
  const strokes =
    unit(score.hits.reduce((sum, hit) => sum + hit.velocity, 0) / score.seconds / 8) * score.drumGain;
  const lead = score.tracks.find((track) => track.role === 'lead')!;
  const height = lead.notes.reduce((sum, note) => sum + note.pitch, 0) / Math.max(1, lead.notes.length);
  const energy = unit(0.38 * loud + 0.24 * onsets + 0.24 * score.tone + 0.22 * strokes);

  let weight = 0;
  let acoustic = 0;
  for (const track of score.tracks) {
    const played = 10 ** (track.level / 20) * Math.min(1, track.notes.length / 8);
    weight += played;
    acoustic += played * (ACOUSTIC[track.instrument] ?? 0.03);
  }
  acoustic = weight > 0 ? acoustic / weight : 0;

  const comfortable = Math.exp(-(((score.tempo - 118) / 42) ** 2));
  const short =
    lead.notes.reduce((sum, note) => sum + Math.min(1, note.seconds), 0) / Math.max(1, lead.notes.length);
  const tempo = unit((score.tempo - 56) / 110);
  const mood =
    0.12 + 0.5 * brightnessOf(score.mode) + 0.2 * unit((height - 60) / 20) + 0.16 * tempo + 0.1 * (1 - short);
  return {
    danceability: blur(
      0.18 + 0.34 * strokes + 0.3 * comfortable + 0.12 * onsets + (score.beatsPerBar === 4 ? 0.06 : -0.04),
      0.05,
    ),
    energy: blur(energy, 0.03),
    key: score.key,
    loudness: score.loudness,
    mode: isMajor(score.mode) ? 1 : 0,
    speechiness: round(0.025 + 0.03 * random.next() + 0.08 * strokes * random.next(), 4),
    acousticness: blur(acoustic * (1 - 0.35 * strokes), 0.05),
    instrumentalness: round(0.98 - 0.25 * random.next() ** 2, 3),
    liveness: round(unit(0.06 + 0.5 * score.reverb.level * random.next() + 0.1 * random.next()), 3),
    valence: blur(mood, 0.07),
    tempo: score.tempo,
    durationMs: Math.round(score.seconds * 1000),
    timeSignature: score.beatsPerBar,
  };
}
