import { interactionsFromLists, listenersPerSong, songsOf } from '../interactions.ts';
import type { FitRecommender, RecommenderData } from '../recommender.ts';
import { applyWish } from '../wish.ts';
import { fitEase } from './ease.ts';

/**
 * Item-based nearest neighbours by co-occurrence (Sarwar et al. 2001): a song's score is the sum of its cosines with
 * the liked songs, a song being the vector of who likes it. A listener without songs gets the popular ones.
 */
export const fitCoOccurrence: FitRecommender = async ({ interactions, profiles }) => {
  const counts = listenersPerSong(interactions);
  const popular = Float32Array.from(counts, Math.log1p);
  const rarity = Float32Array.from(counts, (count) => 1 / Math.sqrt(Math.max(1, count)));
  return {
    name: 'co-occurrence',
    score(liked, options = {}) {
      if (liked.length === 0) return applyWish(popular.slice(), profiles, options.wish);
      const own = new Float32Array(interactions.songCount);
      for (const song of liked) own[song] = rarity[song];
      const scores = new Float32Array(interactions.songCount);
      for (let listener = 0; listener < interactions.listenerCount; listener++) {
        const theirs = songsOf(interactions, listener);
        let shared = 0;
        for (const song of theirs) shared += own[song];
        if (shared > 0) for (const song of theirs) scores[song] += shared * rarity[song];
      }
      return applyWish(scores, profiles, options.wish);
    },
  };
};

/**
 * EASE on artists: the linear autoencoder over who likes songs by whom. A song is scored as its artist, liked artists
 * one higher, and a little by how many like the song itself. A song by nobody known comes last.
 */
export const fitArtistEase: FitRecommender = async (data, random, onProgress) => {
  const { interactions, profiles, groups } = data;
  if (!groups) throw new Error('ease-artists needs to know the artists of songs');
  const { artists } = groups;
  const artistCount = artists.reduce((most, artist) => Math.max(most, artist), -1) + 1;
  const artistsIn = (songs: Int32Array) =>
    [...new Set(Array.from(songs, (song) => artists[song]))].filter((artist) => artist >= 0);
  const lists = Array.from({ length: interactions.listenerCount }, (_, listener) =>
    artistsIn(songsOf(interactions, listener)),
  );
  const byArtist: RecommenderData = {
    interactions: interactionsFromLists(artistCount, lists),
    items: { rows: artistCount, columns: 0, values: new Float32Array(0) },
    profiles: { rows: artistCount, columns: 1, values: new Float32Array(artistCount).fill(1) },
  };
  const ease = await fitEase()(byArtist, random, onProgress);
  const counts = listenersPerSong(interactions);
  return {
    name: 'ease-artists',
    score(liked, options = {}) {
      const known = Int32Array.from(artistsIn(liked)).sort();
      const ofArtists = ease.score(known);
      // EASE asks which others go with an artist; here the artist's other songs are wanted too.
      for (const artist of known) ofArtists[artist] += 1;
      let lowest = 0;
      for (const score of ofArtists) lowest = Math.min(lowest, score);
      const scores = Float32Array.from(artists, (artist, song) => {
        const score = artist < 0 ? lowest - 1 : ofArtists[artist];
        return score + TIE * Math.log1p(counts[song]);
      });
      return applyWish(scores, profiles, options.wish);
    },
  };
};

/** Orders songs of one artist without moving artists past each other to speak of. */
const TIE = 1e-4;
