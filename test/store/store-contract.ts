import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StoredInstallation } from '../../src/domain/installation.ts';
import type { Community, StoredPlaylist, TasteEntry, Vote } from '../../src/domain/member.ts';
import type { ReactionFact, SnippetPost } from '../../src/domain/post.ts';
import type { TrainingRun } from '../../src/domain/training.ts';
import type { Store } from '../../src/store/store.ts';
import { createNaiveStore } from './naive-store.ts';

/** A store that is empty at first, and the same one opened again after a stop. */
export interface OpenedStore {
  readonly store: Store;
  reopen(): Promise<OpenedStore>;
}

export function aCommunity(id = 'room:main'): Community {
  return {
    id,
    platform: 'room',
    name: 'Living room',
    settings: {
      timeZone: 'Europe/Vienna',
      snippetsPerDay: 3,
      quietHours: { from: '22:00', to: '08:00' },
      trainingSchedule: '0 4 * * *',
      postOpenDays: 7,
      moderators: ['room:ana'],
    },
  };
}

export function anInstallation(key = 'slack:T1', more: Partial<StoredInstallation> = {}): StoredInstallation {
  return {
    key,
    teamId: key.slice('slack:'.length),
    installedAt: 1_000,
    sealed: `sealed for ${key}`,
    ...more,
  };
}

export function aPost(id: string, more: Partial<SnippetPost> = {}): SnippetPost {
  const communityId = more.communityId ?? 'room:main';
  return {
    id,
    communityId,
    message: { platform: 'room', communityId, channel: 'snippets', message: id },
    songId: `song of ${id}`,
    postedAt: 1_000,
    closesAt: 9_000,
    postedBy: 'schedule',
    chosenBy: 'policy',
    ...more,
  };
}

export function aVote(identity: string, songId: string, emotion: string, more: Partial<ReactionFact> = {}) {
  const fact: ReactionFact = {
    postId: `post of ${songId}`,
    songId,
    identity,
    meaning: { kind: 'emotion', emotion },
    present: true,
    at: 1_000,
    ...more,
  };
  return fact;
}

export function aLike(identity: string, songId: string, more: Partial<ReactionFact> = {}): ReactionFact {
  return aVote(identity, songId, '', { meaning: { kind: 'like' }, ...more });
}

function aPlaylist(id: string, memberId: string, createdAt: number, kept = false): StoredPlaylist {
  return {
    id,
    memberId,
    communityId: 'room:main',
    songs: ['a', 'b'],
    wish: { from: 'calm' },
    createdAt,
    kept,
  };
}

async function allVotes(store: Store): Promise<string[]> {
  const votes: Vote[] = [];
  for await (const batch of store.votes()) votes.push(...batch);
  return votes.map((vote) => `${vote.memberId} ${vote.songId} ${vote.emotion}`).sort();
}

async function allTastes(store: Store) {
  const tastes = new Map<string, readonly TasteEntry[]>();
  for await (const batch of store.tastes()) {
    for (const { memberId, entries } of batch) tastes.set(memberId, entries);
  }
  return tastes;
}

