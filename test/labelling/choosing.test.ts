import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { feelingLabels } from '../../ml/label-votes.ts';
import { createRandom } from '../../ml/random.ts';
import type { SnippetPost } from '../../src/domain/post.ts';
import { votersOf } from '../../src/training/voters.ts';
import { votesOf } from '../ml/votes.ts';
import { type LabellingCommunity, openCommunity, taxonomy, tornAbout } from './community.ts';
import { DAY, rush, settle, vote } from './voters.ts';

/** How a training run weighs the votes that a community has. */
async function trainedOn({ store }: LabellingCommunity) {
  const [members, songs]: string[][] = [[], []];
  const number = (names: string[], name: string) =>
    names.includes(name) ? names.indexOf(name) : names.push(name) - 1;
  const rows: [number, number, number][] = [];
  for await (const batch of store.votes()) {
    for (const { memberId, songId, emotion } of batch) {
      const at = taxonomy.emotions.findIndex(({ key }) => key === emotion);
      rows.push([number(songs, songId), number(members, memberId), at]);
    }
  }
  return votersOf(feelingLabels(votesOf(rows, taxonomy.emotions.length)), members);
}

/** The next song by the policy: chance asks about any song. */
async function asks(community: LabellingCommunity): Promise<string> {
  const post = await community.posts();
  return post.chosenBy === 'policy' ? post.songId : asks(community);
}

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
    const say = (emotion: string, ...voters: number[]) =>
      community.store.setReactions(
        voters.map((voter) => vote(`voter${voter}`, 's3', emotion, community.clock.now)),
      );
    community.publishes(tornAbout('s3'));
    expect(await asks(community)).toBe('s3');
    await say('sad', 1, 3);
    await say('happy', 2);
    // Another artist in between.
    await community.posts('s1');
    community.clock.now += 15 * DAY;
    expect(await asks(community)).toBe('s3');
    await say('sad', 4, 5, 6, 7);
    await community.posts('s1');
    community.clock.now += 15 * DAY;
    expect([await asks(community), await asks(community), await asks(community)]).not.toContain('s3');
  });

  it('asks on about a song on which only members who do not listen have voted', async () => {
    const random = createRandom(1);
    const songs = Array.from({ length: 11 }, (_, song) => song);
    // Each song is two things; which of them a listener says is up to the listener.
    const feels = (song: number) => taxonomy.emotions[(song + random.integer(2)) % 7].key;
    const others = songs.filter((song) => song !== 3);
    const { now } = community.clock;
    for (let n = 0; n < 10; n++) {
      const heard = [0, 1, 2, 3].map((i) => others[(n + i) % others.length]);
      await community.store.setReactions([
        ...heard.map((song) => vote(`regular${n}`, `s${song}`, feels(song), now)),
        ...(n < 5 ? songs.map((song) => vote(`spam${n}`, `s${song}`, 'sad', now)) : []),
      ]);
    }
    // To whoever takes every vote for a listener's, it is clear.
    expect(tornAbout('s3').label(await community.bursts.countedOn('s3'))?.clear).toBe(true);
    community.publishes(tornAbout('s3', await trainedOn(community)));
    expect(await asks(community)).toBe('s3');
    // As soon as others say so too, it is clear.
    await community.store.setReactions([0, 1, 2, 3].map((n) => vote(`fan${n}`, 's3', 'sad', now)));
    community.clock.now += 15 * DAY;
    expect(await asks(community)).not.toBe('s3');
  });

  it('asks on about a song whose votes wait for a moderator, until they count', async () => {
    community.publishes(tornAbout('s3'));
    await settle(community.store, community.clock.now, ['s5', 's6', 's7', 's8']);
    await rush(community.store, 's3', community.clock.now, { members: 8, emotions: ['sad'] });
    const [burst] = await community.bursts.waiting('room:main');
    expect(burst).toMatchObject({ votes: 8, songs: ['s3'] });
    expect((await community.bursts.votersPerSong()).has('s3')).toBe(false);
    expect(await asks(community)).toBe('s3');
    await community.bursts.decide({
      communityId: 'room:main',
      from: burst.from,
      to: burst.to,
      votes: burst.votes,
      counts: true,
      by: 'room:mo',
      name: 'Mo',
      at: community.clock.now,
    });
    expect((await community.bursts.votersPerSong()).get('s3')).toBe(8);
    community.clock.now += 15 * DAY;
    expect(await asks(community)).not.toBe('s3');
  });
});
