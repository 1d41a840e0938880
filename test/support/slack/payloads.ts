import type {
  Channel,
  Enterprise,
  File,
  Installation,
  Message,
  Payload,
  Team,
  User,
  UserGroup,
  World,
} from './world.ts';
import { isForeign } from './world.ts';

/** How Slack writes down a person. `seenFrom` is the workspace of the app that asks. */
export function userPayload(world: World, user: User, seenFrom: Team = user.team): Payload {
  const foreign = isForeign(user, seenFrom);
  const person = {
    id: user.id,
    team_id: user.team.id,
    name: user.name,
    deleted: user.deleted,
    real_name: user.realName,
    profile: {
      real_name: user.realName,
      real_name_normalized: user.realName,
      display_name: user.displayName,
      display_name_normalized: user.displayName,
      team: user.team.id,
      ...(user.botId !== undefined && { bot_id: user.botId, api_app_id: user.appId ?? '' }),
    },
    is_bot: user.kind !== 'person',
    is_app_user: false,
    updated: Math.floor(world.clock.now() / 1000),
    ...(user.team.enterprise && {
      enterprise_user: {
        id: user.id,
        enterprise_id: user.team.enterprise.id,
        enterprise_name: user.team.enterprise.name,
        is_admin: false,
        is_owner: false,
        teams: [...user.team.enterprise.teams]
          .filter((team) => team.users.has(user.id))
          .map((team) => team.id),
      },
    }),
  };
  // About people of other organisations Slack says little: no roles, but that they are strangers or not.
  if (foreign) return { ...person, is_stranger: !sharesChannel(world, user, seenFrom) };
  if (user.deleted) return person;
  return {
    ...person,
    color: '9f69e7',
    tz: user.tz,
    tz_label: user.tz,
    tz_offset: 0,
    is_admin: user.role === 'admin' || user.role === 'owner' || user.role === 'primary-owner',
    is_owner: user.role === 'owner' || user.role === 'primary-owner',
    is_primary_owner: user.role === 'primary-owner',
    is_restricted: user.role === 'guest' || user.role === 'single-channel-guest',
    is_ultra_restricted: user.role === 'single-channel-guest',
    is_email_confirmed: true,
    who_can_share_contact_card: 'EVERYONE',
  };
}

function sharesChannel(world: World, user: User, team: Team): boolean {
  for (const channel of world.channels.values()) {
    if (channel.teams.has(team) && channel.members.has(user.id)) return true;
  }
  return false;
}

export function channelPayload(
  world: World,
  channel: Channel,
  installation: Installation | undefined,
): Payload {
  const bot = installation?.bot.id;
  const seenFrom = installation?.team ?? channel.team;
  const common = {
    id: channel.id,
    created: Math.floor(channel.created / 1000),
    creator: channel.creator,
    is_archived: channel.archived,
    is_im: channel.kind === 'im',
    is_org_shared: false,
    context_team_id: seenFrom.id,
    updated: channel.created,
  };
  if (channel.kind === 'im') {
    const other = [...channel.members].find((id) => id !== bot) ?? '';
    return {
      ...common,
      user: other,
      is_user_deleted: world.users.get(other)?.deleted ?? false,
      is_open: true,
    };
  }
  const shared = channel.teams.size > 1;
  return {
    ...common,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: channel.kind === 'public',
    // Private channels made today have C ids and `is_private`, not `is_group`.
    is_group: false,
    is_mpim: channel.kind === 'mpim',
    is_private: channel.kind !== 'public',
    is_general: channel.general,
    is_shared: shared,
    is_ext_shared: shared,
    is_pending_ext_shared: false,
    pending_shared: [],
    parent_conversation: null,
    unlinked: 0,
    is_member: bot !== undefined && channel.members.has(bot),
    shared_team_ids: [...channel.teams].map((team) => team.id),
    previous_names: [],
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    ...(channel.readOnly && { is_read_only: true }),
  };
}

