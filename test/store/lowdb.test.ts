import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { foldFiles } from '../../src/durable/index.ts';
import { storeForm } from '../../src/store/lowdb/form.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import type { OpenedStore } from './contract/opened-store.ts';
import { storeContract } from './store-contract.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((dir) => rm(dir, { recursive: true, force: true }))));

async function openIn(dir: string): Promise<OpenedStore> {
  // Folded so often that most of what is read back has been through a snapshot.
  const store = await openLowdbStore({
    dir,
    log: pino({ level: 'silent' }),
    now: Date.now,
    compactAtBytes: 1_000,
    fold: (task) => foldFiles(storeForm, task),
  });
  return {
    store,
    async reopen() {
      await store.close();
      return openIn(dir);
    },
  };
}

test('a snapshot from before there were decisions about bursts is read as it is', () => {
  const { decisions, ...older } = Object(storeForm.toJson?.(storeForm.empty()));
  expect(decisions).toEqual([]);
  expect([...(storeForm.fromJson?.(older).decisions ?? ['unread'])]).toEqual([]);
});

storeContract('lowdb store', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-store-'));
  folders.push(dir);
  return openIn(dir);
});
