import { emitAbout, READ_SCOPES } from './events.ts';
import { userPayload } from './payloads.ts';
import type {
  Channel,
  ChannelKind,
  Enterprise,
  Team,
  User,
  UserGroup,
  UserKind,
  UserRole,
  World,
} from './world.ts';

export function addEnterprise(world: World, name: string): Enterprise {
  const enterprise: Enterprise = { id: world.ids.next('E'), name, teams: new Set(), installation: undefined };
  world.enterprises.set(enterprise.id, enterprise);
  return enterprise;
}

export function addTeam(world: World, name: string, enterprise?: Enterprise): Team {
  const team: Team = {
    id: world.ids.next('T'),
    name,
    domain: name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    enterprise,
    users: new Map(),
    channels: new Map(),
    groups: new Map(),
    emojis: new Map(),
    installation: undefined,
    editWindowMs: undefined,
  };
  world.teams.set(team.id, team);
  enterprise?.teams.add(team);
  addUser(world, team, 'slackbot', { kind: 'bot', id: 'USLACKBOT' });
  return team;
}

export interface UserOptions {
  readonly kind?: UserKind;
  readonly role?: UserRole;
  readonly id?: string;
  readonly realName?: string;
  readonly displayName?: string;
  readonly locale?: string;
  readonly appId?: string;
  readonly botId?: string;
}

export function addUser(world: World, team: Team, name: string, options: UserOptions = {}): User {
  const kind = options.kind ?? 'person';
  const user: User = {
    // People of an organisation have ids that begin with W, as some of Slack's do.
    id: options.id ?? world.ids.next(team.enterprise !== undefined && kind === 'person' ? 'W' : 'U'),
    team,
    kind,
    name,
    realName: options.realName ?? name,
    displayName: options.displayName ?? name,
    role: options.role ?? 'member',
    deleted: false,
    locale: options.locale ?? 'en-US',
    tz: 'Europe/Berlin',
    botId: options.botId ?? (kind === 'person' ? undefined : world.ids.next('B')),
    appId: options.appId,
  };
  team.users.set(user.id, user);
  world.users.set(user.id, user);
  if (kind === 'person') {
    for (const channel of team.channels.values()) if (channel.general) channel.members.add(user.id);
  }
  return user;
}

/** Tells that somebody is new in the workspace. Setting up a world is not news. */
export function announceUser(world: World, user: User): void {
  world.emit({
    name: 'team_join',
    scopes: ['users:read'],
    teams: [user.team],
    from: user.team,
    event: { type: 'team_join', user: userPayload(world, user), event_ts: world.ids.ts() },
  });
}

/** Something about a person changed that `user_change` tells. */
export function userChanged(world: World, user: User): void {
  const seconds = Math.floor(world.clock.now() / 1000);
  world.emit({
    name: 'user_change',
    scopes: ['users:read'],
    teams: [user.team],
    from: user.team,
    event: {
      type: 'user_change',
      user: userPayload(world, user),
      cache_ts: seconds,
      event_ts: world.ids.ts(),
    },
  });
}

export interface ChannelOptions {
  readonly kind?: ChannelKind;
  readonly members?: Iterable<string>;
  readonly creator?: string;
  readonly general?: boolean;
  readonly archived?: boolean;
  readonly readOnly?: boolean;
}

export function addChannel(world: World, team: Team, name: string, options: ChannelOptions = {}): Channel {
  const kind = options.kind ?? 'public';
  const channel: Channel = {
    id: world.ids.next(kind === 'im' ? 'D' : 'C'),
    kind,
    team,
    teams: new Set([team]),
    name,
    creator: options.creator ?? 'USLACKBOT',
    created: world.clock.now(),
    members: new Set(options.members),
    archived: options.archived ?? false,
    readOnly: options.readOnly ?? false,
    general: options.general ?? false,
    topic: '',
    messages: new Map(),
  };
  team.channels.set(channel.id, channel);
  world.channels.set(channel.id, channel);
  world.wake();
  return channel;
}

/** The bot's conversation with one person; made when it is first needed. */
export function directMessages(world: World, bot: User, user: User): Channel {
  for (const channel of user.team.channels.values()) {
    if (channel.kind === 'im' && channel.members.has(bot.id) && channel.members.has(user.id)) return channel;
  }
  return addChannel(world, user.team, '', { kind: 'im', members: [bot.id, user.id], creator: bot.id });
}

