import { describe, expect, test } from 'vitest';
import { aPush } from '../records.ts';
import { nowAndAfterReopening, type OpenStore } from './opened-store.ts';

export function pushesContract(name: string, open: OpenStore): void {
  describe(`${name}: pushes`, () => {
    test('come newest first, the open ones oldest first, and saving again replaces', async () => {
      const opened = await open();
      const { store } = opened;
      const ana = await store.memberOf('room:ana');
      const ben = await store.memberOf('room:ben');
      await store.savePush(aPush('third', ana.id, { askedAt: 3 }));
      await store.savePush(aPush('first', ana.id, { askedAt: 1 }));
      await store.savePush(aPush('second', ben.id, { askedAt: 2 }));
      await store.savePush(aPush('fourth', ana.id, { askedAt: 4 }));
      const into = { id: 'pl', url: 'https://open.spotify.com/playlist/pl' };
      const first = aPush('first', ana.id, { askedAt: 1, into, missing: ['b'], endedAt: 9 });
      await store.savePush(first);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.push('first')).toEqual(first);
        expect(await store.push('none')).toBeUndefined();
        const ids = async (limit: number) => (await store.recentPushes(ana.id, limit)).map(({ id }) => id);
        expect(await ids(9)).toEqual(['fourth', 'third', 'first']);
        expect(await ids(2)).toEqual(['fourth', 'third']);
        expect(await ids(0)).toEqual([]);
        expect(await store.recentPushes('nobody', 9)).toEqual([]);
        expect((await store.openPushes()).map(({ id }) => id)).toEqual(['second', 'third', 'fourth']);
      });
    });

    test('of those that are over the newest 100 stay, those that are not all do', async () => {
      const opened = await open();
      const { store } = opened;
      const { id } = await store.memberOf('room:ana');
      const ben = await store.memberOf('room:ben');
      await store.savePush(aPush('under way', id, { askedAt: 0 }));
      await store.savePush(aPush('of ben', ben.id, { askedAt: 0, endedAt: 1 }));
      const over = Array.from({ length: 101 }, (_, n) =>
        aPush(`${n + 1}`, id, { askedAt: n + 1, endedAt: 500 }),
      );
      await Promise.all(over.map((push) => store.savePush(push)));
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.push('1')).toBeUndefined();
        expect(await store.push('2')).toBeDefined();
        expect(await store.push('under way')).toBeDefined();
        expect(await store.push('of ben')).toBeDefined();
        expect(await store.recentPushes(id, 999)).toHaveLength(101);
      });
    });

    test('of somebody who is not there are refused', async () => {
      const { store } = await open();
      const { id } = await store.memberOf('room:ana');
      await store.deleteMember(id);
      await expect(store.savePush(aPush('late', id))).rejects.toMatchObject({ name: 'StoreError' });
      expect(await store.push('late')).toBeUndefined();
      expect(await store.openPushes()).toEqual([]);
      await store.close();
    });
  });
}
