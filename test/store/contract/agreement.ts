import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../../src/store/store.ts';
import { createNaiveStore } from '../naive-store.ts';
import { allTastes, allVotes, type OpenStore } from './opened-store.ts';

const who = fc.integer({ min: 0, max: 4 }).map((n) => `room:${n}`);
const fact = fc.record({
  postId: fc.integer({ min: 0, max: 3 }).map((n) => `p${n}`),
  songId: fc.integer({ min: 0, max: 3 }).map((n) => `s${n}`),
  identity: who,
  meaning: fc.oneof(
    fc.constant({ kind: 'like' as const }),
    fc.constantFrom('happy', 'sad').map((emotion) => ({ kind: 'emotion' as const, emotion })),
  ),
  present: fc.boolean(),
  at: fc.integer({ min: 0, max: 1_000_000 }),
});
const operation = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('react' as const), facts: fc.array(fact, { maxLength: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('meet' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('merge' as const), who, other: who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('taste' as const),
      who,
      songId: fc.constantFrom('s0', 's1', 's9'),
      liked: fc.boolean(),
      at: fc.integer({ min: 0, max: 1_000_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
);
type Step = Exclude<typeof operation extends fc.Arbitrary<infer T> ? T : never, { do: 'reopen' }>;

async function run(step: Step, store: Store): Promise<unknown> {
  switch (step.do) {
    case 'react':
      return [await store.setReactions(step.facts), await store.totals()];
    case 'meet':
      return (await store.memberOf(step.who)).identities.toSorted();
    case 'merge': {
      const [a, b] = [await store.memberOf(step.who), await store.memberOf(step.other)];
      return (await store.mergeMembers(a.id, b.id)).identities.toSorted();
    }
    case 'delete': {
      const member = await store.findMember(step.who);
      return member === undefined ? undefined : await store.deleteMember(member.id);
    }
    case 'taste': {
      const { id } = await store.memberOf(step.who);
      const { songId, liked, at } = step;
      return await store.setTaste(id, [{ songId, liked, source: 'added', at }]);
    }
  }
}

/** All that a store says, with members named by their identities, whose ids are the store's own. */
async function everything(store: Store) {
  const names = new Map<string, string>();
  const tastes: Record<string, unknown> = {};
  for (let n = 0; n < 5; n++) {
    const member = await store.findMember(`room:${n}`);
    if (member === undefined) continue;
    names.set(member.id, member.identities.toSorted().join('+'));
    tastes[names.get(member.id)!] = await store.taste(member.id);
  }
  const songs = ['s0', 's1', 's2', 's3'];
  const streamed = [...(await allTastes(store))].map(([id, entries]) => [names.get(id), entries]).sort();
  return {
    members: [...names.values()].sort(),
    tastes,
    streamed,
    votes: (await allVotes(store)).map((vote) => vote.replace(/^\S+/, (id) => names.get(id) ?? '?')).sort(),
    counts: await Promise.all(songs.map((song) => store.voteCounts(song))),
    voters: [...(await store.votersPerSong())].sort(),
    reactions: await Promise.all(
      ['p0', 'p1', 'p2', 'p3'].map(async (post) =>
        (await store.reactionsOn(post)).map((one) => JSON.stringify(one)).sort(),
      ),
    ),
    totals: await store.totals(),
  };
}

export function agreementContract(name: string, open: OpenStore): void {
  describe(`${name}: in all`, () => {
    test('agrees with a naive store on anything people do, also after reopening', {
      timeout: 120_000,
    }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 60 }), async (operations) => {
          let opened = await open();
          const naive = createNaiveStore();
          for (const step of operations) {
            if (step.do === 'reopen') opened = await opened.reopen();
            else expect(await run(step, opened.store)).toEqual(await run(step, naive));
          }
          opened = await opened.reopen();
          expect(await everything(opened.store)).toEqual(await everything(naive));
          await opened.store.close();
        }),
        { numRuns: 40, seed: 7 },
      );
    });
  });
}
