import { GatewayDispatchEvents, GatewayIntentBits } from 'discord.js';
import { type Emoji, emojiKey, partialEmoji } from './emoji.ts';
import { memberPayload, messagePayload } from './payloads.ts';
import type { Channel, Message, World } from './world.ts';

function messageIntent(channel: Channel): number {
  return channel.guild ? GatewayIntentBits.GuildMessages : GatewayIntentBits.DirectMessages;
}

function reactionIntent(channel: Channel): number {
  return channel.guild ? GatewayIntentBits.GuildMessageReactions : GatewayIntentBits.DirectMessageReactions;
}

function place(channel: Channel): { channel_id: string; guild_id?: string } {
  return { channel_id: channel.id, ...(channel.guild && { guild_id: channel.guild.id }) };
}

function emitMessage(world: World, t: string, message: Message): void {
  const { channel } = message;
  // Nobody but the person it is for gets to know of an ephemeral message, except through the interaction.
  if (message.ephemeralFor !== undefined) {
    world.wake();
    return;
  }
  const member = channel.guild?.members.get(message.author.id);
  const { user: _user, ...bare } = member === undefined ? { user: undefined } : memberPayload(member);
  const d = { ...messagePayload(message, world), ...place(channel), ...(member && { member: bare }) };
  // A bot reads its own messages and direct ones without the MESSAGE_CONTENT intent.
  const open = message.author.id === world.bot.id || channel.guild === undefined;
  const redacted = open ? d : { ...d, content: '', embeds: [], attachments: [], components: [] };
  world.emit({ t, d, redacted, intents: messageIntent(channel), guild: channel.guild, channel });
}

export function addMessage(world: World, message: Message): void {
  message.channel.messages.set(message.id, message);
  if (message.ephemeralFor === undefined) message.channel.lastMessageId = message.id;
  emitMessage(world, GatewayDispatchEvents.MessageCreate, message);
}

/** Tells of a message that was changed in place. */
export function updateMessage(world: World, message: Message): void {
  emitMessage(world, GatewayDispatchEvents.MessageUpdate, message);
}

export function deleteMessage(world: World, message: Message): void {
  const { channel } = message;
  channel.messages.delete(message.id);
  if (message.ephemeralFor !== undefined) {
    world.wake();
    return;
  }
  const d = { id: message.id, ...place(channel) };
  world.emit({
    t: GatewayDispatchEvents.MessageDelete,
    d,
    intents: messageIntent(channel),
    guild: channel.guild,
    channel,
  });
}

export function deleteMessages(world: World, channel: Channel, messages: readonly Message[]): void {
  for (const message of messages) channel.messages.delete(message.id);
  const d = { ids: messages.map(({ id }) => id), ...place(channel) };
  world.emit({
    t: GatewayDispatchEvents.MessageDeleteBulk,
    d,
    intents: messageIntent(channel),
    guild: channel.guild,
    channel,
  });
}

/** What adding a reaction comes to; the caller has checked permissions. */
export function addReaction(
  world: World,
  message: Message,
  userId: string,
  emoji: Emoji,
  burst = false,
): 'added' | 'there' | 'full' {
  const key = emojiKey(emoji);
  let reaction = message.reactions.get(key);
  if (reaction === undefined) {
    if (message.reactions.size >= 20) return 'full';
    reaction = { emoji, normal: new Set(), burst: new Set() };
    message.reactions.set(key, reaction);
  }
  const users = burst ? reaction.burst : reaction.normal;
  // One person reacts with one emoji once, either way.
  if (reaction.normal.has(userId) || reaction.burst.has(userId)) return 'there';
  users.add(userId);
  const { channel } = message;
  const member = channel.guild?.members.get(userId);
  world.emit({
    t: GatewayDispatchEvents.MessageReactionAdd,
    d: {
      user_id: userId,
      message_id: message.id,
      ...place(channel),
      ...(member && { member: memberPayload(member) }),
      emoji: partialEmoji(emoji),
      message_author_id: message.author.id,
      burst,
      ...(burst && { burst_colors: ['#f5a623'] }),
      type: burst ? 1 : 0,
    },
    intents: reactionIntent(channel),
    guild: channel.guild,
    channel,
  });
  return 'added';
}

export function removeReaction(world: World, message: Message, userId: string, emoji: Emoji): boolean {
  const key = emojiKey(emoji);
  const reaction = message.reactions.get(key);
  if (reaction === undefined) return false;
  const burst = reaction.burst.delete(userId);
  if (!burst && !reaction.normal.delete(userId)) return false;
  if (reaction.normal.size + reaction.burst.size === 0) message.reactions.delete(key);
  const { channel } = message;
  world.emit({
    t: GatewayDispatchEvents.MessageReactionRemove,
    // No member here, unlike in the event that adds one.
    d: {
      user_id: userId,
      message_id: message.id,
      ...place(channel),
      emoji: partialEmoji(emoji),
      burst,
      type: burst ? 1 : 0,
    },
    intents: reactionIntent(channel),
    guild: channel.guild,
    channel,
  });
  return true;
}

export function clearReactions(world: World, message: Message, emoji?: Emoji): void {
  const { channel } = message;
  if (emoji === undefined) message.reactions.clear();
  else if (!message.reactions.delete(emojiKey(emoji))) return;
  world.emit({
    t:
      emoji === undefined
        ? GatewayDispatchEvents.MessageReactionRemoveAll
        : GatewayDispatchEvents.MessageReactionRemoveEmoji,
    d: { message_id: message.id, ...place(channel), ...(emoji && { emoji: partialEmoji(emoji) }) },
    intents: reactionIntent(channel),
    guild: channel.guild,
    channel,
  });
}
