import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TasteEntry } from '../../../src/domain/member.ts';
import type { Store } from '../../../src/store/store.ts';
import { aLike, aPlaylist, aVote } from '../records.ts';
import { nowAndAfterReopening, type OpenStore } from './opened-store.ts';

const says = (songId: string, at: number, liked = true): TasteEntry => ({
  songId,
  liked,
  source: 'added',
  at,
});

const PEOPLE = ['room:0', 'room:1', 'room:2', 'room:3', 'room:4'];
const SONGS = ['s0', 's1', 's2'];
const who = fc.constantFrom(...PEOPLE);
/** Few songs and few moments, so that two often say something about the same song at the same time. */
const doing = fc.record({
  who,
  what: fc.constantFrom('votes', 'likes', 'says yes', 'says no', 'makes a list', 'keeps a list'),
  song: fc.constantFrom(...SONGS),
  at: fc.nat(3),
});
const doings = fc.array(doing, { maxLength: 30, size: 'max' });
const joinings = fc.array(fc.tuple(who, who), { maxLength: 8, size: 'max' });

type Doing = typeof doing extends fc.Arbitrary<infer T> ? T : never;

async function doIt(store: Store, { who, what, song, at }: Doing, n: number) {
  const { id } = await store.memberOf(who);
  switch (what) {
    case 'votes':
      await store.setReaction(aVote(who, song, 'calm', { postId: `post ${at}` }));
      break;
    case 'likes':
      await store.setReaction(aLike(who, song, { at }));
      break;
    case 'says yes':
    case 'says no':
      await store.setTaste(id, [says(song, at, what === 'says yes')]);
      break;
    default:
      await store.savePlaylist(aPlaylist(`list ${n}`, id, at, what === 'keeps a list'));
  }
}

const sorted = (all: readonly object[]) => all.map((one) => JSON.stringify(one)).sort();

/** Everything that is whose, in no order where two things have the same time. */
async function picture(store: Store) {
  const people = PEOPLE.map(async (identity) => {
    const { id } = await store.memberOf(identity);
    const { member, reactions, taste, playlists } = (await store.memberData(id))!;
    return [identity, member, sorted(reactions), sorted(taste), sorted(playlists)];
  });
  return {
    people: await Promise.all(people),
    counts: await Promise.all(SONGS.map((song) => store.voteCounts(song))),
    voters: [...(await store.votersPerSong())].sort(),
    totals: await store.totals(),
  };
}

