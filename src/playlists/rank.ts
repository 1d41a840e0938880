import { createRandom } from '../../ml/random.ts';
import { type SelectedPlaylist, selectPlaylist } from '../../ml/sequence.ts';
import type { EmotionKey } from '../domain/emotion.ts';
import type { SongId } from '../domain/song.ts';
import type { PlaylistReason } from './playlists.ts';
import { OWN_TASTE } from './playlists.ts';
import type { RankedSong, RankRequest, RankResult } from './rank-messages.ts';
import { indicesOf, type LikesHere, type RankWorld, standardise } from './rank-world.ts';

/** With fewer liked songs than this, what people like here weighs in. */
const FULL_TASTE = 8;
const ARTIST_CAP = 2;
/** What a new artist gains and a liked artist loses at full adventure, in deviations of the score. */
const NEW_ARTIST = 1.5;
/** How much chance there is in a list: two in a row should differ, an adventurous one more so. */
const CHANCE = 0.2;
const CHANCE_OF_ADVENTURE = 0.4;
/** Chance is drawn for so many songs at a time. */
const DRAWN_AT_ONCE = 4096;
/** What a song of the last lists, or a liked one, has to be better than a new one, in deviations of the score. */
const COME_BACK = 4;
/** An artist of whom so many songs more were put away than are liked sinks a little. */
const PUT_AWAY_OFTEN = 2;
/** By so much, in deviations of the score: a song that fits very well still comes. */
const SINKS = 0.75;
/** How much songs of one list should differ from each other: at no adventure they may all be alike. */
const DIVERSITY = 0.05;
const DIVERSITY_OF_ADVENTURE = 0.35;
/** Nearer than this (cosine in item space) a liked song explains another one. */
const NEAR = 0.5;

const SHOWN_EMOTIONS = 3;

interface Listener {
  readonly liked: Int32Array;
  readonly disliked: Int32Array;
  readonly recent: Int32Array;
  readonly likedArtists: ReadonlySet<number>;
  /** Artists that the member puts away rather than likes. */
  readonly avoidedArtists: readonly number[];
}

/**
 * One score per song without the wish: taste by the model, as far as taste is known, else what is liked here; then
 * adventure and chance. Songs that were put away are out; others by an artist who was put away often sink a little.
 */
function scoreSongs(
  world: RankWorld,
  likes: LikesHere,
  listener: Listener,
  { adventure, seed }: RankRequest,
): Float32Array {
  const { artistOf, ranking, catalogue } = world;
  const taste = Math.min(1, listener.liked.length / FULL_TASTE);
  const scores =
    taste > 0
      ? standardise(ranking.recommender.score(listener.liked, { seed }).slice())
      : new Float32Array(catalogue.size);
  const random = createRandom(seed).fork('chance');
  const chance = CHANCE + CHANCE_OF_ADVENTURE * adventure;
  const draws = new Float64Array(2 * DRAWN_AT_ONCE);
  const knownArtist = new Uint8Array(world.artists);
  for (const artist of listener.likedArtists) knownArtist[artist] = 1;
  const sinks = new Float32Array(listener.avoidedArtists.length > 0 ? world.artists : 0);
  for (const artist of listener.avoidedArtists) sinks[artist] = SINKS;
  for (let from = 0; from < scores.length; from += DRAWN_AT_ONCE) {
    random.fill(draws);
    const to = Math.min(scores.length, from + DRAWN_AT_ONCE);
    for (let song = from; song < to; song++) {
      let score = taste * scores[song] + (1 - taste) * likes.popularity[song];
      if (listener.likedArtists.size > 0) {
        const known = artistOf[song] >= 0 && knownArtist[artistOf[song]] === 1;
        score += (known ? -1 : 1) * adventure * NEW_ARTIST;
        // The end of the scale keeps its word: artists new to the member.
        if (known && adventure === 1) score = Number.NEGATIVE_INFINITY;
      }
      if (sinks.length > 0 && artistOf[song] >= 0) score -= sinks[artistOf[song]];
      // A triangular draw: bounded, and cheaper than a normal one on a million songs.
      const at = 2 * (song - from);
      scores[song] = score + chance * (draws[at] + draws[at + 1] - 1) * 2;
    }
  }
  for (const song of listener.disliked) scores[song] = Number.NEGATIVE_INFINITY;
  return scores;
}

