import type { Scalar, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend.ts';
import { anySongs, songsOf } from '../interactions.ts';
import type { Random } from '../random.ts';
import type { Interactions, Tastes } from '../recommender.ts';
import { createAdam } from './adam.ts';
import { type Acquaintance, AFFINITY_COLUMNS, type Affinity } from './affinity.ts';
import { certainlyNot, PUT_AWAY_WEIGHT } from './feedback.ts';
import { createBuilder, dense, type Parameters, parameter } from './layers.ts';
import { rankingLoss } from './losses.ts';

const HIDDEN = 16;
/** Affinities and what the discriminator says by the song's features. */
const WIDTH = AFFINITY_COLUMNS.length + 1;
/** Brings the discriminator's log odds to about 1. */
const LOGIT_SCALE = 0.2;
const RATE = 3e-3;
const WEIGHT_DECAY = 1e-2;
const NONE: ReadonlySet<number> = new Set();
/** Part of a listener's songs, or artists, that a training list hides. */
const HIDDEN_PART = 0.2;
/** Lists in which whole artists are hidden, so that new artists are ranked well too. */
const HIDDEN_ARTISTS = 0.3;
/** Fewer songs make no list: one must stay, and one be hidden. */
const MIN_SONGS = 3;
/** For every step of the GAN's own training. */
const LISTS_PER_STEP = 3;
/** Songs by known artists, songs near by their artists, and any songs, that a list's hidden ones must beat. */
const SAME_ARTIST = 120;
const NEAR = 100;
const ANY = 100;
/** Songs by known artists that the listener put away, of which there may be many. */
const PUT_AWAY = 40;
/** Songs that the near and the any ones are drawn from. */
const DRAWN = 1000;

function learnableListeners(interactions: Interactions): number[] {
  const all = Array.from({ length: interactions.listenerCount }, (_, listener) => listener);
  return all.filter((listener) => songsOf(interactions, listener).length >= MIN_SONGS);
}

/** Whether any listener has songs enough to hide some and show the rest. */
export function canLearnAffinity(interactions: Interactions): boolean {
  return learnableListeners(interactions).length > 0;
}

export function buildAffinityLayer(tf: Tf, random: Random): Map<string, Variable> {
  const builder = createBuilder(tf, random);
  builder.dense('affinity/hidden', WIDTH, HIDDEN);
  // Starts as the discriminator alone.
  builder.weighing('affinity/out', new Array<number>(HIDDEN).fill(0));
  builder.number('affinity/content', 1);
  return builder.parameters;
}

/**
 * The discriminator's log odds by the songs' features, corrected by what artists, albums and other listeners say.
 * @param content one per song
 */
export function withAffinity(
  tf: Tf,
  parameters: Parameters,
  met: Acquaintance,
  songs: Int32Array,
  content: Float32Array,
): Tensor2D {
  const n = songs.length;
  const values = new Float32Array(n * WIDTH);
  for (let i = 0; i < n; i++) {
    met.write(songs[i]!, values, i * WIDTH);
    values[(i + 1) * WIDTH - 1] = LOGIT_SCALE * content[i]!;
  }
  const hidden = dense(tf, parameters, 'affinity/hidden', tf.tensor2d(values, [n, WIDTH]));
  const logits = tf.mul(tf.tensor2d(content, [n, 1]), parameter(parameters, 'affinity/content'));
  return tf.add(logits, dense(tf, parameters, 'affinity/out', hidden, 'linear'));
}

/** A listener with some songs hidden, and songs of the catalogue for them to be told from. */
interface List {
  readonly shown: Int32Array;
  /** The hidden songs first. */
  readonly songs: Int32Array;
  readonly hidden: number;
  /** For how many songs of the catalogue each of the others stands. */
  readonly standsFor: Float32Array;
  readonly met: Acquaintance;
}

/** Hides some songs, or all songs of some artists. Undefined where that leaves nothing to show. */
function hide(own: Int32Array, artists: Int32Array, byArtist: boolean, random: Random) {
  if (!byArtist) {
    const count = Math.max(1, Math.round(HIDDEN_PART * own.length));
    return { hidden: own.subarray(0, count), shown: own.subarray(count) };
  }
  const groups = random.shuffle([...new Set(Array.from(own, (song) => artists[song]!))]);
  const gone = new Set(groups.slice(0, Math.max(1, Math.round(HIDDEN_PART * groups.length))));
  const hidden = own.filter((song) => gone.has(artists[song]!));
  const shown = own.filter((song) => !gone.has(artists[song]!));
  return shown.length === 0 ? undefined : { hidden, shown };
}

function drawList(
  affinity: Affinity,
  interactions: Interactions,
  listener: number,
  putAway: ReadonlySet<number>,
  random: Random,
): List | undefined {
  const { artists } = affinity.groups;
  const count = artists.length;
  const own = random.shuffle(songsOf(interactions, listener).slice());
  const byArtist = random.next() < HIDDEN_ARTISTS;
  const split = hide(own, artists, byArtist, random);
  if (!split) return undefined;
  const { hidden, shown } = split;
  const met = affinity.meet(shown, listener);
  const isOwn = new Set(own);
  const songs = [...hidden];
  const standsFor: number[] = [];
  // Where whole artists are hidden, songs by the known ones are no question: only new artists are ranked.
  if (!byArtist) {
    const pool: number[] = [];
    const away: number[] = [];
    for (const artist of met.artists.keys()) {
      for (const song of affinity.songsBy(artist)) {
        if (putAway.has(song)) away.push(song);
        else if (!isOwn.has(song)) pool.push(song);
      }
    }
    // Nothing is drawn where nothing was put away: the other lists stay the same.
    if (away.length > PUT_AWAY) random.shuffle(away).length = PUT_AWAY;
    const taken = random.shuffle(pool).slice(0, SAME_ARTIST);
    songs.push(...taken, ...away);
    standsFor.push(...taken.map(() => pool.length / taken.length), ...away.map(() => PUT_AWAY_WEIGHT));
  }
  const drawn: number[] = [];
  const draws = Math.min(DRAWN, count);
  for (let i = 0; i < draws; i++) {
    const song = random.integer(count);
    if (!isOwn.has(song) && !met.artists.has(artists[song]!)) drawn.push(song);
  }
  drawn.sort((a, b) => met.nearness(b) - met.nearness(a));
  const near = drawn.slice(0, NEAR);
  const far = random.shuffle(drawn.slice(NEAR));
  const any = far.slice(0, ANY);
  songs.push(...near, ...any);
  standsFor.push(...near.map(() => count / draws));
  standsFor.push(...any.map(() => ((count / draws) * far.length) / any.length));
  if (standsFor.length === 0) return undefined;
  return {
    shown,
    songs: Int32Array.from(songs),
    hidden: hidden.length,
    standsFor: Float32Array.from(standsFor),
    met,
  };
}

/**
 * Trains the layer to rank hidden songs of listeners above songs of the catalogue: hard ones (by the same artists, by
 * artists of similar lists, by the same artists and put away) and any.
 *
 * @param steps of the GAN's training, whose multiple is the number of lists
 * @param judge the trained discriminator's log odds of some songs for who likes some others
 */
export async function trainAffinity(
  tf: Tf,
  parameters: Parameters,
  affinity: Affinity,
  { interactions, putAway }: Tastes,
  judge: (liked: Int32Array, songs: Int32Array) => Float32Array,
  random: Random,
  steps: number,
  onProgress: (fraction: number) => void,
): Promise<void> {
  const listeners = learnableListeners(interactions);
  const away = anySongs(putAway)
    ? certainlyNot({ interactions, putAway }).map((songs) => new Set(songs))
    : undefined;
  const lists = LISTS_PER_STEP * steps;
  const variables = [...parameters.values()];
  const adam = createAdam(tf, parameters, { beta1: 0.9, weightDecay: WEIGHT_DECAY });
  for (let at = 0; at < lists; at++) {
    if (at % listeners.length === 0) random.shuffle(listeners);
    const listener = listeners[at % listeners.length]!;
    const list = drawList(affinity, interactions, listener, away?.[listener] ?? NONE, random);
    if (list) {
      const { shown, songs, hidden, standsFor, met } = list;
      const content = judge(shown, songs);
      tf.tidy(() => {
        const { grads } = tf.variableGrads(() => {
          const scores = withAffinity(tf, parameters, met, songs, content);
          const real = tf.slice(scores, [0, 0], [hidden, 1]);
          const others = tf.reshape(tf.slice(scores, [hidden, 0], [standsFor.length, 1]), [1, -1]);
          const each = tf.add(others, tf.zeros([hidden, 1])) as Tensor2D;
          return rankingLoss(tf, real, each, standsFor) as Scalar;
        }, variables);
        adam.apply(grads, RATE * Math.min(1, (2 * (lists - at)) / lists));
      });
    }
    onProgress((at + 1) / lists);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
