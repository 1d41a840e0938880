import path from 'node:path';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Vote } from '../../../src/domain/member.ts';
import { openLowdbStore } from '../../../src/store/lowdb/lowdb-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { operator, small } from './importing.ts';

async function anaWithSongs() {
  const ana = operator();
  await ana.importsSongs('songs.csv', small('a,A,X,0.5,0.5', 'b,B,X,0.5,0.5'));
  const store = await openLowdbStore({
    dir: path.join(ana.stateDir, 'store'),
    log: pino({ level: 'silent' }),
    now: Date.now,
  });
  onTestFinished(() => store.close());
  const votes = (content: string, name = 'crowd.csv') =>
    ana.imports(ana.file(name, content), { openStore: async () => store });
  return { ana, store, votes };
}

async function allVotes(store: Store): Promise<Vote[]> {
  const votes: Vote[] = [];
  for await (const batch of store.votes()) votes.push(...batch);
  return votes;
}

describe('a table of votes', () => {
  test('becomes votes of imported members, once however often it is imported', async () => {
    const { store, votes } = await anaWithSongs();
    const table = 'song_id,member_id,emotion\na,m1,Happy\na,m2,happy\nb,m1,sad\na,m1,calm\n';
    expect(await votes(table)).toMatchObject({ kind: 'votes', rows: 4, newVotes: 4, members: 2, songs: 2 });
    expect(await votes(table)).toMatchObject({ newVotes: 0, skippedRows: 0 });
    expect(await store.voteCounts('a')).toEqual({ happy: 2, calm: 1 });
    expect(await allVotes(store)).toHaveLength(4);
    expect(await store.findMember('import:m1')).toBeDefined();
    expect(await store.reactionsOn('import:crowd')).toHaveLength(4);
  });

  test('names the lines whose song or emotion is not known', async () => {
    const { store, votes } = await anaWithSongs();
    const report = await votes('song_id,member_id,emotion\nzzz,m1,happy\na,m1,grumpy\na,,happy\nb,m1,sad\n');
    expect(report).toMatchObject({ newVotes: 1, skippedRows: 3 });
    expect(report.problems.first.map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'unknown song'],
      [3, 'unknown emotion'],
      [4, 'no member'],
    ]);
    expect(await allVotes(store)).toHaveLength(1);
  });

  test('survives an import of songs, because votes belong to song ids', async () => {
    const { ana, store, votes } = await anaWithSongs();
    await votes('song_id,member_id,emotion\nb,m1,sad\n');
    const { catalogue } = await ana.importsSongs('more.csv', small('c,C,X,0.5,0.5', 'b,B,X,0.75,0.5'));
    expect(catalogue.indexOf('b')).not.toBe(-1);
    expect(await store.voteCounts('b')).toEqual({ sad: 1 });
  });

  test('without any song that it could be for is refused', async () => {
    const ana = operator();
    const file = ana.file('votes.csv', 'song_id,member_id,emotion\na,m1,happy\n');
    await expect(ana.imports(file)).rejects.toThrow(/Import the table of songs first/);
  });
});
