import type { LabelTable, VoteTable } from '../../ml/aggregate.ts';
import { ALONE, type Crew } from '../../ml/crew.ts';
import { chooseFeatures, type GroupTrial } from '../../ml/feature-choice.ts';
import { type FeatureGroup, withGroups } from '../../ml/feature-groups.ts';
import { type HeldOut, inferEmotions } from '../../ml/infer-emotions.ts';
import { emotionTable, type RawSongs } from '../../ml/items.ts';
import { accuracy, argmax, calibrationError, macroF1 } from '../../ml/metrics.ts';
import type { Random } from '../../ml/random.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { AUDIO_FEATURES } from '../domain/song.ts';

/** A voted song's own votes outweigh what is inferred of it from this many votes on. */
const INFERRED_VOTES = 3;

/** Fewer songs than this say nothing about how well emotions are inferred. */
const MIN_SONGS_TO_VALIDATE = 10;

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

/** Emotion profiles of all songs. */
export interface Profiles {
  /** songs × emotions, rows sum to 1. */
  readonly profiles: Float32Array;
  /** 0..1: how likely the largest share is the right one; 0 where nothing is known. */
  readonly confidence: Float32Array;
  /** 1 where a label was there, 0 where inferred. */
  readonly voted: Uint8Array;
  /** How well labels were inferred while they were hidden; absent with too few. */
  readonly score?: EmotionScore;
  /** The same on the songs that were posted at random, which tell without bias. */
  readonly randomScore?: EmotionScore;
  /** What else than their sound is known of the songs, and whether it helped. */
  readonly features: readonly GroupTrial[];
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

/** How well hidden labels are inferred. */
export interface EmotionScore {
  readonly accuracy: number;
  readonly macroF1: number;
  /** Expected calibration error, 10 bins. */
  readonly calibrationError: number;
  readonly heldOutSongs: number;
}

function scoreHeldOut(
  { songs, probabilities }: HeldOut,
  labels: LabelTable,
  among: ReadonlySet<number> | undefined,
): EmotionScore | undefined {
  const c = labels.emotionCount;
  const [said, right, stated]: number[][] = [[], [], []];
  songs.forEach((song, i) => {
    if (among !== undefined && !among.has(song)) return;
    const guess = argmax(probabilities, i * c, c);
    said.push(guess);
    right.push(labels.primary[song]);
    stated.push(probabilities[i * c + guess]);
  });
  if (said.length < MIN_SONGS_TO_VALIDATE || new Set(right).size < 2) return undefined;
  return {
    accuracy: accuracy(said, right),
    macroF1: macroF1(said, right, c),
    calibrationError: calibrationError(
      stated,
      said.map((guess, i) => guess === right[i]),
    ),
    heldOutSongs: said.length,
  };
}

/**
 * Labels → an emotion profile for every song, by {@link inferEmotions}; a labelled song's profile is its own shares,
 * drawn towards what is inferred of it by {@link INFERRED_VOTES} votes' worth. Without any label every profile is
 * uniform, with confidence 0.
 * @param groups what is known of the songs beside their sound, used where it helps
 * @param atRandom songs that were posted at random
 * @param crew who shares the work
 */
export function inferProfiles(
  raw: RawSongs,
  groups: readonly FeatureGroup[],
  table: VoteTable,
  labels: LabelTable,
  random: Random,
  atRandom: ReadonlySet<number>,
  onProgress?: (fraction: number) => void,
  crew: Crew = ALONE,
): Profiles {
  const { songCount, emotionCount } = labels;
  const voted = Uint8Array.from(labels.primary, (emotion) => (emotion < 0 ? 0 : 1));
  const seeds = { labels: labels.shares, weights: seedWeights(labels) };
  const sound = emotionTable(raw);
  const { chosen, trials } = chooseFeatures(sound, groups, seeds, emotionCount, random.fork('features'));
  const songs = withGroups(sound, chosen);
  const { probabilities, heldOut } = inferEmotions(songs, seeds, emotionCount, random, { onProgress, crew });
  const profiles = Float32Array.from(probabilities);
  const confidence = new Float32Array(songCount);
  const mass = voteMass(table, labels);
  const known = voted.includes(1);
  for (let song = 0; song < songCount; song++) {
    const top = argmax(profiles, song * emotionCount, emotionCount);
    if (known) confidence[song] = profiles[song * emotionCount + top];
    if (voted[song] === 0) continue;
    const own = mass[song];
    for (let e = 0; e < emotionCount; e++) {
      const at = song * emotionCount + e;
      const share = labels.shares[at];
      profiles[at] = (own * share + INFERRED_VOTES * profiles[at]) / (own + INFERRED_VOTES);
    }
    confidence[song] = Math.max(confidence[song], labels.confidence[song]);
  }
  const score = scoreHeldOut(heldOut, labels, undefined);
  const randomScore = scoreHeldOut(heldOut, labels, atRandom);
  return {
    profiles,
    confidence,
    voted,
    features: trials,
    ...(score === undefined ? {} : { score }),
    ...(randomScore === undefined ? {} : { randomScore }),
  };
}
