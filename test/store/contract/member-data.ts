import { describe, expect, test } from 'vitest';
import { aLike, aPlaylist, aVote } from '../records.ts';
import { nowAndAfterReopening, type OpenStore } from './opened-store.ts';

export function memberDataContract(name: string, open: OpenStore): void {
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
        decisions: [],
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

    test('includes their name on a training that they started, and no other one', async () => {
      const opened = await open();
      const { store } = opened;
      const ana = await store.memberOf('room:ana');
      const startedBy = (id: string, identity: string, name: string) =>
        store.saveRun({
          id,
          trigger: { kind: 'moderator', identity, name },
          startedAt: id === 'r1' ? 1 : 2,
          catalogueVersion: 'v',
        });
      await startedBy('r1', 'room:ana', 'Ana');
      await startedBy('r2', 'room:ben', 'Ben');
      await store.deleteMember(ana.id);
      await nowAndAfterReopening(opened, async (store) => {
        const triggers = (await store.recentRuns(2)).map(({ trigger }) => trigger);
        expect(triggers).toEqual([
          { kind: 'moderator', identity: 'room:ben', name: 'Ben' },
          { kind: 'moderator', identity: '', name: 'somebody' },
        ]);
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
}
