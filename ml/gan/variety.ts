import { songsOf } from '../interactions.ts';
import type { Random } from '../random.ts';
import type { Interactions } from '../recommender.ts';
import { type Fidelity, fidelity } from './fidelity.ts';
import type { SongVectors } from './songs.ts';

/** More listeners, or more songs of one, change the means little and cost time. */
const MOST_LISTENERS = 64;
const MOST_SONGS = 40;
const NEIGHBOURS = 3;
/** In a half of fewer songs a ball to the third neighbour holds nearly all of them. */
const LEAST_SONGS = 6;

/** A set of songs against the half of a listener's songs that was hidden. */
export interface SetVariety extends Fidelity {
  /** Mean distance of two songs of the set, that of two hidden songs being 1. */
  readonly spread: number;
}

/** How varied generated songs are beside the listeners' own; means over listeners. */
export interface Variety {
  readonly listeners: number;
  readonly generated: SetVariety;
  /** The half that the generator was shown: as varied as it gets, being the listener's own. */
  readonly own: SetVariety;
}

/** The sum of the distances of all pairs, and how many pairs. */
function distances(points: Float32Array, width: number): { readonly sum: number; readonly pairs: number } {
  const count = points.length / width;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      let square = 0;
      for (let c = 0; c < width; c++) square += (points[i * width + c]! - points[j * width + c]!) ** 2;
      sum += Math.sqrt(square);
    }
  }
  return { sum, pairs: (count * (count - 1)) / 2 };
}

/**
 * Whether a generator makes songs as varied as the listener's own. Half of a listener's songs are shown to it, it makes
 * as many, and both the made and the shown ones are held against the other half: recall, density and coverage
 * (`fidelity`) and the mean distance of two songs. A generator that repeats what it is shown does as well as the shown
 * half and no better, so its figures are to be read beside those.
 *
 * @param make songs for who likes these: count × width, in the networks' own space
 * @returns undefined where no listener has songs enough
 */
export async function measureVariety(
  make: (shown: Int32Array, count: number) => Float32Array,
  interactions: Interactions,
  { values, width }: Pick<SongVectors, 'values' | 'width'>,
  random: Random,
): Promise<Variety | undefined> {
  const listeners = Array.from({ length: interactions.listenerCount }, (_, listener) => listener).filter(
    (listener) => songsOf(interactions, listener).length >= 2 * LEAST_SONGS,
  );
  const asked = random.shuffle(listeners).slice(0, MOST_LISTENERS);
  const vectorsOf = (songs: Int32Array) =>
    Float32Array.from({ length: songs.length * width }, (_, at) => {
      return values[songs[Math.floor(at / width)]! * width + (at % width)]!;
    });
  const sums = {
    generated: { recall: 0, density: 0, coverage: 0 },
    own: { recall: 0, density: 0, coverage: 0 },
  };
  const spreads = { generated: 0, own: 0, hidden: 0 };
  for (const listener of asked) {
    const songs = random.shuffle(songsOf(interactions, listener).slice());
    const half = Math.min(MOST_SONGS, songs.length >> 1);
    const shown = songs.slice(0, half);
    const hidden = vectorsOf(songs.subarray(half, 2 * half));
    const sets = { generated: make(shown, half), own: vectorsOf(shown) };
    for (const set of ['generated', 'own'] as const) {
      const { recall, density, coverage } = fidelity(hidden, sets[set], width, NEIGHBOURS);
      sums[set].recall += recall;
      sums[set].density += density;
      sums[set].coverage += coverage;
    }
    for (const [set, points] of Object.entries({ ...sets, hidden })) {
      const { sum, pairs } = distances(points, width);
      spreads[set as keyof typeof spreads] += sum / pairs;
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  // Without a distance between hidden songs (a catalogue of copies) there is no variety to be compared with.
  if (spreads.hidden === 0) return undefined;
  const meanOf = (set: 'generated' | 'own'): SetVariety => ({
    recall: sums[set].recall / asked.length,
    density: sums[set].density / asked.length,
    coverage: sums[set].coverage / asked.length,
    spread: spreads[set] / spreads.hidden,
  });
  return { listeners: asked.length, generated: meanOf('generated'), own: meanOf('own') };
}
