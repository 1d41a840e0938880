/** Samples per second of everything that is rendered. Its highest note is far below 16 kHz. */
export const RATE = 32_000;

export const TABLE_SIZE = 2048;
const MASK = TABLE_SIZE - 1;

const SINE = Float32Array.from({ length: TABLE_SIZE }, (_, i) => Math.sin((2 * Math.PI * i) / TABLE_SIZE));

/** Amplitude of the n-th harmonic (n from 1) of a tone at `hertz`. */
export type Spectrum = (n: number, hertz: number) => number;

/**
 * One period of a tone with the given harmonics, all below 0.45 of the sample rate, so that it cannot alias.
 * Levelled to an RMS of about 0.25; one sample longer than the table, to interpolate across the seam.
 */
export function makeTable(spectrum: Spectrum, hertz: number): Float32Array {
  const table = new Float32Array(TABLE_SIZE + 1);
  const highest = Math.min(160, Math.floor((0.45 * RATE) / hertz));
  let power = 0;
  for (let n = 1; n <= highest; n++) {
    const amplitude = spectrum(n, hertz);
    if (Math.abs(amplitude) < 2e-4) continue;
    power += (amplitude * amplitude) / 2;
    // Harmonics start at different phases (Schroeder), or they would add up to a spike.
    const shift = Math.floor(((n * (n - 1)) / Math.max(8, highest)) * 0.5 * TABLE_SIZE) & MASK;
    for (let i = 0; i < TABLE_SIZE; i++) table[i]! += amplitude * SINE[(n * i + shift) & MASK]!;
  }
  const scale = power > 0 ? 0.25 / Math.sqrt(power) : 0;
  for (let i = 0; i < TABLE_SIZE; i++) table[i]! *= scale;
  table[TABLE_SIZE] = table[0]!;
  return table;
}

export function hertzOf(pitch: number): number {
  return 440 * 2 ** ((pitch - 69) / 12);
}

/** White noise in [-1, 1] from a 32 bit generator (Marsaglia's xorshift): fast, and good enough to listen to. */
export function noiseSource(seed: number): () => number {
  let x = seed | 0 || 0x9e3779b9;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x / 2147483648;
  };
}

/** Second-order filter (Bristow-Johnson's cookbook). `q` 0.707 is flat. Works in place. */
export function biquad(
  samples: Float32Array,
  kind: 'lowpass' | 'highpass' | 'peak' | 'highshelf',
  hertz: number,
  q: number,
  gainDb = 0,
  from = 0,
  to = samples.length,
): void {
  const w = (2 * Math.PI * Math.min(hertz, 0.47 * RATE)) / RATE;
  const cos = Math.cos(w);
  const alpha = Math.sin(w) / (2 * q);
  const a = 10 ** (gainDb / 40);
  let b0 = 1;
  let b1 = 0;
  let b2 = 0;
  let a0 = 1 + alpha;
  let a1 = -2 * cos;
  let a2 = 1 - alpha;
  if (kind === 'lowpass') {
    b0 = b2 = (1 - cos) / 2;
    b1 = 1 - cos;
  } else if (kind === 'highpass') {
    b0 = b2 = (1 + cos) / 2;
    b1 = -(1 + cos);
  } else if (kind === 'highshelf') {
    const slope = 2 * Math.sqrt(a) * alpha;
    b0 = a * (a + 1 + (a - 1) * cos + slope);
    b1 = -2 * a * (a - 1 + (a + 1) * cos);
    b2 = a * (a + 1 + (a - 1) * cos - slope);
    a0 = a + 1 - (a - 1) * cos + slope;
    a1 = 2 * (a - 1 - (a + 1) * cos);
    a2 = a + 1 - (a - 1) * cos - slope;
  } else {
    b0 = 1 + alpha * a;
    b1 = -2 * cos;
    b2 = 1 - alpha * a;
    a0 = 1 + alpha / a;
    a2 = 1 - alpha / a;
  }
  a1 /= a0;
  b0 /= a0;
  b1 /= a0;
  b2 /= a0;
  a2 /= a0;
  let x1 = 0;
  let x2 = 0;
  let y1 = 0;
  let y2 = 0;
  for (let i = from; i < to; i++) {
    const x = samples[i]!;
    // The tiny constant keeps decaying filters out of denormal numbers, which are slow.
    const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2 + 1e-18;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    samples[i] = y;
  }
}
