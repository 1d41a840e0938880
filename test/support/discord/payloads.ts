import {
  type APIAttachment,
  type APIChannel,
  type APIEmoji,
  type APIGuild,
  type APIGuildMember,
  type APIMessage,
  type APIReaction,
  type APIRole,
  type APIUser,
  type ChannelFlags,
  ChannelType,
  type GatewayGuildCreateDispatchData,
  type GuildMemberFlags,
  type GuildSystemChannelFlags,
  type RoleFlags,
  type UserFlags,
} from 'discord.js';
import { partialEmoji } from './emoji.ts';
import { timestampOf } from './snowflake.ts';
import type {
  Attachment,
  Channel,
  CustomEmoji,
  Guild,
  Member,
  Message,
  Reaction,
  Role,
  User,
  World,
} from './world.ts';

function iso(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000+00:00');
}

export function userPayload(user: User): APIUser {
  return {
    id: user.id,
    username: user.username,
    discriminator: user.bot ? '0001' : '0',
    global_name: user.globalName,
    avatar: null,
    banner: null,
    accent_color: null,
    public_flags: 0 as UserFlags,
    flags: 0 as UserFlags,
    primary_guild: null,
    ...(user.bot && { bot: true }),
  };
}

export function memberPayload(member: Member): APIGuildMember {
  return {
    user: userPayload(member.user),
    nick: member.nick,
    avatar: null,
    banner: null,
    roles: [...member.roles],
    joined_at: iso(member.joinedAt),
    premium_since: null,
    deaf: false,
    mute: false,
    flags: 0 as GuildMemberFlags,
    pending: false,
    communication_disabled_until: null,
  };
}

export function rolePayload(role: Role): APIRole {
  return {
    id: role.id,
    name: role.name,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    icon: null,
    unicode_emoji: null,
    position: role.position,
    permissions: String(role.permissions),
    managed: role.botId !== undefined,
    mentionable: false,
    flags: 0 as RoleFlags,
    ...(role.botId !== undefined && { tags: { bot_id: role.botId } }),
  };
}

export function emojiPayload(emoji: CustomEmoji): APIEmoji {
  return {
    id: emoji.id,
    name: emoji.name,
    roles: [],
    require_colons: true,
    managed: false,
    animated: emoji.animated,
    available: true,
  };
}

export function channelPayload(channel: Channel, world: World): APIChannel {
  if (channel.guild === undefined) {
    return {
      id: channel.id,
      type: ChannelType.DM,
      name: null,
      last_message_id: channel.lastMessageId,
      flags: 0 as ChannelFlags,
      recipients: [userPayload(channel.recipient ?? world.bot)],
    };
  }
  return {
    id: channel.id,
    type: channel.type as ChannelType.GuildText,
    guild_id: channel.guild.id,
    name: channel.name,
    position: channel.position,
    parent_id: null,
    topic: null,
    nsfw: false,
    rate_limit_per_user: 0,
    last_message_id: channel.lastMessageId,
    flags: 0 as ChannelFlags,
    permission_overwrites: [...channel.overwrites.values()].map((one) => ({
      id: one.id,
      type: one.type,
      allow: String(one.allow),
      deny: String(one.deny),
    })),
  };
}

/** What Discord still sends although nobody has a use for it. */
const LEGACY_GUILD_FIELDS = {
  home_header: null,
  widget_enabled: false,
  widget_channel_id: null,
  max_presences: null,
  max_members: 25_000_000,
  max_stage_video_channel_users: 50,
  max_video_channel_users: 25,
  nsfw: false,
};

export function guildPayload(guild: Guild): APIGuild {
  return {
    ...LEGACY_GUILD_FIELDS,
    id: guild.id,
    name: guild.name,
    icon: null,
    splash: null,
    discovery_splash: null,
    banner: null,
    owner_id: guild.ownerId,
    region: '',
    afk_channel_id: null,
    afk_timeout: 300,
    verification_level: 0,
    default_message_notifications: 0,
    explicit_content_filter: 0,
    mfa_level: 0,
    nsfw_level: 0,
    roles: [...guild.roles.values()].map(rolePayload),
    emojis: [...guild.emojis.values()].map(emojiPayload),
    stickers: [],
    features: [],
    application_id: null,
    system_channel_id: guild.systemChannelId,
    system_channel_flags: 0 as GuildSystemChannelFlags,
    rules_channel_id: null,
    public_updates_channel_id: null,
    safety_alerts_channel_id: null,
    vanity_url_code: null,
    description: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    premium_progress_bar_enabled: false,
    preferred_locale: guild.locale as APIGuild['preferred_locale'],
    hub_type: null,
    incidents_data: null,
  };
}

