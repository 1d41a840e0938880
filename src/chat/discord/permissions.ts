import {
  type Client,
  type Guild,
  GuildPremiumTier,
  PermissionFlagsBits,
  type PermissionsBitField,
} from 'discord.js';
import { DEFAULT_MAX_BYTES } from './attachments.ts';
import type { Allowed } from './draw.ts';

/** Permissions by the names that Discord's own settings show. */
const NAMES = {
  'View Channel': PermissionFlagsBits.ViewChannel,
  'Send Messages': PermissionFlagsBits.SendMessages,
  'Send Messages in Threads': PermissionFlagsBits.SendMessagesInThreads,
  'Add Reactions': PermissionFlagsBits.AddReactions,
  'Read Message History': PermissionFlagsBits.ReadMessageHistory,
  'Embed Links': PermissionFlagsBits.EmbedLinks,
  'Attach Files': PermissionFlagsBits.AttachFiles,
} as const;

export type PermissionName = keyof typeof NAMES;

function channelOf(client: Client, id: string) {
  const channel = client.channels.cache.get(id);
  return channel && 'guild' in channel ? channel : undefined;
}

/** What the bot may do in a channel, from what Discord has told; undefined if that is not enough to know. */
function permissionsIn(client: Client, id: string): Readonly<PermissionsBitField> | undefined {
  const channel = channelOf(client, id);
  const me = channel?.guild.members.me;
  return (channel && me && channel.permissionsFor(me)) ?? undefined;
}

/** Which of these the bot does not have in a channel, as far as is known. */
export function missingIn(client: Client, id: string, needed: readonly PermissionName[]): PermissionName[] {
  const has = permissionsIn(client, id);
  return has ? needed.filter((name) => !has.has(NAMES[name])) : [];
}

/** `#songs of Our server` */
export function nameOfChannel(client: Client, id: string): string {
  const channel = channelOf(client, id);
  return channel ? `#${channel.name} of “${channel.guild.name}”` : `the channel ${id}`;
}

function maxBytes(guild: Guild | undefined): number {
  switch (guild?.premiumTier) {
    case GuildPremiumTier.Tier2:
      return 50 * 1024 * 1024;
    case GuildPremiumTier.Tier3:
      return 100 * 1024 * 1024;
    default:
      return DEFAULT_MAX_BYTES;
  }
}

/** How a message has to be drawn for a channel, so that it is not refused there. */
export function allowedIn(client: Client, id: string): Allowed {
  return {
    embeds: missingIn(client, id, ['Embed Links']).length === 0,
    files: missingIn(client, id, ['Attach Files']).length === 0,
    maxBytes: maxBytes(channelOf(client, id)?.guild),
  };
}
