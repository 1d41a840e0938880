import { react, unreact } from '../conversation.ts';
import { refuse } from '../errors.ts';
import { messagePayload, reactionsPayload } from '../payloads.ts';
import type { Message, Payload, World } from '../world.ts';
import { type Call, findMessage, type Methods, memberChannel, page, requireTs } from './method.ts';

/** The message that `channel` and `timestamp` name. */
function item(call: Call): Message {
  const { args } = call;
  const channel = args.text('channel');
  const ts = args.text('timestamp');
  if (channel === undefined || ts === undefined) return refuse('no_item_specified');
  return findMessage(memberChannel(call, channel), requireTs(ts, 'bad_timestamp'));
}

function withReactions(world: World, message: Message, full: boolean, asker: string): Payload {
  const { reactions: _, ...payload } = messagePayload(world, message);
  return {
    ...payload,
    ...(message.reactions.size > 0 && {
      reactions: reactionsPayload(message, full, asker).map(({ users, ...rest }) => ({
        ...rest,
        users: (users as string[]).slice(0, world.mostUsersListed),
      })),
    }),
    permalink: `https://${message.team.domain}.slack.com/archives/${message.channel.id}/p${message.ts.replace('.', '')}`,
  };
}

export const REACTIONS: Methods = {
  'reactions.add': {
    tier: 3,
    token: 'bot',
    scopes: ['reactions:write'],
    channelArgument: 'channel',
    run(call) {
      react(call.world, item(call), call.bot, call.args.need('name'));
      return {};
    },
  },
  'reactions.remove': {
    tier: 2,
    token: 'bot',
    scopes: ['reactions:write'],
    channelArgument: 'channel',
    run(call) {
      unreact(call.world, item(call), call.bot, call.args.need('name'));
      return {};
    },
  },
  'reactions.get': {
    tier: 3,
    token: 'bot',
    scopes: ['reactions:read'],
    channelArgument: 'channel',
    run(call) {
      const message = item(call);
      const full = call.args.flag('full') ?? false;
      return {
        type: 'message',
        channel: message.channel.id,
        message: withReactions(call.world, message, full, call.bot.id),
      };
    },
  },
  'reactions.list': {
    tier: 2,
    token: 'bot',
    scopes: ['reactions:read'],
    run(call) {
      const user = call.args.text('user') ?? call.bot.id;
      if (!call.world.users.has(user)) return refuse('user_not_found');
      const all: Message[] = [];
      for (const channel of call.team.channels.values()) {
        if (!channel.members.has(call.bot.id)) continue;
        for (const message of channel.messages.values()) {
          if ([...message.reactions.values()].some((users) => users.has(user))) all.push(message);
        }
      }
      const { items, response_metadata } = page(call, all.reverse());
      return {
        items: items.map((message) => ({
          type: 'message',
          channel: message.channel.id,
          message: withReactions(call.world, message, call.args.flag('full') ?? false, user),
        })),
        response_metadata,
      };
    },
  },
};
