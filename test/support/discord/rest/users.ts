import { ChannelType, RESTJSONErrorCodes } from 'discord.js';
import { z } from 'zod';
import { refuse } from '../errors.ts';
import { parseForm, snowflake } from '../form.ts';
import { channelPayload, guildPayload, userPayload } from '../payloads.ts';
import { guildPermissions } from '../permissions.ts';
import { byId } from '../snowflake.ts';
import type { Channel, Guild, User, World } from '../world.ts';
import { ok, param, type RestRequest, type Route } from './route.ts';

const recipientSchema = z.strictObject({ recipient_id: snowflake });

function applicationPayload(world: World): object {
  return {
    id: world.applicationId,
    name: world.bot.username,
    icon: null,
    description: '',
    summary: '',
    type: null,
    bot: userPayload(world.bot),
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: '0'.repeat(64),
    flags: world.applicationFlags,
    flags_new: String(world.applicationFlags),
    explicit_content_filter: 0,
    eligible_oauth2_scopes: [],
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    hook: true,
    is_monetized: false,
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    owner: userPayload(world.bot),
    team: null,
    approximate_guild_count: world.guilds.size,
    integration_types_config: { '0': {} },
    ...world.application,
  };
}

/** What the bot may do in a guild as a whole. */
function botBase(world: World, guild: Guild): bigint {
  const member = world.botMember(guild);
  return member === undefined ? 0n : guildPermissions(guild, member);
}

/** The direct message channel of the bot and somebody; there is one for each. */
export function dmChannel(world: World, recipient: User): Channel {
  const known = world.dms.get(recipient.id);
  if (known !== undefined) return known;
  const channel: Channel = {
    id: world.newId(),
    type: ChannelType.DM,
    name: '',
    position: 0,
    recipient,
    overwrites: new Map(),
    messages: new Map(),
    lastMessageId: null,
  };
  world.dms.set(recipient.id, channel);
  world.channels.set(channel.id, channel);
  return channel;
}

function gatewayBot(request: RestRequest) {
  const { url, shards, maxConcurrency, sessionsLeft } = request.gatewayInfo();
  return ok({
    url,
    shards,
    session_start_limit: {
      total: 1000,
      remaining: sessionsLeft,
      reset_after: 86_400_000,
      max_concurrency: maxConcurrency,
    },
  });
}

export const userRoutes: readonly Route[] = [
  { method: 'GET', path: '/gateway/bot', handle: gatewayBot },
  {
    method: 'GET',
    path: '/gateway',
    auth: false,
    handle: (request) => ok({ url: request.gatewayInfo().url }),
  },
  {
    method: 'GET',
    path: '/users/@me',
    handle: ({ world }) =>
      ok({ ...userPayload(world.bot), verified: true, mfa_enabled: true, locale: 'en-US', email: null }),
  },
  {
    method: 'GET',
    path: '/users/{user_id}',
    handle(request) {
      const user = request.world.users.get(param(request, 'user_id'));
      return user === undefined ? refuse(RESTJSONErrorCodes.UnknownUser) : ok(userPayload(user));
    },
  },
  {
    method: 'GET',
    path: '/users/@me/guilds',
    handle({ world, query }) {
      const after = query.get('after') ?? '0';
      const limit = Number(query.get('limit') ?? 200);
      const guilds = [...world.guilds.values()]
        .filter((guild) => world.botMember(guild) !== undefined && byId(guild.id, after) > 0)
        .sort((one, other) => byId(one.id, other.id))
        .slice(0, limit);
      return ok(
        guilds.map((guild) => {
          const { id, name, icon, banner, features } = guildPayload(guild);
          return {
            id,
            name,
            icon,
            banner,
            features,
            owner: false,
            permissions: String(botBase(world, guild)),
          };
        }),
      );
    },
  },
  {
    method: 'POST',
    path: '/users/@me/channels',
    handle({ world, body }) {
      const { recipient_id: id } = parseForm(recipientSchema, body);
      const user = world.users.get(id);
      if (user === undefined) return refuse(RESTJSONErrorCodes.UnknownUser);
      if (user.bot) return refuse(RESTJSONErrorCodes.CannotSendMessagesToThisUser);
      return ok(channelPayload(dmChannel(world, user), world));
    },
  },
  { method: 'GET', path: '/applications/@me', handle: ({ world }) => ok(applicationPayload(world)) },
  { method: 'GET', path: '/oauth2/applications/@me', handle: ({ world }) => ok(applicationPayload(world)) },
];
