import { refuse } from '../errors.ts';
import { READ_SCOPES } from '../events.ts';
import { channelPayload, messagePayload } from '../payloads.ts';
import { directMessages, joinChannel } from '../places.ts';
import type { Channel, Message, Payload } from '../world.ts';
import { type Call, findChannel, findUser, type Methods, needsScopeFor, page } from './method.ts';

const READ = Object.values(READ_SCOPES);
const HISTORY = {
  public: 'channels:history',
  private: 'groups:history',
  im: 'im:history',
  mpim: 'mpim:history',
};
const KINDS = {
  public_channel: 'public',
  private_channel: 'private',
  im: 'im',
  mpim: 'mpim',
} as const;

function describe(call: Call, channel: Channel): Payload {
  const { args } = call;
  return {
    ...channelPayload(call.world, channel, call.installation),
    context_team_id: call.team.id,
    ...(args.flag('include_num_members') && { num_members: channel.members.size }),
    ...(args.flag('include_locale') && { locale: 'en-US' }),
  };
}

function listed(call: Call, mine: (channel: Channel) => boolean): Payload {
  const kinds = (call.args.text('types') ?? 'public_channel').split(',').map((one) => one.trim());
  const wanted = kinds.map((kind) =>
    kind in KINDS ? KINDS[kind as keyof typeof KINDS] : refuse('invalid_types'),
  );
  for (const kind of wanted) {
    if (!call.installation.scopes.has(READ_SCOPES[kind]))
      refuse('missing_scope', {
        needed: READ_SCOPES[kind],
        provided: [...call.installation.scopes].join(','),
      });
  }
  const channels = [...call.team.channels.values()].filter(
    (channel) =>
      wanted.includes(channel.kind) &&
      (channel.kind === 'public' || channel.members.has(call.bot.id)) &&
      !(call.args.flag('exclude_archived') && channel.archived) &&
      mine(channel),
  );
  const { items, response_metadata } = page(call, channels);
  return { channels: items.map((channel) => describe(call, channel)), response_metadata };
}

/** Messages of a channel or thread, as far as the times allow. */
function within({ args }: Call, messages: Iterable<Message>): Message[] {
  const [oldest, latest] = [args.text('oldest') ?? '0', args.text('latest') ?? '9999999999'];
  const inclusive = args.flag('inclusive') ?? false;
  return [...messages].filter((message) => {
    if (message.ephemeralFor !== undefined) return false;
    const at = Number(message.ts);
    return inclusive
      ? at >= Number(oldest) && at <= Number(latest)
      : at > Number(oldest) && at < Number(latest);
  });
}

export const CONVERSATIONS: Methods = {
  'conversations.info': {
    tier: 3,
    token: 'bot',
    scopes: READ,
    channelArgument: 'channel',
    run(call) {
      const channel = findChannel(call, call.args.need('channel'));
      needsScopeFor(call, channel);
      return { channel: describe(call, channel) };
    },
  },
  'conversations.list': { tier: 2, token: 'bot', scopes: READ, run: (call) => listed(call, () => true) },
  'users.conversations': {
    tier: 3,
    token: 'bot',
    scopes: READ,
    run(call) {
      const user = call.args.text('user') ?? call.bot.id;
      return listed(call, (channel) => channel.members.has(user));
    },
  },
  'conversations.join': {
    tier: 3,
    token: 'bot',
    scopes: ['channels:join'],
    channelArgument: 'channel',
    run(call) {
      const channel = findChannel(call, call.args.need('channel'));
      if (channel.kind !== 'public') return refuse('method_not_supported_for_channel_type');
      if (channel.archived) return refuse('is_archived');
      const already = channel.members.has(call.bot.id);
      joinChannel(call.world, channel, call.bot);
      if (already) call.warn('already_in_channel');
      return { channel: describe(call, channel) };
    },
  },
  'conversations.members': {
    tier: 4,
    token: 'bot',
    scopes: READ,
    channelArgument: 'channel',
    run(call) {
      const channel = findChannel(call, call.args.need('channel'));
      needsScopeFor(call, channel);
      const { items, response_metadata } = page(call, [...channel.members]);
      return { members: items, response_metadata };
    },
  },
  'conversations.open': {
    tier: 3,
    token: 'bot',
    scopes: ['im:write', 'mpim:write'],
    run(call) {
      const { args, world } = call;
      const given = args.text('channel');
      const users = args.list('users');
      if (given !== undefined) return { channel: { id: findChannel(call, given).id } };
      if (users.length === 0) return refuse('users_list_not_supplied');
      if (users.length > 1) return refuse('invalid_user_combination');
      if (!call.installation.scopes.has('im:write'))
        return refuse('missing_scope', {
          needed: 'im:write',
          provided: [...call.installation.scopes].join(','),
        });
      const user = findUser(call, users[0]!);
      if (user.deleted) return refuse('user_disabled');
      const channel = directMessages(world, call.bot, user);
      return { channel: args.flag('return_im') ? describe(call, channel) : { id: channel.id } };
    },
  },
  'conversations.history': {
    tier: 3,
    token: 'bot',
    scopes: Object.values(HISTORY),
    channelArgument: 'channel',
    run(call) {
      const channel = findChannel(call, call.args.need('channel'));
      needsScopeFor(call, channel, HISTORY);
      if (!channel.members.has(call.bot.id)) return refuse('not_in_channel');
      const top = within(call, channel.messages.values()).filter(
        ({ threadTs, ts, broadcast }) => threadTs === undefined || threadTs === ts || broadcast,
      );
      const { items, response_metadata } = page(call, top.reverse(), 999);
      return {
        messages: items.map((message) => messagePayload(call.world, message)),
        has_more: response_metadata.next_cursor !== '',
        pin_count: 0,
        response_metadata,
      };
    },
  },
  'conversations.replies': {
    tier: 3,
    token: 'bot',
    scopes: Object.values(HISTORY),
    channelArgument: 'channel',
    run(call) {
      const channel = findChannel(call, call.args.need('channel'));
      needsScopeFor(call, channel, HISTORY);
      if (!channel.members.has(call.bot.id)) return refuse('channel_not_found');
      const parent = channel.messages.get(call.args.need('ts'));
      if (parent === undefined || parent.ephemeralFor !== undefined) return refuse('thread_not_found');
      const { items, response_metadata } = page(call, within(call, [parent, ...parent.replies]));
      return {
        messages: items.map((message) => messagePayload(call.world, message)),
        has_more: response_metadata.next_cursor !== '',
        response_metadata,
      };
    },
  },
};
