import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pino } from 'pino';
import { loadBackend } from '../../ml/backend.ts';
import { fitGan } from '../../ml/gan/gan.ts';
import { interactionsFromLists } from '../../ml/interactions.ts';
import { buildItems } from '../../ml/items.ts';
import { createRandom, type Random } from '../../ml/random.ts';
import { buildCatalogue, type ColumnarCatalogue } from '../../src/catalogue/catalogue.ts';
import { openCatalogue, writeCatalogue } from '../../src/catalogue/catalogue-files.ts';
import type { Taxonomy } from '../../src/domain/emotion.ts';
import type { TasteEntry } from '../../src/domain/member.ts';
import { loadTaxonomy } from '../../src/domain/taxonomy.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';
import { rankPlaylist } from '../../src/playlists/rank.ts';
import { createRankWorld, indicesOf, placeLikes } from '../../src/playlists/rank-world.ts';
import { createPlaylists } from '../../src/playlists/service.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { loadRanking, modelsDir, readModel, setCurrentModel } from '../../src/training/model-files.ts';
import { type StoredRecommender, writeModel } from '../../src/training/model-format.ts';
import { rawSongs } from '../../src/training/profile-stage.ts';
import type { BenchRow } from './row.ts';
import { syntheticSongs } from './synthetic-songs.ts';

const SONGS = Number(process.env.BENCH_SONGS ?? 28_352);
const LISTENERS = 471;
const REQUESTS = 60;
const LIKED = 30;

function syntheticCatalogue(size: number, random: Random): ColumnarCatalogue {
  const listeners = Array.from({ length: LISTENERS }, (_, i) => {
    const songs = new Set(Array.from({ length: 60 }, () => random.integer(size)));
    return { id: `l${i}`, name: `Listener ${i}`, songs: Int32Array.from(songs).sort() };
  });
  return buildCatalogue({
    name: 'Synthetic',
    demo: true,
    songs: syntheticSongs(size, random),
    listeners,
    labels: [],
  });
}

/** Profiles that lean to one emotion each, as propagated ones do. */
function syntheticProfiles(size: number, width: number, random: Random): Float32Array {
  const profiles = new Float32Array(size * width);
  for (let song = 0; song < size; song++) {
    const own = random.integer(width);
    let sum = 0;
    for (let e = 0; e < width; e++) {
      const weight = random.next() ** 3 + (e === own ? 0.8 : 0);
      profiles[song * width + e] = weight;
      sum += weight;
    }
    for (let e = 0; e < width; e++) profiles[song * width + e] /= sum;
  }
  return profiles;
}

async function plant(stateDir: string, catalogue: ColumnarCatalogue, taxonomy: Taxonomy, random: Random) {
  const width = taxonomy.emotions.length;
  const { items, scaler } = buildItems(rawSongs(catalogue));
  const profiles = syntheticProfiles(catalogue.size, width, random);
  const interactions = interactionsFromLists(
    catalogue.size,
    catalogue.listeners.map(({ songs }) => songs),
  );
  // A few steps make the same weights' shapes as a whole training: ranking costs the same.
  const backend = await loadBackend('wasm');
  const gan = await fitGan({ steps: 3 }, backend)(
    { interactions, items, profiles: { rows: catalogue.size, columns: width, values: profiles } },
    random,
  );
  const saved = gan.save();
  gan.dispose?.();
  const write = (id: string, recommender: StoredRecommender) =>
    writeModel(modelsDir(stateDir), {
      id,
      createdAt: 0,
      catalogueVersion: catalogue.version,
      emotions: taxonomy.emotions.map(({ key }) => key),
      metrics: {
        seconds: {},
        peakMemoryMiB: 0,
        backend: 'wasm',
        songs: catalogue.size,
        votes: 0,
        voters: 0,
        labelledSongs: 0,
        listeners: LISTENERS,
      },
      scaler,
      recommender,
      songIds: Array.from({ length: catalogue.size }, (_, i) => catalogue.idAt(i)),
      profiles,
      confidence: new Float32Array(catalogue.size).fill(0.5),
      voted: new Uint8Array(catalogue.size),
    });
  return {
    gan: await write('gan', { kind: 'gan', ...saved }),
    knn: await write('item-knn', { kind: 'item-knn' }),
  };
}

function quantiles(times: readonly number[]): { p50: number; p99: number } {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { p50: at(0.5), p99: at(0.99) };
}

const ms = (value: number) => `${value.toFixed(1)} ms`;

