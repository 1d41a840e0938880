import { PermissionFlagsBits, type PermissionsString } from 'discord.js';
import type { Channel, Guild, Member } from './world.ts';

const P = PermissionFlagsBits;

export const ALL_PERMISSIONS = Object.values(P).reduce((all, bit) => all | bit, 0n);

/** What Discord grants to @everyone in a new guild, as far as it concerns a text channel. */
export const EVERYONE_PERMISSIONS =
  P.ViewChannel |
  P.SendMessages |
  P.SendMessagesInThreads |
  P.EmbedLinks |
  P.AttachFiles |
  P.AddReactions |
  P.ReadMessageHistory |
  P.UseExternalEmojis |
  P.UseApplicationCommands |
  P.SendVoiceMessages |
  P.SendPolls |
  P.CreateInstantInvite |
  P.ChangeNickname |
  P.Connect |
  P.Speak;

/** What somebody who cannot send cannot do either. */
const NEEDS_SENDING =
  P.EmbedLinks | P.AttachFiles | P.MentionEveryone | P.SendTTSMessages | P.SendVoiceMessages;

/** In a direct message everybody may do what a text channel offers. */
export const DM_PERMISSIONS = EVERYONE_PERMISSIONS & ~(P.CreateInstantInvite | P.ChangeNickname);

export function bits(names: readonly PermissionsString[]): bigint {
  return names.reduce((all, name) => all | P[name], 0n);
}

export function guildPermissions(guild: Guild, member: Member): bigint {
  if (guild.ownerId === member.user.id) return ALL_PERMISSIONS;
  let permissions = guild.roles.get(guild.id)?.permissions ?? 0n;
  for (const role of member.roles) permissions |= guild.roles.get(role)?.permissions ?? 0n;
  return permissions & P.Administrator ? ALL_PERMISSIONS : permissions;
}

/**
 * A member's permissions in a channel, computed as Discord documents it: base, then the overwrites of @everyone,
 * of the roles together, of the member; then what follows implicitly from a missing one.
 */
export function channelPermissions(channel: Channel, member: Member | undefined): bigint {
  const guild = channel.guild;
  if (guild === undefined) return DM_PERMISSIONS;
  if (member === undefined) return 0n;
  let permissions = guildPermissions(guild, member);
  if (permissions & P.Administrator) return ALL_PERMISSIONS;
  const everyone = channel.overwrites.get(guild.id);
  if (everyone !== undefined) permissions = (permissions & ~everyone.deny) | everyone.allow;
  let [allow, deny] = [0n, 0n];
  for (const role of member.roles) {
    const overwrite = channel.overwrites.get(role);
    allow |= overwrite?.allow ?? 0n;
    deny |= overwrite?.deny ?? 0n;
  }
  permissions = (permissions & ~deny) | allow;
  const own = channel.overwrites.get(member.user.id);
  if (own !== undefined) permissions = (permissions & ~own.deny) | own.allow;
  if (!(permissions & P.ViewChannel)) return 0n;
  if (!(permissions & P.SendMessages)) permissions &= ~NEEDS_SENDING;
  return permissions;
}

export function has(permissions: bigint, ...names: readonly PermissionsString[]): boolean {
  const wanted = bits(names);
  return (permissions & wanted) === wanted;
}
