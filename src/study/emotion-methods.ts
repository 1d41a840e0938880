import { knnGraph } from '../../ml/graph.ts';
import { inferEmotions } from '../../ml/infer-emotions.ts';
import { emotionTable, propagationFeatures, type RawSongs } from '../../ml/items.ts';
import { labelPropagation, labelSpreading, type Seeds } from '../../ml/propagate.ts';
import type { Random } from '../../ml/random.ts';

/** The labels of some songs → a profile per song, songs × emotions. */
export type InferEmotions = (seeds: Seeds, emotionCount: number, random: Random) => Float32Array;

/** What a method needs of the songs is made once, then used for every draw of labels. */
export type EmotionMethod = (raw: RawSongs) => InferEmotions;

function graphOf(raw: RawSongs, neighbours: number) {
  const points = propagationFeatures(raw);
  return knnGraph(points.values, points.rows, points.columns, Math.min(neighbours, points.rows - 1));
}

/** Where scikit-learn stops; ten times as near takes minutes among many unlabelled songs. */
const SCIKIT_TOLERANCE = 1e-3;

/** What `reactune propagate` and every training run do. */
const projectDefault: EmotionMethod = (raw) => {
  const table = emotionTable(raw);
  return (seeds, c, random) => inferEmotions(table, seeds, c, random).probabilities;
};

export const DEFAULT_EMOTION_METHOD = 'project default';

/** The classic methods with scikit-learn's settings (7 and 10 neighbours, α 0.2), and the project's own. */
export const EMOTION_METHODS: Readonly<Record<string, EmotionMethod>> = {
  'label propagation': (raw) => {
    const graph = graphOf(raw, 7);
    return (seeds, c) =>
      labelPropagation(graph, seeds, c, {
        weighting: 'connectivity',
        tolerance: SCIKIT_TOLERANCE,
      }).profiles;
  },
  'label spreading': (raw) => {
    const graph = graphOf(raw, 10);
    return (seeds, c) =>
      labelSpreading(graph, seeds, c, {
        alpha: 0.2,
        weighting: 'connectivity',
      }).profiles;
  },
  [DEFAULT_EMOTION_METHOD]: projectDefault,
};
