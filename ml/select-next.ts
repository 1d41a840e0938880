import type { Random } from './random.ts';

/** What is known of every song when the next snippet is chosen. All arrays have one entry per song. */
export interface NextCandidates {
  /** Members who voted so far. */
  readonly voters: Int32Array;
  /** How sure the model is of the song's emotions, 0..1; absent before the first model. */
  readonly confidence?: Float32Array;
  /** A number per genre; -1 = unknown. */
  readonly genreOf: Int32Array;
  /** A number per artist; -1 = unknown. */
  readonly artistOf: Int32Array;
  /** Days since the song was last posted in this community; Infinity = never. */
  readonly lastPostedDaysAgo: Float32Array;
  /** 1 for songs that cannot be posted (no sound). */
  readonly excluded?: Uint8Array;
  /** Of the last posts in this community, newest first. */
  readonly recentGenres: ArrayLike<number>;
  readonly recentArtists: ArrayLike<number>;
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

/** Equal songs are told apart by chance, less than any real difference. */
const JITTER = 0.05;

/**
 * The song whose votes would teach most: with few votes (songs just begun a little before untouched ones, as one
 * vote on many songs says less than ten on some), uncertain, of a genre and artist that were not just posted,
 * and itself not posted lately. One in ten is drawn at random among those that may be posted.
 * When everything was posted lately, the one posted longest ago. Linear in the songs.
 * @returns undefined when no song can be posted
 */
export const chooseNext: ChooseNext = (candidates, random, options = {}) => {
  const { voters, confidence, genreOf, artistOf, lastPostedDaysAgo, excluded } = candidates;
  const { enoughVoters = 10, pauseDays = 14, randomShare = 0.1 } = options;
  const atRandom = random.next() < randomShare;
  const genres = recency(candidates.recentGenres);
  const artists = recency(candidates.recentArtists);
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  let oldest = -1;
  let may = 0;
  for (let s = 0; s < voters.length; s++) {
    if (excluded !== undefined && excluded[s] === 1) continue;
    const daysAgo = lastPostedDaysAgo[s];
    if (daysAgo < pauseDays) {
      if (oldest < 0 || daysAgo > lastPostedDaysAgo[oldest]) oldest = s;
      continue;
    }
    may++;
    if (atRandom) {
      // Reservoir of one: every song that may be posted is as likely as any other.
      if (random.integer(may) === 0) best = s;
      continue;
    }
    const missing = Math.max(0, 1 - voters[s] / enoughVoters);
    const started = voters[s] > 0 && missing > 0 ? 0.15 : 0;
    const doubt = 1 - Math.min(1, Math.max(0, confidence?.[s] ?? 0));
    const score =
      missing +
      started +
      0.7 * doubt -
      0.6 * (genres.get(genreOf[s]) ?? 0) -
      1.2 * (artists.get(artistOf[s]) ?? 0) +
      JITTER * random.next();
    if (score > most) {
      most = score;
      best = s;
    }
  }
  if (best >= 0) return { song: best, chosenBy: atRandom ? 'random' : 'policy' };
  return oldest < 0 ? undefined : { song: oldest, chosenBy: 'policy' };
};

/** 1 for the newest, fading by a quarter with each older post; unknown (-1) never counts. */
function recency(recent: ArrayLike<number>): Map<number, number> {
  const weights = new Map<number, number>();
  for (let i = 0; i < recent.length; i++) {
    if (recent[i] >= 0) weights.set(recent[i], (weights.get(recent[i]) ?? 0) + 0.75 ** i);
  }
  return weights;
}
