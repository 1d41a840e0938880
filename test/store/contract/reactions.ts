import { describe, expect, test } from 'vitest';
import { aLike, aVote } from '../records.ts';
import { allVotes, nowAndAfterReopening, type OpenStore } from './opened-store.ts';

export function reactionsContract(name: string, open: OpenStore): void {
  describe(`${name}: reactions`, () => {
    test('a reaction is there once, and tells whether it changed something', async () => {
      const opened = await open();
      const { store } = opened;
      expect(await store.setReaction(aVote('room:a', 's', 'calm', { present: false }))).toBe(false);
      expect(await store.setReaction(aVote('room:a', 's', 'calm'))).toBe(true);
      expect(await store.setReaction(aVote('room:a', 's', 'calm', { at: 2_000 }))).toBe(false);
      expect(await store.setReaction(aVote('room:a', 's', 'calm', { present: false }))).toBe(true);
      expect(await store.setReaction(aVote('room:a', 's', 'calm', { present: false }))).toBe(false);
      expect(await store.setReaction(aVote('room:a', 's', 'calm', { at: 3_000 }))).toBe(true);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.voteCounts('s')).toEqual({ calm: 1 });
        expect(await store.reactionsOn('post of s')).toEqual([aVote('room:a', 's', 'calm', { at: 3_000 })]);
        expect(await store.totals()).toMatchObject({ votes: 1, voters: 1, votedSongs: 1 });
      });
    });

    test('taking away a reaction of a stranger makes no member', async () => {
      const { store } = await open();
      await store.setReaction(aVote('room:a', 's', 'calm', { present: false }));
      expect(await store.findMember('room:a')).toBeUndefined();
      await store.close();
    });

    test('a vote stays as long as one post of the song says so', async () => {
      const { store } = await open();
      await store.setReaction(aVote('room:a', 's', 'calm', { postId: 'p1' }));
      await store.setReaction(aVote('room:a', 's', 'calm', { postId: 'p2' }));
      expect(await store.voteCounts('s')).toEqual({ calm: 1 });
      await store.setReaction(aVote('room:a', 's', 'calm', { postId: 'p1', present: false }));
      expect(await store.voteCounts('s')).toEqual({ calm: 1 });
      await store.setReaction(aVote('room:a', 's', 'calm', { postId: 'p2', present: false }));
      expect(await store.voteCounts('s')).toEqual({});
      expect(await store.totals()).toMatchObject({ votes: 0, voters: 0, votedSongs: 0 });
      await store.close();
    });

    test('many facts in one write: each in turn, the number that changed something comes back', async () => {
      const { store } = await open();
      const changed = await store.setReactions([
        aVote('room:a', 's', 'calm'),
        aVote('room:a', 's', 'calm'),
        aVote('room:a', 's', 'calm', { present: false }),
        aVote('room:b', 's', 'calm'),
        aVote('room:a', 's', 'calm'),
      ]);
      expect(changed).toBe(4);
      expect(await store.voteCounts('s')).toEqual({ calm: 2 });
      expect(await store.setReactions([])).toBe(0);
      await store.close();
    });

    test('a read sees every write whose call has begun', async () => {
      const { store } = await open();
      const writing = store.setReaction(aVote('room:a', 's', 'calm'));
      expect(await store.voteCounts('s')).toEqual({ calm: 1 });
      await writing;
      await store.close();
    });

    test('❤️ is taste, not a vote', async () => {
      const opened = await open();
      await opened.store.setReaction(aLike('room:a', 's', { at: 7 }));
      await nowAndAfterReopening(opened, async (store) => {
        const member = await store.memberOf('room:a');
        expect(await store.voteCounts('s')).toEqual({});
        expect(await store.votersPerSong()).toEqual(new Map());
        expect(await allVotes(store)).toEqual([]);
        expect(await store.reactionsOn('post of s')).toEqual([aLike('room:a', 's', { at: 7 })]);
        expect(await store.taste(member.id)).toEqual([
          { songId: 's', liked: true, source: 'reaction', at: 7 },
        ]);
      });
    });

    test('an emotion called like is not ❤️, and any text may be an id', async () => {
      const opened = await open();
      const odd = ['__proto__', 'line\nbreak', '"', '\u2028', '😄', 'constructor'];
      await opened.store.setReactions(odd.map((id) => aVote(id, id, 'like', { postId: id })));
      await nowAndAfterReopening(opened, async (store) => {
        for (const id of odd) {
          expect(await store.voteCounts(id)).toEqual({ like: 1 });
          expect(await store.reactionsOn(id)).toEqual([aVote(id, id, 'like', { postId: id })]);
        }
        expect((await store.totals()).voters).toBe(odd.length);
      });
    });
  });
}
