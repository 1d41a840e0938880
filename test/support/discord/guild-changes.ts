import { ChannelType, GatewayDispatchEvents, GatewayIntentBits, type PermissionsString } from 'discord.js';
import {
  channelPayload,
  emojiPayload,
  guildCreatePayload,
  guildPayload,
  memberPayload,
  rolePayload,
  userPayload,
} from './payloads.ts';
import { bits, EVERYONE_PERMISSIONS } from './permissions.ts';
import type { Channel, CustomEmoji, Guild, Member, Role, User, World } from './world.ts';

/** What an invite link of a bot like ours asks for. */
export const INVITED_WITH: readonly PermissionsString[] = [
  'ViewChannel',
  'SendMessages',
  'EmbedLinks',
  'AttachFiles',
  'AddReactions',
  'ReadMessageHistory',
  'UseExternalEmojis',
];

export interface ChannelOptions {
  readonly name: string;
  readonly type?:
    | ChannelType.GuildText
    | ChannelType.GuildAnnouncement
    | ChannelType.GuildVoice
    | ChannelType.GuildForum;
  /** What @everyone, or the bot alone, may not do here. */
  readonly deny?: {
    readonly everyone?: readonly PermissionsString[];
    readonly bot?: readonly PermissionsString[];
  };
  readonly allow?: {
    readonly everyone?: readonly PermissionsString[];
    readonly bot?: readonly PermissionsString[];
  };
}

export interface GuildOptions {
  readonly name?: string;
  readonly channels?: readonly (string | ChannelOptions)[];
  /** What @everyone may do; by default what Discord grants in a new guild. */
  readonly everyone?: readonly PermissionsString[];
  /** What the bot was invited with. */
  readonly bot?: readonly PermissionsString[];
  /** The channel for system messages, by name; by default the first one, `null` for none. */
  readonly systemChannel?: string | null;
  readonly locale?: string;
  /** False: a guild that the bot has yet to be invited to. */
  readonly joined?: boolean;
}

export function addRole(
  world: World,
  guild: Guild,
  name: string,
  permissions: bigint,
  options: { readonly id?: string; readonly botId?: string } = {},
): Role {
  const role: Role = {
    id: options.id ?? world.fixtureId(),
    name,
    permissions,
    position: guild.roles.size,
    ...(options.botId !== undefined && { botId: options.botId }),
  };
  guild.roles.set(role.id, role);
  world.emit({
    t: GatewayDispatchEvents.GuildRoleCreate,
    d: { guild_id: guild.id, role: rolePayload(role) },
    intents: GatewayIntentBits.Guilds,
    guild,
  });
  return role;
}

export function updateRole(world: World, guild: Guild, role: Role): void {
  world.emit({
    t: GatewayDispatchEvents.GuildRoleUpdate,
    d: { guild_id: guild.id, role: rolePayload(role) },
    intents: GatewayIntentBits.Guilds,
    guild,
  });
}

/** The role that Discord makes for a bot when it is invited. */
export function botRole(world: World, guild: Guild): Role | undefined {
  return [...guild.roles.values()].find((role) => role.botId === world.bot.id);
}

export function addChannel(world: World, guild: Guild, options: ChannelOptions): Channel {
  const channel: Channel = {
    id: world.fixtureId(),
    type: options.type ?? ChannelType.GuildText,
    name: options.name,
    position: guild.channels.size,
    guild,
    overwrites: new Map(),
    messages: new Map(),
    lastMessageId: null,
  };
  const role = botRole(world, guild)?.id;
  for (const [id, who] of [
    [guild.id, 'everyone'],
    [role, 'bot'],
  ] as const) {
    const [allow, deny] = [bits(options.allow?.[who] ?? []), bits(options.deny?.[who] ?? [])];
    if (id !== undefined && (allow | deny) !== 0n) channel.overwrites.set(id, { id, type: 0, allow, deny });
  }
  guild.channels.set(channel.id, channel);
  world.channels.set(channel.id, channel);
  emitChannel(world, GatewayDispatchEvents.ChannelCreate, channel);
  return channel;
}

function emitChannel(world: World, t: string, channel: Channel): void {
  world.emit({
    t,
    d: channelPayload(channel, world),
    intents: GatewayIntentBits.Guilds,
    guild: channel.guild,
  });
}

export function updateChannel(world: World, channel: Channel): void {
  emitChannel(world, GatewayDispatchEvents.ChannelUpdate, channel);
}

export function removeChannel(world: World, channel: Channel): void {
  channel.guild?.channels.delete(channel.id);
  world.channels.delete(channel.id);
  emitChannel(world, GatewayDispatchEvents.ChannelDelete, channel);
}

export function addMember(world: World, guild: Guild, user: User): Member {
  const known = guild.members.get(user.id);
  if (known !== undefined) return known;
  const member: Member = { user, guild, nick: null, roles: new Set(), joinedAt: world.clock.now() };
  guild.members.set(user.id, member);
  world.emit({
    t: GatewayDispatchEvents.GuildMemberAdd,
    d: { guild_id: guild.id, ...memberPayload(member) },
    intents: GatewayIntentBits.GuildMembers,
    guild,
  });
  return member;
}

