import { type APIMessage, type APIReaction, type APIUser, type REST, ReactionType, Routes } from 'discord.js';
import type { MessageRef } from '../../domain/post.ts';
import type { StandingReaction } from '../platform.ts';
import { emojiInRoute, emojiOf } from './emoji.ts';
import { asChatError, isGone } from './errors.ts';
import { isSnowflake, type Messenger } from './messenger.ts';

/** The most that Discord tells at once. */
const PAGE = 100;

/** The kinds of a reaction that somebody other than the bot may have left. */
function kindsBy({ me, me_burst, count, count_details: counts }: APIReaction): ReactionType[] {
  const normal = (counts?.normal ?? count) - (me ? 1 : 0);
  const burst = (counts?.burst ?? 0) - (me_burst ? 1 : 0);
  return [...(normal > 0 ? [ReactionType.Normal] : []), ...(burst > 0 ? [ReactionType.Super] : [])];
}

/**
 * Who reacted with what, asked of Discord itself. Emojis that only the bot put there cost no request.
 * @returns undefined if the message is gone
 * @throws ChatError
 */
export async function readReactions(
  rest: REST,
  messenger: Messenger,
  { channel, message }: MessageRef,
): Promise<readonly StandingReaction[] | undefined> {
  if (!isSnowflake(channel) || !isSnowflake(message)) return undefined;

  async function people(emoji: string, type: ReactionType): Promise<string[]> {
    const ids: string[] = [];
    for (let after: string | undefined; ; ) {
      const query = new URLSearchParams({
        limit: String(PAGE),
        type: String(type),
        ...(after !== undefined && { after }),
      });
      const route = Routes.channelMessageReaction(channel, message, emojiInRoute(emoji));
      const users = (await rest.get(route, { query })) as APIUser[];
      ids.push(...users.filter(({ bot }) => bot !== true).map(({ id }) => id));
      after = users.at(-1)?.id;
      if (users.length < PAGE || after === undefined) return ids;
    }
  }

  try {
    const found = (await rest.get(Routes.channelMessage(channel, message))) as APIMessage;
    const standing: StandingReaction[] = [];
    for (const reaction of found.reactions ?? []) {
      const emoji = emojiOf(reaction.emoji);
      const ids = new Set<string>();
      for (const kind of kindsBy(reaction)) for (const id of await people(emoji, kind)) ids.add(id);
      standing.push(...[...ids].map((id) => ({ identity: `discord:${id}`, emoji })));
    }
    return standing;
  } catch (error) {
    if (isGone(error)) return undefined;
    const needs = ['View Channel', 'Read Message History'] as const;
    throw asChatError(error, messenger.doing('read the reactions of a message', channel, needs));
  }
}
