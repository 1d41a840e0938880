import { describe, expect, test } from 'vitest';
import { aDecision, aLike, aVote } from '../records.ts';
import { allCastVotes, nowAndAfterReopening, type OpenStore } from './opened-store.ts';

export function burstsContract(name: string, open: OpenStore): void {
  describe(`${name}: votes as they were cast`, () => {
    test('tell when and under which snippet, and come once for each reaction', async () => {
      const opened = await open();
      const { store } = opened;
      await store.setReactions([
        aVote('room:ana', 's', 'calm', { at: 5 }),
        aVote('room:ana', 's', 'calm', { postId: 'room:main/main/2', at: 7 }),
        aVote('room:ana', 's', 'sad', { at: 6 }),
        aLike('room:ana', 's'),
        aVote('room:ben', 't', 'calm', { at: 8 }),
      ]);
      await store.setReaction(aVote('room:ana', 's', 'sad', { present: false }));
      await nowAndAfterReopening(opened, async (store) => {
        const ana = (await store.memberOf('room:ana')).id;
        const ben = (await store.memberOf('room:ben')).id;
        const said = { songId: 's', memberId: ana, identity: 'room:ana', emotion: 'calm' };
        const all = await allCastVotes(store);
        expect(all).toEqual([
          { ...said, postId: 'post of s', at: 5 },
          { songId: 't', memberId: ben, identity: 'room:ben', emotion: 'calm', postId: 'post of t', at: 8 },
          { ...said, postId: 'room:main/main/2', at: 7 },
        ]);
        expect(await store.castVotesOn('t')).toEqual([all[1]]);
        expect(await store.castVotesOn('s')).toHaveLength(2);
        expect(await store.castVotesOn('nothing')).toEqual([]);
      });
    });

    test('are as many as there are reactions, and none of anybody who was deleted meanwhile', async () => {
      const { store } = await open();
      const facts = Array.from({ length: 30_000 }, (_, i) =>
        aVote(`room:${i % 300}`, `s${i % 7}`, `e${i % 11}`),
      );
      await store.setReactions(facts);
      const distinct = new Set(
        facts.map(({ identity, songId, meaning }) => JSON.stringify([identity, songId, meaning])),
      );
      expect(await allCastVotes(store)).toHaveLength(distinct.size);
      const { id } = await store.memberOf('room:0');
      const [read] = await Promise.all([allCastVotes(store), store.deleteMember(id)]);
      expect(read.every(({ memberId, identity }) => memberId !== '' && identity !== '')).toBe(true);
      await store.close();
    });
  });

  describe(`${name}: decisions about bursts`, () => {
    test('are kept in their order, and of two under one id the first stands', async () => {
      const opened = await open();
      const { store } = opened;
      const [first, second] = [aDecision('b', { counts: true }), aDecision('a')];
      expect(await store.saveBurstDecision(first)).toBe(true);
      expect(await store.saveBurstDecision(second)).toBe(true);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.saveBurstDecision(aDecision('b', { by: 'room:flo', at: 9_000 }))).toBe(false);
        expect(await store.burstDecisions()).toEqual([first, second]);
      });
    });

    test('of two moderators at once, exactly one is told that it is theirs', async () => {
      const { store } = await open();
      const both = [aDecision('a', { by: 'room:mo', counts: true }), aDecision('a', { by: 'room:flo' })];
      expect(await Promise.all(both.map((one) => store.saveBurstDecision(one)))).toEqual([true, false]);
      expect(await store.burstDecisions()).toEqual([both[0]]);
      await store.close();
    });

    test('are part of the data of whoever decided, and stay without a name when that is deleted', async () => {
      const opened = await open();
      const { store } = opened;
      const mo = await store.memberOf('room:mo');
      const mine = aDecision('a');
      const other = aDecision('b', { by: 'room:flo', name: 'Flo' });
      await store.saveBurstDecision(mine);
      await store.saveBurstDecision(other);
      expect((await store.memberData(mo.id))?.decisions).toEqual([mine]);
      await store.deleteMember(mo.id);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.burstDecisions()).toEqual([{ ...mine, by: '', name: 'somebody' }, other]);
      });
    });

    test('are nobody else’s to change', async () => {
      const opened = await open();
      const mine = { ...aDecision('a'), parts: [{ from: 1, to: 2 }] };
      await opened.store.saveBurstDecision(mine);
      mine.parts[0].to = 99;
      await nowAndAfterReopening(opened, async (store) => {
        const [read] = await store.burstDecisions();
        expect(read.parts).toEqual([{ from: 1, to: 2 }]);
        Reflect.set(read.parts[0], 'to', 5);
        expect((await store.burstDecisions())[0].parts).toEqual([{ from: 1, to: 2 }]);
      });
    });
  });
}
