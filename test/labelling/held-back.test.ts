import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBursts } from '../../src/labelling/bursts.ts';
import { castKey } from '../../src/labelling/doubts.ts';
import { findHeldBack } from '../../src/labelling/held-back.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import { DAY, HOUR, MINUTE, rush, settle, vote } from './voters.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const SONGS = ['a', 'b', 'c', 'd', 'e', 'f'];

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-held-'));
  store = await openLowdbStore({ dir, log: pino({ level: 'silent' }), now: () => NOW });
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

async function counted(songId: string): Promise<string[]> {
  const votes: string[] = [];
  for await (const batch of (await findHeldBack(store)).counted()) {
    for (const one of batch) if (one.songId === songId) votes.push(one.emotion);
  }
  return votes.sort();
}
const bursts = async () => (await findHeldBack(store)).bursts('room:main');
const decide = async (counts: boolean, id = 'd', at = NOW) => {
  const [{ parts }] = await bursts();
  return store.saveBurstDecision({
    id,
    communityId: 'room:main',
    parts,
    counts,
    by: 'room:mo',
    name: 'Mo',
    at,
  });
};

describe('votes of new members in a sudden burst', () => {
  test('stay stored and do not count, until a moderator lets them', async () => {
    await settle(store, NOW, SONGS);
    await rush(store, 'x', NOW, { emotions: ['angry', 'tense'] });
    expect(await bursts()).toEqual([
      {
        communityId: 'room:main',
        from: NOW - 20 * MINUTE,
        to: NOW,
        parts: [{ songId: 'x', from: NOW - 20 * MINUTE, to: NOW }],
        votes: 12,
        members: 6,
        songs: ['x'],
      },
    ]);
    expect(await counted('x')).toEqual([]);
    expect(await store.voteCounts('x')).toEqual({ angry: 6, tense: 6 });
    await decide(true);
    expect(await bursts()).toEqual([]);
    expect((await counted('x')).length).toBe(12);
  });

  test('do not count once a moderator left them out, whatever comes later', async () => {
    await settle(store, NOW, SONGS);
    await rush(store, 'x', NOW);
    await decide(false);
    const heldBack = await findHeldBack(store);
    expect(heldBack.bursts('room:main')).toEqual([]);
    expect(heldBack.votes).toBe(0);
    const [fact] = await store.castVotesOn('x');
    expect(heldBack.doubts.get(castKey(fact))).toBe('left-out');
    await store.setReaction(vote('regular0', 'x', 'calm', NOW + DAY));
    expect(await counted('x')).toEqual(['calm']);
  });

  test('count by the later of two decisions', async () => {
    await settle(store, NOW, SONGS);
    await rush(store, 'x', NOW);
    const [{ parts }] = await bursts();
    await decide(false);
    await store.saveBurstDecision({
      id: 'e',
      communityId: 'room:main',
      parts,
      counts: true,
      by: 'room:flo',
      name: 'Flo',
      // The clock went back meanwhile.
      at: NOW - DAY,
    });
    expect((await counted('x')).length).toBe(6);
  });

  test('of those who come after a decision wait anew when left out, and count when counted', async () => {
    await settle(store, NOW, SONGS);
    await rush(store, 'x', NOW);
    await decide(false);
    await rush(store, 'x', NOW + 5 * MINUTE, { members: 2, minutes: 3, name: 'late' });
    expect(await bursts()).toMatchObject([{ votes: 2, members: 2 }]);
    await decide(true, 'late');
    expect((await counted('x')).length).toBe(2);
  });

  test('that are also under a snippet elsewhere, where there is no burst, count', async () => {
    await settle(store, NOW, SONGS);
    await rush(store, 'x', NOW);
    await store.setReaction({ ...vote('rush3', 'x', 'angry', NOW), postId: 'discord:1/2/3' });
    expect(await counted('x')).toEqual(['angry']);
    expect(await bursts()).toMatchObject([{ votes: 6, members: 6 }]);
  });

  test('come from one burst, though some are taken away while they wait', async () => {
    await settle(store, NOW, SONGS);
    await rush(store, 'x', NOW, { members: 9 });
    await store.setReactions([0, 1, 2].map((n) => vote(`rush${n}`, 'x', 'angry', NOW, false)));
    expect(await bursts()).toMatchObject([{ votes: 6, members: 6 }]);
    await store.setReactions([3, 4].map((n) => vote(`rush${n}`, 'x', 'angry', NOW, false)));
    expect(await bursts()).toEqual([]);
    expect((await counted('x')).length).toBe(4);
  });

  test('are one person’s where accounts are joined, and count where that person has been here for long', async () => {
    await settle(store, NOW, SONGS);
    await rush(store, 'x', NOW, { members: 8 });
    const id = async (who: string) => (await store.memberOf(`room:${who}`)).id;
    await store.mergeMembers(await id('rush0'), await id('rush1'));
    expect(await bursts()).toMatchObject([{ votes: 7, members: 7 }]);
    await store.mergeMembers(await id('regular0'), await id('rush2'));
    expect(await bursts()).toMatchObject([{ votes: 6, members: 6 }]);
    expect(await counted('x')).toEqual(['angry']);
    await store.partMember(await id('regular0'));
    expect(await bursts()).toMatchObject([{ votes: 7, members: 7 }]);
  });

  test('count as soon as their member is established', async () => {
    await settle(store, NOW, SONGS);
    await rush(store, 'x', NOW, { members: 7 });
    await store.setReactions(
      SONGS.slice(0, 5).map((song, i) => vote('rush0', song, 'happy', NOW + (1 + (i % 3)) * DAY)),
    );
    expect(await bursts()).toMatchObject([{ votes: 6, members: 6 }]);
    expect(await counted('x')).toEqual(['angry']);
  });

  test('within an hour of each other are shown as one, and a day apart as two', async () => {
    await settle(store, NOW, SONGS);
    await rush(store, 'x', NOW);
    await rush(store, 'y', NOW + 50 * MINUTE, { members: 8 });
    await rush(store, 'x', NOW + 26 * HOUR, { name: 'next' });
    expect(await bursts()).toMatchObject([
      { votes: 14, members: 8, songs: ['y', 'x'] },
      { votes: 6, members: 6, songs: ['x'] },
    ]);
  });

  test('are forgotten with their member', async () => {
    await settle(store, NOW, SONGS);
    await rush(store, 'x', NOW, { members: 7 });
    await store.deleteMember((await store.memberOf('room:rush0')).id);
    expect(await bursts()).toMatchObject([{ votes: 6, members: 6 }]);
  });

  test('are none in a community that has just begun, nor in the demo', async () => {
    await rush(store, 'x', NOW, { members: 100 });
    await store.setReactions(
      Array.from({ length: 30 }, (_, n) => ({ ...vote(`demo${n}`, 'x', 'calm', NOW), postId: 'demo' })),
    );
    expect((await findHeldBack(store)).doubts.size).toBe(0);
  });

  test('of ten thousand accounts over a hundred songs are one burst', {
    timeout: 60_000,
  }, async () => {
    await settle(store, NOW, SONGS);
    const facts = Array.from({ length: 100_000 }, (_, i) =>
      vote(`bot${i % 10_000}`, `song${Math.floor(i / 1_000)}`, 'angry', NOW + (i % 3_000) * 1_000),
    );
    await store.setReactions(facts);
    expect(await bursts()).toMatchObject([{ votes: 100_000, members: 10_000 }]);
    expect((await bursts())[0].songs).toHaveLength(100);
  });

  test('are in no count of votes, voters and songs, unless something else speaks for them', async () => {
    await settle(store, NOW, SONGS);
    await rush(store, 'x', NOW, { emotions: ['angry', 'tense'] });
    await rush(store, 'a', NOW, { members: 8 });
    await rush(store, 'y', NOW, { members: 7, name: 'more' });
    // One of each kind counts after all: of a member, of a member on that song, of that vote.
    await store.setReactions([
      { ...vote('rush0', 'elsewhere', 'calm', NOW), postId: 'discord:1/2/3' },
      { ...vote('rush1', 'x', 'calm', NOW), postId: 'discord:1/2/4' },
      { ...vote('rush2', 'x', 'angry', NOW), postId: 'discord:1/2/4' },
    ]);
    const votes = new Set<string>();
    const voters = new Map<string, Set<string>>();
    for await (const batch of (await findHeldBack(store)).counted()) {
      for (const { songId, memberId, emotion } of batch) {
        votes.add(`${songId} ${memberId} ${emotion}`);
        voters.set(songId, (voters.get(songId) ?? new Set()).add(memberId));
      }
    }
    const bursts = createBursts({ store, now: () => NOW });
    expect(await bursts.votersPerSong()).toEqual(new Map([...voters].map(([id, who]) => [id, who.size])));
    expect(await bursts.totals()).toEqual({
      votes: votes.size,
      voters: new Set([...voters.values()].flatMap((who) => [...who])).size,
      votedSongs: voters.size,
      members: 23,
    });
    expect(voters.get('x')?.size).toBe(2);
    expect(voters.has('y')).toBe(false);
  });

  test('never keep another vote from counting, and every vote that counts counts once', async () => {
    await settle(store, NOW, SONGS);
    await rush(store, 'a', NOW);
    const before = await counted('a');
    expect(before).toEqual(Array(8).fill('calm'));
    let all = 0;
    for await (const batch of (await findHeldBack(store)).counted()) all += batch.length;
    // Eight regulars on six songs.
    expect(all).toBe(48);
  });
});
