import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildCatalogue } from '../../src/catalogue/catalogue.ts';
import type { Sound } from '../../src/chat/message.ts';
import type { ReactionEvent } from '../../src/chat/platform.ts';
import type { Catalogue } from '../../src/domain/catalogue.ts';
import type { Model } from '../../src/domain/model.ts';
import type { SnippetPost } from '../../src/domain/post.ts';
import { loadTaxonomy } from '../../src/domain/taxonomy.ts';
import { createReactions, type Reactions } from '../../src/labelling/reactions.ts';
import { createLabelling } from '../../src/labelling/service.ts';
import { defaultSettings } from '../../src/labelling/settings.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import { labelNow } from '../../src/training/voters.ts';
import { songOf } from '../catalogue/songs.ts';
import { METRICS } from '../playlists/planted-model.ts';
import { openRoom, type RunningRoom } from '../support/room.ts';

const log = pino({ level: 'silent' });
const taxonomy = loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json'));
const sound: Sound = { kind: 'own', seconds: 16 };
const DAY = 86_400_000;

/** Twelve songs by six artists of three genres; the last one has no sound. */
function songs(): Catalogue {
  return buildCatalogue({
    name: 'Test',
    demo: false,
    songs: Array.from({ length: 12 }, (_, i) =>
      songOf(`s${i}`, {
        artists: [`Artist ${i % 6}`],
        genre: ['folk', 'ambient', 'rock'][i % 3],
        snippet: { kind: i === 11 ? 'none' : 'own' },
      }),
    ),
    listeners: [],
    labels: [],
  });
}

/** A model that is sure of every song but one, and reads labels as the bot does. */
function tornAbout(torn: string): Model {
  const emotions = taxonomy.emotions.map(({ key }) => key);
  const mean = new Array<number>(emotions.length).fill(1 / emotions.length);
  const sure = Float32Array.from(emotions, (_, e) => (e === 0 ? 1 : 0));
  return {
    id: 'model',
    createdAt: 0,
    catalogueVersion: songs().version,
    emotions,
    metrics: METRICS,
    profile: (id) => ({
      distribution: id === torn ? Float32Array.from(mean) : sure,
      confidence: 0.5,
      voted: false,
    }),
    label: (votes) =>
      labelNow({ format: 1, songs: { concentration: 2, mean }, salt: 'salt', members: {} }, emotions, votes),
  };
}

/** A room with the labelling behind it; its clock is the test's. */
async function openCommunity(model?: Model) {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-labelling-'));
  const clock = { now: Date.parse('2026-11-22T12:00:00Z') };
  const now = () => clock.now;
  const store: Store = await openLowdbStore({ dir: path.join(dir, 'store'), log, now });
  const reactions: Reactions = createReactions({ store, taxonomy, log, now });
  const taken: Promise<void>[] = [];
  const listen = (event: ReactionEvent) => {
    const done = reactions.handle(event);
    taken.push(done);
    return done;
  };
  const running: RunningRoom = await openRoom({ dir, now, handlers: { reaction: listen } });
  const catalogue = songs();
  const labelling = createLabelling({
    store,
    taxonomy,
    platforms: [running.room],
    log,
    seed: 1,
    catalogue: () => catalogue,
    model: () => model,
    soundOf: () => sound,
    now,
  });
  const [place] = await running.room.places();
  await store.saveCommunity({
    id: place.communityId,
    platform: 'room',
    name: place.name,
    settings: { ...defaultSettings(), timeZone: 'UTC' },
  });
  return {
    clock,
    store,
    labelling,
    reactions,
    running,
    communityId: place.communityId,
    async posts(songId?: string): Promise<SnippetPost> {
      const result = await labelling.postSnippet(place.communityId, { by: 'command', songId });
      if ('refusal' in result) throw new Error(result.refusal);
      return result.post;
    },
    /** Until every reaction that the room has reported is stored. */
    async settled() {
      await Promise.all(taken);
    },
    async close() {
      await running.stop();
      await store.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

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

describe('choosing the next song', () => {
  let community: Awaited<ReturnType<typeof openCommunity>>;
  beforeEach(async () => {
    community = await openCommunity();
  });
  afterEach(() => community.close());

  it('goes through the songs that can be heard before any comes again, with no artist twice in a row', async () => {
    const posts: SnippetPost[] = [];
    for (let i = 0; i < 11; i++) {
      community.clock.now += 3_600_000;
      posts.push(await community.posts());
    }
    expect(new Set(posts.map((post) => post.songId)).size).toBe(11);
    expect(posts.map((post) => post.songId)).not.toContain('s11');
    const artists = posts
      .filter((post) => post.chosenBy === 'policy')
      .map((post) => Number(post.songId.slice(1)) % 6);
    const repeats = artists.slice(1).filter((artist, i) => artist === artists[i]).length;
    expect(repeats).toBeLessThanOrEqual(1);
  });

  it('does not choose one song for two requests at the same time', async () => {
    const posts = await Promise.all([community.posts(), community.posts(), community.posts()]);
    expect(new Set(posts.map((post) => post.songId)).size).toBe(3);
  });

  it('says what is wrong with a request: an unknown song, an unknown community', async () => {
    const post = (id: string, songId?: string) =>
      community.labelling.postSnippet(id, { by: 'command', songId });
    expect(await post(community.communityId, 'nope')).toMatchObject({ refusal: 'unknown-song' });
    expect(await post('room:elsewhere')).toMatchObject({ refusal: 'cannot-post' });
  });

  it('asks about the song that the model is torn about, until its votes make it clear', async () => {
    const torn = await openCommunity(tornAbout('s3'));
    const vote = (voter: number, emotion: string) => ({
      postId: 'elsewhere',
      songId: 's3',
      identity: `room:${voter}` as const,
      meaning: { kind: 'emotion' as const, emotion },
      present: true,
      at: 1,
    });
    const next = async (): Promise<string> => {
      const post = await torn.posts();
      // Chance asks about any song.
      return post.chosenBy === 'policy' ? post.songId : next();
    };
    expect(await next()).toBe('s3');
    await torn.store.setReactions([vote(1, 'sad'), vote(2, 'happy'), vote(3, 'sad')]);
    // Another artist in between.
    await torn.posts('s1');
    torn.clock.now += 15 * DAY;
    expect(await next()).toBe('s3');
    await torn.store.setReactions([4, 5, 6, 7].map((voter) => vote(voter, 'sad')));
    await torn.posts('s1');
    torn.clock.now += 15 * DAY;
    const more = [await next(), await next(), await next()];
    expect(more).not.toContain('s3');
    await torn.close();
  });
});
