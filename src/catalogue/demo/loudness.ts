import type { Stereo } from './space.ts';
import { RATE } from './waves.ts';

/** Direct form coefficients b0 b1 b2 a1 a2. */
type Section = readonly [number, number, number, number, number];

/** The two filters of ITU-R BS.1770-4, worked out for this sample rate as libebur128 does. */
const HEAD: Section = (() => {
  const k = Math.tan((Math.PI * 1681.974450955533) / RATE);
  const q = 0.7071752369554196;
  const vh = 10 ** (3.999843853973347 / 20);
  const vb = vh ** 0.4996667741545416;
  const a0 = 1 + k / q + k * k;
  return [
    (vh + (vb * k) / q + k * k) / a0,
    (2 * (k * k - vh)) / a0,
    (vh - (vb * k) / q + k * k) / a0,
    (2 * (k * k - 1)) / a0,
    (1 - k / q + k * k) / a0,
  ];
})();
const LOWS: Section = (() => {
  const k = Math.tan((Math.PI * 38.13547087602444) / RATE);
  const q = 0.5003270373238773;
  const a0 = 1 + k / q + k * k;
  return [1, -2, 1, (2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0];
})();

function filtered(samples: Float32Array, [b0, b1, b2, a1, a2]: Section): Float32Array {
  const out = new Float32Array(samples.length);
  let x1 = 0;
  let x2 = 0;
  let y1 = 0;
  let y2 = 0;
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i]!;
    const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2 + 1e-18;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    out[i] = y;
  }
  return out;
}

/**
 * Integrated loudness after ITU-R BS.1770-4: K-weighted, in blocks of 400 ms, gated at -70 LUFS and at 10 LU below
 * the mean of what passed.
 * @param channels left and right, or one
 * @returns LUFS; -Infinity for silence
 */
export function integratedLoudness(...channels: readonly Float32Array[]): number {
  const hop = Math.round(0.1 * RATE);
  const hops = Math.floor((channels[0]?.length ?? 0) / hop);
  const energy = new Float64Array(hops);
  for (const channel of channels) {
    const weighted = filtered(filtered(channel, HEAD), LOWS);
    for (let h = 0; h < hops; h++) {
      let sum = 0;
      for (let i = h * hop; i < (h + 1) * hop; i++) sum += weighted[i]! * weighted[i]!;
      energy[h]! += sum / hop;
    }
  }
  const blocks: number[] = [];
  for (let h = 0; h + 4 <= hops; h++) {
    blocks.push((energy[h]! + energy[h + 1]! + energy[h + 2]! + energy[h + 3]!) / 4);
  }
  const lufs = (power: number) => -0.691 + 10 * Math.log10(power);
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const audible = blocks.filter((power) => lufs(power) > -70);
  if (audible.length === 0) return Number.NEGATIVE_INFINITY;
  const gate = lufs(mean(audible)) - 10;
  return lufs(mean(audible.filter((power) => lufs(power) > gate)));
}

const BLOCK = 32;

/**
 * Keeps every sample within the ceiling by turning down a few milliseconds ahead of a peak and up again slowly.
 * Works in place; the gain moves in straight lines between blocks, so nothing clicks.
 */
export function limit(audio: Stereo, ceiling: number): void {
  const { left, right } = audio;
  const blocks = Math.ceil(left.length / BLOCK);
  const gain = new Float64Array(blocks + 1).fill(1);
  for (let b = 0; b < blocks; b++) {
    let peak = 0;
    const end = Math.min(left.length, (b + 1) * BLOCK);
    for (let i = b * BLOCK; i < end; i++) peak = Math.max(peak, Math.abs(left[i]!), Math.abs(right[i]!));
    if (peak > ceiling) {
      // A block lies between two points of the gain curve: both must be low enough.
      gain[b] = Math.min(gain[b]!, ceiling / peak);
      gain[b + 1] = Math.min(gain[b + 1]!, ceiling / peak);
    }
  }
  const attack = 10 ** ((0.9 * BLOCK) / RATE / 0.004 / 2.2);
  const release = 10 ** (BLOCK / RATE / 0.16 / 2.2);
  for (let b = blocks - 1; b >= 0; b--) gain[b] = Math.min(gain[b]!, gain[b + 1]! * attack);
  for (let b = 1; b <= blocks; b++) gain[b] = Math.min(gain[b]!, gain[b - 1]! * release);
  for (let b = 0; b < blocks; b++) {
    const from = gain[b]!;
    const slope = (gain[b + 1]! - from) / BLOCK;
    if (from === 1 && slope === 0) continue;
    const end = Math.min(left.length, (b + 1) * BLOCK);
    for (let i = b * BLOCK; i < end; i++) {
      const g = from + slope * (i - b * BLOCK);
      left[i]! *= g;
      right[i]! *= g;
    }
  }
}

/** -1 dB below full scale, so that players that resample do not clip. */
export const CEILING = 0.891;

/** Brings a mix to a loudness without ever passing the ceiling; what the limiter takes is given back. */
export function level(mix: Stereo, lufs: number): Stereo {
  let gain = 10 ** ((lufs - integratedLoudness(mix.left, mix.right)) / 20);
  for (let round = 0; ; round++) {
    const audio = { left: mix.left.map((x) => x * gain), right: mix.right.map((x) => x * gain) };
    limit(audio, CEILING);
    const missing = lufs - integratedLoudness(audio.left, audio.right);
    if (round === 2 || Math.abs(missing) < 0.2 || !Number.isFinite(missing)) return audio;
    gain *= 10 ** (Math.min(6, missing * 1.15) / 20);
  }
}
