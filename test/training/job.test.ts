import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { readJob, VOTES_FILE, writeJob } from '../../src/training/job.ts';
import { rush, settle } from '../labelling/voters.ts';

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
