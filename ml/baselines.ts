export { fitArtistEase, fitCoOccurrence } from './baselines/co-occurrence.ts';
export { fitEase } from './baselines/ease.ts';
export { fitItemKnn } from './baselines/item-knn.ts';
export { fitPopularity } from './baselines/popularity.ts';
export { fitRandom } from './baselines/random.ts';
export { fitRecurrent } from './baselines/recurrent.ts';
