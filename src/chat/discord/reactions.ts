import { type Client, GatewayDispatchEvents, ReactionType } from 'discord.js';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { MessageRef } from '../../domain/post.ts';
import type { ChatHandlers } from '../platform.ts';
import { emojiKey, emojiOf } from './emoji.ts';

const emoji = z.object({
  id: z.string().nullish(),
  name: z.string().nullish(),
  animated: z.boolean().optional(),
});
const where = z.object({ guild_id: z.string(), channel_id: z.string(), message_id: z.string() });
const changed = where.extend({
  user_id: z.string(),
  emoji,
  burst: z.boolean().optional(),
  type: z.number().optional(),
  message_author_id: z.string().optional(),
  member: z.object({ user: z.object({ bot: z.boolean().optional() }).optional() }).optional(),
});
const emojiCleared = where.extend({ emoji });

const NORMAL = 1;
const BURST = 2;
/** Reactions remembered to tell normal and super reactions of one person apart: some megabytes. */
const MAX_REMEMBERED = 20_000;

/**
 * Somebody may react normally and with a super reaction to the same message, and then take one of them back: the
 * reaction stands until both are gone. What happened before the bot came is not known here, so a super reaction that is
 * taken back counts as gone then; reading the message back puts it right.
 */
function createKinds() {
  const known = new Map<string, number>();
  return {
    /** @returns false if the reaction stands all the same */
    changes(key: string, kind: number, present: boolean): boolean {
      const before = known.get(key) ?? 0;
      const after = present ? before | kind : before & ~kind;
      known.delete(key);
      if (after !== 0) known.set(key, after);
      const oldest = known.keys().next().value;
      if (known.size > MAX_REMEMBERED && oldest !== undefined) known.delete(oldest);
      return present || after === 0;
    },
    forget(fits: (key: string) => boolean): void {
      for (const key of known.keys()) if (fits(key)) known.delete(key);
    },
    clear: () => known.clear(),
  };
}

function refOf({ guild_id, channel_id, message_id }: z.infer<typeof where>): MessageRef {
  return {
    platform: 'discord',
    communityId: `discord:${guild_id}`,
    channel: channel_id,
    message: message_id,
  };
}

/**
 * Reports reactions as the gateway tells them, without asking Discord anything. Of a reaction that is taken back the
 * gateway does not say whether a bot did it: such an event may be reported, and changes nothing, because the reaction
 * itself never was.
 */
export function followReactions({
  client,
  handlers,
  now,
  log,
  background,
}: {
  client: Client;
  handlers: Pick<ChatHandlers, 'reaction' | 'cleared'>;
  now: () => number;
  log: Logger;
  background: (work: Promise<void>) => void;
}): void {
  const kinds = createKinds();

  /** Events outside of servers lack `guild_id`, and none of those matter. */
  function on<T>(name: GatewayDispatchEvents, schema: z.ZodType<T>, take: (data: T) => void): void {
    client.ws.on(name, (payload: unknown) => {
      const parsed = schema.safeParse(payload);
      if (parsed.success) take(parsed.data);
      else log.debug({ event: name, issues: parsed.error.issues }, 'an event is not as expected');
    });
  }

  function take(event: z.infer<typeof changed>, present: boolean): void {
    const me = client.user?.id;
    if (event.user_id === me || event.member?.user?.bot === true) return;
    if (event.message_author_id !== undefined && event.message_author_id !== me) return;
    const emojiText = emojiOf(event.emoji);
    const kind = event.burst === true || event.type === ReactionType.Super ? BURST : NORMAL;
    const key = `${event.message_id} ${emojiKey(emojiText)} ${event.user_id}`;
    if (!kinds.changes(key, kind, present)) return;
    const identity = `discord:${event.user_id}`;
    background(handlers.reaction({ message: refOf(event), identity, emoji: emojiText, present, at: now() }));
  }

  on(GatewayDispatchEvents.MessageReactionAdd, changed, (event) => take(event, true));
  on(GatewayDispatchEvents.MessageReactionRemove, changed, (event) => take(event, false));
  on(GatewayDispatchEvents.MessageReactionRemoveAll, where, (event) => {
    kinds.forget((key) => key.startsWith(`${event.message_id} `));
    background(handlers.cleared({ message: refOf(event), at: now() }));
  });
  on(GatewayDispatchEvents.MessageReactionRemoveEmoji, emojiCleared, (event) => {
    const text = emojiOf(event.emoji);
    kinds.forget((key) => key.startsWith(`${event.message_id} ${emojiKey(text)} `));
    background(handlers.cleared({ message: refOf(event), emoji: text, at: now() }));
  });
  // A new session: what was taken back in between is not known.
  client.ws.on(GatewayDispatchEvents.Ready, () => kinds.clear());
}
