import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SnippetPost } from '../../src/domain/post.ts';
import { openCommunity, sound, taxonomy } from './community.ts';
import { DAY } from './voters.ts';

describe('snippets', () => {
  let community: Awaited<ReturnType<typeof openCommunity>>;
  beforeEach(async () => {
    community = await openCommunity();
  });
  afterEach(() => community.close());

  it('invite with every emoji of the taxonomy and ❤️, and say nothing of the emotions found so far', async () => {
    const ana = await community.running.member('ana');
    const post = await community.posts('s3');
    const message = await ana.until(() => {
      const found = ana.messages.get(post.message.message);
      return found && found.seeds.length === taxonomy.invitation.length && found;
    });
    expect(message.seeds).toEqual(taxonomy.invitation);
    expect(message.body.snippet).toMatchObject({ songId: 's3', artists: ['Artist 3'], sound });
    expect(message.body.snippet?.emotions).toBeUndefined();
  });

  it('turn a reaction into a vote and its removal into none, once each', async () => {
    const ana = await community.running.member('ana');
    const post = await community.posts('s3');
    const message = { id: post.message.message };
    await ana.until(() => ana.messages.get(message.id));
    await ana.reacts(message, '😢');
    await ana.reacts(message, '😢');
    await ana.reacts(message, '🕰');
    await community.settled();
    expect(await community.store.voteCounts('s3')).toEqual({ sad: 1, nostalgic: 1 });
    await ana.reacts(message, '😢', false);
    await community.settled();
    expect(await community.store.voteCounts('s3')).toEqual({ nostalgic: 1 });
  });

  it('take ❤️ as taste and leave other emojis alone', async () => {
    const ana = await community.running.member('ana');
    const post = await community.posts('s3');
    const message = { id: post.message.message };
    await ana.until(() => ana.messages.get(message.id));
    await ana.reacts(message, '❤️');
    await ana.reacts(message, '🍕').catch(() => undefined);
    await community.settled();
    const member = await community.store.memberOf(`room:${ana.self.id}`);
    expect(await community.store.taste(member.id)).toMatchObject([
      { songId: 's3', liked: true, source: 'reaction' },
    ]);
    expect((await community.store.totals()).votes).toBe(0);
  });

  it('no longer take votes after they have closed', async () => {
    const ana = await community.running.member('ana');
    const post = await community.posts('s3');
    expect(post.closesAt).toBe(community.clock.now + 7 * DAY);
    community.clock.now = post.closesAt + 1;
    await ana.until(() => ana.messages.get(post.message.message));
    await ana.reacts({ id: post.message.message }, '😢');
    await community.settled();
    expect((await community.store.totals()).votes).toBe(0);
  });

  it('read back what was missed while the bot was away: added and removed reactions', async () => {
    const [ana, bo] = [await community.running.member('ana'), await community.running.member('bo')];
    const post = await community.posts('s3');
    const message = { id: post.message.message };
    for (const person of [ana, bo]) await person.until(() => person.messages.get(message.id));
    await ana.reacts(message, '😢');
    await bo.reacts(message, '😄');
    await community.settled();
    // What the store believes is made older than the room: Ana's vote unknown, and one of somebody who took it back.
    const stale = {
      postId: post.id,
      songId: 's3',
      meaning: { kind: 'emotion', emotion: 'sad' } as const,
      at: 1,
    };
    await community.store.setReactions([
      { ...stale, identity: `room:${ana.self.id}`, present: false },
      { ...stale, identity: 'room:gone', present: true },
    ]);
    expect(await community.reactions.catchUp(community.running.room)).toBe(2);
    expect(await community.store.voteCounts('s3')).toEqual({ sad: 1, happy: 1 });
    expect((await community.store.reactionsOn(post.id)).map((fact) => fact.identity).sort()).toEqual(
      [`room:${ana.self.id}`, `room:${bo.self.id}`].sort(),
    );
    expect(await community.reactions.catchUp(community.running.room)).toBe(0);
  });

  it('are not read back for whoever had everything deleted, only what they do anew', async () => {
    const { store, reactions, running, clock } = community;
    const ana = await running.member('ana');
    const before = await community.posts('s3');
    await ana.until(() => ana.messages.get(before.message.message));
    await ana.reacts({ id: before.message.message }, '😢');
    await community.settled();
    await store.deleteMember((await store.memberOf(`room:${ana.self.id}`)).id);
    // A platform on which the bot cannot take Ana's reaction off shows it still.
    expect(await reactions.catchUp(running.room)).toBe(0);
    expect(await store.voteCounts('s3')).toEqual({});
    clock.now += 1_000;
    const after = await community.posts('s5');
    await ana.until(() => ana.messages.get(after.message.message));
    await ana.reacts({ id: after.message.message }, '😢');
    await ana.reacts({ id: before.message.message }, '😄');
    await community.settled();
    expect(await reactions.catchUp(running.room)).toBe(0);
    expect([await store.voteCounts('s3'), await store.voteCounts('s5')]).toEqual([{ happy: 1 }, { sad: 1 }]);
  });

  it('keep the votes on another song whose post had the same name before the platform lost its messages', async () => {
    const post = await community.posts('s3');
    const earlier = { postId: post.id, songId: 's5', meaning: { kind: 'emotion', emotion: 'sad' } as const };
    await community.store.setReactions([{ ...earlier, identity: 'room:ana', present: true, at: 1 }]);
    expect(await community.reactions.catchUp(community.running.room)).toBe(0);
    expect(await community.store.voteCounts('s5')).toEqual({ sad: 1 });
  });

  it('lose the votes of reactions that a moderator took off: those of one emoji, then all', async () => {
    const [ana, bo] = [await community.running.member('ana'), await community.running.member('bo')];
    const post = await community.posts('s3');
    const message = { id: post.message.message };
    for (const person of [ana, bo]) {
      await person.until(() => person.messages.get(message.id));
      await person.reacts(message, '😢');
      await person.reacts(message, '❤️');
    }
    await ana.reacts(message, '😄');
    await community.settled();
    const { reactions, store, clock } = community;
    await reactions.cleared({ message: post.message, emoji: '😢', at: clock.now });
    expect(await store.voteCounts('s3')).toEqual({ happy: 1 });
    expect(await store.reactionsOn(post.id)).toHaveLength(3);
    await reactions.cleared({ message: post.message, emoji: '🍕', at: clock.now });
    expect(await store.reactionsOn(post.id)).toHaveLength(3);
    await reactions.cleared({ message: post.message, at: clock.now });
    expect(await store.reactionsOn(post.id)).toEqual([]);
    await reactions.cleared({ message: { ...post.message, message: '999' }, at: clock.now });
  });

  it('take no more votes once their message was deleted, and keep those they have', async () => {
    const ana = await community.running.member('ana');
    const post = await community.posts('s3');
    await ana.until(() => ana.messages.get(post.message.message));
    await ana.reacts({ id: post.message.message }, '😢');
    await community.settled();
    await community.reactions.removed(post.message);
    community.clock.now += 1;
    await ana.reacts({ id: post.message.message }, '😄');
    await community.settled();
    expect(await community.store.voteCounts('s3')).toEqual({ sad: 1 });
    expect(await community.store.openPosts(community.clock.now)).toEqual([]);
  });

  it('invite with the emoji of the place, which count beside the usual ones', async () => {
    const known = (await community.store.community(community.communityId))!;
    const settings = { ...known.settings, emoji: { calm: '🧘', gone: '👻' } };
    await community.store.saveCommunity({ ...known, settings });
    const [ana, bo] = [await community.running.member('ana'), await community.running.member('bo')];
    const post = await community.posts('s3');
    const message = { id: post.message.message };
    const seeded = await ana.until(() => {
      const found = ana.messages.get(message.id);
      return found && found.seeds.length > 0 && found;
    });
    expect(seeded.seeds).toEqual(taxonomy.invitation.map((emoji) => (emoji === '😌' ? '🧘' : emoji)));
    await bo.until(() => bo.messages.get(message.id));
    await ana.reacts(message, '🧘');
    await bo.reacts(message, '😌');
    await bo.reacts(message, '👻').catch(() => undefined);
    await community.settled();
    expect(await community.store.voteCounts('s3')).toEqual({ calm: 2 });
    expect(await community.reactions.catchUp(community.running.room)).toBe(0);
  });

  it('whose emoji were cut short by a stop get the rest at the next start, old ones do not', async () => {
    const post = await community.posts('s3');
    const stale = { ...post, id: `${post.id}-old`, postedAt: community.clock.now - DAY };
    await community.store.savePost(stale);
    const seeded: string[] = [];
    const platform = {
      ...community.running.room,
      async seedReactions(ref: SnippetPost['message'], emojis: readonly string[]) {
        seeded.push(`${ref.message} ${emojis.length}`);
      },
    };
    await community.labelling.finishSeeding(platform);
    expect(seeded).toEqual([`${post.message.message} ${taxonomy.invitation.length}`]);
  });

  it('are closed when their message is gone, and keep their votes', async () => {
    const ana = await community.running.member('ana');
    const post = await community.posts('s3');
    await ana.until(() => ana.messages.get(post.message.message));
    await ana.reacts({ id: post.message.message }, '😢');
    await community.settled();
    await community.running.room.remove(post.message);
    community.clock.now += 1000;
    await community.reactions.catchUp(community.running.room);
    community.clock.now += 1;
    expect(await community.store.openPosts(community.clock.now)).toEqual([]);
    expect(await community.store.voteCounts('s3')).toEqual({ sad: 1 });
  });
});
