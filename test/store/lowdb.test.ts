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

test('a table of all votes knows of each member all votes or none, whoever is deleted or joined meanwhile', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-store-'));
  folders.push(dir);
  const store = await openLowdbStore({ dir, log: pino({ level: 'silent' }), now: Date.now });
  const [MEMBERS, SONGS] = [60, 1_000];
  for (let member = 0; member < MEMBERS; member++) {
    await store.setReactions(
      Array.from({ length: SONGS }, (_, song) => ({
        postId: 'room:main/main/1',
        songId: `song-${song}`,
        identity: `room:${member}`,
        meaning: { kind: 'emotion' as const, emotion: 'calm' },
        present: true,
        at: song,
      })),
    );
  }
  const ids = await Promise.all(
    Array.from({ length: MEMBERS }, async (_, member) => (await store.memberOf(`room:${member}`)).id),
  );
  const reading = store.castTable();
  // One thing in each turn of the event loop, as long as the table is being read.
  let over = false;
  const changing = (async () => {
    for (let member = 0; !over && member + 1 < MEMBERS; member += 2) {
      await new Promise((resolve) => setImmediate(resolve));
      if (member % 4 === 0) await store.deleteMember(ids[member]);
      else await store.mergeMembers(ids[member], ids[member + 1]);
    }
  })();
  const { members, songs, names } = await reading;
  over = true;
  await changing;
  const votesOf = new Map<string, number>();
  for (const member of members) {
    votesOf.set(names.members[member], (votesOf.get(names.members[member]) ?? 0) + 1);
  }
  expect(votesOf.has('')).toBe(false);
  for (const [id, votes] of votesOf) expect([id, votes % SONGS]).toEqual([id, 0]);
  expect(new Set(songs).size).toBe(SONGS);
  await store.close();
});

storeContract('lowdb store', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-store-'));
  folders.push(dir);
  return openIn(dir);
});
