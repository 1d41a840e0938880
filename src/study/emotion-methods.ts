import { knnGraph } from '../../ml/graph.ts';
import { inferEmotions } from '../../ml/infer-emotions.ts';
import { emotionTable, propagationFeatures, type RawSongs } from '../../ml/items.ts';
import { labelPropagation, labelSpreading } from '../../ml/propagate.ts';
import { createRandom } from '../../ml/random.ts';

/** Labels (songs × emotions, a row of zeros where there is none) → a profile per song, songs × emotions. */
export type InferEmotions = (labels: Float32Array, emotionCount: number, seed: number) => Float32Array;

/** What a method needs of the songs is made once, then used for every draw of labels. */
export type EmotionMethod = (raw: RawSongs) => InferEmotions;

function weightsOf(labels: Float32Array, emotionCount: number): Float32Array {
  return Float32Array.from({ length: labels.length / emotionCount }, (_, song) =>
    labels.subarray(song * emotionCount, (song + 1) * emotionCount).some((value) => value > 0) ? 1 : 0,
  );
}

function graphOf(raw: RawSongs, neighbours: number) {
  const points = propagationFeatures(raw);
  return knnGraph(points.values, points.rows, points.columns, Math.min(neighbours, points.rows - 1));
}

/** What `reactune propagate` and every training run do. */
const projectDefault: EmotionMethod = (raw) => {
  const table = emotionTable(raw);
  return (labels, c, seed) =>
    inferEmotions(table, { labels, weights: weightsOf(labels, c) }, c, createRandom(seed)).probabilities;
};

export const DEFAULT_EMOTION_METHOD = 'project default';

/** The classic methods with scikit-learn's settings (7 and 10 neighbours, α 0.2), and the project's own. */
export const EMOTION_METHODS: Readonly<Record<string, EmotionMethod>> = {
  'label propagation': (raw) => {
    const graph = graphOf(raw, 7);
    return (labels, c) =>
      labelPropagation(graph, { labels, weights: weightsOf(labels, c) }, c, { weighting: 'connectivity' })
        .profiles;
  },
  'label spreading': (raw) => {
    const graph = graphOf(raw, 10);
    return (labels, c) =>
      labelSpreading(graph, { labels, weights: weightsOf(labels, c) }, c, {
        alpha: 0.2,
        weighting: 'connectivity',
      }).profiles;
  },
  [DEFAULT_EMOTION_METHOD]: projectDefault,
};
