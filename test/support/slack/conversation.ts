import { canonicalEmoji } from './emoji.ts';
import { RefusedCall } from './errors.ts';
import { emitAbout, MESSAGE_EVENTS } from './events.ts';
import { messagePayload } from './payloads.ts';
import type { Block, Channel, File, Message, Payload, Team, User, World } from './world.ts';

/** Slack tells nobody its caps; these are the ones that people report. */
export const EMOJI_PER_MESSAGE = 50;
export const REACTIONS_PER_PERSON = 23;

export interface NewMessage {
  readonly channel: Channel;
  readonly user?: User;
  readonly team?: Team;
  readonly text?: string;
  readonly blocks?: Block[];
  readonly attachments?: Payload[];
  readonly metadata?: Payload;
  readonly threadTs?: string;
  readonly broadcast?: boolean;
  readonly files?: readonly File[];
  readonly subtype?: string;
  readonly botId?: string;
  readonly username?: string;
  readonly unfurlLinks?: boolean;
  readonly unfurlMedia?: boolean;
  readonly ephemeralFor?: string;
}

/** Posts for a person, the bot or a workflow, and tells the app. */
export function postMessage(world: World, given: NewMessage): Message {
  const { channel, user } = given;
  const message: Message = {
    ts: world.ids.ts(),
    channel,
    user,
    team: given.team ?? user?.team ?? channel.team,
    botId: given.botId ?? user?.botId,
    appId: user?.appId,
    subtype: given.subtype ?? (user === undefined ? 'bot_message' : undefined),
    text: given.text ?? '',
    blocks: given.blocks,
    attachments: given.attachments,
    metadata: given.metadata,
    threadTs: given.threadTs,
    broadcast: given.broadcast ?? false,
    files: given.files ?? [],
    editedTs: undefined,
    threadLocked: false,
    unfurlLinks: given.unfurlLinks ?? false,
    unfurlMedia: given.unfurlMedia ?? true,
    username: given.username,
    reactions: new Map(),
    replies: [],
    ephemeralFor: given.ephemeralFor,
  };
  channel.messages.set(message.ts, message);
  if (message.ephemeralFor !== undefined) {
    // Nobody is told about ephemeral messages, not even the app.
    world.wake();
    return message;
  }
  parentOf(message)?.replies.push(message);
  const said = { ...messagePayload(world, message), channel: channel.id, event_ts: message.ts };
  emitMessage(world, message, said);
  emitMention(world, message, said);
  return message;
}

function parentOf(message: Message): Message | undefined {
  return message.threadTs === undefined || message.threadTs === message.ts
    ? undefined
    : message.channel.messages.get(message.threadTs);
}

function emitMessage(world: World, message: Message, event: Payload): void {
  const { channel } = message;
  const { name, scope, type } = MESSAGE_EVENTS[channel.kind];
  const foreign = channel.teams.size > 1 && { user_team: message.team.id, source_team: message.team.id };
  emitAbout(world, channel, message.team, {
    name,
    scopes: [scope],
    event: { ...event, ...foreign, channel_type: type },
  });
}

function emitMention(world: World, message: Message, event: Payload): void {
  const { channel } = message;
  for (const team of channel.teams) {
    const installation = world.installationOf(team);
    // The app is not told when it mentions itself; a mention in a direct message is just a message.
    if (installation === undefined || message.user === installation.bot || channel.kind === 'im') continue;
    if (!message.text.includes(`<@${installation.bot.id}>`)) continue;
    emitAbout(world, channel, message.team, {
      name: 'app_mention',
      scopes: ['app_mentions:read'],
      event: { ...event, type: 'app_mention' },
    });
    return;
  }
}

/** Changes a message in place and tells the app. */
export function changeMessage(
  world: World,
  message: Message,
  change: Partial<Pick<Message, 'text' | 'blocks' | 'attachments' | 'metadata'>>,
): void {
  const before = message.ephemeralFor === undefined ? messagePayload(world, message) : {};
  Object.assign(message, change);
  if (message.ephemeralFor !== undefined) {
    world.wake();
    return;
  }
  message.editedTs = world.ids.ts();
  emitMessage(world, message, {
    type: 'message',
    subtype: 'message_changed',
    hidden: true,
    channel: message.channel.id,
    ts: message.editedTs,
    event_ts: message.editedTs,
    message: messagePayload(world, message),
    previous_message: before,
  });
}

export function removeMessage(world: World, message: Message): void {
  const before = message.ephemeralFor === undefined ? messagePayload(world, message) : {};
  message.channel.messages.delete(message.ts);
  const siblings = parentOf(message)?.replies;
  if (siblings?.includes(message)) siblings.splice(siblings.indexOf(message), 1);
  if (message.ephemeralFor !== undefined) {
    world.wake();
    return;
  }
  const ts = world.ids.ts();
  emitMessage(world, message, {
    type: 'message',
    subtype: 'message_deleted',
    hidden: true,
    channel: message.channel.id,
    ts,
    event_ts: ts,
    deleted_ts: message.ts,
    previous_message: before,
  });
}

function emitReaction(
  world: World,
  type: 'reaction_added' | 'reaction_removed',
  message: Message,
  user: User,
  name: string,
): void {
  emitAbout(world, message.channel, user.team, {
    name: type,
    scopes: ['reactions:read'],
    event: {
      type,
      user: user.id,
      reaction: name,
      item: { type: 'message', channel: message.channel.id, ts: message.ts },
      // What a workflow or a webhook posted belongs to nobody.
      ...(message.user !== undefined && { item_user: message.user.id }),
      event_ts: world.ids.ts(),
    },
  });
}

/** Adds a reaction, or refuses with Slack's code. */
export function react(world: World, message: Message, user: User, given: string): void {
  if (message.channel.archived) throw new RefusedCall('is_archived');
  const name = canonicalEmoji(given, message.channel.team.emojis) ?? canonicalEmoji(given, user.team.emojis);
  if (name === undefined) throw new RefusedCall('invalid_name');
  if (message.threadLocked) throw new RefusedCall('thread_locked');
  const users = message.reactions.get(name);
  if (users?.has(user.id)) throw new RefusedCall('already_reacted');
  if (users === undefined && message.reactions.size >= EMOJI_PER_MESSAGE)
    throw new RefusedCall('too_many_emoji');
  let own = 0;
  for (const one of message.reactions.values()) if (one.has(user.id)) own += 1;
  if (own >= REACTIONS_PER_PERSON) throw new RefusedCall('too_many_reactions');
  if (users === undefined) message.reactions.set(name, new Set([user.id]));
  else users.add(user.id);
  emitReaction(world, 'reaction_added', message, user, name);
}

export function unreact(world: World, message: Message, user: User, given: string): void {
  const name = canonicalEmoji(given, message.channel.team.emojis) ?? canonicalEmoji(given, user.team.emojis);
  if (name === undefined) throw new RefusedCall('invalid_name');
  const users = message.reactions.get(name);
  if (!users?.delete(user.id)) throw new RefusedCall('no_reaction');
  if (users.size === 0) message.reactions.delete(name);
  emitReaction(world, 'reaction_removed', message, user, name);
}
