import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { songsOf } from '../../ml/interactions.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { PUT_AWAY_FILE, readJob, VOTES_FILE, writeJob } from '../../src/training/job.ts';
import { readTrainingData } from '../../src/training/training-data.ts';
import { rush, settle } from '../labelling/voters.ts';
import { plantCatalogue } from './planted.ts';

const NOW = Date.UTC(2026, 10, 22, 12);

test('a training run gets the votes that count, and is told how many are held back', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-job-'));
  const log = pino({ level: 'silent' });
  const store = await openLowdbStore({ dir: path.join(dir, 'store'), log, now: () => NOW });
  try {
    await settle(store, NOW, ['a', 'b']);
    await rush(store, 'a', NOW, { emotions: ['angry', 'tense'] });
    const job = {
      format: 1 as const,
      runId: 'r',
      createdAt: NOW,
      catalogueDir: dir,
      catalogueVersion: 'v',
      emotions: ['calm', 'angry', 'tense'],
      seed: 1,
      backend: 'wasm' as const,
      modelsDir: dir,
    };
    await writeJob(path.join(dir, 'job'), job, store, new AbortController().signal);
    const [header, ...rows] = (await readFile(path.join(dir, 'job', VOTES_FILE), 'utf8')).trim().split('\n');
    expect(header).toBe('song_id,member_id,emotion');
    expect(rows).toHaveLength(16);
    expect(rows.every((row) => row.endsWith(',calm'))).toBe(true);
    expect(await readJob(path.join(dir, 'job'))).toEqual({ ...job, heldBackVotes: 12 });
  } finally {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  }
});

test('songs that were put away go with those that their members like, and jobs without them are read', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-job-'));
  const log = pino({ level: 'silent' });
  const store = await openLowdbStore({ dir: path.join(dir, 'store'), log, now: () => NOW });
  try {
    const entry = (song: number, liked: boolean) => ({
      songId: `song-${song}`,
      liked,
      source: liked ? ('added' as const) : ('removed' as const),
      at: NOW,
    });
    const only = await store.memberOf('room:only-puts-away');
    const ana = await store.memberOf('room:ana');
    const ben = await store.memberOf('room:ben');
    await store.setTaste(only.id, [entry(9, false)]);
    await store.setTaste(ana.id, [entry(1, true), entry(2, true)]);
    await store.setTaste(ben.id, [entry(7, false), entry(5, false), entry(3, true), entry(999, false)]);
    const { catalogue } = plantCatalogue({ songs: 20, listeners: 2 });
    const job = path.join(dir, 'job');
    const emotions = ['calm'];
    await writeJob(
      job,
      {
        format: 1,
        runId: 'r',
        createdAt: NOW,
        catalogueDir: dir,
        catalogueVersion: 'v',
        emotions,
        seed: 1,
        backend: 'wasm',
        modelsDir: dir,
      },
      store,
      new AbortController().signal,
    );
    const data = await readTrainingData(job, catalogue, emotions);
    const away = (id: string) => [...songsOf(data.putAway, data.listenerIds.indexOf(`member:${id}`))];
    expect(data.putAway.listenerCount).toBe(data.interactions.listenerCount);
    expect(away(ben.id)).toEqual([5, 7]);
    expect(away(ana.id)).toEqual([]);
    // A taste that nothing is known of teaches nothing.
    expect(data.listenerIds).not.toContain(`member:${only.id}`);
    expect(data.putAway.songs).toHaveLength(2);
    expect(data.passedOver.tastes).toBe(1);

    await rm(path.join(job, PUT_AWAY_FILE));
    const before = await readTrainingData(job, catalogue, emotions);
    expect(before.interactions).toEqual(data.interactions);
    expect(before.putAway.songs).toHaveLength(0);
    expect(before.putAway.listenerCount).toBe(data.interactions.listenerCount);
  } finally {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  }
});