export function filePayload(file: File, origin: string): Payload {
  return {
    id: file.id,
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    filetype: file.name.split('.').at(-1) ?? '',
    size: file.size,
    user: file.user.id,
    mode: 'hosted',
    is_external: false,
    url_private: `${origin}/files-pri/${file.id}/${encodeURIComponent(file.name)}`,
    ...(file.altText !== undefined && { alt_txt: file.altText }),
  };
}

export function reactionsPayload(message: Message, full = true, asker?: string): Payload[] {
  return [...message.reactions].map(([name, users]) => ({
    name,
    // Without `full`, and in messages, the list of users may be short, but whoever asks is always in it.
    users: full ? [...users] : [...users].filter((user, i) => i < 25 || user === asker),
    count: users.size,
  }));
}

/** A message as history, events and answers carry it. */
export function messagePayload(world: World, message: Message): Payload {
  const { user, replies } = message;
  const thread =
    message.threadTs !== undefined && message.ephemeralFor === undefined
      ? {
          thread_ts: message.threadTs,
          parent_user_id: message.channel.messages.get(message.threadTs)?.user?.id,
        }
      : {};
  return {
    type: 'message',
    ...(message.subtype !== undefined && { subtype: message.subtype }),
    ...(user !== undefined && { user: user.id }),
    ts: message.ts,
    ...(message.botId !== undefined && { bot_id: message.botId }),
    ...(message.appId !== undefined && { app_id: message.appId }),
    ...(message.botId !== undefined && user !== undefined && { bot_profile: botProfile(world, user) }),
    ...(message.username !== undefined && { username: message.username }),
    text: message.text,
    team: message.team.id,
    ...(message.blocks !== undefined && { blocks: message.blocks }),
    ...(message.attachments !== undefined && { attachments: message.attachments }),
    ...(message.metadata !== undefined && { metadata: message.metadata }),
    ...(message.files.length > 0 && {
      files: message.files.map((file) => filePayload(file, world.origin)),
      upload: false,
    }),
    ...(message.editedTs !== undefined && { edited: { user: user?.id ?? '', ts: message.editedTs } }),
    ...thread,
    ...(replies.length > 0 && {
      thread_ts: message.ts,
      reply_count: replies.length,
      reply_users: [...new Set(replies.map((one) => one.user?.id))],
      latest_reply: replies.at(-1)?.ts,
    }),
    ...(message.reactions.size > 0 && { reactions: reactionsPayload(message) }),
  };
}

function botProfile(world: World, bot: User): Payload {
  return {
    id: bot.botId,
    app_id: bot.appId,
    user_id: bot.id,
    name: bot.realName,
    icons: {},
    deleted: bot.deleted,
    updated: Math.floor(world.clock.now() / 1000),
    team_id: bot.team.id,
  };
}

export function botPayload(world: World, bot: User): Payload {
  const { user_id, ...profile } = botProfile(world, bot);
  return { ...profile, user_id };
}

export function groupPayload(group: UserGroup, withUsers: boolean, withCount: boolean): Payload {
  return {
    id: group.id,
    team_id: group.team.id,
    is_usergroup: true,
    is_subteam: true,
    name: group.name,
    description: '',
    handle: group.handle,
    is_external: false,
    date_delete: group.disabled ? 1 : 0,
    ...(withUsers && { users: [...group.users] }),
    ...(withCount && { user_count: group.users.size }),
  };
}

export function teamPayload(team: Team): Payload {
  return {
    id: team.id,
    name: team.name,
    domain: team.domain,
    email_domain: '',
    url: `https://${team.domain}.slack.com/`,
    icon: {},
    ...(team.enterprise && {
      enterprise_id: team.enterprise.id,
      enterprise_name: team.enterprise.name,
      enterprise_domain: team.enterprise.name.toLowerCase(),
    }),
  };
}

export function enterprisePayload(enterprise: Enterprise | undefined): Payload | null {
  return enterprise === undefined ? null : { id: enterprise.id, name: enterprise.name };
}