/** What every store promises. `open` gives a fresh, empty one each time. */
export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  /** Runs the check now and again after the store was closed and opened. */
  async function nowAndAfterReopening(opened: OpenedStore, check: (store: Store) => Promise<void>) {
    await check(opened.store);
    const again = await opened.reopen();
    await check(again.store);
    await again.store.close();
  }

  describe(`${name}: members`, () => {
    test('an identity has one member from its first call on', async () => {
      const opened = await open();
      const [first, second] = await Promise.all([
        opened.store.memberOf('discord:1'),
        opened.store.memberOf('discord:1'),
      ]);
      expect(second).toEqual(first);
      expect(await opened.store.memberOf('discord:2')).not.toMatchObject({ id: first.id });
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.memberOf('discord:1')).toEqual(first);
        expect(await store.findMember('discord:1')).toEqual(first);
        expect(await store.findMember('discord:3')).toBeUndefined();
        expect((await store.totals()).members).toBe(2);
      });
    });

    test('merged members vote once, with every identity', async () => {
      const opened = await open();
      const { store } = opened;
      const ana = await store.memberOf('discord:ana');
      const same = await store.memberOf('slack:T:ana');
      await store.setReactions([
        aVote('discord:ana', 's', 'happy'),
        aVote('slack:T:ana', 's', 'happy', { postId: 'elsewhere' }),
        aVote('slack:T:ana', 's', 'calm', { postId: 'elsewhere' }),
        aVote('discord:ben', 's', 'happy'),
      ]);
      expect(await store.voteCounts('s')).toEqual({ happy: 3, calm: 1 });
      await store.setTaste(same.id, [{ songId: 't', liked: true, source: 'added', at: 5 }]);
      await store.savePlaylist(aPlaylist('p', same.id, 7));
      const merged = await store.mergeMembers(ana.id, same.id);
      expect([...merged.identities].sort()).toEqual(['discord:ana', 'slack:T:ana']);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.voteCounts('s')).toEqual({ happy: 2, calm: 1 });
        expect(await store.votersPerSong()).toEqual(new Map([['s', 2]]));
        expect(await store.totals()).toEqual({ votes: 3, voters: 2, votedSongs: 1, members: 2 });
        expect(await store.findMember('slack:T:ana')).toEqual(merged);
        expect(await store.memberData(same.id)).toBeUndefined();
        expect(await store.taste(ana.id)).toMatchObject([{ songId: 't' }]);
        expect(await store.recentPlaylists(ana.id, 5)).toMatchObject([{ id: 'p', memberId: ana.id }]);
        expect(await allVotes(store)).toHaveLength(3);
      });
    });

    test('merging somebody who is not there is refused', async () => {
      const { store } = await open();
      const ana = await store.memberOf('room:ana');
      await expect(store.mergeMembers(ana.id, 'nobody')).rejects.toMatchObject({ name: 'StoreError' });
      await store.close();
    });
  });

  describe(`${name}: communities and posts`, () => {
    test('a community is saved over the old one', async () => {
      const opened = await open();
      await opened.store.saveCommunity(aCommunity());
      await opened.store.saveCommunity({ ...aCommunity(), name: 'Kitchen' });
      await opened.store.saveCommunity(aCommunity('slack:T'));
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.community('room:main')).toEqual({ ...aCommunity(), name: 'Kitchen' });
        expect(await store.community('discord:1')).toBeUndefined();
        expect((await store.communities()).map((community) => community.id).sort()).toEqual([
          'room:main',
          'slack:T',
        ]);
      });
    });

    test('a deleted community takes its posts with it and leaves the votes to their members', async () => {
      const opened = await open();
      await opened.store.saveCommunity(aCommunity());
      await opened.store.saveCommunity(aCommunity('slack:T'));
      await opened.store.savePost(aPost('here'));
      await opened.store.savePost(aPost('there', { communityId: 'slack:T' }));
      await opened.store.setReaction(aVote('room:ana', 'song of here', 'calm', { postId: 'here' }));
      await opened.store.deleteCommunity('room:main');
      await opened.store.deleteCommunity('room:never-was');
      await nowAndAfterReopening(opened, async (store) => {
        expect((await store.communities()).map(({ id }) => id)).toEqual(['slack:T']);
        expect(await store.post('here')).toBeUndefined();
        expect((await store.openPosts(0)).map(({ id }) => id)).toEqual(['there']);
        expect((await store.totals()).votes).toBe(1);
      });
    });

    test('posts are found by id, while open, and newest first', async () => {
      const opened = await open();
      const { store } = opened;
      await store.savePost(aPost('second', { postedAt: 2_000, closesAt: 5_000 }));
      await store.savePost(aPost('third', { postedAt: 3_000 }));
      await store.savePost(aPost('first', { postedAt: 1_000 }));
      await store.savePost(aPost('other', { postedAt: 9_000, communityId: 'room:other' }));
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.post('second')).toEqual(aPost('second', { postedAt: 2_000, closesAt: 5_000 }));
        expect(await store.post('none')).toBeUndefined();
        expect((await store.openPosts(4_999)).length).toBe(4);
        expect((await store.openPosts(5_000)).map((post) => post.id)).not.toContain('second');
        expect((await store.recentPosts('room:main', 2)).map((post) => post.id)).toEqual(['third', 'second']);
        expect(await store.recentPosts('room:main', 0)).toEqual([]);
        expect(await store.recentPosts('room:none', 3)).toEqual([]);
      });
    });
  });

  describe(`${name}: reactions`, () => {
    test('a reaction is there once, and tells whether it changed something', async () => {
      const opened = await open();
      const { store } = opened;
      expect(await store.setReaction(aVote('room:a', 's', 'calm', { present: false }))).toBe(false);
      expect(await store.setReaction(aVote('room:a', 's', 'calm'))).toBe(true);
      expect(await store.setReaction(aVote('room:a', 's', 'calm', { at: 2_000 }))).toBe(false);
      expect(await store.setReaction(aVote('room:a', 's', 'calm', { present: false }))).toBe(true);
      expect(await store.setReaction(aVote('room:a', 's', 'calm', { present: false }))).toBe(false);
      expect(await store.setReaction(aVote('room:a', 's', 'calm', { at: 3_000 }))).toBe(true);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.voteCounts('s')).toEqual({ calm: 1 });
        expect(await store.reactionsOn('post of s')).toEqual([aVote('room:a', 's', 'calm', { at: 3_000 })]);
        expect(await store.totals()).toMatchObject({ votes: 1, voters: 1, votedSongs: 1 });
      });
    });

    test('taking away a reaction of a stranger makes no member', async () => {
      const { store } = await open();
      await store.setReaction(aVote('room:a', 's', 'calm', { present: false }));
      expect(await store.findMember('room:a')).toBeUndefined();
      await store.close();
    });

    test('a vote stays as long as one post of the song says so', async () => {
      const { store } = await open();
      await store.setReaction(aVote('room:a', 's', 'calm', { postId: 'p1' }));
      await store.setReaction(aVote('room:a', 's', 'calm', { postId: 'p2' }));
      expect(await store.voteCounts('s')).toEqual({ calm: 1 });
      await store.setReaction(aVote('room:a', 's', 'calm', { postId: 'p1', present: false }));
      expect(await store.voteCounts('s')).toEqual({ calm: 1 });
      await store.setReaction(aVote('room:a', 's', 'calm', { postId: 'p2', present: false }));
      expect(await store.voteCounts('s')).toEqual({});
      expect(await store.totals()).toMatchObject({ votes: 0, voters: 0, votedSongs: 0 });
      await store.close();
    });

    test('many facts in one write: each in turn, the number that changed something comes back', async () => {
      const { store } = await open();
      const changed = await store.setReactions([
        aVote('room:a', 's', 'calm'),
        aVote('room:a', 's', 'calm'),
        aVote('room:a', 's', 'calm', { present: false }),
        aVote('room:b', 's', 'calm'),
        aVote('room:a', 's', 'calm'),
      ]);
      expect(changed).toBe(4);
      expect(await store.voteCounts('s')).toEqual({ calm: 2 });
      expect(await store.setReactions([])).toBe(0);
      await store.close();
    });

    test('a read sees every write whose call has begun', async () => {
      const { store } = await open();
      const writing = store.setReaction(aVote('room:a', 's', 'calm'));
      expect(await store.voteCounts('s')).toEqual({ calm: 1 });
      await writing;
      await store.close();
    });

    test('❤️ is taste, not a vote', async () => {
      const opened = await open();
      await opened.store.setReaction(aLike('room:a', 's', { at: 7 }));
      await nowAndAfterReopening(opened, async (store) => {
        const member = await store.memberOf('room:a');
        expect(await store.voteCounts('s')).toEqual({});
        expect(await store.votersPerSong()).toEqual(new Map());
        expect(await allVotes(store)).toEqual([]);
        expect(await store.reactionsOn('post of s')).toEqual([aLike('room:a', 's', { at: 7 })]);
        expect(await store.taste(member.id)).toEqual([
          { songId: 's', liked: true, source: 'reaction', at: 7 },
        ]);
      });
    });

    test('an emotion called like is not ❤️, and any text may be an id', async () => {
      const opened = await open();
      const odd = ['__proto__', 'line\nbreak', '"', '\u2028', '😄', 'constructor'];
      await opened.store.setReactions(odd.map((id) => aVote(id, id, 'like', { postId: id })));
      await nowAndAfterReopening(opened, async (store) => {
        for (const id of odd) {
          expect(await store.voteCounts(id)).toEqual({ like: 1 });
          expect(await store.reactionsOn(id)).toEqual([aVote(id, id, 'like', { postId: id })]);
        }
        expect((await store.totals()).voters).toBe(odd.length);
      });
    });
  });

  describe(`${name}: taste`, () => {
    test('explicit entries and ❤️ together: the latest per song, newest first', async () => {
      const opened = await open();
      const { store } = opened;
      const { id } = await store.memberOf('room:a');
      await store.setTaste(id, [
        { songId: 'x', liked: true, source: 'added', at: 10 },
        { songId: 'y', liked: false, source: 'removed', at: 30 },
      ]);
      await store.setTaste(id, [{ songId: 'x', liked: false, source: 'skipped', at: 20 }]);
      await store.setReactions([aLike('room:a', 'y', { at: 25 }), aLike('room:a', 'x', { at: 40 })]);
      await store.setReactions([
        aLike('room:a', 'z', { at: 35, postId: 'p1' }),
        aLike('room:a', 'z', { at: 5, postId: 'p2' }),
      ]);
      const taste: TasteEntry[] = [
        { songId: 'x', liked: true, source: 'reaction', at: 40 },
        { songId: 'z', liked: true, source: 'reaction', at: 35 },
        { songId: 'y', liked: false, source: 'removed', at: 30 },
      ];
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.taste(id)).toEqual(taste);
        expect(await allTastes(store)).toEqual(new Map([[id, taste]]));
        expect(await store.taste('nobody')).toEqual([]);
      });
    });

    test('taste of somebody who is not there is refused', async () => {
      const { store } = await open();
      const entry: TasteEntry = { songId: 'x', liked: true, source: 'added', at: 1 };
      await expect(store.setTaste('nobody', [entry])).rejects.toMatchObject({ name: 'StoreError' });
      await store.close();
    });
  });

  describe(`${name}: playlists and runs`, () => {
    test('playlists come newest first, and saving again replaces', async () => {
      const opened = await open();
      const { store } = opened;
      const { id } = await store.memberOf('room:a');
      await store.savePlaylist(aPlaylist('one', id, 1));
      await store.savePlaylist(aPlaylist('two', id, 2));
      await store.savePlaylist(aPlaylist('one', id, 1, true));
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.playlist('one')).toEqual(aPlaylist('one', id, 1, true));
        expect((await store.recentPlaylists(id, 9)).map((playlist) => playlist.id)).toEqual(['two', 'one']);
        expect(await store.recentPlaylists(id, 1)).toHaveLength(1);
        expect(await store.playlist('none')).toBeUndefined();
      });
    });

    test('playlists nobody kept make room for newer ones, kept ones stay', async () => {
      const { store } = await open();
      const { id } = await store.memberOf('room:a');
      await store.savePlaylist(aPlaylist('kept', id, 0, true));
      for (let i = 1; i <= 101; i++) await store.savePlaylist(aPlaylist(`p${i}`, id, i));
      expect(await store.playlist('kept')).toBeDefined();
      expect(await store.playlist('p1')).toBeUndefined();
      expect(await store.playlist('p2')).toBeDefined();
      await store.close();
    });

    test('a run is updated in place, newest first', async () => {
      const opened = await open();
      const run: TrainingRun = {
        id: 'r1',
        trigger: { kind: 'moderator', identity: 'room:ana', name: 'Ana' },
        startedAt: 1,
        catalogueVersion: 'v',
      };
      await opened.store.saveRun(run);
      await opened.store.saveRun({ ...run, id: 'r2', startedAt: 2 });
      await opened.store.saveRun({ ...run, endedAt: 3, outcome: 'kept', reason: 'It was worse.' });
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.recentRuns(5)).toEqual([
          { ...run, id: 'r2', startedAt: 2 },
          { ...run, endedAt: 3, outcome: 'kept', reason: 'It was worse.' },
        ]);
        expect(await store.recentRuns(1)).toHaveLength(1);
      });
    });
  });

  describe(`${name}: a member's data`, () => {
    test('is all there to be seen, and gone when deleted', async () => {
      const opened = await open();
      const { store } = opened;
      const ana = await store.memberOf('room:ana');
      await store.setReactions([
        aVote('room:ana', 's', 'happy'),
        aLike('room:ana', 's', { at: 2_000 }),
        aVote('room:ben', 's', 'happy'),
      ]);
      await store.setTaste(ana.id, [{ songId: 'x', liked: true, source: 'added', at: 3_000 }]);
      await store.savePlaylist(aPlaylist('p', ana.id, 4));
      expect(await store.memberData(ana.id)).toEqual({
        pushes: [],
        member: ana,
        reactions: [aVote('room:ana', 's', 'happy'), aLike('room:ana', 's', { at: 2_000 })],
        taste: [
          { songId: 'x', liked: true, source: 'added', at: 3_000 },
          { songId: 's', liked: true, source: 'reaction', at: 2_000 },
        ],
        playlists: [aPlaylist('p', ana.id, 4)],
      });
      expect(await store.deleteMember(ana.id)).toEqual({ reactions: 2, taste: 1, playlists: 1 });
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.memberData(ana.id)).toBeUndefined();
        expect(await store.findMember('room:ana')).toBeUndefined();
        expect(await store.voteCounts('s')).toEqual({ happy: 1 });
        expect(await store.reactionsOn('post of s')).toHaveLength(1);
        expect(await store.taste(ana.id)).toEqual([]);
        expect(await store.playlist('p')).toBeUndefined();
        expect(await store.totals()).toEqual({ votes: 1, voters: 1, votedSongs: 1, members: 1 });
        expect(await store.deleteMember(ana.id)).toEqual({ reactions: 0, taste: 0, playlists: 0 });
      });
    });

    test('somebody deleted who comes back is somebody new', async () => {
      const opened = await open();
      const before = await opened.store.memberOf('room:ana');
      await opened.store.setReaction(aVote('room:ana', 's', 'happy'));
      await opened.store.deleteMember(before.id);
      expect(await opened.store.setReaction(aVote('room:ana', 's', 'calm'))).toBe(true);
      await nowAndAfterReopening(opened, async (store) => {
        expect((await store.memberOf('room:ana')).id).not.toBe(before.id);
        expect(await store.voteCounts('s')).toEqual({ calm: 1 });
      });
    });

    test('a playlist that was under way when its member was deleted is not saved', async () => {
      const { store } = await open();
      const { id } = await store.memberOf('room:ana');
      await store.deleteMember(id);
      await expect(store.savePlaylist(aPlaylist('late', id, 1))).rejects.toMatchObject({
        name: 'StoreError',
      });
      expect(await store.playlist('late')).toBeUndefined();
      await store.close();
    });
  });

  describe(`${name}: forgotten people`, () => {
    test('are known as such, also after reopening, until they are of no more consequence', async () => {
      const opened = await open();
      const { store } = opened;
      const ana = await store.memberOf('discord:7');
      await store.memberOf('discord:8');
      await store.deleteMember(ana.id);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.forgottenAt('discord:7')).toBeTypeOf('number');
        expect(await store.forgottenAt('discord:8')).toBeUndefined();
      });
    });
  });

  describe(`${name}: installations`, () => {
    test('are found by key, replaced and deleted', async () => {
      const opened = await open();
      const { store } = opened;
      const grid = anInstallation('slack:E1', { teamId: undefined, enterpriseId: 'E1' });
      await store.saveInstallation(anInstallation());
      await store.saveInstallation(anInstallation('slack:T2'));
      await store.saveInstallation(grid);
      await store.saveInstallation(anInstallation('slack:T1', { sealed: 'anew', installedBy: 'slack:T1:U' }));
      await store.deleteInstallation('slack:T2');
      await store.deleteInstallation('slack:T-never-was');
      await nowAndAfterReopening(opened, async (store) => {
        const anew = anInstallation('slack:T1', { sealed: 'anew', installedBy: 'slack:T1:U' });
        expect(await store.installation('slack:T1')).toEqual(anew);
        expect(await store.installation('slack:E1')).toEqual(grid);
        expect(await store.installation('slack:T2')).toBeUndefined();
        expect((await store.installations()).map(({ key }) => key).sort()).toEqual(['slack:E1', 'slack:T1']);
      });
    });

    test('an installation stays when who made it is forgotten, without their name', async () => {
      const opened = await open();
      const { store } = opened;
      const ana = await store.memberOf('slack:T1:U1');
      await store.memberOf('slack:T1:U2');
      await store.saveInstallation(anInstallation('slack:T1', { installedBy: 'slack:T1:U1' }));
      await store.saveInstallation(anInstallation('slack:T2', { installedBy: 'slack:T1:U2' }));
      await store.deleteMember(ana.id);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.installation('slack:T1')).toEqual(anInstallation());
        expect(await store.installation('slack:T2')).toMatchObject({ installedBy: 'slack:T1:U2' });
      });
    });
  });

  describe(`${name}: in general`, () => {
    test('what was handed in or out is nobody else’s to change', async () => {
      const { store } = await open();
      const mine = { ...aCommunity(), name: 'Before' };
      await store.saveCommunity(mine);
      mine.name = 'After';
      const handedOut = (await store.community('room:main')) as { name: string };
      expect(handedOut.name).toBe('Before');
      try {
        handedOut.name = 'Changed';
      } catch {
        // Refusing is as good as ignoring.
      }
      expect((await store.community('room:main'))?.name).toBe('Before');
      const posts = (await store.communities()) as Community[];
      posts.length = 0;
      expect(await store.communities()).toHaveLength(1);
      await store.close();
    });

    test('batches of votes are small and complete', async () => {
      const { store } = await open();
      const facts = Array.from({ length: 9_000 }, (_, i) =>
        aVote(`room:${i % 300}`, `s${i % 7}`, `e${i % 11}`),
      );
      await store.setReactions(facts);
      let votes = 0;
      for await (const batch of store.votes()) {
        expect(batch.length).toBeLessThanOrEqual(5_000);
        votes += batch.length;
      }
      const distinct = new Set(
        facts.map((fact) => JSON.stringify([fact.identity, fact.songId, fact.meaning])),
      );
      expect(votes).toBe(distinct.size);
      await store.close();
    });

    test('after closing, writes are refused', async () => {
      const { store } = await open();
      await store.close();
      await expect(store.setReaction(aVote('room:a', 's', 'calm'))).rejects.toMatchObject({ code: 'closed' });
      await expect(store.close()).resolves.toBeUndefined();
    });

    test('agrees with a naive store on anything people do, also after reopening', {
      timeout: 120_000,
    }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 60 }), async (operations) => {
          let opened = await open();
          const naive = createNaiveStore();
          for (const step of operations) {
            if (step.do === 'reopen') opened = await opened.reopen();
            else expect(await run(step, opened.store)).toEqual(await run(step, naive));
          }
          opened = await opened.reopen();
          expect(await everything(opened.store)).toEqual(await everything(naive));
          await opened.store.close();
        }),
        { numRuns: 40, seed: 7 },
      );
    });
  });
}