/**
 * New songs if there are enough that fit. Else as many as are needed of the last lists come back, then liked ones,
 * before the wish is widened.
 */
function select(
  world: RankWorld,
  scores: Float32Array,
  { liked, recent }: Listener,
  request: RankRequest,
): SelectedPlaylist {
  const { ranking, valence, arousal, tempo, artistOf, items } = world;
  const { wish, count, adventure } = request;
  const place = (emotion: EmotionKey) => ranking.emotions.indexOf(emotion);
  const selectWithout = (exclude: readonly number[]) =>
    selectPlaylist({
      scores,
      profiles: ranking.profiles,
      valence,
      arousal,
      tempo,
      artistOf,
      items,
      count,
      artistCap: ARTIST_CAP,
      diversity: DIVERSITY + DIVERSITY_OF_ADVENTURE * adventure,
      exclude,
      wish: wish && {
        from: place(wish.from),
        to: wish.to === undefined ? undefined : place(wish.to),
        and: wish.and === undefined ? undefined : place(wish.and),
      },
    });
  const enough = ({ songs, widened }: SelectedPlaylist) => songs.length === count && !widened;
  let best = selectWithout([...liked, ...recent]);
  const likedSongs = new Set(liked);
  const comeBack = [
    { songs: recent.filter((song) => !likedSongs.has(song)), without: Array.from(liked) },
    { songs: liked, without: [] },
  ];
  for (const { songs, without } of comeBack) {
    if (enough(best)) break;
    if (songs.length === 0) continue;
    for (const song of songs) scores[song] -= COME_BACK;
    const selected = selectWithout(without);
    if (enough(selected) || selected.songs.length > best.songs.length) best = selected;
  }
  return best;
}

/** The liked song that is nearest in item space, and its cosine. */
function nearestLiked({ items }: RankWorld, song: number, liked: Int32Array) {
  const { columns, values } = items;
  let best = -1;
  let similarity = Number.NEGATIVE_INFINITY;
  for (const other of liked) {
    let dot = 0;
    for (let c = 0; c < columns; c++) dot += values[song * columns + c] * values[other * columns + c];
    if (dot > similarity) {
      best = other;
      similarity = dot;
    }
  }
  return { song: best, similarity };
}

function reasonsOf(
  world: RankWorld,
  song: number,
  place: number,
  listener: Listener,
  likes: LikesHere,
  request: RankRequest,
): PlaylistReason[] {
  const { ranking, catalogue, artistOf } = world;
  const reasons: PlaylistReason[] = [];
  if (listener.liked.includes(song)) reasons.push({ kind: 'liked' });
  else if (listener.liked.length > 0) {
    const near = nearestLiked(world, song, listener.liked);
    if (near.similarity >= NEAR) {
      reasons.push({ kind: 'near-liked', songId: catalogue.idAt(near.song), similarity: near.similarity });
    }
  }
  const { wish, count } = request;
  if (wish) {
    // On a journey each half is told by the emotion it belongs to.
    const emotion = wish.to !== undefined && place >= count / 2 ? wish.to : wish.from;
    const carried = [emotion, ...(wish.and === undefined ? [] : [wish.and])].map((emotion) => {
      const index = ranking.emotions.indexOf(emotion);
      const share = index < 0 ? 0 : ranking.profiles.values[song * ranking.profiles.columns + index];
      return { kind: 'carries-emotion' as const, emotion, share, votes: 0 };
    });
    // Of a pair both are told, also where one is weak: it shows how near the song comes.
    if (carried.some(({ share }) => share >= 1 / ranking.emotions.length)) reasons.push(...carried);
  }
  if (world.listeners[song] + likes.counts[song] >= likes.popularFrom) reasons.push({ kind: 'popular-here' });
  const newArtist = listener.likedArtists.size > 0 && !listener.likedArtists.has(artistOf[song]);
  if (newArtist && (reasons.length === 0 || request.adventure >= 0.5)) reasons.push({ kind: 'explore' });
  return reasons;
}