export function joiningContract(name: string, open: OpenStore): void {
  describe(`${name}: parting`, () => {
    test('gives everybody back what they brought; what came later stays', async () => {
      const opened = await open();
      const { store } = opened;
      const ana = await store.memberOf('discord:ana');
      const ben = await store.memberOf('slack:T:ben');
      await store.setTaste(ana.id, [says('both', 1, false), says('ana', 1), says('same', 5)]);
      await store.setTaste(ben.id, [says('both', 2), says('ben', 2), says('same', 5), says('again', 2)]);
      await store.savePlaylist(aPlaylist('of ben', ben.id, 3));
      await store.setReaction(aVote('discord:ana', 's', 'happy'));
      await store.setReaction(aVote('slack:T:ben', 's', 'happy', { postId: 'elsewhere' }));
      await store.mergeMembers(ana.id, ben.id);
      await store.setTaste(ana.id, [says('again', 7, false), says('new', 7)]);
      await store.savePlaylist(aPlaylist('later', ana.id, 8));
      await store.savePlaylist(aPlaylist('of ben', ana.id, 3, true));
      await store.setReaction(aVote('slack:T:ben', 'later', 'calm'));
      expect(await store.voteCounts('s')).toEqual({ happy: 1 });
      expect(await store.partMember(ana.id)).toEqual([ana, ben]);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.findMember('discord:ana')).toEqual(ana);
        expect(await store.findMember('slack:T:ben')).toEqual(ben);
        expect(sorted(await store.taste(ana.id))).toEqual(
          sorted([
            says('again', 7, false),
            says('new', 7),
            says('same', 5),
            says('both', 1, false),
            says('ana', 1),
          ]),
        );
        expect(sorted(await store.taste(ben.id))).toEqual(
          sorted([says('same', 5), says('both', 2), says('ben', 2), says('again', 2)]),
        );
        expect((await store.recentPlaylists(ana.id, 9)).map(({ id }) => id)).toEqual(['later']);
        expect(await store.recentPlaylists(ben.id, 9)).toEqual([aPlaylist('of ben', ben.id, 3, true)]);
        expect(await store.voteCounts('s')).toEqual({ happy: 2 });
        expect((await store.memberData(ben.id))?.reactions).toHaveLength(2);
        expect(await store.totals()).toMatchObject({ votes: 3, voters: 2, members: 2 });
      });
    });

    test('reaches through a chain: who was joined to one who was joined', async () => {
      const opened = await open();
      const { store } = opened;
      const [a, b, c] = await Promise.all(['room:a', 'room:b', 'room:c'].map((who) => store.memberOf(who)));
      await store.setTaste(a.id, [says('s', 9)]);
      await store.mergeMembers(b.id, a.id);
      // Later, though it says that it is older: what b says counts for b.
      await store.setTaste(b.id, [says('s', 2, false)]);
      await store.mergeMembers(c.id, b.id);
      expect(await store.taste(c.id)).toEqual([says('s', 2, false)]);
      const again = await opened.reopen();
      expect(await again.store.partMember(c.id)).toEqual([c, b, a]);
      await nowAndAfterReopening(again, async (store) => {
        expect(await store.taste(a.id)).toEqual([says('s', 9)]);
        expect(await store.taste(b.id)).toEqual([says('s', 2, false)]);
        expect(await store.taste(c.id)).toEqual([]);
      });
    });

    test('somebody who is nobody else stays as they are, and who is not there is refused', async () => {
      const { store } = await open();
      const ana = await store.memberOf('room:ana');
      expect(await store.partMember(ana.id)).toEqual([ana]);
      await expect(store.partMember('nobody')).rejects.toMatchObject({ name: 'StoreError' });
      const ben = await store.memberOf('room:ben');
      await store.mergeMembers(ana.id, ben.id);
      await expect(store.partMember(ben.id)).rejects.toMatchObject({ name: 'StoreError' });
      await store.partMember(ana.id);
      expect(await store.partMember(ana.id)).toEqual([ana]);
      await store.close();
    });

    test('is not what happens to the forgotten: all that they were is gone', async () => {
      const opened = await open();
      const { store } = opened;
      const ana = await store.memberOf('room:ana');
      const ben = await store.memberOf('room:ben');
      await store.setTaste(ben.id, [says('s', 1)]);
      await store.mergeMembers(ana.id, ben.id);
      await store.deleteMember(ana.id);
      await nowAndAfterReopening(opened, async (store) => {
        await expect(store.partMember(ana.id)).rejects.toMatchObject({ name: 'StoreError' });
        expect(await store.findMember('room:ben')).toBeUndefined();
        expect(await store.taste(ben.id)).toEqual([]);
        expect((await store.totals()).members).toBe(0);
        expect(await store.forgottenAt('room:ben')).toBeTypeOf('number');
      });
    });

    test('one of those who were parted can be forgotten, and the others stay', async () => {
      const { store } = await open();
      const ana = await store.memberOf('room:ana');
      const ben = await store.memberOf('room:ben');
      await store.setReactions([aVote('room:ana', 's', 'calm'), aVote('room:ben', 's', 'calm')]);
      await store.mergeMembers(ana.id, ben.id);
      await store.partMember(ana.id);
      await store.deleteMember(ana.id);
      expect(await store.findMember('room:ben')).toEqual(ben);
      expect(await store.voteCounts('s')).toEqual({ calm: 1 });
      await store.close();
    });

    test('gives back also what was more than one member may have', async () => {
      const opened = await open();
      const { store } = opened;
      const ana = await store.memberOf('room:ana');
      const ben = await store.memberOf('room:ben');
      const lists = Array.from({ length: 60 }, (_, n) => [
        aPlaylist(`of ben ${n}`, ben.id, n),
        aPlaylist(`of ana ${n}`, ana.id, n),
      ]);
      await Promise.all(lists.flat().map((list) => store.savePlaylist(list)));
      await store.mergeMembers(ana.id, ben.id);
      expect(await store.recentPlaylists(ana.id, 999)).toHaveLength(120);
      await store.partMember(ana.id);
      await nowAndAfterReopening(opened, async (store) => {
        expect(await store.recentPlaylists(ana.id, 999)).toHaveLength(60);
        expect(await store.recentPlaylists(ben.id, 999)).toHaveLength(60);
      });
    });

    test('does not bring back what went when the limit counted again', async () => {
      const { store } = await open();
      const ana = await store.memberOf('room:ana');
      const ben = await store.memberOf('room:ben');
      await store.savePlaylist(aPlaylist('oldest', ben.id, 0));
      const lists = Array.from({ length: 100 }, (_, n) => aPlaylist(`${n}`, ana.id, n + 1));
      await Promise.all(lists.map((list) => store.savePlaylist(list)));
      await store.mergeMembers(ana.id, ben.id);
      await store.savePlaylist(aPlaylist('newest', ana.id, 101));
      await store.partMember(ana.id);
      expect(await store.recentPlaylists(ben.id, 9)).toEqual([]);
      expect(await store.playlist('oldest')).toBeUndefined();
      expect(await store.recentPlaylists(ana.id, 999)).toHaveLength(100);
      await store.close();
    });

    test('after any joining, in any order, everything is as if nobody had been joined', {
      timeout: 120_000,
    }, async () => {
      const property = fc.asyncProperty(doings, joinings, fc.boolean(), async (before, pairs, reopens) => {
        let opened = await open();
        try {
          for (const [n, one] of before.entries()) await doIt(opened.store, one, n);
          const apart = await picture(opened.store);
          for (const [kept, gone] of pairs) {
            const [one, other] = [await opened.store.memberOf(kept), await opened.store.memberOf(gone)];
            await opened.store.mergeMembers(one.id, other.id);
          }
          if (reopens) opened = await opened.reopen();
          for (const identity of PEOPLE) {
            await opened.store.partMember((await opened.store.memberOf(identity)).id);
          }
          expect(await picture(opened.store)).toEqual(apart);
          opened = await opened.reopen();
          expect(await picture(opened.store)).toEqual(apart);
        } finally {
          await opened.store.close();
        }
      });
      await fc.assert(property, { numRuns: 60, seed: 3 });
    });
  });
}