const who = fc.integer({ min: 0, max: 4 }).map((n) => `room:${n}`);
const fact = fc.record({
  postId: fc.integer({ min: 0, max: 3 }).map((n) => `p${n}`),
  songId: fc.integer({ min: 0, max: 3 }).map((n) => `s${n}`),
  identity: who,
  meaning: fc.oneof(
    fc.constant({ kind: 'like' as const }),
    fc.constantFrom('happy', 'sad').map((emotion) => ({ kind: 'emotion' as const, emotion })),
  ),
  present: fc.boolean(),
  at: fc.integer({ min: 0, max: 1_000_000 }),
});
const operation = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('react' as const), facts: fc.array(fact, { maxLength: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('meet' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('merge' as const), who, other: who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('taste' as const),
      who,
      songId: fc.constantFrom('s0', 's1', 's9'),
      liked: fc.boolean(),
      at: fc.integer({ min: 0, max: 1_000_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
);
type Step = Exclude<typeof operation extends fc.Arbitrary<infer T> ? T : never, { do: 'reopen' }>;

async function run(step: Step, store: Store): Promise<unknown> {
  switch (step.do) {
    case 'react':
      return [await store.setReactions(step.facts), await store.totals()];
    case 'meet':
      return (await store.memberOf(step.who)).identities.toSorted();
    case 'merge': {
      const [a, b] = [await store.memberOf(step.who), await store.memberOf(step.other)];
      return (await store.mergeMembers(a.id, b.id)).identities.toSorted();
    }
    case 'delete': {
      const member = await store.findMember(step.who);
      return member === undefined ? undefined : await store.deleteMember(member.id);
    }
    case 'taste': {
      const { id } = await store.memberOf(step.who);
      const { songId, liked, at } = step;
      return await store.setTaste(id, [{ songId, liked, source: 'added', at }]);
    }
  }
}

/** All that a store says, with members named by their identities, whose ids are the store's own. */
async function everything(store: Store) {
  const names = new Map<string, string>();
  const tastes: Record<string, unknown> = {};
  for (let n = 0; n < 5; n++) {
    const member = await store.findMember(`room:${n}`);
    if (member === undefined) continue;
    names.set(member.id, member.identities.toSorted().join('+'));
    tastes[names.get(member.id)!] = await store.taste(member.id);
  }
  const songs = ['s0', 's1', 's2', 's3'];
  const streamed = [...(await allTastes(store))].map(([id, entries]) => [names.get(id), entries]).sort();
  return {
    members: [...names.values()].sort(),
    tastes,
    streamed,
    votes: (await allVotes(store)).map((vote) => vote.replace(/^\S+/, (id) => names.get(id) ?? '?')).sort(),
    counts: await Promise.all(songs.map((song) => store.voteCounts(song))),
    voters: [...(await store.votersPerSong())].sort(),
    reactions: await Promise.all(
      ['p0', 'p1', 'p2', 'p3'].map(async (post) =>
        (await store.reactionsOn(post)).map((one) => JSON.stringify(one)).sort(),
      ),
    ),
    totals: await store.totals(),
  };
}
