import { describe, expect, test } from 'vitest';
import { aCommunity, aPost, aVote } from '../records.ts';
import { nowAndAfterReopening, type OpenStore } from './opened-store.ts';

export function communitiesContract(name: string, open: OpenStore): void {
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
}
