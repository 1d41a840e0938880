import { crowding, drawSome, likeness, type SongPlaces } from './coverage.ts';
import type { Random } from './random.ts';

/** What the last model and the votes it knew say about asking; prepared once, so that choosing takes no time. */
export interface AskingPlan {
  readonly places: SongPlaces;
  /** The songs that may be asked about, most worthwhile first. */
  readonly songs: Int32Array;
  /** For each of `songs`, how much votes on it would teach before any are there, > 0. */
  readonly worth: Float32Array;
  /** 1 for songs that cannot be posted (no sound). */
  readonly excluded?: Uint8Array;
}

export interface PlanInput {
  readonly places: SongPlaces;
  /**
   * A song's distribution over the emotions by the last model, undefined for one that it has not seen; absent before
   * the first model.
   */
  readonly profileOf?: (song: number) => ArrayLike<number> | undefined;
  /** Votes as the model knew them, song → members who voted. */
  readonly voters?: ReadonlyMap<number, number>;
  /** 1 for songs that cannot be posted (no sound). */
  readonly excluded?: Uint8Array;
}

/** What is known when the next snippet is chosen. */
export interface NextCandidates {
  readonly plan: AskingPlan;
  /** How many members voted on a song so far. */
  readonly voters: (song: number) => number;
  /** Whether a song's label is known to be clear before `enoughVoters`, so that more votes would tell nothing. */
  readonly isClear?: (song: number) => boolean;
  /** A number per genre and song; -1 = unknown. */
  readonly genreOf: Int32Array;
  /** A number per artist and song; -1 = unknown. */
  readonly artistOf: Int32Array;
  /** Song → days since it was last posted in this community; a song that is not here never was. */
  readonly lastPostedDaysAgo: ReadonlyMap<number, number>;
  /** Songs posted last in this community, newest first. */
  readonly recent: ArrayLike<number>;
  /** How many of `recent`, from the newest, the plan knows no votes of yet. Default: all. */
  readonly pending?: number;
}

export interface NextOptions {
  /** Votes after which more tell little. Default 10. */
  readonly enoughVoters?: number;
  /** A song is not posted again within this many days. Default 14. */
  readonly pauseDays?: number;
  /** Share of posts that are drawn at random, so that quality can be measured without bias. Default 0.1. */
  readonly randomShare?: number;
}

export interface NextSong {
  readonly song: number;
  readonly chosenBy: 'policy' | 'random';
}

/** How `chooseNext` looks; another policy is another function of this type. */
export type ChooseNext = (
  candidates: NextCandidates,
  random: Random,
  options?: NextOptions,
) => NextSong | undefined;

const DEFAULTS = { enoughVoters: 10, pauseDays: 14, randomShare: 0.1 };

/** Songs that a plan weighs: of a larger catalogue so many at random, others with the next plan. */
const POOL = 4_096;
/** Songs worked on between two steps of a generator. */
const STEP = 1_000;
/** So much counts a song that was just posted and whose votes the model has not seen: a day's snippets differ. */
const PENDING_WEIGHT = 3;
/** How far a genre that was just posted stands back. */
const SAME_GENRE = 0.5;
/** Posts whose genre and likeness still count against a song. */
const LOOK_BACK = 10;

/**
 * How torn a profile is between its first two emotions, 0..1: one less the margin (Scheffer, Decomain & Wrobel 2001).
 * @param profile a distribution over the emotions
 */
export function doubtOf(profile: ArrayLike<number>): number {
  let first = 0;
  let second = 0;
  for (let e = 0; e < profile.length; e++) {
    const share = profile[e];
    if (share > first) {
      second = first;
      first = share;
    } else if (share > second) second = share;
  }
  return Math.min(1, Math.max(0, 1 - (first - second)));
}

/**
 * What asking about a song would teach: doubt × rarity × √density / (1 + known). Rarity is the profile's mean of
 * √(usual / answered) over the emotions: doubt alone passes over an emotion that is seldom mistaken for others, until
 * so few songs of it have answers that they are. Density is how many songs sound like it, so an answer says something
 * of many; the root keeps a crowd from drowning everything else. Known is how many songs
 * that sound like it have votes already: doubt that stays where many have answered is the songs' own ambiguity, and
 * more answers would not end it. Without a model, doubt and rarity are the same everywhere and songs are asked by what they cover.
 * Time does not grow with the catalogue: of more than 4,096 songs that many are drawn, and of those with some but not
 * enough votes likewise. In steps. After Settles & Craven 2008 ("information density") and Hacohen, Dekel & Weinshall
 * 2022 (with few labels, cover first).
 * @throws RangeError on a wrong length
 */
