import { describe, expect, test } from 'vitest';
import type { Community } from '../../../src/domain/member.ts';
import type { Store } from '../../../src/store/store.ts';
import { aCommunity, aLink, aPush, aVote } from '../records.ts';
import { nowAndAfterReopening, type OpenStore } from './opened-store.ts';

/** Changes everything in a record that lets itself be changed. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    spoil(inner);
    Reflect.set(value, key, 'spoilt');
    Reflect.deleteProperty(value, key);
  }
}

export function generalContract(name: string, open: OpenStore): void {
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

    test('nor is anything about people and Spotify, also after reopening', async () => {
      const opened = await open();
      const { store } = opened;
      const ana = await store.memberOf('room:ana');
      const ben = await store.memberOf('room:ben');
      await store.setTaste(ben.id, [{ songId: 's', liked: true, source: 'added', at: 1 }]);
      await store.mergeMembers(ana.id, ben.id);
      const link = aLink(ana.id);
      const push = aPush('p', ana.id);
      const songLink = { songId: 's', uri: 'spotify:track:s', at: 1 };
      const pause = { until: 9, why: 'quota' as const };
      await store.saveSpotifyLink(link);
      await store.savePush(push);
      await store.saveSongLinks([songLink]);
      await store.saveSpotifyPause(pause);
      const read = async (store: Store) => ({
        member: await store.findMember('room:ben'),
        data: await store.memberData(ana.id),
        link: await store.spotifyLink(ana.id),
        links: await store.spotifyLinks(),
        push: await store.push('p'),
        recent: await store.recentPushes(ana.id, 9),
        open: await store.openPushes(),
        songLink: await store.songLink('s'),
        pause: await store.spotifyPause(),
      });
      const before = structuredClone(await read(store));
      for (const mine of [link, push, songLink, pause]) spoil(mine);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await read(store)).toEqual(before);
        spoil(await read(store));
        expect(await read(store)).toEqual(before);
      });
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
  });
}