/** `/playlist` compute in the ranking thread, and what the main thread feels of it. */
export async function rows(): Promise<BenchRow[]> {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), 'reactune-bench-playlists-'));
  const log = pino({ level: 'silent' });
  const now = () => Date.now();
  const random = createRandom(1);
  const taxonomy = loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json'));
  const catalogue = syntheticCatalogue(SONGS, random);
  const catalogueDir = await writeCatalogue(stateDir, catalogue);
  const models = await plant(stateDir, catalogue, taxonomy, random);
  const store = await openLowdbStore({ dir: path.join(stateDir, 'store'), log, now });
  try {
    const wishes = [
      undefined,
      { from: 'calm' },
      { from: 'sad', to: 'happy' },
      { from: 'angry' },
      { from: 'tense', to: 'tender' },
    ];
    // A member and a taste for every request: nothing that was computed for one serves the next.
    const members: { readonly id: string; readonly liked: readonly string[] }[] = [];
    for (let i = 0; i < REQUESTS; i++) {
      const { id } = await store.memberOf(`room:bench-${i}`);
      const liked = Array.from({ length: LIKED }, () => catalogue.idAt(random.integer(SONGS)));
      await store.setTaste(
        id,
        liked.map((songId): TasteEntry => ({ songId, liked: true, source: 'added', at: 0 })),
      );
      members.push({ id, liked });
    }

    async function measure(folder: string) {
      await setCurrentModel(stateDir, path.basename(folder));
      const model = await readModel(folder);
      const playlists = createPlaylists({
        store,
        stateDir,
        catalogueDir: () => catalogueDir,
        training: { model: () => model, onPublished: () => () => undefined },
        taxonomy,
        log,
        now,
      });
      const make = (seed: number) =>
        playlists.make({
          memberId: members[seed].id,
          communityId: 'room:main',
          count: 15,
          adventure: 0.3,
          seed,
          ...(wishes[seed % wishes.length] && { wish: wishes[seed % wishes.length] }),
        });
      const loading = performance.now();
      await playlists.refresh();
      const load = performance.now() - loading;
      for (let warm = 0; warm < 5; warm++) await make(warm);
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const times: number[] = [];
      for (let seed = 0; seed < REQUESTS; seed++) {
        const started = performance.now();
        await make(seed);
        times.push(performance.now() - started);
      }
      delay.disable();
      await playlists.stop();
      return { ...quantiles(times), load, delay: delay.percentile(99) / 1e6 };
    }

    const knn = await measure(models.knn);
    const gan = await measure(models.gan);

    // The alternative to a thread: the same computation where the bot answers.
    const opened = await openCatalogue(catalogueDir);
    const world = createRankWorld(opened, await loadRanking(models.gan, opened, 'wasm'), (key) =>
      taxonomy.get(key),
    );
    const likes = placeLikes(world, { songIds: [], counts: new Int32Array(0) });
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    for (let seed = 0; seed < 20; seed++) {
      const wish = wishes[seed % wishes.length];
      rankPlaylist(world, likes, {
        liked: members[seed].liked,
        disliked: [],
        recent: [],
        count: 15,
        adventure: 0.3,
        seed,
        ...(wish && { wish }),
      });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    delay.disable();
    const ranked: number[] = [];
    for (const { liked } of members) {
      const songs = indicesOf(opened, liked);
      const started = performance.now();
      world.ranking.recommender.score(songs);
      ranked.push(performance.now() - started);
    }
    const ranking = quantiles(ranked);
    world.ranking.recommender.dispose?.();

    const size = SONGS.toLocaleString('en-GB');
    const budget = SONGS > 100_000 ? 150 : 50;
    const rankingBudget = SONGS > 100_000 ? 150 : 20;
    return [
      {
        what: `all ${size} songs ranked for one listener by the GAN (p50 / p99)`,
        measured: `${ms(ranking.p50)} / ${ms(ranking.p99)}`,
        budget: `p99 ≤ ${rankingBudget} ms`,
        withinBudget: ranking.p99 <= rankingBudget,
      },
      {
        what: `/playlist, ${size} songs, GAN, 15 songs (p50 / p99)`,
        measured: `${ms(gan.p50)} / ${ms(gan.p99)}`,
        reference: `with item-kNN: ${ms(knn.p50)} / ${ms(knn.p99)}`,
        budget: `p99 ≤ ${budget} ms`,
        withinBudget: gan.p99 <= budget,
      },
      {
        what: 'main thread delay meanwhile (p99)',
        measured: ms(gan.delay),
        reference: `ranked on the main thread: ${ms(delay.percentile(99) / 1e6)}`,
        budget: '≤ 20 ms',
        withinBudget: gan.delay <= 20,
      },
      {
        what: 'ranking thread: start, open the catalogue, load the model',
        measured: ms(gan.load),
        reference: `with item-kNN: ${ms(knn.load)}`,
      },
    ];
  } finally {
    await store.close();
    await rm(stateDir, { recursive: true, force: true });
  }
}