export function* planAsking(input: PlanInput, random: Random): Generator<void, AskingPlan> {
  const { places, profileOf, voters = new Map<number, number>(), excluded } = input;
  if (excluded !== undefined && excluded.length !== places.size) {
    throw new RangeError(`excluded has ${excluded.length} entries for ${places.size} songs`);
  }
  const answered = new Int32Array(voters.size);
  let at = 0;
  for (const song of voters.keys()) {
    if (at % STEP === STEP - 1) yield;
    answered[at++] = song;
  }
  const share = (song: number) => Math.min(1, Math.max(0, (voters.get(song) ?? 0) / DEFAULTS.enoughVoters));
  const pool = new Set<number>();
  const join = (song: number) => {
    if (excluded?.[song] !== 1 && share(song) < 1) pool.add(song);
  };
  for (const song of drawSome(places.size, POOL, random)) join(song);
  for (const one of drawSome(answered.length, POOL, random)) join(answered[one]);
  const songs = Int32Array.from(pool);
  yield;
  const density = yield* crowding(places, songs, random);
  const known = yield* crowding(places, songs, random, answered, share);
  const rarity = profileOf && (yield* rarityOf(answered, share, profileOf));
  const worth = new Float32Array(songs.length);
  for (const [i, song] of songs.entries()) {
    if (i % STEP === STEP - 1) yield;
    // What the song's own votes already say is not a reason to leave it unfinished.
    const others = Math.max(0, known[i] - share(song));
    const profile = profileOf?.(song);
    const unclear = profile === undefined ? 1 : doubtOf(profile) * meanBy(profile, rarity);
    worth[i] = (unclear * Math.sqrt(density[i])) / (1 + others);
  }
  const order = Int32Array.from(songs, (_, i) => i).sort((a, b) => worth[b] - worth[a]);
  return {
    places,
    songs: order.map((i) => songs[i]),
    worth: Float32Array.from(order, (i) => worth[i]),
    excluded,
  };
}

/** Per emotion √(mean over the emotions / answers of this one), as if each had one answer more. */
function* rarityOf(
  answered: Int32Array,
  share: (song: number) => number,
  profileOf: (song: number) => ArrayLike<number> | undefined,
): Generator<void, number[] | undefined> {
  let totals: number[] | undefined;
  for (const [i, song] of answered.entries()) {
    if (i % STEP === STEP - 1) yield;
    const profile = profileOf(song);
    if (profile === undefined) continue;
    totals ??= new Array<number>(profile.length).fill(1);
    for (let e = 0; e < totals.length; e++) totals[e] += share(song) * profile[e];
  }
  if (totals === undefined) return undefined;
  const usual = totals.reduce((sum, total) => sum + total, 0) / totals.length;
  return totals.map((total) => Math.sqrt(usual / total));
}

/** Mean of a number per emotion by a distribution over them; 1 without such numbers. */
function meanBy(profile: ArrayLike<number>, values: readonly number[] | undefined): number {
  if (values === undefined) return 1;
  let sum = 0;
  for (let e = 0; e < values.length; e++) sum += profile[e] * values[e];
  return sum;
}

/**
 * The song whose votes would teach most by the plan, unlike the songs posted since, of a genre that was not just
 * posted, never by the artist of the last post while there is another, and itself not posted lately. A song with some
 * votes is worth the root of the part that it lacks, so it is finished when the untouched ones are worth less than that
 * (asking few songs often taught less: docs/emotions.md); one with a clear label is retired. One in ten is drawn at random among those
 * that may be posted, clear ones too. When all that may be posted are clear, any of them; when everything was posted
 * lately, the one posted longest ago.
 * @returns undefined when no song can be posted
 */
export const chooseNext: ChooseNext = (candidates, random, options = {}) => {
  const settings = { ...DEFAULTS, ...options };
  const may = mayBePosted(candidates, settings.pauseDays);
  if (random.next() < settings.randomShare) {
    const song = drawOne(candidates, may, random);
    return song < 0 ? postedLongestAgo(candidates) : { song, chosenBy: 'random' };
  }
  const song = mostWorthwhile(candidates, may, settings.enoughVoters);
  if (song >= 0) return { song, chosenBy: 'policy' };
  const other = drawOne(candidates, may, random);
  return other < 0 ? postedLongestAgo(candidates) : { song: other, chosenBy: 'policy' };
};

/**
 * A day's snippets at once: each as {@link chooseNext} would choose it after those before it, so that choosing them
 * one by one over the day gives the same. Shorter than `count` when there are not so many songs.
 */
