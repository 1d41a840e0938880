import { RESTJSONErrorCodes } from 'discord.js';
import { customEmojiId, type Emoji, emojiKey, unicodeEmoji } from '../emoji.ts';
import { FormErrors, refuse } from '../errors.ts';
import { addReaction, clearReactions, removeReaction } from '../message-changes.ts';
import { userPayload } from '../payloads.ts';
import { has } from '../permissions.ts';
import { byId } from '../snowflake.ts';
import type { Channel, Message, World } from '../world.ts';
import {
  botPermissions,
  findChannel,
  findMessage,
  NO_CONTENT,
  ok,
  param,
  type RestRequest,
  type Route,
} from './route.ts';

/** The emoji of a path. Custom ones have to exist, Unicode ones have to be one emoji. */
export function findEmoji(world: World, text: string): Emoji {
  const id = customEmojiId(text);
  const emoji = id === undefined ? unicodeEmoji(text) : world.emojis.get(id);
  return emoji ?? refuse(RESTJSONErrorCodes.UnknownEmoji);
}

function target(request: RestRequest): { world: World; channel: Channel; message: Message; emoji: Emoji } {
  const { world } = request;
  const channel = findChannel(request);
  if (!has(botPermissions(world, channel), 'ReadMessageHistory')) refuse(RESTJSONErrorCodes.MissingAccess);
  const message = findMessage(request, channel);
  return { world, channel, message, emoji: findEmoji(world, param(request, 'emoji_name')) };
}

function requireManage(world: World, channel: Channel): void {
  if (channel.guild === undefined) refuse(RESTJSONErrorCodes.CannotExecuteActionOnDMChannel);
  if (!has(botPermissions(world, channel), 'ManageMessages')) refuse(RESTJSONErrorCodes.MissingPermissions);
}

/** A quarter of a second between reactions, per channel, adding and removing together. */
const SHARED = { bucket: 'reactions', limit: { requests: 1, perMs: 250 } } as const;
const REACTIONS = '/channels/{channel_id}/messages/{message_id}/reactions';

export const reactionRoutes: readonly Route[] = [
  {
    ...SHARED,
    method: 'PUT',
    path: `${REACTIONS}/{emoji_name}/@me`,
    handle(request) {
      const { world, channel, message, emoji } = target(request);
      const permissions = botPermissions(world, channel);
      // Joining in needs less than being the first with an emoji.
      const first = !message.reactions.has(emojiKey(emoji));
      if (first && !has(permissions, 'AddReactions')) refuse(RESTJSONErrorCodes.MissingPermissions);
      const home = emoji.id === null ? undefined : world.emojis.get(emoji.id)?.guild;
      if (first && home !== undefined && home !== channel.guild) {
        if (!world.botMember(home)) refuse(RESTJSONErrorCodes.UnknownEmoji);
        if (!has(permissions, 'UseExternalEmojis')) refuse(RESTJSONErrorCodes.MissingPermissions);
      }
      const done = addReaction(world, message, world.bot.id, emoji);
      if (done === 'full') refuse(RESTJSONErrorCodes.MaximumNumberOfReactionsReached);
      return NO_CONTENT;
    },
  },
  {
    method: 'GET',
    path: `${REACTIONS}/{emoji_name}`,
    handle(request) {
      const { world, message, emoji } = target(request);
      const limit = Number(request.query.get('limit') ?? 25);
      const after = request.query.get('after') ?? '0';
      const type = request.query.get('type') ?? '0';
      if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
        const errors = new FormErrors();
        errors.add(['limit'], 'NUMBER_TYPE_MAX', 'int value should be between 1 and 100.');
        errors.throwIfAny();
      }
      const reaction = message.reactions.get(emojiKey(emoji));
      const ids = [...((type === '1' ? reaction?.burst : reaction?.normal) ?? [])];
      const page = ids
        .filter((id) => byId(id, after) > 0)
        .sort(byId)
        .slice(0, limit);
      return ok(page.flatMap((id) => world.users.get(id) ?? []).map(userPayload));
    },
  },
  {
    ...SHARED,
    method: 'DELETE',
    path: `${REACTIONS}/{emoji_name}/@me`,
    handle(request) {
      const { world, message, emoji } = target(request);
      removeReaction(world, message, world.bot.id, emoji);
      return NO_CONTENT;
    },
  },
  {
    ...SHARED,
    method: 'DELETE',
    path: `${REACTIONS}/{emoji_name}/{user_id}`,
    handle(request) {
      const { world, channel, message, emoji } = target(request);
      const user = param(request, 'user_id');
      if (user !== world.bot.id) requireManage(world, channel);
      if (!world.users.has(user)) refuse(RESTJSONErrorCodes.UnknownUser);
      removeReaction(world, message, user, emoji);
      return NO_CONTENT;
    },
  },
  {
    ...SHARED,
    method: 'DELETE',
    path: `${REACTIONS}/{emoji_name}`,
    handle(request) {
      const { world, channel, message, emoji } = target(request);
      requireManage(world, channel);
      clearReactions(world, message, emoji);
      return NO_CONTENT;
    },
  },
  {
    ...SHARED,
    method: 'DELETE',
    path: REACTIONS,
    handle(request) {
      const { world } = request;
      const channel = findChannel(request);
      const message = findMessage(request, channel);
      requireManage(world, channel);
      clearReactions(world, message);
      return NO_CONTENT;
    },
  },
];
