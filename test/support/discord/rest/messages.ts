import {
  ChannelType,
  MessageFlags,
  MessageType,
  type PermissionsString,
  RESTJSONErrorCodes,
} from 'discord.js';
import { z } from 'zod';
import { compose } from '../compose.ts';
import { FormErrors, refuse } from '../errors.ts';
import { parseForm, snowflake } from '../form.ts';
import { addMessage, deleteMessage, deleteMessages, updateMessage } from '../message-changes.ts';
import { createMessageSchema, editMessageSchema } from '../message-form.ts';
import { messagePayload } from '../payloads.ts';
import { has } from '../permissions.ts';
import { byId } from '../snowflake.ts';
import type { Channel, Message, User, World } from '../world.ts';
import { botPermissions, findChannel, findMessage, NO_CONTENT, ok, type Route } from './route.ts';

function requirePermission(world: World, channel: Channel, ...names: readonly PermissionsString[]): void {
  if (!has(botPermissions(world, channel), ...names)) refuse(RESTJSONErrorCodes.MissingPermissions);
}

function requireHistory(world: World, channel: Channel): void {
  // Discord calls this one missing access, not missing permissions.
  if (!has(botPermissions(world, channel), 'ReadMessageHistory')) refuse(RESTJSONErrorCodes.MissingAccess);
}

function shareGuild(world: World, { id }: User): boolean {
  return [...world.guilds.values()].some((guild) => world.botMember(guild) && guild.members.has(id));
}

function requireText(world: World, channel: Channel): void {
  if (channel.type === ChannelType.GuildCategory || channel.type === ChannelType.GuildForum)
    refuse(RESTJSONErrorCodes.CannotSendMessagesInNonTextChannel);
  if (channel.guild === undefined && channel.recipient?.acceptsDms === false)
    refuse(RESTJSONErrorCodes.CannotSendMessagesToThisUser);
  if (channel.recipient !== undefined && !shareGuild(world, channel.recipient))
    refuse(RESTJSONErrorCodes.CannotSendMessagesToThisUserDueToHavingNoMutualGuilds);
  requirePermission(world, channel, 'SendMessages');
}

/** A message of the bot's that came again with the same nonce, which it asked to be taken once. */
function alreadySent(world: World, channel: Channel, nonce: string | number): Message | undefined {
  const recent = [...channel.messages.values()].slice(-50);
  return recent.find((one) => one.author === world.bot && String(one.nonce) === String(nonce));
}

const MESSAGES = '/channels/{channel_id}/messages';
const MESSAGE = '/channels/{channel_id}/messages/{message_id}';
const bulkDeleteSchema = z.strictObject({ messages: z.array(snowflake).min(2).max(100) });

