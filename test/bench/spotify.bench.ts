import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { buildCatalogue } from '../../src/catalogue/catalogue.ts';
import type { Song } from '../../src/domain/song.ts';
import { builtEntry } from '../../src/paths.ts';
import { openSecrets } from '../../src/secrets/secrets.ts';
import { createAccounts } from '../../src/spotify/accounts.ts';
import { coverSvg } from '../../src/spotify/cover.ts';
import { drawCover } from '../../src/spotify/cover-thread.ts';
import { createGate } from '../../src/spotify/gate.ts';
import { openLibrary } from '../../src/spotify/library.ts';
import { createLinkRecords } from '../../src/spotify/link-records.ts';
import { createSongLookup } from '../../src/spotify/lookup.ts';
import { createOutbox } from '../../src/spotify/outbox.ts';
import { waitFor } from '../../src/spotify/pause.ts';
import { createTokens } from '../../src/spotify/tokens.ts';
import { createWebApi } from '../../src/spotify/web-api.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { taxonomy } from '../playlists/planted-model.ts';
import type { BenchRow } from './row.ts';
import type { Outcome, Ready } from './spotify-server-child.ts';

const log = pino({ level: 'silent' });
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
/** Spotify does not publish its limit: a number of the size that people report. */
const CALLS_PER_WINDOW = 180;
const CALLS_PER_PUSH = 3;

/** The pushing half of the bot, with a real store, against a Spotify in a process of its own. */
async function openBot(people: number, limit?: number) {
  const { BENCH_CALLS: _, ...env } = process.env;
  const server = fork(builtEntry('spotify-server-child'), {
    stdio: 'inherit',
    env: { ...env, BENCH_PEOPLE: String(people), ...(limit !== undefined && { BENCH_CALLS: String(limit) }) },
  });
  const [ready] = (await once(server, 'message')) as [Ready];
  const dir = mkdtempSync(path.join(os.tmpdir(), 'reactune-bench-spotify-'));
  const now = Date.now;
  const store = await openLowdbStore({ dir: path.join(dir, 'store'), log, now });
  const library = openLibrary({ ...ready, timeoutMs: 15_000 });
  const tokens = createTokens({
    records: createLinkRecords(store),
    secrets: await openSecrets({ stateDir: dir, keys: [], sealed: [] }),
    accounts: createAccounts(library, ready, now),
    proven: true,
    log,
    now,
  });
  const api = createGate({ api: createWebApi(library, now), store, log, now, wait: waitFor });
  const songs = ready.uris.map(
    (uri, i): Song => ({
      id: `song-${i}`,
      title: `Song ${i}`,
      artists: ['Somebody'],
      features: {},
      spotifyUri: uri,
      snippet: { kind: 'none' },
    }),
  );
  const catalogue = buildCatalogue({ name: 'Bench', demo: false, songs, listeners: [], labels: [] });
  const emotion = taxonomy.emotions[0]!;
  const svg = coverSvg({ points: songs.map(() => ({ valence: 0.5, arousal: 0.2, emotion })), from: emotion });
  const pushes = createOutbox({
    store,
    api,
    tokens,
    lookup: createSongLookup({ store, api, now }),
    catalogue: () => catalogue,
    cover: () => drawCover(svg!),
    log,
    now,
    wait: waitFor,
    onUnseen: async () => {},
  });
  const memberIds: string[] = [];
  for (const { name, access, refresh } of ready.members) {
    const { id } = await store.memberOf(`room:${name}`);
    memberIds.push(id);
    const link = { owner: id, accountId: name, name, scopes: [], authorizedAt: now() };
    await tokens.keep(link, { accessToken: access, refreshToken: refresh, expiresAt: now() + 3_600_000 });
  }
  return {
    memberIds,
    store,
    /** Resolves to how long it took until the songs were in. */
    async push(memberId: string, n = 0): Promise<number> {
      const from = performance.now();
      const id = `list-${memberId}-${n}`;
      const playlist = {
        id,
        memberId,
        communityId: 'room:main',
        songs: songs.map((song) => song.id),
        createdAt: now(),
        kept: false,
      };
      await new Promise<void>((resolve) => {
        pushes.watch(id, async ({ state }) => {
          if (state.kind === 'done' || state.kind === 'failed') resolve();
          return true;
        });
        const where = { identity: 'room:x', communityId: 'room:main', channel: 'main' };
        void pushes.push({ playlist, owner: memberId, where, name: 'Calm', description: 'Songs.' });
      });
      return performance.now() - from;
    },
    /** When covers are done, too. */
    async idle(): Promise<void> {
      while ((await store.openPushes()).length > 0) await sleep(10);
    },
    async outcome(): Promise<Outcome> {
      await this.idle();
      server.send('count');
      return ((await once(server, 'message')) as [Outcome])[0];
    },
    async close(): Promise<void> {
      await pushes.stop();
      await store.close();
      server.disconnect();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function onePush(): Promise<BenchRow[]> {
  const bot = await openBot(1);
  const [member] = bot.memberIds as [string];
  await bot.push(member);
  const ROUNDS = 20;
  const times: number[] = [];
  for (let n = 1; n <= ROUNDS; n++) {
    await bot.idle();
    times.push(await bot.push(member, n));
  }
  times.sort((a, b) => a - b);
  const { calls, playlists, right } = await bot.outcome();
  await bot.close();
  return [
    {
      what: 'calls per push of 50 songs (create, items, cover)',
      measured: String(calls / playlists),
      reference: `least possible: ${CALLS_PER_PUSH}`,
      withinBudget: calls === CALLS_PER_PUSH * playlists && right === playlists,
    },
    {
      what: 'pushing 50 songs, asked for → all in Spotify, p50 / max',
      measured: `${Math.round(times[ROUNDS / 2]!)} / ${Math.round(times.at(-1)!)} ms`,
      reference: 'against a Spotify that answers at once: what is ours of it, four durable writes included',
    },
  ];
}

async function crowd(limit?: number): Promise<BenchRow> {
  const PEOPLE = 100;
  const bot = await openBot(PEOPLE, limit);
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const from = performance.now();
  await Promise.all(bot.memberIds.map((id) => bot.push(id)));
  const took = performance.now() - from;
  loop.disable();
  const { playlists, right, refused, calls, beforeLimit } = await bot.outcome();
  const pause = await bot.store.spotifyPause();
  await bot.close();
  const lost = PEOPLE - right;
  const what =
    limit === undefined
      ? `${PEOPLE} members ask at once for 50 songs each, no limit`
      : `the same, Spotify taking ${limit} calls in any 30 s`;
  return {
    what,
    measured: `${lost} lost, ${playlists} playlists, ${seconds(took)}, ${calls} calls of which ${refused} refused`,
    reference:
      limit === undefined
        ? `event loop delay p99 ${(loop.percentile(99) / 1e6).toFixed(1)} ms`
        : `${beforeLimit} pushes before the limit is touched (most possible, covers coming last: ${Math.floor(limit / 2)}); learned that ${pause?.calls} are too many`,
    budget: 'none lost, none twice',
    withinBudget: lost === 0 && playlists === PEOPLE,
  };
}

/** What it takes to bring playlists to Spotify, against the tests' Spotify. */
export async function rows(): Promise<BenchRow[]> {
  return [...(await onePush()), await crowd(), await crowd(CALLS_PER_WINDOW)];
}
