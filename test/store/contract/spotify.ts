import { describe, expect, test } from 'vitest';
import { nowAndAfterReopening, type OpenStore } from './opened-store.ts';

const HOUR = 3_600_000;

export function spotifyContract(name: string, open: OpenStore): void {
  describe(`${name}: songs in Spotify, and its pauses`, () => {
    test('a song is where it was last found, or known not to be there', async () => {
      const opened = await open();
      await opened.store.saveSongLinks([]);
      await opened.store.saveSongLinks([
        { songId: 'a', at: 1 },
        { songId: 'b', uri: 'spotify:track:b', at: 1 },
      ]);
      await opened.store.saveSongLinks([
        { songId: 'a', uri: 'spotify:track:first', at: 2 },
        { songId: 'a', uri: 'spotify:track:a', at: 2 },
        { songId: 'c', at: 2 },
      ]);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.songLink('a')).toEqual({ songId: 'a', uri: 'spotify:track:a', at: 2 });
        expect(await store.songLink('b')).toEqual({ songId: 'b', uri: 'spotify:track:b', at: 1 });
        expect(await store.songLink('c')).toEqual({ songId: 'c', at: 2 });
        expect(await store.songLink('d')).toBeUndefined();
      });
    });

    test('the last pause counts', async () => {
      const opened = await open();
      expect(await opened.store.spotifyPause()).toBeUndefined();
      await opened.store.saveSpotifyPause({ until: 9_000, why: 'quota' });
      await opened.store.saveSpotifyPause({ until: 5_000, why: 'limited' });
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.spotifyPause()).toEqual({ until: 5_000, why: 'limited' });
      });
    });
  });

  describe(`${name}: what counts once`, () => {
    test('is used up by the first, also after reopening', async () => {
      const opened = await open();
      const until = Date.now() + HOUR;
      expect(await opened.store.spend('one', until)).toBe(true);
      expect(await opened.store.spend('two', until)).toBe(true);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.spend('one', until)).toBe(false);
        expect(await store.spend('two', until)).toBe(false);
      });
    });

    test('goes to one of two who come at the same time', async () => {
      const { store } = await open();
      const until = Date.now() + HOUR;
      const both = await Promise.all([store.spend('one', until), store.spend('one', until)]);
      expect(both).toEqual([true, false]);
      await store.close();
    });

    test('is not remembered from its end on', async () => {
      const opened = await open();
      const past = Date.now() - 1;
      expect(await opened.store.spend('old', past)).toBe(true);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.spend('old', past)).toBe(true);
      });
    });
  });
}
