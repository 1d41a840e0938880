import { compose, type RawContent } from '../compose.ts';
import { changeMessage, postMessage, removeMessage } from '../conversation.ts';
import { refuse } from '../errors.ts';
import { timeOf } from '../ids.ts';
import { messagePayload } from '../payloads.ts';
import { directMessages } from '../places.ts';
import type { Channel, Message } from '../world.ts';
import { type Call, findChannel, findMessage, isKnown, type Methods, requireTs } from './method.ts';

/** `chat.update` says no where `chat.postMessage` cuts: «we recommend 4,000 characters». */
const LONGEST_UPDATE = 4000;

function rawContent({ args }: Call): RawContent {
  return {
    text: args.text('text'),
    markdown_text: args.text('markdown_text'),
    blocks: args.json('blocks', 'invalid_blocks_format'),
    attachments: args.json('attachments', 'invalid_attachments'),
    metadata: args.json('metadata', 'invalid_metadata_format'),
  };
}

/** Where the bot may post: by channel, or to a person by their id. */
function target(call: Call): Channel {
  const given = call.args.need('channel');
  if (/^[UW]/.test(given)) {
    const user = call.world.users.get(given);
    if (user === undefined || user.deleted || user.kind !== 'person' || user.id === 'USLACKBOT')
      return refuse('channel_not_found');
    // Whoever is from elsewhere is nobody here.
    if (!isKnown(call, user)) return refuse('channel_not_found');
    return directMessages(call.world, call.bot, user);
  }
  const channel = findChannel(call, given);
  if (channel.archived) return refuse('is_archived');
  const open = channel.kind === 'public' && call.installation.scopes.has('chat:write.public');
  if (!channel.members.has(call.bot.id) && !open) return refuse('not_in_channel');
  return channel;
}

function threadOf(call: Call, channel: Channel): string | undefined {
  const ts = call.args.text('thread_ts');
  if (ts === undefined) return undefined;
  const parent = channel.messages.get(ts);
  if (parent === undefined || parent.ephemeralFor !== undefined) return refuse('cannot_reply_to_message');
  if (parent.threadLocked) return refuse('restricted_action_thread_locked');
  return parent.threadTs ?? parent.ts;
}

/** The bot's own message. */
function own(call: Call, wrong: string): Message {
  const channel = findChannel(call, call.args.need('channel'));
  const message = findMessage(channel, requireTs(call.args.need('ts'), 'message_not_found'));
  if (message.user !== call.bot) return refuse(wrong);
  return message;
}

export const CHAT: Methods = {
  'chat.postMessage': {
    tier: 'post',
    token: 'bot',
    scopes: ['chat:write'],
    channelArgument: 'channel',
    run(call) {
      const { args, world, bot } = call;
      const channel = target(call);
      if (channel.readOnly) return refuse('restricted_action_read_only_channel');
      if (channel.kind === 'im' && !world.app.messagesTab) return refuse('messages_tab_disabled');
      const content = compose(world, rawContent(call));
      for (const warning of content.warnings) call.warn(warning);
      const customised = args.text('username') ?? args.text('icon_emoji') ?? args.text('icon_url');
      if (customised !== undefined && !call.installation.scopes.has('chat:write.customize'))
        return refuse('missing_scope', {
          needed: 'chat:write.customize',
          provided: [...call.installation.scopes].join(','),
        });
      const message = postMessage(world, {
        channel,
        user: bot,
        team: call.team,
        ...content,
        threadTs: threadOf(call, channel),
        broadcast: args.flag('reply_broadcast'),
        username: args.text('username'),
        unfurlLinks: args.flag('unfurl_links'),
        unfurlMedia: args.flag('unfurl_media'),
      });
      return { channel: channel.id, ts: message.ts, message: messagePayload(world, message) };
    },
  },
  'chat.postEphemeral': {
    tier: 4,
    token: 'bot',
    scopes: ['chat:write'],
    channelArgument: 'channel',
    run(call) {
      const { args, world } = call;
      const channel = findChannel(call, args.need('channel'));
      if (channel.archived) return refuse('is_archived');
      if (!channel.members.has(call.bot.id)) return refuse('not_in_channel');
      const user = args.need('user');
      if (!channel.members.has(user)) return refuse('user_not_in_channel');
      const content = compose(world, rawContent(call), { refuseTextOver: LONGEST_UPDATE * 10 });
      for (const warning of content.warnings) call.warn(warning);
      const message = postMessage(world, {
        channel,
        user: call.bot,
        team: call.team,
        ...content,
        threadTs: threadOf(call, channel),
        ephemeralFor: user,
      });
      return { message_ts: message.ts };
    },
  },
  'chat.update': {
    tier: 3,
    token: 'bot',
    scopes: ['chat:write'],
    channelArgument: 'channel',
    run(call) {
      const { world } = call;
      const message = own(call, 'cant_update_message');
      const window = message.channel.team.editWindowMs;
      if (window !== undefined && world.clock.now() - timeOf(message.ts) > window)
        return refuse('edit_window_closed');
      const raw = rawContent(call);
      const kept = message.files.length > 0 || (raw.blocks === undefined && message.blocks !== undefined);
      const content = compose(world, raw, { refuseTextOver: LONGEST_UPDATE, empty: kept });
      changeMessage(world, message, {
        text: raw.text === undefined && raw.markdown_text === undefined ? message.text : content.text,
        // What is not sent again stays; only an empty list takes it away (slackapi/python-slack-sdk#523).
        blocks: raw.blocks === undefined ? message.blocks : content.blocks,
        attachments: raw.attachments === undefined ? message.attachments : content.attachments,
        metadata: content.metadata ?? message.metadata,
      });
      return {
        channel: message.channel.id,
        ts: message.ts,
        text: message.text,
        message: messagePayload(world, message),
      };
    },
  },
  'chat.delete': {
    tier: 3,
    token: 'bot',
    scopes: ['chat:write'],
    channelArgument: 'channel',
    run(call) {
      const message = own(call, 'cant_delete_message');
      removeMessage(call.world, message);
      return { channel: message.channel.id, ts: message.ts };
    },
  },
  'chat.getPermalink': {
    tier: 'none',
    token: 'bot',
    channelArgument: 'channel',
    run(call) {
      const channel = findChannel(call, call.args.need('channel'));
      const message = findMessage(channel, call.args.need('message_ts'));
      return {
        channel: channel.id,
        permalink: `https://${call.team.domain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}`,
      };
    },
  },
};