export const messageRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: MESSAGES,
    handle(request) {
      const { query, world } = request;
      const channel = findChannel(request);
      // Without the permission to read history, Discord answers with an empty list.
      if (!has(botPermissions(world, channel), 'ReadMessageHistory')) return ok([]);
      const limit = Number(query.get('limit') ?? 50);
      if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
        const errors = new FormErrors();
        errors.add(['limit'], 'NUMBER_TYPE_MAX', 'int value should be between 1 and 100.');
        errors.throwIfAny();
      }
      const [before, after, around] = ['before', 'after', 'around'].map((name) => query.get(name));
      let found = [...channel.messages.values()].filter(({ ephemeralFor }) => ephemeralFor === undefined);
      if (before != null) found = found.filter(({ id }) => byId(id, before) < 0);
      if (after != null) found = found.filter(({ id }) => byId(id, after) > 0).slice(0, limit);
      if (around != null) {
        const at = found.findIndex(({ id }) => byId(id, around) >= 0);
        found = found.slice(Math.max(0, at - Math.floor(limit / 2))).slice(0, limit);
      }
      // Newest first, whatever was asked.
      return ok(
        found
          .slice(-limit)
          .reverse()
          .map((message) => messagePayload(message, world)),
      );
    },
  },
  {
    method: 'GET',
    path: MESSAGE,
    handle(request) {
      const channel = findChannel(request);
      requireHistory(request.world, channel);
      return ok(messagePayload(findMessage(request, channel), request.world));
    },
  },
  {
    method: 'POST',
    path: MESSAGES,
    limit: { requests: 5, perMs: 5000 },
    handle(request) {
      const { world, files } = request;
      const channel = findChannel(request);
      requireText(world, channel);
      const form = parseForm(createMessageSchema, request.body ?? {});
      const draft = compose(world, form, files);
      if (draft.embeds.length > 0) requirePermission(world, channel, 'EmbedLinks');
      if (draft.attachments.length > 0) requirePermission(world, channel, 'AttachFiles');
      if ((draft.flags & MessageFlags.IsVoiceMessage) !== 0)
        if (!has(botPermissions(world, channel), 'SendVoiceMessages'))
          refuse(RESTJSONErrorCodes.YouCannotSendVoiceMessagesInThisChannel);
      if (form.enforce_nonce && form.nonce != null) {
        const sent = alreadySent(world, channel, form.nonce);
        if (sent !== undefined) return ok(messagePayload(sent, world));
      }
      const reference = form.message_reference;
      if (reference != null) {
        requirePermission(world, channel, 'ReadMessageHistory');
        if (reference.fail_if_not_exists !== false && !channel.messages.has(reference.message_id)) {
          const errors = new FormErrors();
          errors.add(['message_reference'], 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message');
          errors.throwIfAny();
        }
      }
      const message: Message = {
        ...draft,
        id: world.newId(),
        channel,
        author: world.bot,
        type: reference == null ? MessageType.Default : MessageType.Reply,
        editedAt: undefined,
        reactions: new Map(),
        ...(form.nonce != null && { nonce: form.nonce }),
        ...(reference != null && { reference: reference.message_id }),
      };
      addMessage(world, message);
      return ok(messagePayload(message, world));
    },
  },
  {
    method: 'PATCH',
    path: MESSAGE,
    limit: { requests: 5, perMs: 5000 },
    handle(request) {
      const { world, files } = request;
      const channel = findChannel(request);
      const message = findMessage(request, channel);
      const form = parseForm(editMessageSchema, request.body ?? {});
      if (message.author !== world.bot) refuse(RESTJSONErrorCodes.CannotEditMessageAuthoredByAnotherUser);
      Object.assign(message, compose(world, form, files, message), { editedAt: world.clock.now() });
      updateMessage(world, message);
      return ok(messagePayload(message, world));
    },
  },
  {
    method: 'DELETE',
    path: MESSAGE,
    limit: { requests: 5, perMs: 1000 },
    handle(request) {
      const { world } = request;
      const channel = findChannel(request);
      const message = findMessage(request, channel);
      if (message.author !== world.bot) requirePermission(world, channel, 'ManageMessages');
      deleteMessage(world, message);
      return NO_CONTENT;
    },
  },
  {
    method: 'POST',
    path: '/channels/{channel_id}/messages/bulk-delete',
    limit: { requests: 1, perMs: 3000 },
    handle(request) {
      const { world } = request;
      const channel = findChannel(request);
      if (channel.guild === undefined) refuse(RESTJSONErrorCodes.CannotExecuteActionOnDMChannel);
      requirePermission(world, channel, 'ManageMessages');
      const { messages } = parseForm(bulkDeleteSchema, request.body);
      const found = messages.flatMap((id) => channel.messages.get(id) ?? []);
      deleteMessages(world, channel, found);
      return NO_CONTENT;
    },
  },
  {
    method: 'POST',
    path: '/channels/{channel_id}/typing',
    limit: { requests: 5, perMs: 5000 },
    handle(request) {
      requirePermission(request.world, findChannel(request), 'SendMessages');
      return NO_CONTENT;
    },
  },
];