/** The channel is shared with another workspace (Slack Connect). */
export function shareChannel(world: World, channel: Channel, team: Team): void {
  channel.teams.add(team);
  team.channels.set(channel.id, channel);
  world.wake();
}

export function joinChannel(world: World, channel: Channel, user: User, inviter?: User): void {
  if (channel.members.has(user.id)) return;
  channel.members.add(user.id);
  emitAbout(world, channel, user.team, {
    name: 'member_joined_channel',
    scopes: [READ_SCOPES[channel.kind]],
    event: {
      type: 'member_joined_channel',
      user: user.id,
      channel: channel.id,
      channel_type: channel.kind === 'private' ? 'G' : 'C',
      team: channel.team.id,
      ...(inviter !== undefined && { inviter: inviter.id }),
      event_ts: world.ids.ts(),
    },
  });
}

export function leaveChannel(world: World, channel: Channel, user: User): void {
  if (!channel.members.has(user.id)) return;
  const ts = world.ids.ts();
  const isBot = [...channel.teams].some((team) => world.installationOf(team)?.bot === user);
  const kind = channel.kind === 'private' ? 'group' : 'channel';
  if (isBot) {
    // Whoever leaves is told so in an event of its own, and hears nothing more.
    const name = `${kind}_left`;
    emitAbout(world, channel, user.team, {
      name,
      scopes: [READ_SCOPES[channel.kind]],
      event: { type: name, channel: channel.id, event_ts: ts },
    });
  }
  emitAbout(world, channel, user.team, {
    name: 'member_left_channel',
    scopes: [READ_SCOPES[channel.kind]],
    event: {
      type: 'member_left_channel',
      user: user.id,
      channel: channel.id,
      channel_type: channel.kind === 'private' ? 'G' : 'C',
      team: channel.team.id,
      event_ts: ts,
    },
  });
  channel.members.delete(user.id);
  world.wake();
}

type Fate = 'archive' | 'unarchive' | 'deleted' | 'rename';

function emitFate(world: World, channel: Channel, by: User, fate: Fate): void {
  const isGroup = channel.kind === 'private';
  const name = `${isGroup ? 'group' : 'channel'}_${fate}`;
  const about = {
    name,
    scopes: [READ_SCOPES[channel.kind]],
    event: {
      type: name,
      channel:
        fate === 'rename'
          ? {
              id: channel.id,
              name: channel.name,
              name_normalized: channel.name,
              created: Math.floor(channel.created / 1000),
              is_channel: !isGroup,
            }
          : channel.id,
      ...(fate !== 'rename' && { actor_id: by.id, user: by.id }),
      event_ts: world.ids.ts(),
    },
  };
  // What happens to a public channel is known to all who may see the list; of a private one only to its members.
  if (isGroup) emitAbout(world, channel, by.team, about);
  else world.emit({ ...about, teams: channel.teams, from: by.team });
}

export function archiveChannel(world: World, channel: Channel, by: User, archived: boolean): void {
  // Archiving takes everybody out, and they are told while they are in.
  channel.archived = archived;
  emitFate(world, channel, by, archived ? 'archive' : 'unarchive');
}

export function renameChannel(world: World, channel: Channel, by: User, name: string): void {
  channel.name = name;
  emitFate(world, channel, by, 'rename');
}

export function deleteChannel(world: World, channel: Channel, by: User): void {
  emitFate(world, channel, by, 'deleted');
  for (const team of channel.teams) team.channels.delete(channel.id);
  world.channels.delete(channel.id);
  world.wake();
}

export function addGroup(world: World, team: Team, handle: string, users: readonly User[]): UserGroup {
  const group: UserGroup = {
    id: world.ids.next('S'),
    team,
    handle,
    name: handle,
    disabled: false,
    users: new Set(users.map(({ id }) => id)),
  };
  team.groups.set(group.id, group);
  return group;
}

/** People come into or leave a user group. */
export function changeGroup(world: World, group: UserGroup, user: User, present: boolean): void {
  if (present) group.users.add(user.id);
  else group.users.delete(user.id);
  world.emit({
    name: 'subteam_members_changed',
    scopes: ['usergroups:read'],
    teams: [group.team],
    from: group.team,
    event: {
      type: 'subteam_members_changed',
      subteam_id: group.id,
      team_id: group.team.id,
      date_update: Math.floor(world.clock.now() / 1000),
      added_users: present ? [user.id] : [],
      removed_users: present ? [] : [user.id],
      event_ts: world.ids.ts(),
    },
  });
}
