import type { Forest, Table } from './forest.ts';
import { nearestAmong } from './graph.ts';
import type { Evidence } from './infer-emotions.ts';

/** Why a song is told as it is. */
export interface Explanation {
  /** The songs that its probabilities were smoothed over, nearest first; the weights sum to 1. */
  readonly neighbours: readonly { readonly song: number; readonly weight: number }[];
  /** Share of the neighbours in the result, 0..1; the rest are the features. */
  readonly neighbourShare: number;
  /** What the forest says of every song alike, per emotion; sums to 1. */
  readonly usual: Float64Array;
  /** columns × emotions: what each feature of this song adds to or takes from that. */
  readonly contributions: Float64Array;
}

/**
 * Splits a forest's probabilities of one row into what is usual and what each column adds: along the path through each
 * tree every change of the mix is put down to the column that was split by (Saabas 2014; Palczewska et al. 2014).
 * The usual mix and all contributions of a class sum to its probability.
 */
export function forestContributions(
  { columns, classes, roots, column, threshold, missingLeft, left, mix }: Forest,
  values: Float32Array,
): { usual: Float64Array; contributions: Float64Array } {
  const usual = new Float64Array(classes);
  const contributions = new Float64Array(columns * classes);
  const share = 1 / roots.length;
  for (const root of roots) {
    for (let e = 0; e < classes; e++) usual[e] += share * mix[root * classes + e];
    let node = root;
    for (let c = column[node]; c >= 0; c = column[node]) {
      const value = values[c];
      const goesLeft = Number.isNaN(value) ? missingLeft[node] === 1 : value <= threshold[node];
      const child = goesLeft ? left[node] : left[node] + 1;
      for (let e = 0; e < classes; e++) {
        contributions[c * classes + e] += share * (mix[child * classes + e] - mix[node * classes + e]);
      }
      node = child;
    }
  }
  return { usual, contributions };
}

/** What spoke for a song's emotions, from what `inferEmotions` learnt. */
export function explainSong(
  { forest, rows, quantiles, ownQuantiles, alpha, neighbours: wished }: Evidence,
  table: Table,
  song: number,
): Explanation {
  const { columns } = table;
  const at = (values: Float32Array) => values.subarray(song * columns, (song + 1) * columns);
  const near = nearestAmong(ownQuantiles, rows.length, columns, at(quantiles), wished + 1);
  const found = Array.from(near.neighbours, (other, i) => ({
    song: rows[other],
    distance: near.distances[i],
  }))
    .filter((other) => other.song !== song)
    .slice(0, wished);
  const scale = found.at(-1)?.distance ?? 0;
  const weights = found.map(({ distance }) => (scale === 0 ? 1 : Math.exp(-((distance / scale) ** 2))));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return {
    neighbours: found.map((other, i) => ({ song: other.song, weight: weights[i] / sum })),
    neighbourShare: found.length === 0 ? 0 : alpha,
    ...forestContributions(forest, at(table.values)),
  };
}
