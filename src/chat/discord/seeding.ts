import { type APIMessage, type REST, Routes } from 'discord.js';
import type { Logger } from 'pino';
import type { MessageRef } from '../../domain/post.ts';
import { emojiInRoute, emojiKey, emojiOf } from './emoji.ts';
import { asChatError, Code, codeOf, isGone } from './errors.ts';
import type { Messenger } from './messenger.ts';

/** Puts the bot's own reactions under messages. */
export interface Seeding {
  /** A message of this moment: nothing is under it yet, so nothing has to be looked up. */
  posted(messageId: string): void;
  /**
   * One emoji after the other, so that they stand in this order; discord.js waits where Discord asks for patience.
   * An emoji that does not exist any more is left out. @throws ChatError
   */
  seed(ref: MessageRef, emojis: readonly string[]): Promise<void>;
}

const MAX_REMEMBERED = 500;

export function createSeeding({
  rest,
  messenger,
  log,
}: {
  rest: REST;
  messenger: Messenger;
  log: Logger;
}): Seeding {
  const fresh = new Set<string>();

  async function standing({ channel, message }: MessageRef): Promise<Set<string>> {
    if (fresh.delete(message)) return new Set();
    try {
      const found = (await rest.get(Routes.channelMessage(channel, message))) as APIMessage;
      return new Set(
        (found.reactions ?? []).filter(({ me }) => me).map(({ emoji }) => emojiKey(emojiOf(emoji))),
      );
    } catch (error) {
      if (isGone(error)) throw error;
      // Adding a reaction that is there already is success too, it only takes a request.
      log.debug({ err: error, message }, 'the emoji under a message could not be looked up');
      return new Set();
    }
  }

  return {
    posted(messageId) {
      fresh.add(messageId);
      const oldest = fresh.values().next().value;
      if (fresh.size > MAX_REMEMBERED && oldest !== undefined) fresh.delete(oldest);
    },
    async seed(ref, emojis) {
      const { channel, message } = ref;
      try {
        const there = await standing(ref);
        for (const emoji of emojis) {
          if (there.has(emojiKey(emoji))) continue;
          try {
            await rest.put(Routes.channelMessageOwnReaction(channel, message, emojiInRoute(emoji)));
          } catch (error) {
            if (codeOf(error) !== Code.UnknownEmoji) throw error;
            log.warn(
              { emoji, community: ref.communityId },
              'an emoji does not exist any more; it is left out',
            );
          }
        }
      } catch (error) {
        const needs = ['View Channel', 'Add Reactions', 'Read Message History'] as const;
        throw asChatError(error, messenger.doing('put emoji under a message', channel, needs));
      }
    },
  };
}
