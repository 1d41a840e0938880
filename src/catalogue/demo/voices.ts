import { hertzOf, makeTable, noiseSource, RATE, type Spectrum, TABLE_SIZE } from './waves.ts';

/** One note to be added to a track. */
export interface Sounding {
  readonly out: Float32Array;
  /** First sample. */
  readonly at: number;
  readonly seconds: number;
  readonly pitch: number;
  /** 0..1 */
  readonly velocity: number;
  /** Brightness 0..1. */
  readonly tone: number;
  readonly seed: number;
  /** Tables that were made already for this voice, by brightness and pitch; belongs to one track. */
  readonly tables: Map<string, Float32Array>;
}

/** A tone that lasts as long as it is played: bowed, blown, sung or from an oscillator. */
export interface Sustained {
  readonly kind: 'sustained';
  readonly level: number;
  /** Harmonics when the tone is dull and when it is bright; brightness moves between them. */
  readonly dull: Spectrum;
  readonly bright: Spectrum;
  /** Seconds. */
  readonly attack: number;
  readonly decay: number;
  readonly sustain: number;
  readonly release: number;
  /** Brightness at the onset and where it settles (0..1) and how fast, seconds. */
  readonly open: number;
  readonly settle: number;
  readonly settling: number;
  /** Detuning of each oscillator in cents. */
  readonly detune: readonly number[];
  readonly vibrato?: { readonly hertz: number; readonly cents: number; readonly after: number };
  /** Breath or bow noise, linear. */
  readonly breath?: number;
}

/** A string that is plucked (Karplus & Strong 1983, tuned as by Jaffe & Smith). */
export interface Plucked {
  readonly kind: 'plucked';
  readonly level: number;
  /** Seconds for 60 dB at 220 Hz. */
  readonly ring: number;
  /** How dull the string is, 0..1. */
  readonly damping: number;
  /** Where it is plucked, share of its length. */
  readonly place: number;
  readonly release: number;
}

/** Something hard that is struck: a sum of ringing partials. */
export interface Struck {
  readonly kind: 'struck';
  readonly level: number;
  readonly partials: (hertz: number, tone: number) => readonly Partial3[];
  readonly attack: number;
  readonly release: number;
  /** Level of the hammer's knock. */
  readonly knock: number;
}
/** Frequency as a multiple of the fundamental, amplitude, seconds for 60 dB. */
export type Partial3 = readonly [ratio: number, amplitude: number, ring: number];

export type Voice = Sustained | Plucked | Struck;

export function sound(voice: Voice, note: Sounding): void {
  if (voice.kind === 'sustained') sustain(voice, note);
  else if (voice.kind === 'plucked') pluck(voice, note);
  else strike(voice, note);
}

function table(voice: Sustained, which: 'dull' | 'bright', note: Sounding): Float32Array {
  const key = `${which} ${note.pitch}`;
  let made = note.tables.get(key);
  if (!made) {
    made = makeTable(voice[which], hertzOf(note.pitch));
    note.tables.set(key, made);
  }
  return made;
}

function sustain(voice: Sustained, note: Sounding): void {
  const { out, at, pitch, velocity, tone } = note;
  const dull = table(voice, 'dull', note);
  const bright = table(voice, 'bright', note);
  const attack = Math.max(0.004, Math.min(voice.attack, note.seconds * 0.6)) * RATE;
  const held = Math.max(attack, note.seconds * RATE);
  // Repeated short notes would pile up on the tails of one another.
  const release = Math.min(voice.release, 0.06 + 0.7 * note.seconds) * RATE;
  const length = Math.min(out.length - at, Math.ceil(held + release));
  const decay = Math.exp(-1 / (voice.decay * RATE));
  const settling = Math.exp(-1 / (voice.settling * RATE));
  const level = (voice.level * velocity ** 1.3) / Math.sqrt(voice.detune.length);
  const reach = 0.25 + 0.75 * tone * (0.6 + 0.4 * velocity);
  const base = (hertzOf(pitch) * TABLE_SIZE) / RATE;
  const noise = noiseSource(note.seed);
  const vibrato = voice.vibrato;
  voice.detune.forEach((cents, oscillator) => {
    const step = base * 2 ** (cents / 1200);
    let phase = ((note.seed * (oscillator + 1) * 2654435761) >>> 0) % TABLE_SIZE;
    let body = 1;
    let open = voice.open - voice.settle;
    let bend = 1;
    let breath = 0;
    let releasedFrom = -1;
    for (let i = 0; i < length; i++) {
      if (vibrato && (i & 31) === 0) {
        const t = i / RATE;
        const depth = Math.min(1, Math.max(0, (t - vibrato.after) / 0.4)) * vibrato.cents;
        bend = 1 + depth * 0.00057779 * Math.sin(2 * Math.PI * vibrato.hertz * t + oscillator * 1.9);
      }
      let envelope: number;
      if (i < attack) envelope = 0.5 - 0.5 * Math.cos((Math.PI * i) / attack);
      else {
        body *= decay;
        envelope = voice.sustain + (1 - voice.sustain) * body;
      }
      if (i > held) {
        if (releasedFrom < 0) releasedFrom = envelope;
        const left = 1 - (i - held) / release;
        if (left <= 0) break;
        envelope = releasedFrom * left * left;
      }
      open *= settling;
      const mix = Math.min(1, (voice.settle + open) * reach);
      const index = phase | 0;
      const part = phase - index;
      const a = dull[index]! + (dull[index + 1]! - dull[index]!) * part;
      const b = bright[index]! + (bright[index + 1]! - bright[index]!) * part;
      let value = a + (b - a) * mix;
      if (voice.breath) {
        breath += 0.3 * (noise() - breath);
        value += voice.breath * breath;
      }
      out[at + i]! += level * envelope * value;
      phase += step * bend;
      if (phase >= TABLE_SIZE) phase -= TABLE_SIZE;
    }
  });
}

