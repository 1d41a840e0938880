import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { ChatPlatform, ReactionEvent, StandingReaction } from '../../src/chat/platform.ts';
import { refKey } from '../../src/domain/post.ts';
import { loadTaxonomy } from '../../src/domain/taxonomy.ts';
import { createReactions } from '../../src/labelling/reactions.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';

const log = pino({ level: 'silent' });
const taxonomy = loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json'));
const message = { platform: 'discord', communityId: 'discord:1', channel: '2', message: '3' } as const;

/** One open post, on a platform that says of it what the test wants. */
async function openPost() {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-catch-up-'));
  const store = await openLowdbStore({ dir, log, now: () => 1 });
  onTestFinished(async () => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });
  await store.savePost({
    id: refKey(message),
    communityId: message.communityId,
    message,
    songId: 's1',
    postedAt: 0,
    closesAt: 1000,
    postedBy: 'schedule',
    chosenBy: 'policy',
  });
  const reactions = createReactions({ store, taxonomy, log, now: () => 1 });
  return {
    votes: () => store.voteCounts('s1'),
    reacts: (emoji: string, present = true, identity: ReactionEvent['identity'] = 'discord:ana') =>
      reactions.handle({ message, identity, emoji, present, at: 1 }),
    catchesUp: (read: () => Promise<readonly StandingReaction[]>) =>
      reactions.catchUp({ name: 'discord', reactions: read } as Partial<ChatPlatform> as ChatPlatform),
  };
}

test('a reaction that comes in while its post is read back is not undone by the older reading', async () => {
  const post = await openPost();
  let answer = (_: readonly StandingReaction[]) => {};
  const asked = new Promise<void>((resolve) => {
    void post
      .catchesUp(() => {
        resolve();
        return new Promise((given) => {
          answer = given;
        });
      })
      .then(() => read());
  });
  let read = () => {};
  const done = new Promise<void>((resolve) => {
    read = resolve;
  });
  await asked;
  const late = post.reacts('😢');
  // Whatever it does without waiting for the reading has time to happen.
  await new Promise((resolve) => setTimeout(resolve, 50));
  answer([]);
  await Promise.all([late, done]);
  expect(await post.votes()).toEqual({ sad: 1 });
});

test('a reaction given and taken back in one breath leaves no vote, given twice one', async () => {
  const post = await openPost();
  await Promise.all([post.reacts('😢'), post.reacts('😢', false), post.reacts('😄'), post.reacts('😄')]);
  expect(await post.votes()).toEqual({ happy: 1 });
});

test('other emojis are passed over, live and when read back, and do not keep the rest from counting', async () => {
  const post = await openPost();
  await post.reacts('🍕');
  const missed = await post.catchesUp(async () => [
    { identity: 'discord:ana', emoji: '🍕' },
    { identity: 'discord:bo', emoji: '😢' },
  ]);
  expect(missed).toBe(1);
  expect(await post.votes()).toEqual({ sad: 1 });
});
