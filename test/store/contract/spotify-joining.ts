import { describe, expect, test } from 'vitest';
import { SHARED_ACCOUNT } from '../../../src/domain/spotify.ts';
import type { Store } from '../../../src/store/store.ts';
import { aLink, aPlaylist, aPush } from '../records.ts';
import { nowAndAfterReopening, type OpenStore } from './opened-store.ts';

async function twoPeople(store: Store) {
  return Promise.all([store.memberOf('room:ana'), store.memberOf('room:ben')]);
}

export function spotifyJoiningContract(name: string, open: OpenStore): void {
  describe(`${name}: Spotify, when two are one person`, () => {
    test('the account goes along with what was pushed there', async () => {
      const opened = await open();
      const { store } = opened;
      const [ana, ben] = await twoPeople(store);
      await store.saveSpotifyLink(aLink(ben.id));
      await store.savePush(aPush('own', ben.id, { askedAt: 2 }));
      await store.savePush(aPush('shared', ben.id, { owner: SHARED_ACCOUNT, askedAt: 1 }));
      await store.mergeMembers(ana.id, ben.id);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.spotifyLinks()).toEqual([{ ...aLink(ben.id), owner: ana.id, sealedFor: ben.id }]);
        expect(await store.recentPushes(ana.id, 9)).toEqual([
          { ...aPush('own', ben.id, { askedAt: 2 }), memberId: ana.id, owner: ana.id },
          { ...aPush('shared', ben.id, { askedAt: 1 }), memberId: ana.id, owner: SHARED_ACCOUNT },
        ]);
        expect(await store.recentPushes(ben.id, 9)).toEqual([]);
      });
    });

    test('a second account is dropped, and what went there is not taken for the first', async () => {
      const opened = await open();
      const { store } = opened;
      const [ana, ben] = await twoPeople(store);
      await store.saveSpotifyLink(aLink(ana.id));
      await store.saveSpotifyLink(aLink(ben.id));
      await store.savePush(aPush('of ana', ana.id));
      await store.savePush(aPush('of ben', ben.id));
      await store.mergeMembers(ana.id, ben.id);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.spotifyLinks()).toEqual([aLink(ana.id)]);
        expect(await store.push('of ana')).toEqual(aPush('of ana', ana.id));
        expect(await store.push('of ben')).toEqual({ ...aPush('of ben', ben.id), memberId: ana.id });
      });
    });

    test('the same account twice is one account', async () => {
      const { store } = await open();
      const [ana, ben] = await twoPeople(store);
      await store.saveSpotifyLink(aLink(ana.id, { accountId: 'same' }));
      await store.saveSpotifyLink(aLink(ben.id, { accountId: 'same' }));
      await store.savePush(aPush('of ben', ben.id));
      await store.mergeMembers(ana.id, ben.id);
      expect(await store.push('of ben')).toMatchObject({ memberId: ana.id, owner: ana.id });
      await store.close();
    });

    test('an account that Spotify takes no more gives way to one that it takes', async () => {
      const opened = await open();
      const { store } = opened;
      const [ana, ben] = await twoPeople(store);
      await store.saveSpotifyLink(aLink(ana.id, { sealed: undefined, endedAt: 5 }));
      await store.saveSpotifyLink(aLink(ben.id));
      await store.mergeMembers(ana.id, ben.id);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.spotifyLinks()).toEqual([{ ...aLink(ben.id), owner: ana.id, sealedFor: ben.id }]);
      });
    });

    test('no push goes, also not over the limit, until another one is saved', async () => {
      const { store } = await open();
      const [ana, ben] = await twoPeople(store);
      const over = Array.from({ length: 60 }, (_, n) => [
        aPush(`of ana ${n}`, ana.id, { askedAt: n, endedAt: n }),
        aPush(`of ben ${n}`, ben.id, { askedAt: n, endedAt: n }),
      ]);
      await Promise.all(over.flat().map((push) => store.savePush(push)));
      await store.mergeMembers(ana.id, ben.id);
      expect(await store.recentPushes(ana.id, 999)).toHaveLength(120);
      await store.savePush(aPush('another', ana.id, { askedAt: 99, endedAt: 99 }));
      expect(await store.recentPushes(ana.id, 999)).toHaveLength(100);
      await store.close();
    });

    test('parting leaves the account and its pushes where they are, and gives back what went to others', async () => {
      const opened = await open();
      const { store } = opened;
      const [ana, ben] = await twoPeople(store);
      await store.saveSpotifyLink(aLink(ben.id));
      await store.savePlaylist(aPlaylist('list of ben', ben.id, 1));
      const ofBen = { playlistId: 'list of ben' };
      await store.savePush(aPush('to the account', ben.id, ofBen));
      await store.savePush(aPush('to an account unlinked before', ben.id, { ...ofBen, owner: 'earlier' }));
      await store.savePush(aPush('to the shared one', ben.id, { ...ofBen, owner: SHARED_ACCOUNT }));
      await store.mergeMembers(ana.id, ben.id);
      await store.savePush(aPush('later, to the shared one', ana.id, { ...ofBen, owner: SHARED_ACCOUNT }));
      await store.savePush(aPush('later, another list', ana.id, { owner: SHARED_ACCOUNT }));
      await store.partMember(ana.id);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.spotifyLinks()).toEqual([{ ...aLink(ben.id), owner: ana.id, sealedFor: ben.id }]);
        const ids = async (who: string) => (await store.recentPushes(who, 9)).map(({ id }) => id).sort();
        expect(await ids(ana.id)).toEqual(['later, another list', 'to the account']);
        expect(await ids(ben.id)).toEqual([
          'later, to the shared one',
          'to an account unlinked before',
          'to the shared one',
        ]);
        expect(await store.push('to the account')).toMatchObject({ memberId: ana.id, owner: ana.id });
        expect(await store.push('to the shared one')).toMatchObject({ owner: SHARED_ACCOUNT });
      });
    });

    test('parting gives back what went to an account that was dropped, through a chain too', async () => {
      const { store } = await open();
      const [ana, ben] = await twoPeople(store);
      const cem = await store.memberOf('room:cem');
      for (const { id } of [ana, ben, cem]) {
        await store.saveSpotifyLink(aLink(id));
        await store.savePush(aPush(`of ${id}`, id));
      }
      await store.mergeMembers(ben.id, cem.id);
      await store.mergeMembers(ana.id, ben.id);
      expect(await store.recentPushes(ana.id, 9)).toHaveLength(3);
      await store.partMember(ana.id);
      for (const { id } of [ana, ben, cem])
        expect(await store.recentPushes(id, 9)).toEqual([aPush(`of ${id}`, id)]);
      expect((await store.spotifyLinks()).map(({ owner }) => owner)).toEqual([ana.id]);
      await store.close();
    });
  });
}
