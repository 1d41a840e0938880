/** What a careful listener would notice, measured: used by the tests instead of ears. */

export interface Heard {
  readonly rate: number;
  readonly left: Float32Array;
  readonly right: Float32Array;
  readonly mono: Float32Array;
}

/** Reads a 16 bit stereo WAV file and checks its header on the way. */
export function readWav(wav: Uint8Array): Heard {
  const view = new DataView(wav.buffer, wav.byteOffset, wav.byteLength);
  const text = (at: number) => String.fromCharCode(...wav.subarray(at, at + 4));
  if (text(0) !== 'RIFF' || text(8) !== 'WAVE' || text(36) !== 'data') throw new Error('not a WAV file');
  if (view.getUint32(4, true) !== wav.length - 8 || view.getUint32(40, true) !== wav.length - 44) {
    throw new Error('the lengths in the header are wrong');
  }
  const frames = (wav.length - 44) / 4;
  const left = new Float32Array(frames);
  const right = new Float32Array(frames);
  const mono = new Float32Array(frames);
  for (let i = 0; i < frames; i++) {
    left[i] = view.getInt16(44 + i * 4, true) / 32768;
    right[i] = view.getInt16(46 + i * 4, true) / 32768;
    mono[i] = (left[i]! + right[i]!) / 2;
  }
  return { rate: view.getUint32(24, true), left, right, mono };
}

const FRAME = 2048;
const HOP = 400;

export interface Spectra {
  readonly rate: number;
  /** Magnitudes, FRAME / 2 per frame. */
  readonly frames: Float32Array[];
  readonly framesPerSecond: number;
}

/** Magnitude spectra in frames of 2048 samples, every 400. */
export function spectra(mono: Float32Array, rate: number): Spectra {
  const window = Float64Array.from(
    { length: FRAME },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FRAME),
  );
  const frames: Float32Array[] = [];
  const re = new Float64Array(FRAME);
  const im = new Float64Array(FRAME);
  for (let at = 0; at + FRAME <= mono.length; at += HOP) {
    for (let i = 0; i < FRAME; i++) {
      re[i] = mono[at + i]! * window[i]!;
      im[i] = 0;
    }
    transform(re, im);
    frames.push(Float32Array.from({ length: FRAME / 2 }, (_, k) => Math.hypot(re[k]!, im[k]!)));
  }
  return { rate, frames, framesPerSecond: rate / HOP };
}

/** Fast Fourier transform (Cooley and Tukey), in place. */
function transform(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j]!, re[i]!];
      [im[i], im[j]] = [im[j]!, im[i]!];
    }
  }
  for (let size = 2; size <= n; size <<= 1) {
    const angle = (-2 * Math.PI) / size;
    for (let k = 0; k < size / 2; k++) {
      const c = Math.cos(angle * k);
      const s = Math.sin(angle * k);
      for (let start = k; start < n; start += size) {
        const other = start + size / 2;
        const x = re[other]! * c - im[other]! * s;
        const y = re[other]! * s + im[other]! * c;
        re[other] = re[start]! - x;
        im[other] = im[start]! - y;
        re[start]! += x;
        im[start]! += y;
      }
    }
  }
}

/** Mean frequency, weighted by magnitude, in hertz: how bright it sounds. */
export function brightness({ frames, rate }: Spectra): number {
  let weighted = 0;
  let total = 0;
  for (const frame of frames) {
    for (let k = 1; k < frame.length; k++) {
      weighted += frame[k]! * ((k * rate) / FRAME);
      total += frame[k]!;
    }
  }
  return weighted / total;
}

/** How much louder each frame is than the one before, summed over frequencies on a logarithmic scale. */
export function onsetEnvelope({ frames }: Spectra): Float32Array {
  const bands = 40;
  const edges = Array.from({ length: bands + 1 }, (_, b) => Math.round(2 * (FRAME / 4) ** (b / bands)));
  let before = new Float64Array(bands);
  return Float32Array.from(frames, (frame) => {
    const now = new Float64Array(bands);
    for (let b = 0; b < bands; b++) {
      let sum = 0;
      for (let k = edges[b]!; k < Math.max(edges[b]! + 1, edges[b + 1]!); k++) sum += frame[k]!;
      now[b] = Math.log(1 + 30 * sum);
    }
    let rise = 0;
    for (let b = 0; b < bands; b++) rise += Math.max(0, now[b]! - before[b]!);
    before = now;
    return rise;
  });
}