export function updateMember(world: World, member: Member): void {
  world.emit({
    t: GatewayDispatchEvents.GuildMemberUpdate,
    d: { guild_id: member.guild.id, ...memberPayload(member) },
    // A bot always hears of its own membership.
    intents: member.user.id === world.bot.id ? 0 : GatewayIntentBits.GuildMembers,
    guild: member.guild,
  });
}

export function removeMember(world: World, member: Member): void {
  member.guild.members.delete(member.user.id);
  world.emit({
    t: GatewayDispatchEvents.GuildMemberRemove,
    d: { guild_id: member.guild.id, user: userPayload(member.user) },
    intents: GatewayIntentBits.GuildMembers,
    guild: member.guild,
  });
}

export function addEmoji(world: World, guild: Guild, name: string, animated = false): CustomEmoji {
  const emoji: CustomEmoji = { id: world.fixtureId(), name, animated, guild };
  guild.emojis.set(emoji.id, emoji);
  world.emojis.set(emoji.id, emoji);
  emitEmojis(world, guild);
  return emoji;
}

export function removeEmoji(world: World, emoji: CustomEmoji): void {
  emoji.guild.emojis.delete(emoji.id);
  world.emojis.delete(emoji.id);
  emitEmojis(world, emoji.guild);
}

function emitEmojis(world: World, guild: Guild): void {
  world.emit({
    t: GatewayDispatchEvents.GuildEmojisUpdate,
    d: { guild_id: guild.id, emojis: [...guild.emojis.values()].map(emojiPayload) },
    intents: GatewayIntentBits.GuildExpressions,
    guild,
  });
}

export function updateGuild(world: World, guild: Guild): void {
  world.emit({
    t: GatewayDispatchEvents.GuildUpdate,
    d: guildPayload(guild),
    intents: GatewayIntentBits.Guilds,
    guild,
  });
}

function emitGuildCreate(world: World, guild: Guild): void {
  world.emit({
    t: GatewayDispatchEvents.GuildCreate,
    d: guildCreatePayload(guild, world, false),
    intents: GatewayIntentBits.Guilds,
    guild,
  });
}

/** Invites the bot: its role, its membership, GUILD_CREATE. */
export function joinGuild(world: World, guild: Guild, permissions: readonly PermissionsString[]): void {
  const role: Role = {
    id: world.fixtureId(),
    name: world.bot.username,
    permissions: bits(permissions),
    position: guild.roles.size,
    botId: world.bot.id,
  };
  guild.roles.set(role.id, role);
  const now = world.clock.now();
  guild.joinedAt = now;
  guild.members.set(world.bot.id, {
    user: world.bot,
    guild,
    nick: null,
    roles: new Set([role.id]),
    joinedAt: now,
  });
  emitGuildCreate(world, guild);
}

/** The bot is out: kicked, or it left. GUILD_DELETE without `unavailable` says so. */
export function leaveGuild(world: World, guild: Guild): void {
  const role = botRole(world, guild);
  world.emit({
    t: GatewayDispatchEvents.GuildDelete,
    d: { id: guild.id },
    intents: GatewayIntentBits.Guilds,
    guild,
  });
  guild.members.delete(world.bot.id);
  if (role !== undefined) guild.roles.delete(role.id);
  // Its guild commands go with it.
  world.commands.delete(guild.id);
}

/** An outage: the guild is there but out of reach. */
export function setAvailable(world: World, guild: Guild, available: boolean): void {
  if (guild.available === available) return;
  if (available) {
    guild.available = true;
    emitGuildCreate(world, guild);
    return;
  }
  world.emit({
    t: GatewayDispatchEvents.GuildDelete,
    d: { id: guild.id, unavailable: true },
    intents: GatewayIntentBits.Guilds,
    guild,
  });
  guild.available = false;
}

export function createGuild(world: World, options: GuildOptions = {}): Guild {
  const id = world.guildId();
  const owner = world.addUser(`owner-${world.guilds.size + 1}`);
  const guild: Guild = {
    id,
    name: options.name ?? `guild ${world.guilds.size + 1}`,
    ownerId: owner.id,
    locale: options.locale ?? 'en-US',
    systemChannelId: null,
    roles: new Map(),
    channels: new Map(),
    members: new Map(),
    emojis: new Map(),
    available: true,
    joinedAt: world.clock.now(),
  };
  world.guilds.set(id, guild);
  const everyone = options.everyone === undefined ? EVERYONE_PERMISSIONS : bits(options.everyone);
  guild.roles.set(id, { id, name: '@everyone', permissions: everyone, position: 0 });
  guild.members.set(owner.id, { user: owner, guild, nick: null, roles: new Set(), joinedAt: guild.joinedAt });
  // Until the bot is in, nothing below reaches it. Channels that name the bot need its role first.
  const invited = options.joined !== false;
  if (invited) guild.available = false;
  if (invited) joinGuild(world, guild, options.bot ?? INVITED_WITH);
  for (const one of options.channels ?? ['general'])
    addChannel(world, guild, typeof one === 'string' ? { name: one } : one);
  const system = options.systemChannel;
  if (system !== null) {
    const found = [...guild.channels.values()].find((one) => system === undefined || one.name === system);
    guild.systemChannelId = found?.id ?? null;
  }
  if (invited) setAvailable(world, guild, true);
  return guild;
}