export function chooseBatch(
  candidates: NextCandidates,
  count: number,
  random: Random,
  options: NextOptions = {},
): NextSong[] {
  const chosen: NextSong[] = [];
  const lastPostedDaysAgo = new Map(candidates.lastPostedDaysAgo);
  let recent = Array.from(candidates.recent);
  let pending = candidates.pending ?? recent.length;
  while (chosen.length < count) {
    const next = chooseNext({ ...candidates, lastPostedDaysAgo, recent, pending }, random, options);
    if (next === undefined || chosen.some(({ song }) => song === next.song)) break;
    chosen.push(next);
    lastPostedDaysAgo.set(next.song, 0);
    recent = [next.song, ...recent];
    pending++;
  }
  return chosen;
}

interface Rule {
  (song: number): boolean;
  /** The same but for the rule that no artist comes twice in a row. */
  readonly anyArtist: (song: number) => boolean;
}

function mayBePosted({ plan, lastPostedDaysAgo, recent, artistOf }: NextCandidates, pauseDays: number): Rule {
  const lastArtist = recent.length > 0 ? artistOf[recent[0]] : -1;
  const anyArtist = (song: number) =>
    plan.excluded?.[song] !== 1 && (lastPostedDaysAgo.get(song) ?? Number.POSITIVE_INFINITY) >= pauseDays;
  const rule = (song: number) => anyArtist(song) && (lastArtist < 0 || artistOf[song] !== lastArtist);
  return Object.assign(rule, { anyArtist });
}

/** Guesses before all songs are counted; a catalogue in which most songs may be posted needs one or two. */
const GUESSES = 32;

/** Any song that may be posted, each as likely as another; -1 when there is none. */
function drawOne({ plan }: NextCandidates, may: Rule, random: Random): number {
  const { size } = plan.places;
  if (size === 0) return -1;
  for (let guess = 0; guess < GUESSES; guess++) {
    const song = random.integer(size);
    if (may(song)) return song;
  }
  for (const rule of [may, may.anyArtist]) {
    let song = -1;
    let seen = 0;
    // Reservoir of one.
    for (let s = 0; s < size; s++) if (rule(s) && random.integer(++seen) === 0) song = s;
    if (song >= 0) return song;
  }
  return -1;
}

function postedLongestAgo({ plan, lastPostedDaysAgo }: NextCandidates): NextSong | undefined {
  let oldest = -1;
  let longest = Number.NEGATIVE_INFINITY;
  for (const [song, daysAgo] of lastPostedDaysAgo) {
    if (plan.excluded?.[song] === 1 || !(daysAgo > longest)) continue;
    oldest = song;
    longest = daysAgo;
  }
  return oldest < 0 ? undefined : { song: oldest, chosenBy: 'policy' };
}

/** -1 when every song of the plan that may be posted is clear. */
function mostWorthwhile(candidates: NextCandidates, may: Rule, enoughVoters: number): number {
  const { plan, voters, isClear, genreOf, recent, pending = recent.length } = candidates;
  const { songs, worth, places } = plan;
  const genres = recency(recent, genreOf);
  const near = Math.min(pending, LOOK_BACK, recent.length);
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (const rule of [may, may.anyArtist]) {
    for (let at = 0; at < songs.length; at++) {
      const song = songs[at];
      // All else only makes a song worth less, and the list is sorted: the rest cannot win.
      if (worth[at] <= most) break;
      let value = worth[at] / (1 + SAME_GENRE * (genres.get(genreOf[song]) ?? 0));
      let likes = 0;
      // No more comparisons than it takes to see that the song cannot win.
      for (let i = 0; i < near && value > most * (1 + PENDING_WEIGHT * likes); i++) {
        likes += likeness(places, song, recent[i]);
      }
      value /= 1 + PENDING_WEIGHT * likes;
      // Looking up votes and posts takes longest: only for a song that would win otherwise.
      if (value <= most || !rule(song)) continue;
      const count = voters(song);
      if (count >= enoughVoters || isClear?.(song)) continue;
      value *= Math.sqrt(Math.max(0, 1 - count / enoughVoters));
      if (value <= most) continue;
      most = value;
      best = song;
    }
    if (best >= 0) return best;
  }
  return -1;
}

/** 1 for the newest, fading by a quarter with each older post; unknown (-1) never counts. */
function recency(recent: ArrayLike<number>, numberOf: Int32Array): Map<number, number> {
  const weights = new Map<number, number>();
  for (let i = 0; i < Math.min(recent.length, 8); i++) {
    const number = numberOf[recent[i]];
    if (number >= 0) weights.set(number, (weights.get(number) ?? 0) + 0.75 ** i);
  }
  return weights;
}
