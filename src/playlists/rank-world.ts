import { unitRows } from '../../ml/baselines/item-knn.ts';
import { buildItems } from '../../ml/items.ts';
import { type PlanePoint, planeOf } from '../../ml/plane.ts';
import type { Matrix } from '../../ml/recommender.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { EmotionKey } from '../domain/emotion.ts';
import { AUDIO_FEATURES, type SongId } from '../domain/song.ts';
import type { Ranking } from '../training/model-files.ts';
import { rawSongs } from '../training/profile-stage.ts';

/** Everything that making a playlist reads, by song index of one catalogue. */
export interface RankWorld {
  readonly catalogue: Catalogue;
  readonly ranking: Ranking;
  /** size × width, every row of length 1: the dot product of two rows is their cosine. */
  readonly items: Matrix;
  readonly valence: Float32Array;
  readonly arousal: Float32Array;
  /** Beats per minute; NaN where unknown. */
  readonly tempo: Float32Array;
  /** The first artist of a song as a number; -1 where unknown. */
  readonly artistOf: Int32Array;
  /** How many different artists there are. */
  readonly artists: number;
  /** How many of the catalogue's listeners like a song. */
  readonly listeners: Int32Array;
  /** Emotions that at least one song has a share of. Without any vote for it the model knows nothing of an emotion. */
  readonly heard: ReadonlySet<EmotionKey>;
}

function heardEmotions({ emotions, profiles }: Ranking): Set<EmotionKey> {
  const largest = new Float32Array(emotions.length);
  for (let i = 0; i < profiles.values.length; i++) {
    const emotion = i % emotions.length;
    if (profiles.values[i] > largest[emotion]) largest[emotion] = profiles.values[i];
  }
  // Half of what every emotion has in a flat profile.
  return new Set(emotions.filter((_, emotion) => largest[emotion] >= 0.5 / emotions.length));
}

function columnOf({ size, features }: Catalogue, name: (typeof AUDIO_FEATURES)[number]): Float32Array {
  const [width, column] = [AUDIO_FEATURES.length, AUDIO_FEATURES.indexOf(name)];
  return Float32Array.from({ length: size }, (_, song) => features[song * width + column]);
}

function numberArtists(catalogue: Catalogue): Pick<RankWorld, 'artistOf' | 'artists'> {
  const numbers = new Map<string, number>();
  const artistOf = Int32Array.from({ length: catalogue.size }, (_, index) => {
    const artist = catalogue.song(index).artists[0]?.toLowerCase();
    if (artist === undefined) return -1;
    const known = numbers.get(artist);
    if (known !== undefined) return known;
    numbers.set(artist, numbers.size);
    return numbers.size - 1;
  });
  return { artistOf, artists: numbers.size };
}

/** @param planeAt where an emotion lies; undefined for one that the taxonomy no longer has */
export function createRankWorld(
  catalogue: Catalogue,
  ranking: Ranking,
  planeAt: (emotion: string) => PlanePoint | undefined,
): RankWorld {
  const { items } = buildItems(rawSongs(catalogue));
  const plane = planeOf(
    ranking.profiles.values,
    ranking.emotions.map((emotion) => planeAt(emotion) ?? { valence: 0, arousal: 0 }),
  );
  const listeners = new Int32Array(catalogue.size);
  for (const { songs } of catalogue.listeners) for (const song of songs) listeners[song]++;
  return {
    catalogue,
    ranking,
    items: { ...items, values: unitRows(items) },
    valence: plane.valence,
    arousal: plane.arousal,
    tempo: columnOf(catalogue, 'tempo'),
    ...numberArtists(catalogue),
    listeners,
    heard: heardEmotions(ranking),
  };
}

/** Indices of the songs that the catalogue has, ascending, no duplicates. */
export function indicesOf(catalogue: Catalogue, ids: Iterable<SongId>): Int32Array {
  const found = new Set<number>();
  for (const id of ids) {
    const index = catalogue.indexOf(id);
    if (index >= 0) found.add(index);
  }
  return Int32Array.from(found).sort();
}

/** Scores with mean 0 and deviation 1, in place; all 0 when they are all the same. */
export function standardise(scores: Float32Array): Float32Array {
  let mean = 0;
  for (let i = 0; i < scores.length; i++) mean += scores[i];
  mean /= scores.length;
  let squares = 0;
  for (let i = 0; i < scores.length; i++) squares += (scores[i] - mean) ** 2;
  const scale = squares > 0 ? Math.sqrt(scores.length / squares) : 0;
  for (let i = 0; i < scores.length; i++) scores[i] = (scores[i] - mean) * scale;
  return scores;
}

/** What members of the communities like, beside the catalogue's listeners. */
export interface LikesHere {
  /** Members who like a song, by song index. */
  readonly counts: Int32Array;
  /** Members and listeners a song must have to be called popular: the upper fifth of those that anybody likes. */
  readonly popularFrom: number;
  /** How liked a song is here and among listeners, mean 0 and deviation 1. */
  readonly popularity: Float32Array;
}

/** A like in a community says more than a like of a listener who came with the catalogue. */
const LIKE_HERE = 3;

export function placeLikes(
  { catalogue, listeners }: Pick<RankWorld, 'catalogue' | 'listeners'>,
  likes: { readonly songIds: readonly SongId[]; readonly counts: Int32Array },
): LikesHere {
  const counts = new Int32Array(catalogue.size);
  for (const [i, id] of likes.songIds.entries()) {
    const song = catalogue.indexOf(id);
    if (song >= 0) counts[song] = likes.counts[i];
  }
  const popularity = new Float32Array(catalogue.size);
  for (let song = 0; song < popularity.length; song++) {
    // Where nobody is known to like anything, the catalogue's own popularity decides.
    const charts = catalogue.popularity[song];
    popularity[song] =
      Math.log1p(listeners[song] + LIKE_HERE * counts[song]) + (Number.isNaN(charts) ? 0 : charts / 200);
  }
  const liked = listeners
    .map((count, song) => count + counts[song])
    .filter((count) => count > 0)
    .sort();
  const upperFifth = liked[Math.floor(liked.length * 0.8)] ?? 0;
  return { counts, popularFrom: Math.max(2, upperFifth), popularity: standardise(popularity) };
}