/** Onsets per second: peaks of the envelope that stand out from their surroundings. */
export function onsetRate(envelope: Float32Array, framesPerSecond: number): number {
  let count = 0;
  for (let i = 3; i < envelope.length - 3; i++) {
    const around = envelope.subarray(Math.max(0, i - 12), i + 12);
    const mean = around.reduce((sum, x) => sum + x, 0) / around.length;
    let peak = envelope[i]! > 1.4 * mean + 0.6;
    for (let d = -3; d <= 3 && peak; d++) if (envelope[i + d]! > envelope[i]!) peak = false;
    if (peak) count++;
  }
  return (count * framesPerSecond) / envelope.length;
}

/**
 * The pulse that explains the onsets best among tempos within a factor of 1.3 around a guess (the octave of a tempo
 * is a matter of taste): autocorrelation of the envelope at one, two and four periods.
 */
export function tempoNear(envelope: Float32Array, framesPerSecond: number, guess: number): number {
  const mean = envelope.reduce((sum, x) => sum + x, 0) / envelope.length;
  const centred = envelope.map((x) => x - mean);
  const correlation = (lag: number) => {
    const whole = Math.floor(lag);
    const part = lag - whole;
    let sum = 0;
    for (let i = 0; i + whole + 1 < centred.length; i++) {
      sum += centred[i]! * (centred[i + whole]! * (1 - part) + centred[i + whole + 1]! * part);
    }
    return sum / (centred.length - whole);
  };
  let best = guess;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let tempo = guess / 1.3; tempo < guess * 1.3; tempo *= 1.004) {
    const period = (60 / tempo) * framesPerSecond;
    const score = correlation(period) + correlation(2 * period) + correlation(4 * period);
    if (score > bestScore) {
      bestScore = score;
      best = tempo;
    }
  }
  return best;
}

/** Energy per pitch class between 110 and 1760 Hz, summing to 1; 0 = C. */
export function chroma({ frames, rate }: Spectra): number[] {
  const classes = new Array<number>(12).fill(0);
  for (const frame of frames) {
    for (let k = 2; k < frame.length - 1; k++) {
      const hertz = (k * rate) / FRAME;
      if (hertz < 110 || hertz > 1760 || frame[k]! < frame[k - 1]! || frame[k]! < frame[k + 1]!) continue;
      // The true peak lies between the bins; a parabola through three of them finds it.
      const [a, b, c] = [frame[k - 1]!, frame[k]!, frame[k + 1]!].map((x) => Math.log(x + 1e-9)) as [
        number,
        number,
        number,
      ];
      const exact = ((k + (0.5 * (a - c)) / (a - 2 * b + c || 1)) * rate) / FRAME;
      const pitch = 69 + 12 * Math.log2(exact / 440);
      const pitchClass = ((Math.round(pitch) % 12) + 12) % 12;
      classes[pitchClass]! += frame[k]!;
    }
  }
  const sum = classes.reduce((total, x) => total + x, 0);
  return classes.map((x) => x / sum);
}

/** Spearman's rank correlation; no correction for ties. */
export function rankCorrelation(xs: readonly number[], ys: readonly number[]): number {
  const ranks = (values: readonly number[]) => {
    const order = values.map((value, i) => [value, i] as const).sort((a, b) => a[0] - b[0]);
    const rank = new Array<number>(values.length);
    for (const [position, [, i]] of order.entries()) rank[i] = position;
    return rank;
  };
  const [a, b] = [ranks(xs), ranks(ys)];
  const n = xs.length;
  const squares = a.reduce((sum, rank, i) => sum + (rank - b[i]!) ** 2, 0);
  return 1 - (6 * squares) / (n * (n * n - 1));
}
