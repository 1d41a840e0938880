import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../src/chat/message.ts';
import { ChatError, type ChatPlatform, type Place } from '../../src/chat/platform.ts';
import { type Communities, createCommunities, GRACE_DAYS } from '../../src/communities/communities.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import type { Store } from '../../src/store/store.ts';

const DAY = 86_400_000;
const log = pino({ level: 'silent' });

describe('a place the bot is in', () => {
  let dir: string;
  let store: Store;
  let now: number;
  let communities: Communities;
  let posted: { channel: string; message: Message }[];
  let places: Place[];
  let mute: boolean;

  /** Where the bot is according to the service; the parts of the port that greeting uses. */
  const platform = {
    name: 'discord',
    places: async () => places,
    async post({ channel }: { channel: string }, message: Message) {
      if (mute) throw new ChatError('forbidden', 'The bot may not write there.');
      posted.push({ channel, message });
      return { platform: 'discord', communityId: '', channel, message: '1' };
    },
  } as unknown as ChatPlatform;

  const den: Place = { communityId: 'discord:1', name: 'Den', greetingChannel: 'general' };

  beforeEach(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-communities-'));
    now = Date.UTC(2026, 10, 24);
    posted = [];
    places = [den];
    mute = false;
    store = await openLowdbStore({ dir, log, now: () => now });
    communities = createCommunities({ store, log, now: () => now });
  });
  afterEach(async () => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('is greeted once, however often the bot comes and goes', async () => {
    await communities.joined(platform, den);
    await communities.joined(platform, den);
    await communities.left(den.communityId);
    await communities.joined(platform, den);
    await (await communities.remember(platform)).greeted;
    expect(posted.map(({ channel }) => channel)).toEqual(['general']);
    expect(posted[0].message.title).toBe('Hello, Den!');
    expect(posted[0].message.text).toContain('*/settings*');
  });

  it('that the bot came to while it was away is greeted at the next start', async () => {
    await (await communities.remember(platform)).greeted;
    expect(posted).toHaveLength(1);
    expect((await store.community('discord:1'))?.name).toBe('Den');
  });

  it('that cannot be greeted is there all the same', async () => {
    mute = true;
    await communities.joined(platform, den);
    expect(await store.community('discord:1')).toMatchObject({ name: 'Den', platform: 'discord' });
  });

  it('that chose its channel, or has no fitting one, is not greeted', async () => {
    await communities.joined(platform, { communityId: 'discord:2', name: 'Silent' });
    await communities.joined(platform, { communityId: 'discord:1', name: 'Den' });
    const known = (await store.community('discord:1'))!;
    await store.saveCommunity({ ...known, settings: { ...known.settings, channel: 'music' } });
    await communities.joined(platform, den);
    expect(posted).toEqual([]);
  });

  it('keeps its settings when it is renamed', async () => {
    await communities.joined(platform, den);
    const known = (await store.community('discord:1'))!;
    await store.saveCommunity({ ...known, settings: { ...known.settings, snippetsPerDay: 9 } });
    await communities.joined(platform, { ...den, name: 'The Den' });
    expect(await store.community('discord:1')).toMatchObject({
      name: 'The Den',
      settings: { snippetsPerDay: 9 },
    });
  });

  it('that was left keeps settings and posts for a while, then loses them; votes stay', async () => {
    await communities.joined(platform, den);
    const message = { platform: 'discord', communityId: 'discord:1', channel: 'c', message: 'm' } as const;
    const post = { id: 'discord:1/c/m', communityId: 'discord:1', message, songId: 's', postedAt: now };
    await store.savePost({ ...post, closesAt: now + DAY, postedBy: 'command', chosenBy: 'policy' });
    await store.setReaction({
      postId: post.id,
      songId: 's',
      identity: 'discord:9',
      meaning: { kind: 'emotion', emotion: 'calm' },
      present: true,
      at: now,
    });
    await communities.left('discord:1');
    now += GRACE_DAYS * DAY - 1;
    expect(await communities.forgetLeft()).toBe(0);
    now += 2;
    expect(await communities.forgetLeft()).toBe(1);
    expect(await store.community('discord:1')).toBeUndefined();
    expect(await store.recentPosts('discord:1', 5)).toEqual([]);
    expect(await store.voteCounts('s')).toEqual({ calm: 1 });
  });

  it('that took the bot back within that time loses nothing', async () => {
    await communities.joined(platform, den);
    await communities.left('discord:1');
    await communities.joined(platform, den);
    now += 2 * GRACE_DAYS * DAY;
    expect(await communities.forgetLeft()).toBe(0);
  });

  it('that removed the bot while it was away counts as left; those of other platforms do not', async () => {
    await communities.joined(platform, den);
    await store.saveCommunity({
      ...(await store.community('discord:1'))!,
      id: 'room:main',
      platform: 'room',
    });
    places = [];
    await (await communities.remember(platform)).greeted;
    expect((await store.community('discord:1'))?.leftAt).toBe(now);
    expect((await store.community('room:main'))?.leftAt).toBeUndefined();
  });
});