/** Without the GUILD_MEMBERS intent the member list holds the bot alone. */
export function guildCreatePayload(
  guild: Guild,
  world: World,
  allMembers: boolean,
): GatewayGuildCreateDispatchData {
  const bot = world.botMember(guild);
  const members = allMembers ? [...guild.members.values()] : bot === undefined ? [] : [bot];
  return {
    ...guildPayload(guild),
    joined_at: iso(guild.joinedAt),
    large: guild.members.size > 50,
    unavailable: false,
    member_count: guild.members.size,
    members: members.map(memberPayload),
    channels: [...guild.channels.values()].map(
      (channel) => channelPayload(channel, world) as GatewayGuildCreateDispatchData['channels'][number],
    ),
    threads: [],
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

export function attachmentPayload(
  attachment: Attachment,
  message: Message,
  world: World,
  ephemeral: boolean,
): APIAttachment {
  const url = `${world.origin}/attachments/${message.channel.id}/${attachment.id}/${encodeURIComponent(attachment.filename)}`;
  return {
    id: attachment.id,
    filename: attachment.filename,
    size: attachment.data.length,
    content_type: attachment.contentType,
    url,
    proxy_url: url,
    ...(attachment.description !== undefined && { description: attachment.description }),
    ...(attachment.durationSecs !== undefined && { duration_secs: attachment.durationSecs }),
    ...(attachment.waveform !== undefined && { waveform: attachment.waveform }),
    ...(ephemeral && { ephemeral: true }),
  };
}

function reactionPayload(reaction: Reaction, viewer: string): APIReaction {
  return {
    emoji: partialEmoji(reaction.emoji),
    count: reaction.normal.size + reaction.burst.size,
    count_details: { normal: reaction.normal.size, burst: reaction.burst.size },
    me: reaction.normal.has(viewer),
    me_burst: reaction.burst.has(viewer),
    burst_colors: [],
  };
}

/** The pictures of an embed that name an attachment get its address, and the attachment is no longer listed. */
function embedsAndAttachments(message: Message, world: World): Pick<APIMessage, 'embeds' | 'attachments'> {
  const ephemeral = message.ephemeralFor !== undefined;
  const attachments = message.attachments.map((one) => attachmentPayload(one, message, world, ephemeral));
  const shown = new Set<string>();
  const embeds = message.embeds.map((embed) => {
    const drawn: Record<string, unknown> = { type: 'rich', ...embed };
    for (const place of ['image', 'thumbnail', 'author', 'footer']) {
      const part = drawn[place] as { url?: string; icon_url?: string } | undefined;
      if (part === undefined) continue;
      const key = place === 'image' || place === 'thumbnail' ? 'url' : 'icon_url';
      const name = part[key]?.match(/^attachment:\/\/(.+)$/)?.[1];
      const attachment = attachments.find((one) => one.filename === name);
      if (attachment === undefined) continue;
      shown.add(attachment.id);
      drawn[place] = { ...part, [key]: attachment.url };
    }
    return drawn as unknown as APIMessage['embeds'][number];
  });
  return { embeds, attachments: attachments.filter((one) => !shown.has(one.id)) };
}

/** A message as REST gives it to the bot; the gateway adds the guild and the member. */
export function messagePayload(message: Message, world: World): APIMessage {
  return {
    id: message.id,
    channel_id: message.channel.id,
    type: message.type,
    author: userPayload(message.author),
    content: message.content,
    timestamp: timestampOf(message.id),
    edited_timestamp: message.editedAt === undefined ? null : iso(message.editedAt),
    tts: false,
    mention_everyone: false,
    mentions: [],
    mention_roles: [],
    pinned: false,
    flags: message.flags as APIMessage['flags'],
    components: message.components as unknown as NonNullable<APIMessage['components']>,
    ...embedsAndAttachments(message, world),
    ...(message.nonce !== undefined && { nonce: message.nonce }),
    ...(message.reactions.size > 0 && {
      reactions: [...message.reactions.values()].map((one) => reactionPayload(one, world.bot.id)),
    }),
    ...(message.reference !== undefined && {
      message_reference: { type: 0, channel_id: message.channel.id, message_id: message.reference },
    }),
    ...(message.interactionId !== undefined && {
      application_id: world.applicationId,
      webhook_id: world.applicationId,
    }),
  };
}
