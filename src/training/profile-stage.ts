import type { LabelTable, VoteTable } from '../../ml/aggregate.ts';
import { type KnnGraph, knnGraph } from '../../ml/graph.ts';
import { propagationFeatures, type RawSongs } from '../../ml/items.ts';
import { accuracy, argmax, macroF1 } from '../../ml/metrics.ts';
import { labelSpreading } from '../../ml/propagate.ts';
import type { Random } from '../../ml/random.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { AUDIO_FEATURES } from '../domain/song.ts';

/** Neighbours that each song spreads its label to. */
export const NEIGHBOURS = 10;

/** A voted song's own votes outweigh what its neighbours say from this many votes on. */
const INFERRED_VOTES = 3;

/** Fewer labelled songs than this say nothing about how well emotions are inferred. */
const MIN_SONGS_TO_VALIDATE = 10;
const FOLDS = 5;

/** A catalogue's songs as the numerics take them. */
export function rawSongs(catalogue: Catalogue): RawSongs {
  return {
    size: catalogue.size,
    features: catalogue.features,
    names: AUDIO_FEATURES,
    years: catalogue.years,
    popularity: catalogue.popularity,
  };
}

/** The neighbour graph of a catalogue's songs, or undefined where there is nothing to compare. */
export function songGraph(raw: RawSongs, onProgress?: (fraction: number) => void): KnnGraph | undefined {
  const points = propagationFeatures(raw);
  if (points.rows < 2 || points.columns === 0) return undefined;
  return knnGraph(points.values, points.rows, points.columns, NEIGHBOURS, onProgress);
}

/** Emotion profiles of all songs. */
export interface Profiles {
  /** songs × emotions, rows sum to 1. */
  readonly profiles: Float32Array;
  /** 0..1. */
  readonly confidence: Float32Array;
  /** 1 where a label was there, 0 where inferred. */
  readonly voted: Uint8Array;
}

/** How much each label counts when it spreads: its confidence, and nothing without a label. */
function seedWeights(labels: LabelTable): Float32Array {
  return labels.confidence.map((value, song) => (labels.primary[song] < 0 ? 0 : Math.max(0.05, value)));
}

/** Votes per song, an imported label's weight included. */
function voteMass(table: VoteTable, labels: LabelTable): Float32Array {
  const mass = Float32Array.from(labels.votes);
  const { prior, emotionCount } = table;
  if (prior !== undefined) {
    for (const [at, value] of prior.entries()) {
      const song = Math.floor(at / emotionCount);
      mass[song] = mass[song] + value;
    }
  }
  return mass;
}

/**
 * Labels → an emotion profile for every song: labels spread over the graph, and a labelled song's profile is its
 * own shares, drawn towards what its neighbours say by {@link INFERRED_VOTES} votes' worth.
 * Without any label every profile is uniform, with confidence 0.
 */
export function inferProfiles(graph: KnnGraph | undefined, table: VoteTable, labels: LabelTable): Profiles {
  const { songCount, emotionCount } = labels;
  const voted = Uint8Array.from(labels.primary, (emotion) => (emotion < 0 ? 0 : 1));
  const anyLabel = voted.includes(1);
  const inferred =
    graph === undefined || !anyLabel
      ? {
          profiles: new Float32Array(songCount * emotionCount).fill(1 / emotionCount),
          confidence: new Float32Array(songCount),
        }
      : labelSpreading(graph, { labels: labels.shares, weights: seedWeights(labels) }, emotionCount);
  const profiles = Float32Array.from(inferred.profiles);
  const confidence = Float32Array.from(inferred.confidence);
  const mass = voteMass(table, labels);
  for (let song = 0; song < songCount; song++) {
    if (voted[song] === 0) continue;
    const own = mass[song];
    for (let e = 0; e < emotionCount; e++) {
      const at = song * emotionCount + e;
      const share = labels.shares[at];
      profiles[at] = (own * share + INFERRED_VOTES * profiles[at]) / (own + INFERRED_VOTES);
    }
    confidence[song] = Math.max(confidence[song], labels.confidence[song]);
  }
  return { profiles, confidence, voted };
}

/** How well hidden labels are inferred. */
export interface EmotionScore {
  readonly accuracy: number;
  readonly macroF1: number;
  readonly heldOutSongs: number;
}

/**
 * Cross-validation in five folds, stratified by primary emotion: each labelled song is hidden once and its primary
 * emotion compared with the largest of its inferred profile. Undefined with too few labelled songs or one emotion.
 */
export async function crossValidate(
  graph: KnnGraph | undefined,
  labels: LabelTable,
  random: Random,
  onProgress?: (fraction: number) => void,
): Promise<EmotionScore | undefined> {
  if (graph === undefined) return undefined;
  const byEmotion = new Map<number, number[]>();
  for (const [song, emotion] of labels.primary.entries()) {
    if (emotion < 0) continue;
    const songs = byEmotion.get(emotion) ?? [];
    byEmotion.set(emotion, songs);
    songs.push(song);
  }
  const total = [...byEmotion.values()].reduce((sum, songs) => sum + songs.length, 0);
  if (total < MIN_SONGS_TO_VALIDATE || byEmotion.size < 2) return undefined;

  const folds: number[][] = Array.from({ length: FOLDS }, () => []);
  let turn = 0;
  for (const songs of byEmotion.values()) {
    for (const song of random.shuffle(songs)) folds[turn++ % FOLDS]?.push(song);
  }
  const weights = seedWeights(labels);
  const truth: number[] = [];
  const predicted: number[] = [];
  for (const [number, fold] of folds.entries()) {
    const seen = Float32Array.from(weights);
    for (const song of fold) seen[song] = 0;
    const { profiles } = labelSpreading(graph, { labels: labels.shares, weights: seen }, labels.emotionCount);
    for (const song of fold) {
      truth.push(labels.primary[song]);
      predicted.push(argmax(profiles, song * labels.emotionCount, labels.emotionCount));
    }
    onProgress?.((number + 1) / FOLDS);
    await new Promise(setImmediate);
  }
  return {
    accuracy: accuracy(predicted, truth),
    macroF1: macroF1(predicted, truth, labels.emotionCount),
    heldOutSongs: total,
  };
}
