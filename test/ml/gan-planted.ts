import { createRandom } from '../../ml/random.ts';
import type { Interactions, RecommenderData } from '../../ml/recommender.ts';

/** Centres of the planted clusters in a two-dimensional item space, in deviations. */
export const CENTRES: readonly (readonly [number, number])[] = [
  [-1, -1],
  [1, -1],
  [-1, 1],
  [1, 1],
];
const SPREAD = 0.25;

export interface Planted {
  readonly data: RecommenderData;
  /** Cluster of each song. */
  readonly cluster: Int32Array;
  /** Clusters that each listener likes: one or two. */
  readonly likes: readonly (readonly number[])[];
  /** Songs that each listener would like and that training does not show. */
  readonly held: readonly Int32Array[];
}

export function interactionsOf(lists: readonly (readonly number[])[], songCount: number): Interactions {
  const sorted = lists.map((list) => [...list].sort((a, b) => a - b));
  const offsets = new Int32Array(lists.length + 1);
  sorted.forEach((list, index) => {
    offsets[index + 1] = offsets[index]! + list.length;
  });
  return { listenerCount: lists.length, songCount, offsets, songs: Int32Array.from(sorted.flat()) };
}

export const likedBy = ({ interactions }: RecommenderData, listener: number): Int32Array =>
  interactions.songs.subarray(interactions.offsets[listener]!, interactions.offsets[listener + 1]!);

/**
 * A catalogue of four clusters and listeners who like one of them, or two. Emotions say whether a song lies
 * in the inner or the outer half of its cluster, so that taste says nothing of them.
 */
export function plant(songs = 400, listeners = 40): Planted {
  const random = createRandom(5);
  const cluster = Int32Array.from({ length: songs }, (_, song) => song % CENTRES.length);
  const items = new Float32Array(songs * 2);
  const profiles = new Float32Array(songs * 2);
  for (let song = 0; song < songs; song++) {
    const [x, y] = CENTRES[cluster[song]!]!;
    items[2 * song] = x + SPREAD * random.normal();
    items[2 * song + 1] = y + SPREAD * random.normal();
    const first = random.next() < 0.5 ? 0.9 : 0.1;
    profiles.set([first, 1 - first], 2 * song);
  }
  const likes = Array.from({ length: listeners }, (_, listener) => {
    const first = listener % CENTRES.length;
    return listener % 2 === 0 ? [first] : [first, (first + 1) % CENTRES.length];
  });
  const lists = likes.map((own) => {
    const all = [...cluster.keys()].filter((song) => own.includes(cluster[song]!));
    return random.shuffle(all).slice(0, 30);
  });
  return {
    data: {
      interactions: interactionsOf(
        lists.map((list) => list.slice(6)),
        songs,
      ),
      items: { rows: songs, columns: 2, values: items },
      profiles: { rows: songs, columns: 2, values: profiles },
    },
    cluster,
    likes,
    held: lists.map((list) => Int32Array.from(list.slice(0, 6))),
  };
}

/** Features say nothing; listeners like artists: 40 artists with ten songs, 30 listeners with four artists. */
export function plantArtists(): { data: RecommenderData; held: number[][] } {
  const random = createRandom(8);
  const songs = 400;
  const artists = Int32Array.from({ length: songs }, (_, song) => song % 40);
  const held: number[][] = [];
  const lists = Array.from({ length: 30 }, () => {
    const likes = random.shuffle(Array.from({ length: 40 }, (_, a) => a)).slice(0, 4);
    const own = random.shuffle([...artists.keys()].filter((song) => likes.includes(artists[song]!)));
    held.push(own.slice(0, 8));
    return own.slice(8, 28);
  });
  return {
    held,
    data: {
      interactions: interactionsOf(lists, songs),
      items: {
        rows: songs,
        columns: 2,
        values: Float32Array.from({ length: 2 * songs }, () => random.normal()),
      },
      profiles: { rows: songs, columns: 1, values: new Float32Array(songs).fill(1) },
      groups: {
        artists,
        albums: Int32Array.from({ length: songs }, (_, song) => song % 200),
        titles: Int32Array.from({ length: songs }, (_, song) => song),
      },
    },
  };
}
