import { describe, expect, test } from 'vitest';
import { SHARED_ACCOUNT } from '../../../src/domain/spotify.ts';
import { aLink, aPush } from '../records.ts';
import { nowAndAfterReopening, type OpenStore } from './opened-store.ts';

export function spotifyLinksContract(name: string, open: OpenStore): void {
  describe(`${name}: linked Spotify accounts`, () => {
    test('are found by owner, replaced and forgotten', async () => {
      const opened = await open();
      const { store } = opened;
      const ana = await store.memberOf('room:ana');
      const ben = await store.memberOf('room:ben');
      await store.saveSpotifyLink(aLink(ana.id, { authorizedAt: 1 }));
      await store.saveSpotifyLink(aLink(ben.id));
      await store.saveSpotifyLink(aLink(SHARED_ACCOUNT, { where: undefined }));
      await store.saveSpotifyLink(aLink(ana.id, { authorizedAt: 2, sealed: 'anew', remindedAt: 3 }));
      await store.deleteSpotifyLink(ben.id);
      await store.deleteSpotifyLink(ben.id);
      await nowAndAfterReopening(opened, async (store) => {
        const anew = aLink(ana.id, { authorizedAt: 2, sealed: 'anew', remindedAt: 3 });
        expect(await store.spotifyLink(ana.id)).toEqual(anew);
        expect(await store.spotifyLink(ben.id)).toBeUndefined();
        expect(await store.spotifyLink(SHARED_ACCOUNT)).toEqual(aLink(SHARED_ACCOUNT, { where: undefined }));
        expect((await store.spotifyLinks()).map(({ owner }) => owner).sort()).toEqual(
          [ana.id, SHARED_ACCOUNT].sort(),
        );
      });
    });

    test('that have ended stay, without a token', async () => {
      const opened = await open();
      const { id } = await opened.store.memberOf('room:ana');
      await opened.store.saveSpotifyLink(aLink(id));
      await opened.store.saveSpotifyLink(aLink(id, { sealed: undefined, endedAt: 5 }));
      await nowAndAfterReopening(opened, async (store) => {
        const link = await store.spotifyLink(id);
        expect(link).toEqual(aLink(id, { sealed: undefined, endedAt: 5 }));
        expect(link).not.toHaveProperty('sealed');
      });
    });

    test('of somebody who is not there are refused: a link may come back when its member is deleted', async () => {
      const { store } = await open();
      const { id } = await store.memberOf('room:ana');
      await store.deleteMember(id);
      await expect(store.saveSpotifyLink(aLink(id))).rejects.toMatchObject({ name: 'StoreError' });
      expect(await store.spotifyLinks()).toEqual([]);
      await store.close();
    });

    test('are in a member’s data without the token', async () => {
      const { store } = await open();
      const { id } = await store.memberOf('room:ana');
      expect(await store.memberData(id)).not.toHaveProperty('spotify');
      await store.saveSpotifyLink(aLink(id, { sealed: 'top secret' }));
      await store.savePush(aPush('first', id));
      const data = await store.memberData(id);
      const { sealed: _, ...link } = aLink(id);
      expect(data?.spotify).toEqual(link);
      expect(data?.pushes).toEqual([aPush('first', id)]);
      expect(JSON.stringify(data)).not.toContain('top secret');
      await store.close();
    });

    test('go with their member, and so does what was pushed', async () => {
      const opened = await open();
      const { store } = opened;
      const ana = await store.memberOf('room:ana');
      const ben = await store.memberOf('room:ben');
      await store.saveSpotifyLink(aLink(SHARED_ACCOUNT));
      for (const { id } of [ana, ben]) {
        await store.saveSpotifyLink(aLink(id));
        await store.savePush(aPush(`over ${id}`, id, { endedAt: 2 }));
        await store.savePush(aPush(`open ${id}`, id));
      }
      await store.savePush(aPush('shared', ana.id, { owner: SHARED_ACCOUNT }));
      await store.deleteMember(ana.id);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.spotifyLink(ana.id)).toBeUndefined();
        expect(await store.spotifyLink(ben.id)).toEqual(aLink(ben.id));
        expect(await store.spotifyLink(SHARED_ACCOUNT)).toEqual(aLink(SHARED_ACCOUNT));
        expect(await store.recentPushes(ana.id, 9)).toEqual([]);
        expect(await store.push('shared')).toBeUndefined();
        expect(await store.recentPushes(ben.id, 9)).toHaveLength(2);
        expect((await store.openPushes()).map(({ id }) => id)).toEqual([`open ${ben.id}`]);
      });
    });
  });
}
