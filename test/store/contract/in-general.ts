import { describe, expect, test } from 'vitest';
import type { Community } from '../../../src/domain/member.ts';
import { aCommunity, aVote } from '../records.ts';
import type { OpenStore } from './opened-store.ts';

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