function emotionsOf({ ranking }: RankWorld, song: number): RankedSong['emotions'] {
  const { columns, values } = ranking.profiles;
  return ranking.emotions
    .map((key, index) => ({ key, share: values[song * columns + index] }))
    .sort((a, b) => b.share - a.share)
    .slice(0, SHOWN_EMOTIONS);
}

function avoidedBy(artistOf: Int32Array, liked: Int32Array, disliked: Int32Array): number[] {
  const balance = new Map<number, number>();
  for (const [songs, by] of [
    [disliked, 1],
    [liked, -1],
  ] as const) {
    for (const song of songs) {
      const artist = artistOf[song];
      if (artist >= 0) balance.set(artist, (balance.get(artist) ?? 0) + by);
    }
  }
  return [...balance].filter(([, more]) => more >= PUT_AWAY_OFTEN).map(([artist]) => artist);
}

function listenerOf(
  { catalogue, artistOf }: RankWorld,
  request: Pick<RankRequest, 'liked' | 'disliked' | 'recent'>,
): Listener {
  const liked = indicesOf(catalogue, request.liked);
  const disliked = indicesOf(catalogue, request.disliked);
  return {
    liked,
    disliked,
    avoidedArtists: avoidedBy(artistOf, liked, disliked),
    recent: indicesOf(catalogue, request.recent),
    likedArtists: new Set(Array.from(liked, (song) => artistOf[song]).filter((artist) => artist >= 0)),
  };
}

/** Songs in their order, each with its emotions and the reasons for its place in the list. */
function describeSongs(
  world: RankWorld,
  songs: ArrayLike<number>,
  listener: Listener,
  likes: LikesHere,
  request: RankRequest,
): RankedSong[] {
  const { catalogue, ranking, valence, arousal } = world;
  return Array.from(songs, (song, place) => ({
    songId: catalogue.idAt(song),
    emotions: emotionsOf(world, song),
    voted: ranking.voted[song] === 1,
    valence: valence[song],
    arousal: arousal[song],
    reasons: reasonsOf(world, song, place, listener, likes, request),
  }));
}

/** Says again why the songs of an earlier list are there, by what is known now. Songs that are gone are left out. */
export function explainSongs(
  world: RankWorld,
  likes: LikesHere,
  { songs, ...request }: RankRequest & { readonly songs: readonly SongId[] },
): RankedSong[] {
  const here = songs.map((id) => world.catalogue.indexOf(id)).filter((song) => song >= 0);
  return describeSongs(world, here, listenerOf(world, request), likes, request);
}

/**
 * Makes one playlist: scores every song, chooses and orders some, says why. Disliked songs never come.
 * @param likesHere members who like a song, by song index
 */
export function rankPlaylist(world: RankWorld, likes: LikesHere, request: RankRequest): RankResult {
  const { catalogue } = world;
  const listener = listenerOf(world, request);
  const { liked } = listener;
  const basis = liked.length >= OWN_TASTE ? 'taste' : 'community';
  const { wish } = request;
  const unheard = [wish?.from, wish?.and, wish?.to].find(
    (emotion) => emotion !== undefined && !world.heard.has(emotion),
  );
  if (unheard !== undefined) return { songs: [], basis, likedSongs: liked.length, widened: false, unheard };
  if (catalogue.size === 0) return { songs: [], basis, likedSongs: 0, widened: false };
  const listFor = (adventure: number) =>
    select(world, scoreSongs(world, likes, listener, { ...request, adventure }), listener, request);
  let selected = listFor(request.adventure);
  // Who likes something by everybody has no new artists left: then the nearly new ones.
  if (request.adventure === 1 && selected.songs.length < request.count) selected = listFor(0.99);
  const songs = describeSongs(world, selected.songs, listener, likes, request);
  return { songs, basis, likedSongs: liked.length, widened: selected.widened };
}
