import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { propagationFeatures } from '../../ml/items.ts';
import { createRandom } from '../../ml/random.ts';
import { readTablesOfSongs } from '../../src/cli/open-catalogue.ts';
import { builtEntry, PACKAGE_ROOT } from '../../src/paths.ts';
import { rawSongs } from '../../src/training/profile-stage.ts';
import { plantCatalogue } from '../training/planted.ts';
import { EMOTIONS, NEIGHBOURS, type Spread } from './propagate-task.ts';
import type { BenchRow } from './row.ts';

const run = promisify(execFile);
const TABLE = path.join(PACKAGE_ROOT, '..', 'shared', 'data', 'spotify_songs.csv');
const SCRIPT = path.join(PACKAGE_ROOT, 'test', 'bench', 'scikit-spreading.py');
/** A Python that has scikit-learn, when it is not the usual one. */
const PYTHON = process.env.BENCH_PYTHON ?? 'python3';
const MIDDLE = 200_000;
const LARGE = 1_200_000;
/** Leaves larger catalogues out: scikit-learn takes minutes for the middle one. */
const MOST_SONGS = Number(process.env.BENCH_SONGS ?? LARGE);
/** The songs that the budget of graph and propagation is for. */
const BUDGET_SONGS = 32_833;

async function realPoints() {
  const catalogue = existsSync(TABLE)
    ? await readTablesOfSongs([TABLE])
    : plantCatalogue({ songs: 28_352, listeners: 1 }).catalogue;
  return propagationFeatures(rawSongs(catalogue));
}

/** Songs drawn again and moved a little, a tenth of them labelled, as files for either language. */
async function lay(dir: string, points: Awaited<ReturnType<typeof realPoints>>, n: number) {
  const random = createRandom(n);
  const { rows, columns, values } = points;
  const laid = new Float32Array(n * columns);
  for (let i = 0; i < n; i++) {
    const from = (n === rows ? i : random.integer(rows)) * columns;
    for (let c = 0; c < columns; c++) {
      laid[i * columns + c] = values[from + c] + (n === rows ? 0 : 0.1 * random.normal());
    }
  }
  const labels = Int32Array.from({ length: n }, () => (random.next() < 0.1 ? random.integer(EMOTIONS) : -1));
  const files = [path.join(dir, `${n}.points`), path.join(dir, `${n}.labels`)];
  await writeFile(files[0], laid);
  await writeFile(files[1], labels);
  return files;
}

async function measure(command: string, args: readonly string[]): Promise<Spread> {
  const { stdout } = await run(command, [...args], { maxBuffer: 1 << 20 });
  return JSON.parse(stdout) as Spread;
}

/** Undefined where Python or scikit-learn is missing. */
async function reference(files: readonly string[]): Promise<Spread | undefined> {
  try {
    await run(PYTHON, ['-c', 'import sklearn']);
  } catch {
    return undefined;
  }
  return await measure(PYTHON, [SCRIPT, ...files, String(NEIGHBOURS)]);
}

const show = ({ seconds, processorSeconds, mib }: Spread) =>
  `${seconds.toFixed(1)} s (${processorSeconds.toFixed(1)} s of processor time), ${Math.round(mib)} MiB`;

/** Neighbour graph and propagation from a tenth of the songs to all, beside scikit-learn's on the same points. */
export async function rows(): Promise<BenchRow[]> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-bench-'));
  try {
    const points = await realPoints();
    const own = (how: 'spreading' | 'trees', files: readonly string[]) =>
      measure(process.execPath, [builtEntry('propagate-child'), how, ...files]);
    const result: BenchRow[] = [];
    for (const [n, times] of [
      [points.rows, 3],
      [MIDDLE, 6],
    ].filter(([size]) => size <= MOST_SONGS)) {
      const files = await lay(dir, points, n);
      const spreading = await own('spreading', files);
      const trees = await own('trees', files);
      const scikit = await reference(files);
      const size = `${n.toLocaleString('en')} songs`;
      const beside =
        scikit === undefined
          ? `skipped: ${PYTHON} has no scikit-learn (set BENCH_PYTHON)`
          : `scikit-learn LabelSpreading(knn): ${show(scikit)}`;
      const judge = (one: Spread) =>
        scikit === undefined
          ? {}
          : {
              budget: `≥ ${times} × faster, less memory`,
              withinBudget: scikit.seconds >= times * one.seconds && one.mib < scikit.mib,
            };
      result.push(
        {
          what: `graph + label spreading, ${size}`,
          measured: `${show(spreading)}, the graph ${spreading.graphSeconds.toFixed(1)} s`,
          reference: beside,
          ...judge(spreading),
        },
        { what: `the default (trees), ${size}`, measured: show(trees), reference: beside, ...judge(trees) },
      );
    }
    const usual = await own('trees', await lay(dir, points, BUDGET_SONGS));
    result.push({
      what: `the default (trees), ${BUDGET_SONGS.toLocaleString('en')} songs`,
      measured: show(usual),
      budget: '≤ 3 s',
      withinBudget: usual.seconds <= 3,
    });
    if (MOST_SONGS < LARGE) return result;
    const files = await lay(dir, points, LARGE);
    for (const how of ['spreading', 'trees'] as const) {
      const large = await own(how, files);
      result.push({
        what: `${how === 'trees' ? 'the default (trees)' : 'graph + label spreading'}, ${LARGE.toLocaleString('en')} songs`,
        measured: show(large),
        budget: '≤ 60 s, ≤ 2048 MiB',
        withinBudget: large.seconds <= 60 && large.mib <= 2048,
      });
    }
    return result;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
