import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TasteEntry } from '../../../src/domain/member.ts';
import type { Store } from '../../../src/store/store.ts';
import { createNaiveStore } from '../naive-store.ts';
import { aPlaylist } from '../records.ts';
import { allCastVotes, allTastes, allVotes, type OpenStore } from './opened-store.ts';

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
/** What people do. */
const steps = {
  react: fc.record({ do: fc.constant('react' as const), facts: fc.array(fact, { maxLength: 5 }) }),
  meet: fc.record({ do: fc.constant('meet' as const), who }),
  merge: fc.record({ do: fc.constant('merge' as const), who, other: who }),
  part: fc.record({ do: fc.constant('part' as const), who }),
  delete: fc.record({ do: fc.constant('delete' as const), who }),
  taste: fc.record({
    do: fc.constant('taste' as const),
    who,
    songId: fc.constantFrom('s0', 's1', 's9'),
    liked: fc.boolean(),
    // So few that two often say the same at the same time, as people who import one library do.
    at: fc.integer({ min: 0, max: 3 }),
  }),
  playlist: fc.record({
    do: fc.constant('playlist' as const),
    who,
    n: fc.integer({ min: 0, max: 5 }),
    kept: fc.boolean(),
  }),
  reopen: fc.record({ do: fc.constant('reopen' as const) }),
};
type AnyStep = (typeof steps)[keyof typeof steps] extends infer A
  ? A extends fc.Arbitrary<infer T>
    ? T
    : never
  : never;
type Step = Exclude<AnyStep, { do: 'reopen' }>;

/** Steps, some kinds more often than others. */
function many(weights: Partial<Record<keyof typeof steps, number>>): fc.Arbitrary<readonly AnyStep[]> {
  const mix = Object.entries({ meet: 1, reopen: 1, ...weights }).map(([kind, weight]) => ({
    weight,
    arbitrary: steps[kind as keyof typeof steps] as fc.Arbitrary<AnyStep>,
  }));
  return fc.array(fc.oneof(...mix), { minLength: 1, maxLength: 60, size: 'max' });
}

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
    case 'part': {
      const { id } = await store.memberOf(step.who);
      return (await store.partMember(id)).map(({ identities }) => identities.toSorted());
    }
    case 'playlist': {
      const { id } = await store.memberOf(step.who);
      const playlistId = `${step.n} of ${step.who}`;
      return await store.savePlaylist(aPlaylist(playlistId, id, step.n, step.kept));
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

/** Newest first; entries of the same time in any order. */
const inOrder = (entries: readonly TasteEntry[]) =>
  entries.toSorted((a, b) => b.at - a.at || a.songId.localeCompare(b.songId));

/** All that a store says, with members named by their identities, whose ids are the store's own. */
async function everything(store: Store) {
  const names = new Map<string, string>();
  const tastes: Record<string, unknown> = {};
  const playlists: Record<string, unknown> = {};
  for (let n = 0; n < 5; n++) {
    const member = await store.findMember(`room:${n}`);
    if (member === undefined) continue;
    names.set(member.id, member.identities.toSorted().join('+'));
    const known = names.get(member.id)!;
    tastes[known] = inOrder(await store.taste(member.id));
    playlists[known] = (await store.recentPlaylists(member.id, 99))
      .map(({ id, kept }) => `${id}${kept ? ', kept' : ''}`)
      .sort();
  }
  const songs = ['s0', 's1', 's2', 's3'];
  const streamed = [...(await allTastes(store))]
    .map(([id, entries]) => [names.get(id), inOrder(entries)])
    .sort();
  return {
    members: [...names.values()].sort(),
    tastes,
    playlists,
    streamed,
    votes: (await allVotes(store)).map((vote) => vote.replace(/^\S+/, (id) => names.get(id) ?? '?')).sort(),
    cast: (await allCastVotes(store)).map((one) => ({ ...one, memberId: names.get(one.memberId) })),
    castOn: await Promise.all(
      songs.map(async (song) =>
        (await store.castVotesOn(song)).map(({ identity, at }) => `${identity} ${at}`).sort(),
      ),
    ),
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
  async function agrees(all: readonly AnyStep[]): Promise<void> {
    let opened = await open();
    const naive = createNaiveStore();
    try {
      for (const step of all) {
        if (step.do === 'reopen') opened = await opened.reopen();
        else expect(await run(step, opened.store)).toEqual(await run(step, naive));
      }
      opened = await opened.reopen();
      expect(await everything(opened.store)).toEqual(await everything(naive));
    } finally {
      await opened.store.close();
    }
  }

  describe(`${name}: agrees with a naive store, also after reopening,`, () => {
    test('on anything people do', { timeout: 120_000 }, async () => {
      const usual = many({ react: 8, merge: 1, part: 1, delete: 1, taste: 1, playlist: 1 });
      await fc.assert(fc.asyncProperty(usual, agrees), { numRuns: 40, seed: 7 });
    });

    test('on who is one person with whom, and whose is what, however they join, write and part', {
      timeout: 120_000,
    }, async () => {
      const joining = many({ react: 1, merge: 4, part: 1, taste: 6, playlist: 2 });
      await fc.assert(fc.asyncProperty(joining, agrees), { numRuns: 60, seed: 11 });
    });
  });
}
