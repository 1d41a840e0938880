import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A seeded source of random numbers; the same seed gives the same sequence everywhere. */
export interface Random {
  /** What it was created with: another thread gets the same sequence from it. */
  readonly seed: number;
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number;
  /** Writes one draw of `next` after the other: several times faster than to call it. Returns its argument. */
  fill(values: Float64Array): Float64Array;
  /** Uniform integer in [0, n); n in 1..2^31. */
  integer(n: number): number;
  /** Standard normal (Box–Muller, polar form by Marsaglia). */
  normal(): number;
  /** In place, uniform (Fisher–Yates). Returns its argument. */
  shuffle<T extends { length: number; [index: number]: unknown }>(list: T): T;
  /** An independent source that depends on this one's seed and the name only, not on what was drawn. */
  fork(name: string): Random;
}

function hash(text: string, seed: number): number {
  // FNV-1a, 32 bit, started from the seed.
  let h = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < text.length; i++) {
    h ^= text.charCodeAt(i);
    h = Math.imul(h, 0x01000193) >>> 0;
  }
  return h >>> 0;
}

/** Finalizer of MurmurHash3 (Appleby 2011): every bit of the seed reaches every bit of the result. */
function scatter(seed: number): number {
  let h = seed | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * xoroshiro128+ 1.0 (Blackman & Vigna 2018) as pure-rand has it, with the state in local variables.
 * @returns the state after the last draw
 */
function fillFrom(state: readonly number[], values: Float64Array): number[] {
  let [s01, s00, s11, s10] = state as [number, number, number, number];
  for (let i = 0; i < values.length; i++) {
    values[i] = ((s00 + s10) >>> 0) / 4294967296;
    const a0 = s10 ^ s00;
    const a1 = s11 ^ s01;
    const before = s00;
    s00 = (s00 << 24) ^ (s01 >>> 8) ^ a0 ^ (a0 << 16);
    s01 = (s01 << 24) ^ (before >>> 8) ^ a1 ^ ((a1 << 16) | (a0 >>> 16));
    s10 = (a1 << 5) ^ (a0 >>> 27);
    s11 = (a0 << 5) ^ (a1 >>> 27);
  }
  return [s01, s00, s11, s10];
}

/** Draws until the generator's sparse first state has spread. */
const WARM_UP = 16;

/** @param seed any integer */
export function createRandom(seed: number): Random {
  // Small seeds begin in nearly the same state: unmixed, the first draw of 1, 2 and 3 is 0.9999….
  let generator = xoroshiro128plus(scatter(seed));
  for (let i = 0; i < WARM_UP; i++) generator.next();
  let spare: number | undefined;
  const random: Random = {
    seed,
    next: () => (generator.next() >>> 0) / 4294967296,
    fill(values) {
      generator = xoroshiro128plusFromState(fillFrom(generator.getState(), values));
      return values;
    },
    integer: (n) => Math.floor(random.next() * n),
    normal() {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      for (;;) {
        const u = 2 * random.next() - 1;
        const v = 2 * random.next() - 1;
        const s = u * u + v * v;
        if (s > 0 && s < 1) {
          const factor = Math.sqrt((-2 * Math.log(s)) / s);
          spare = v * factor;
          return u * factor;
        }
      }
    },
    shuffle(list) {
      for (let i = list.length - 1; i > 0; i--) {
        const j = random.integer(i + 1);
        const kept = list[i];
        list[i] = list[j];
        list[j] = kept;
      }
      return list;
    },
    fork: (name) => createRandom(hash(name, seed)),
  };
  return random;
}