function pluck(voice: Plucked, note: Sounding): void {
  const { out, at, velocity, tone } = note;
  const hertz = hertzOf(note.pitch);
  const period = RATE / hertz;
  // Half a sample of the loop filter's delay and one of the feedback are part of the period.
  const delay = period - 0.5;
  const size = Math.floor(delay);
  const fraction = delay - size;
  const coefficient = (1 - fraction) / (1 + fraction);
  const line = new Float32Array(size);
  const noise = noiseSource(note.seed);
  // The finger: noise, the softer the duller, with a hole where the string is plucked.
  const cutoff = 350 + hertz * (5 + 26 * tone * (0.4 + 0.6 * velocity));
  const dull = 1 - Math.exp((-2 * Math.PI * cutoff) / RATE);
  let smooth = 0;
  let smoother = 0;
  for (let i = 0; i < size; i++) line[i] = noise();
  // Twice around, so that the end of the loop meets its beginning: a seam would click.
  const raw = line.slice();
  for (let i = 0; i < 2 * size; i++) {
    smooth += dull * (raw[i % size]! - smooth);
    smoother += dull * (smooth - smoother);
    line[i % size] = smoother;
  }
  const hole = Math.max(1, Math.round(size * voice.place));
  const shaped = line.map((value, i) => value - 0.85 * line[(i - hole + size) % size]!);
  let power = 0;
  let mean = 0;
  for (const value of shaped) mean += value / size;
  for (let i = 0; i < size; i++) {
    shaped[i]! -= mean;
    power += (shaped[i]! * shaped[i]!) / size;
  }
  const scale = 0.32 / Math.sqrt(power + 1e-9);
  for (let i = 0; i < size; i++) shaped[i]! *= scale;

  const ring = voice.ring * (220 / hertz) ** 0.35;
  const loss = 10 ** (-3 / (hertz * ring));
  // A high string is filtered more often per second and would lose its brightness at once.
  const damping = voice.damping * (1 - 0.5 * tone) * Math.min(1, (196 / hertz) ** 0.6);
  const held = note.seconds * RATE;
  const release = Math.exp(-6.9 / (voice.release * RATE));
  const length = Math.min(
    out.length - at,
    Math.ceil(held + voice.release * RATE),
    Math.ceil(ring * 1.1 * RATE),
  );
  const level = voice.level * velocity ** 1.3 * Math.min(1.5, Math.max(1, (hertz / 165) ** 0.25));
  let index = 0;
  let before = 0;
  let allpassIn = 0;
  let allpassOut = 0;
  let hand = 1;
  const soft = 40 + Math.round(120 * (1 - tone));
  for (let i = 0; i < length; i++) {
    const now = shaped[index]!;
    const filtered = loss * ((1 - damping * 0.5) * now + damping * 0.5 * before);
    before = now;
    allpassOut = coefficient * filtered + allpassIn - coefficient * allpassOut;
    allpassIn = filtered;
    shaped[index] = allpassOut;
    index = index + 1 === size ? 0 : index + 1;
    if (i > held) hand *= release;
    const onset = i < soft ? i / soft : 1;
    const left = length - i;
    out[at + i]! += level * hand * onset * now * (left < 200 ? left / 200 : 1);
  }
}

function strike(voice: Struck, note: Sounding): void {
  const { out, at, velocity, tone } = note;
  const hertz = hertzOf(note.pitch);
  const held = Math.floor(note.seconds * RATE);
  const touch = Math.min(1, tone * 0.7 + 0.45 * velocity);
  const attack = Math.max(16, voice.attack * RATE);
  const level = voice.level * velocity ** 1.3;
  for (const [ratio, amplitude, ring] of voice.partials(hertz, touch)) {
    if (ratio * hertz > 0.45 * RATE) continue;
    const length = Math.min(out.length - at, Math.ceil(Math.min(ring, note.seconds + voice.release) * RATE));
    const w = (2 * Math.PI * ratio * hertz) / RATE;
    let r = 10 ** (-3 / (ring * RATE));
    let k1 = 2 * r * Math.cos(w);
    let k2 = r * r;
    let y1 = 0;
    let y2 = -Math.sin(w) / r;
    const strength = level * amplitude;
    for (let i = 0; i < length; i++) {
      const y = k1 * y1 - k2 * y2;
      y2 = y1;
      y1 = y;
      const left = length - i;
      const envelope = (i < attack ? i / attack : 1) * (left < 256 ? left / 256 : 1);
      out[at + i]! += strength * envelope * y;
      if (i === held) {
        // The damper falls: from here the partial dies within the release.
        r = 10 ** (-3 / (Math.min(ring, voice.release) * RATE));
        k1 = 2 * r * Math.cos(w);
        k2 = r * r;
      }
    }
  }
  if (voice.knock > 0) {
    const noise = noiseSource(note.seed);
    const length = Math.min(out.length - at, Math.floor(0.03 * RATE));
    let low = 0;
    for (let i = 0; i < length; i++) {
      low += 0.25 * (noise() - low);
      const envelope = Math.min(1, i / 30) * (1 - i / length) ** 3;
      out[at + i]! += level * voice.knock * (0.3 + touch) * envelope * low;
    }
  }
}
