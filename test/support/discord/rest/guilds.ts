import { RESTJSONErrorCodes } from 'discord.js';
import { refuse } from '../errors.ts';
import { leaveGuild } from '../guild-changes.ts';
import { channelPayload, emojiPayload, guildPayload, memberPayload, rolePayload } from '../payloads.ts';
import { findChannel, findGuild, NO_CONTENT, ok, param, type RestRequest, type Route } from './route.ts';

function memberOf(request: RestRequest, userId: string) {
  const member = findGuild(request).members.get(userId);
  if (member !== undefined) return member;
  return refuse(
    request.world.users.has(userId) ? RESTJSONErrorCodes.UnknownMember : RESTJSONErrorCodes.UnknownUser,
  );
}

export const guildRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/guilds/{guild_id}',
    handle(request) {
      const guild = findGuild(request);
      const counts = request.query.get('with_counts') === 'true';
      return ok({
        ...guildPayload(guild),
        ...(counts && {
          approximate_member_count: guild.members.size,
          approximate_presence_count: guild.members.size,
        }),
      });
    },
  },
  {
    method: 'GET',
    path: '/guilds/{guild_id}/channels',
    handle(request) {
      const channels = [...findGuild(request).channels.values()];
      return ok(channels.map((channel) => channelPayload(channel, request.world)));
    },
  },
  {
    method: 'GET',
    path: '/guilds/{guild_id}/members/{user_id}',
    handle: (request) => ok(memberPayload(memberOf(request, param(request, 'user_id')))),
  },
  {
    method: 'GET',
    path: '/guilds/{guild_id}/roles',
    handle: (request) => ok([...findGuild(request).roles.values()].map(rolePayload)),
  },
  {
    method: 'GET',
    path: '/guilds/{guild_id}/emojis',
    handle: (request) => ok([...findGuild(request).emojis.values()].map(emojiPayload)),
  },
  {
    method: 'GET',
    path: '/guilds/{guild_id}/emojis/{emoji_id}',
    handle(request) {
      const emoji = findGuild(request).emojis.get(param(request, 'emoji_id'));
      return emoji === undefined ? refuse(RESTJSONErrorCodes.UnknownEmoji) : ok(emojiPayload(emoji));
    },
  },
  {
    method: 'DELETE',
    path: '/users/@me/guilds/{guild_id}',
    handle(request) {
      leaveGuild(request.world, findGuild(request));
      return NO_CONTENT;
    },
  },
  {
    method: 'GET',
    path: '/channels/{channel_id}',
    handle: (request) => ok(channelPayload(findChannel(request), request.world)),
  },
];
