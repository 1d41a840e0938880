import { describe, expect, test } from 'vitest';
import type { TasteEntry } from '../../../src/domain/member.ts';
import { aLike } from '../records.ts';
import { allTastes, nowAndAfterReopening, type OpenStore } from './opened-store.ts';

export function tasteContract(name: string, open: OpenStore): void {
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
}
