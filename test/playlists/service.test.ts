import { truncateSync } from 'node:fs';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { writeCatalogue } from '../../src/catalogue/catalogue-files.ts';
import type { Model } from '../../src/domain/model.ts';
import type { Playlist, PlaylistRequest } from '../../src/playlists/playlists.ts';
import { createPlaylists } from '../../src/playlists/service.ts';
import { modelDir } from '../../src/training/model-files.ts';
import {
  plantedCatalogue,
  plantedSongs,
  plantedState,
  plantModel,
  silent,
  taxonomy,
} from './planted-model.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const NOW = Date.UTC(2026, 10, 22, 12);

/** Real store, real thread, a planted model; `publish` is what training does when a run has published. */
async function setUp({ trained = true, timeoutMs = 20_000 } = {}) {
  const catalogue = plantedCatalogue(plantedSongs(12));
  const state = await plantedState(catalogue, () => NOW);
  cleanups.push(state.remove);
  let model: Model | undefined = trained ? await plantModel(state.stateDir, catalogue) : undefined;
  let catalogueDir = state.catalogueDir;
  const listeners = new Set<(model: Model) => void>();
  const playlists = createPlaylists({
    store: state.store,
    stateDir: state.stateDir,
    catalogueDir: () => catalogueDir,
    training: {
      model: () => model,
      onPublished(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    taxonomy,
    log: silent,
    now: () => NOW,
    timeoutMs,
  });
  cleanups.push(() => playlists.stop());
  const { id: ana } = await state.store.memberOf('room:ana');
  const ask = (request: Partial<PlaylistRequest> = {}) =>
    playlists.make({
      memberId: ana,
      communityId: 'room:main',
      count: 6,
      adventure: 0.3,
      seed: 1,
      ...request,
    });
  return {
    ...state,
    playlists,
    ana,
    ask,
    async asks(request?: Partial<PlaylistRequest>): Promise<Playlist> {
      const answer = await ask(request);
      if ('refusal' in answer) throw new Error(`refused: ${answer.refusal}`);
      return answer;
    },
    publish(next: Model) {
      model = next;
      for (const listener of listeners) listener(next);
    },
    async replaceCatalogue(songs: ReturnType<typeof plantedSongs>) {
      catalogueDir = await writeCatalogue(state.stateDir, plantedCatalogue(songs));
    },
  };
}

describe('playlists', () => {
  it('are made in the thread from the model on disk, and stored', async () => {
    const { asks, store, ana } = await setUp();
    const playlist = await asks({ wish: { from: 'calm' } });
    expect(playlist.entries.map(({ emotions }) => emotions[0].key)).toEqual(Array(6).fill('calm'));
    expect(await store.playlist(playlist.id)).toEqual({
      id: playlist.id,
      memberId: ana,
      communityId: 'room:main',
      songs: playlist.entries.map(({ songId }) => songId),
      wish: { from: 'calm' },
      createdAt: NOW,
      kept: false,
    });
  });

  it('for two emotions at once are made, stored and opened again with both', async () => {
    const { asks, store, playlists, ana } = await setUp();
    const wish = { from: 'calm', and: 'tender' };
    const playlist = await asks({ wish });
    expect((await store.playlist(playlist.id))?.wish).toEqual(wish);
    const reopened = await playlists.reopen(playlist.id, ana);
    expect(reopened?.wish).toEqual(wish);
    for (const { songId, reasons } of reopened?.entries ?? []) {
      expect(songId).toMatch(/^(calm|tender)-/);
      expect(reasons.flatMap((reason) => (reason.kind === 'carries-emotion' ? reason.emotion : []))).toEqual([
        'calm',
        'tender',
      ]);
    }
  });

  it('tell that there is no model yet, and work as soon as there is one', async () => {
    const { ask, publish, stateDir } = await setUp({ trained: false });
    expect(await ask()).toEqual({ refusal: 'no-model' });
    publish(await plantModel(stateDir, plantedCatalogue(plantedSongs(12))));
    expect(await ask()).toMatchObject({ basis: 'community' });
  });

  it('that are kept become taste, without overriding what was known', async () => {
    const { asks, playlists, store, ana } = await setUp();
    const playlist = await asks({ wish: { from: 'happy' } });
    const [first, second, ...rest] = playlist.entries.map(({ songId }) => songId);
    await store.setTaste(ana, [
      { songId: first, liked: false, source: 'removed', at: NOW - 1 },
      { songId: second, liked: true, source: 'added', at: NOW - 1 },
    ]);
    expect(await playlists.keep(playlist.id, ana)).toBe(true);
    const taste = new Map((await store.taste(ana)).map((entry) => [entry.songId, entry]));
    expect(taste.get(first)).toMatchObject({ liked: false, source: 'removed' });
    expect(taste.get(second)).toMatchObject({ liked: true, source: 'added' });
    for (const id of rest) expect(taste.get(id)).toMatchObject({ liked: true, source: 'kept' });
    expect((await store.playlist(playlist.id))?.kept).toBe(true);
    expect(await asks()).toMatchObject({ basis: 'taste', likedSongs: 5 });
  });

  it('of somebody else cannot be kept', async () => {
    const { asks, playlists, store } = await setUp();
    const { id } = await asks();
    const { id: ben } = await store.memberOf('room:ben');
    expect(await playlists.keep(id, ben)).toBe(false);
    expect(await playlists.keep('nothing', ben)).toBe(false);
    expect(await store.taste(ben)).toEqual([]);
  });

  it('do not repeat the songs of the last one while there are others', async () => {
    const { asks } = await setUp();
    const first = await asks({ wish: { from: 'sad' }, count: 4 });
    const second = await asks({ wish: { from: 'sad' }, count: 4 });
    const songs = new Set(first.entries.map(({ songId }) => songId));
    expect(second.entries.filter(({ songId }) => songs.has(songId))).toEqual([]);
  });

  it('do not repeat the songs of the last three', async () => {
    const { asks } = await setUp();
    const seen: string[] = [];
    for (let list = 0; list < 4; list++) {
      const { entries } = await asks({ wish: { from: 'sad' }, count: 3 });
      seen.push(...entries.map(({ songId }) => songId));
    }
    expect(new Set(seen).size).toBe(12);
  });

  it('leave out at once what is put away, and for good', async () => {
    const { asks, store, ana } = await setUp();
    const { entries } = await asks({ wish: { from: 'calm' }, count: 4 });
    const away = entries.map(({ songId }) => songId);
    await store.setTaste(
      ana,
      away.map((songId) => ({ songId, liked: false, source: 'removed', at: NOW })),
    );
    for (let list = 0; list < 5; list++) {
      const next = await asks({ wish: { from: 'calm' }, count: 4 });
      expect(next.entries.filter(({ songId }) => away.includes(songId))).toEqual([]);
    }
  });

  it('count the votes that say the wished emotion', async () => {
    const { asks, store } = await setUp();
    const { songId } =
      (await asks({ wish: { from: 'tense' }, count: 10 })).entries.find(({ voted }) => voted) ?? {};
    for (const n of [1, 2, 3]) {
      await store.setReaction({
        postId: 'room:main/main/1',
        songId: songId ?? '',
        identity: `room:${n}`,
        meaning: { kind: 'emotion', emotion: 'tense' },
        present: true,
        at: NOW,
      });
    }
    const again = await asks({ wish: { from: 'tense' }, count: 10 });
    const entry = again.entries.find((one) => one.songId === songId);
    expect(entry?.reasons).toContainEqual(expect.objectContaining({ kind: 'carries-emotion', votes: 3 }));
  });

  it('count the votes for each of two emotions', async () => {
    const { asks, store } = await setUp();
    const wish = { from: 'calm', and: 'tender' };
    // All songs that are one of the two, and every time somebody whose last list has none of them.
    const ask = async (name: string) => {
      const { id: memberId } = await store.memberOf(`room:${name}`);
      return (await asks({ wish, count: 24, memberId })).entries;
    };
    const { songId } = (await ask('ben')).find(({ voted }) => voted)!;
    for (const [n, emotion] of ['calm', 'calm', 'tender'].entries()) {
      await store.setReaction({
        postId: 'room:main/main/1',
        songId,
        identity: `room:${n}`,
        meaning: { kind: 'emotion', emotion },
        present: true,
        at: NOW,
      });
    }
    const entry = (await ask('cleo')).find((one) => one.songId === songId);
    expect(entry?.reasons).toContainEqual(expect.objectContaining({ emotion: 'calm', votes: 2 }));
    expect(entry?.reasons).toContainEqual(expect.objectContaining({ emotion: 'tender', votes: 1 }));
  });

  it('go on with a new thread after theirs was killed', async () => {
    const threads: Worker[] = [];
    const noted = (thread: Worker) => threads.push(thread);
    process.on('worker', noted);
    cleanups.push(async () => {
      process.off('worker', noted);
    });
    const { asks } = await setUp();
    await asks();
    const underWay = asks({ wish: { from: 'calm' } });
    await threads[0].terminate();
    expect((await underWay).entries).toHaveLength(6);
    expect((await asks()).entries).toHaveLength(6);
    expect(threads).toHaveLength(2);
  });

  it('give up on a thread that does not answer in time', async () => {
    const { ask } = await setUp({ timeoutMs: 1 });
    // Again and again: the thread given up on is not asked once more while it ends.
    for (let i = 0; i < 5; i++) await expect(ask()).rejects.toMatchObject({ code: 'late' });
  });

  it('keep the old model when a new one cannot be loaded', async () => {
    const { asks, stateDir, publish } = await setUp();
    await asks();
    const broken = await plantModel(stateDir, plantedCatalogue(plantedSongs(12)), 'm2');
    truncateSync(path.join(modelDir(stateDir, 'm2'), 'profiles.f32'), 10);
    publish(broken);
    expect((await asks({ wish: { from: 'calm' } })).entries).toHaveLength(6);
  });

  it('follow a catalogue that was replaced', async () => {
    const { asks, replaceCatalogue, playlists } = await setUp();
    await asks();
    await replaceCatalogue(
      plantedSongs(12).filter(({ id }) => id.startsWith('happy') || id.startsWith('sad')),
    );
    await playlists.refresh();
    const { entries } = await asks({ count: 24 });
    expect(entries.every(({ songId }) => /^(happy|sad)-/.test(songId))).toBe(true);
  });

  it('of many members at once are each made for their own taste', async () => {
    const { store, ask } = await setUp();
    const wanted = ['angry', 'calm', 'happy', 'sad'];
    const lists = await Promise.all(
      wanted.map(async (emotion) => {
        const { id } = await store.memberOf(`room:${emotion}`);
        const entries = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => ({
          songId: `${emotion}-${n}`,
          liked: true,
          source: 'added' as const,
          at: NOW,
        }));
        await store.setTaste(id, entries);
        return ask({ memberId: id, adventure: 0, count: 4 });
      }),
    );
    for (const [i, list] of lists.entries()) {
      if ('refusal' in list) throw new Error(list.refusal);
      const mean = (of: (entry: Playlist['entries'][number]) => number) =>
        list.entries.reduce((sum, entry) => sum + of(entry), 0) / list.entries.length;
      const valence = mean((entry) => entry.valence);
      const arousal = mean((entry) => entry.arousal);
      const distance = (key: string) => {
        const emotion = taxonomy.get(key);
        return Math.hypot((emotion?.valence ?? 9) - valence, (emotion?.arousal ?? 9) - arousal);
      };
      expect([...wanted].sort((x, y) => distance(x) - distance(y))[0]).toBe(wanted[i]);
    }
  });
});
