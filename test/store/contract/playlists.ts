import { describe, expect, test } from 'vitest';
import type { TrainingRun } from '../../../src/domain/training.ts';
import { aPlaylist } from '../records.ts';
import { nowAndAfterReopening, type OpenStore } from './opened-store.ts';

export function playlistsContract(name: string, open: OpenStore): void {
  describe(`${name}: playlists and runs`, () => {
    test('playlists come newest first, and saving again replaces', async () => {
      const opened = await open();
      const { store } = opened;
      const { id } = await store.memberOf('room:a');
      await store.savePlaylist(aPlaylist('one', id, 1));
      await store.savePlaylist(aPlaylist('two', id, 2));
      await store.savePlaylist(aPlaylist('one', id, 1, true));
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.playlist('one')).toEqual(aPlaylist('one', id, 1, true));
        expect((await store.recentPlaylists(id, 9)).map((playlist) => playlist.id)).toEqual(['two', 'one']);
        expect(await store.recentPlaylists(id, 1)).toHaveLength(1);
        expect(await store.playlist('none')).toBeUndefined();
      });
    });

    test('playlists nobody kept make room for newer ones, kept ones stay', async () => {
      const { store } = await open();
      const { id } = await store.memberOf('room:a');
      await store.savePlaylist(aPlaylist('kept', id, 0, true));
      for (let i = 1; i <= 101; i++) await store.savePlaylist(aPlaylist(`p${i}`, id, i));
      expect(await store.playlist('kept')).toBeDefined();
      expect(await store.playlist('p1')).toBeUndefined();
      expect(await store.playlist('p2')).toBeDefined();
      await store.close();
    });

    test('a run is updated in place, newest first', async () => {
      const opened = await open();
      const run: TrainingRun = {
        id: 'r1',
        trigger: { kind: 'moderator', identity: 'room:ana', name: 'Ana' },
        startedAt: 1,
        catalogueVersion: 'v',
      };
      await opened.store.saveRun(run);
      await opened.store.saveRun({ ...run, id: 'r2', startedAt: 2 });
      await opened.store.saveRun({ ...run, endedAt: 3, outcome: 'kept', reason: 'It was worse.' });
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.recentRuns(5)).toEqual([
          { ...run, id: 'r2', startedAt: 2 },
          { ...run, endedAt: 3, outcome: 'kept', reason: 'It was worse.' },
        ]);
        expect(await store.recentRuns(1)).toHaveLength(1);
      });
    });
  });
}
