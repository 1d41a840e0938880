import { listenersPerSong } from '../interactions.ts';
import type { FitRecommender } from '../recommender.ts';
import { applyWish } from '../wish.ts';

/** Songs by how many listeners like them (on a logarithmic scale), the same for everybody. */
export const fitPopularity: FitRecommender = async ({ interactions, profiles }) => {
  const scores = Float32Array.from(listenersPerSong(interactions), Math.log1p);
  return {
    name: 'popularity',
    score: (_liked, options = {}) => applyWish(scores.slice(), profiles, options.wish),
  };
};
