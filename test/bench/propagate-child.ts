import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { knnGraph } from '../../ml/graph.ts';
import { inferEmotions } from '../../ml/infer-emotions.ts';
import { labelSpreading } from '../../ml/propagate.ts';
import { createRandom } from '../../ml/random.ts';
import { openCrew } from '../../src/crew/open-crew.ts';
import { EMOTIONS, NEIGHBOURS, type Spread } from './propagate-task.ts';

/** One measurement in a process of its own, so that its memory is its own: `spreading|trees <points> <labels>`. */
async function main(): Promise<Spread> {
  const [how, pointsFile, labelsFile] = process.argv.slice(2);
  const bytes = async (file: string) => {
    const { buffer, byteOffset, byteLength } = await readFile(file);
    return buffer.slice(byteOffset, byteOffset + byteLength);
  };
  const points = new Float32Array(await bytes(pointsFile));
  const wanted = new Int32Array(await bytes(labelsFile));
  const n = wanted.length;
  const columns = points.length / n;
  const labels = new Float32Array(n * EMOTIONS);
  const weights = new Float32Array(n);
  wanted.forEach((emotion, song) => {
    if (emotion < 0) return;
    labels[song * EMOTIONS + emotion] = 1;
    weights[song] = 1;
  });
  const before = process.cpuUsage();
  const started = performance.now();
  const crew = openCrew();
  let graphSeconds = 0;
  if (how === 'trees') {
    inferEmotions({ rows: n, columns, values: points }, { labels, weights }, EMOTIONS, createRandom(1), {
      crew,
    });
  } else {
    const graph = knnGraph(points, n, columns, NEIGHBOURS, crew);
    graphSeconds = (performance.now() - started) / 1000;
    labelSpreading(graph, { labels, weights }, EMOTIONS, { alpha: 0.2, weighting: 'connectivity' });
  }
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  await crew.close();
  const processorSeconds = (user + system) / 1e6;
  return { seconds, processorSeconds, graphSeconds, mib: process.resourceUsage().maxRSS / 1024 };
}

console.log(JSON.stringify(await main()));
