import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import type { Sound } from '../../src/chat/message.ts';
import type { ChatHandlers, ChatPlatform, ReactionEvent } from '../../src/chat/platform.ts';
import { type MessageRef, refKey, type SnippetPost } from '../../src/domain/post.ts';
import type { Song } from '../../src/domain/song.ts';
import { createReactions } from '../../src/labelling/reactions.ts';
import { snippetMessage } from '../../src/labelling/service.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { taxonomy } from '../playlists/planted-model.ts';

export const silent = pino({ level: 'silent' });
const DAY = 86_400_000;
const quiet = async () => {};

/** Somebody listens, and does nothing. */
export const silentHandlers: ChatHandlers = {
  reaction: quiet,
  cleared: quiet,
  removed: quiet,
  missed: quiet,
  joined: quiet,
  left: quiet,
  command: quiet,
  action: quiet,
  complete: async () => [],
};

export interface Place {
  readonly communityId: string;
  readonly channel: string;
}

const SONG: Song = {
  id: 's1',
  title: 'Paper Lanterns',
  artists: ['Ivo'],
  features: {},
  snippet: { kind: 'none' },
};

/** One of our adapters, with labelling and the store behind it; started. */
export async function openVotingBot(platform: ChatPlatform) {
  const dir = mkdtempSync(path.join(os.tmpdir(), `reactune-bench-${platform.name}-`));
  const store = await openLowdbStore({ dir, log: silent, now: Date.now });
  const reactions = createReactions({ store, taxonomy, log: silent, now: Date.now });
  let taken = 0;
  let onTaken: (event: ReactionEvent) => void = () => {};
  await platform.start({
    ...silentHandlers,
    missed: async (communities) => void (await reactions.catchUp(platform, communities)),
    async reaction(event) {
      await reactions.handle(event);
      taken += 1;
      onTaken(event);
    },
  });

  /** Takes a message for the post of a snippet. */
  async function takesVotes(communityId: string, message: MessageRef): Promise<SnippetPost> {
    const at = Date.now();
    const snippet: SnippetPost = {
      id: refKey(message),
      communityId,
      message,
      songId: `song-${message.message}`,
      postedAt: at,
      closesAt: at + DAY,
      postedBy: 'command',
      chosenBy: 'policy',
    };
    await store.savePost(snippet);
    return snippet;
  }

  return {
    store,
    platform,
    reactions,
    takesVotes,
    async post(place: Place, seeded: boolean, sound: Sound = { kind: 'none' }): Promise<SnippetPost> {
      const message = await platform.post(place, snippetMessage(SONG, sound));
      if (seeded) await platform.seedReactions(message, taxonomy.invitation);
      return takesVotes(place.communityId, message);
    },
    whenTaken(listener: (event: ReactionEvent) => void) {
      onTaken = listener;
    },
    /** Until so many reactions are votes, whether they were told or, after the connection broke, read back. */
    async untilTaken(count: number): Promise<void> {
      for (let turn = 1; taken < count; turn++) {
        await wait(1);
        // Counting them takes time that is measured here: only now and then.
        if (turn % 1_000 === 0 && (await store.totals()).votes >= count) return;
      }
    },
    async close() {
      await platform.stop();
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
