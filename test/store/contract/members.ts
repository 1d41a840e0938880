import { describe, expect, test } from 'vitest';
import { aPlaylist, aVote } from '../records.ts';
import { allVotes, nowAndAfterReopening, type OpenStore } from './opened-store.ts';

export function membersContract(name: string, open: OpenStore): void {
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
}
