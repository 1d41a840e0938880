import { createRandom } from '../random.ts';
import type { FitRecommender } from '../recommender.ts';
import { applyWish } from '../wish.ts';

/** Any song as good as any other: what every method must beat. */
export const fitRandom: FitRecommender = async ({ interactions, profiles }, random) => {
  const seed = random.integer(2 ** 31);
  return {
    name: 'random',
    score(liked, options = {}) {
      // Different listeners get different songs, the same listener and seed the same.
      let mixed = seed ^ (options.seed ?? 0);
      for (const song of liked) mixed = Math.imul(mixed ^ song, 0x01000193);
      const draw = createRandom(mixed);
      const scores = new Float32Array(interactions.songCount);
      for (let s = 0; s < scores.length; s++) scores[s] = draw.next();
      return applyWish(scores, profiles, options.wish);
    },
  };
};
