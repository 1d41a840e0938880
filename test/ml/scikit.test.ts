import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { knnGraph } from '../../ml/graph.ts';
import { labelPropagation, labelSpreading, type PropagationOptions } from '../../ml/propagate.ts';

// Made by scikit-reference.py beside it.
const reference = z
  .object({
    columns: z.number(),
    classes: z.number(),
    points: z.array(z.number()),
    labels: z.array(z.number()),
    cases: z.array(
      z.object({
        method: z.enum(['spreading', 'propagation']),
        kernel: z.enum(['knn', 'rbf']),
        n_neighbors: z.number().optional(),
        gamma: z.number().optional(),
        alpha: z.number().optional(),
        profiles: z.array(z.number()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('./scikit-reference.json', import.meta.url), 'utf8')));

const n = reference.labels.length;
const c = reference.classes;
const labels = new Float32Array(n * c);
const weights = new Float32Array(n);
reference.labels.forEach((label, song) => {
  if (label < 0) return;
  labels[song * c + label] = 1;
  weights[song] = 1;
});

it.each(reference.cases)(
  'label $method gives what scikit-learn gives, kernel $kernel, alpha $alpha, gamma $gamma, neighbours $n_neighbors',
  ({ method, kernel, n_neighbors = n, gamma = 1, alpha, profiles: wanted }) => {
    // scikit-learn counts a song as its own first neighbour; its other kernel joins all songs.
    const graph = knnGraph(Float32Array.from(reference.points), n, reference.columns, n_neighbors - 1);
    const options: PropagationOptions = {
      iterations: 5000,
      tolerance: 0,
      weighting: kernel === 'knn' ? 'connectivity' : { rbf: gamma },
      edges: kernel === 'knn' ? 'own' : 'either',
    };
    const { profiles } =
      method === 'spreading'
        ? labelSpreading(graph, { labels, weights }, c, { ...options, alpha })
        : labelPropagation(graph, { labels, weights }, c, options);
    expect(profiles).toHaveLength(wanted.length);
    const apart = Math.max(...wanted.map((value, at) => Math.abs(value - profiles[at])));
    expect(apart).toBeLessThan(1e-6);
  },
);
