import { biquad, RATE } from './waves.ts';

/** Two channels of the same length. */
export interface Stereo {
  readonly left: Float32Array;
  readonly right: Float32Array;
}

export function stereo(length: number): Stereo {
  return { left: new Float32Array(length), right: new Float32Array(length) };
}

/** Lengths of the reverb's delay lines in milliseconds: no two share a factor, so echoes never line up. */
const LINES = [31.7, 37.3, 41.9, 47.3, 53.1, 61.7, 69.1, 76.3];
const DIFFUSERS = [4.77, 7.31, 11.9];

/**
 * Adds a room: a feedback delay network of eight lines with a Householder matrix (Jot & Chaigne 1991) behind three
 * all-pass diffusers; high frequencies die sooner.
 * @param send what goes into the room
 * @param seconds time to fall by 60 dB
 * @param level of what comes back
 */
export function addReverb(out: Stereo, send: Float32Array, seconds: number, level: number): void {
  const input = send.slice();
  biquad(input, 'highpass', 180, 0.7);
  for (const ms of DIFFUSERS) allpass(input, Math.round((ms * RATE) / 1000), 0.6);
  const lines = LINES.map((ms) => new Float32Array(Math.round((ms * RATE) / 1000)));
  const gains = lines.map((line) => 10 ** ((-3 * line.length) / (RATE * seconds)));
  const damp = 0.35;
  const low = new Float64Array(8);
  const at = new Int32Array(8);
  const tap = new Float64Array(8);
  const length = out.left.length;
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (let k = 0; k < 8; k++) {
      const value = lines[k]![at[k]!]!;
      low[k] = value * (1 - damp) + low[k]! * damp;
      const looped = low[k]! * gains[k]!;
      tap[k] = looped;
      sum += looped;
    }
    const x = input[i]! + 1e-18;
    const quarter = sum * 0.25;
    for (let k = 0; k < 8; k++) {
      const line = lines[k]!;
      line[at[k]!] = x * (k & 1 ? -0.35 : 0.35) + tap[k]! - quarter;
      at[k] = at[k]! + 1 === line.length ? 0 : at[k]! + 1;
    }
    out.left[i]! += level * (tap[0]! - tap[2]! + tap[4]! - tap[7]!);
    out.right[i]! += level * (tap[1]! - tap[3]! + tap[5]! - tap[6]!);
  }
}

function allpass(samples: Float32Array, delay: number, gain: number): void {
  const line = new Float32Array(delay);
  let at = 0;
  for (let i = 0; i < samples.length; i++) {
    const held = line[at]!;
    const x = samples[i]! + gain * held;
    samples[i] = held - gain * x;
    line[at] = x;
    at = at + 1 === delay ? 0 : at + 1;
  }
}

/** Adds echoes that wander from left to right, each darker than the one before. */
export function addEcho(out: Stereo, send: Float32Array, seconds: number, feedback: number): void {
  const delay = Math.max(1, Math.round(seconds * RATE));
  const left = new Float32Array(delay);
  const right = new Float32Array(delay);
  let darkLeft = 0;
  let darkRight = 0;
  let at = 0;
  for (let i = 0; i < send.length; i++) {
    const fromLeft = left[at]!;
    const fromRight = right[at]!;
    darkLeft += 0.4 * (fromRight * feedback - darkLeft);
    darkRight += 0.4 * (fromLeft - darkRight);
    left[at] = send[i]! + darkLeft;
    right[at] = darkRight;
    out.left[i]! += fromLeft;
    out.right[i]! += fromRight;
    at = at + 1 === delay ? 0 : at + 1;
  }
}

/** Adds one channel to two, panned with equal power. */
export function addPanned(out: Stereo, track: Float32Array, gain: number, pan: number): void {
  const angle = ((pan + 1) * Math.PI) / 4;
  const left = gain * Math.cos(angle) * Math.SQRT2;
  const right = gain * Math.sin(angle) * Math.SQRT2;
  for (let i = 0; i < track.length; i++) {
    out.left[i]! += left * track[i]!;
    out.right[i]! += right * track[i]!;
  }
}

/** Adds one channel to two as an ensemble: slowly moving copies some milliseconds late, different left and right. */
export function addEnsemble(out: Stereo, track: Float32Array, gain: number, pan: number): void {
  const left = gain * (1 - 0.5 * Math.max(0, pan)) * 0.75;
  const right = gain * (1 + 0.5 * Math.min(0, pan)) * 0.75;
  const turn = (2 * Math.PI * 0.43) / RATE;
  let delayLeft = 0;
  let delayRight = 0;
  for (let i = 0; i < track.length; i++) {
    if ((i & 31) === 0) {
      delayLeft = (0.011 + 0.0025 * Math.sin(turn * i)) * RATE;
      delayRight = (0.014 + 0.0028 * Math.sin(turn * 1.31 * i + 1.7)) * RATE;
    }
    out.left[i]! += left * (track[i]! + 0.8 * late(track, i - delayLeft));
    out.right[i]! += right * (track[i]! + 0.8 * late(track, i - delayRight));
  }
}

function late(track: Float32Array, position: number): number {
  if (position < 0) return 0;
  const index = Math.floor(position);
  return track[index]! + ((track[index + 1] ?? 0) - track[index]!) * (position - index);
}

/** An amplifier that is turned up too far, and its speaker. In place. */
export function overdrive(track: Float32Array, drive: number): void {
  biquad(track, 'highpass', 110, 0.7);
  biquad(track, 'peak', 750, 0.8, 5);
  for (let i = 0; i < track.length; i++) {
    const x = track[i]! * drive;
    // Not quite symmetric, as tubes are; the constant is taken out again.
    track[i] = (Math.tanh(x + 0.15) - 0.1489) * 0.2;
  }
  biquad(track, 'lowpass', 4200, 0.8);
  biquad(track, 'lowpass', 5200, 0.7);
  biquad(track, 'peak', 2300, 1, 3);
}
