import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { aCommunity, aVote } from './records.ts';

async function storeOn(disk: FaultyFiles) {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-disk-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const open = (files = disk.files) =>
    openLowdbStore({ dir, log: pino({ level: 'silent' }), now: Date.now, files });
  return { store: await open(), open };
}

test('on a full disk no vote is confirmed, not even one that was tried before', async () => {
  const disk = new FaultyFiles();
  const { store, open } = await storeOn(disk);
  await store.setReaction(aVote('room:a', 'before', 'calm'));
  disk.fails = () => 'ENOSPC';
  const vote = aVote('room:a', 's', 'calm');
  await expect(store.setReaction(vote)).rejects.toMatchObject({ code: 'full' });
  // It is in memory by now, but nothing that survives says so.
  await expect(store.setReaction(vote)).rejects.toMatchObject({ code: 'full' });
  await expect(store.saveCommunity(aCommunity())).rejects.toMatchObject({ code: 'full' });
  expect(await store.voteCounts('before')).toEqual({ calm: 1 });
  disk.fails = () => undefined;
  expect(await store.setReaction(vote)).toBe(false);
  await store.close();
  const again = await open();
  expect(await again.voteCounts('s')).toEqual({ calm: 1 });
  expect(await again.community('room:main')).toEqual(aCommunity());
  await again.close();
});

test('the same reaction twice at once is confirmed to both only when it is durable', async () => {
  const disk = new FaultyFiles();
  const { store } = await storeOn(disk);
  disk.fails = (call) => (call === 'datasync' ? 'EIO' : undefined);
  const vote = aVote('room:a', 's', 'calm');
  const both = await Promise.allSettled([store.setReaction(vote), store.setReaction(vote)]);
  expect(both.map((one) => one.status)).toEqual(['rejected', 'rejected']);
  disk.fails = () => undefined;
  await store.close();
});

test('a store on a read-only disk does not open', async () => {
  const disk = new FaultyFiles();
  const { store, open } = await storeOn(disk);
  await store.close();
  disk.fails = () => 'EROFS';
  await expect(open()).rejects.toMatchObject({
    code: 'read-only',
    message: expect.stringContaining('STATE_DIR'),
  });
});
