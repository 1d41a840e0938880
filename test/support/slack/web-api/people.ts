import { refuse } from '../errors.ts';
import { botPayload, groupPayload, teamPayload, userPayload } from '../payloads.ts';
import { type Call, findUser, type Methods, page } from './method.ts';

export const PEOPLE: Methods = {
  'users.info': {
    tier: 4,
    token: 'bot',
    scopes: ['users:read'],
    run(call) {
      const user = findUser(call, call.args.need('user'));
      return {
        user: {
          ...userPayload(call.world, user, call.team),
          ...(call.args.flag('include_locale') && { locale: user.locale }),
        },
      };
    },
  },
  'users.list': {
    tier: 2,
    token: 'bot',
    scopes: ['users:read'],
    run(call) {
      const { items, response_metadata } = page(call, [...call.team.users.values()]);
      return {
        members: items.map((user) => ({
          ...userPayload(call.world, user, call.team),
          ...(call.args.flag('include_locale') && { locale: user.locale }),
        })),
        cache_ts: Math.floor(call.world.clock.now() / 1000),
        response_metadata,
      };
    },
  },
  'bots.info': {
    tier: 3,
    token: 'bot',
    scopes: ['users:read'],
    run(call) {
      const id = call.args.text('bot') ?? call.installation.botId;
      const bot = [...call.team.users.values()].find((user) => user.botId === id);
      if (bot === undefined) return refuse('bot_not_found');
      return { bot: botPayload(call.world, bot) };
    },
  },
  'team.info': {
    tier: 3,
    token: 'bot',
    scopes: ['team:read'],
    run(call) {
      const id = call.args.text('team');
      const team = id === undefined ? call.team : call.world.teams.get(id);
      if (team === undefined) return refuse('team_not_found');
      return { team: teamPayload(team) };
    },
  },
  'emoji.list': {
    tier: 2,
    token: 'bot',
    scopes: ['emoji:read'],
    run: (call: Call) => ({
      emoji: Object.fromEntries(call.team.emojis),
      cache_ts: String(call.world.clock.now() / 1000),
    }),
  },
  'usergroups.list': {
    tier: 2,
    token: 'bot',
    scopes: ['usergroups:read'],
    run(call) {
      const { args } = call;
      const groups = [...call.team.groups.values()].filter(
        ({ disabled }) => args.flag('include_disabled') || !disabled,
      );
      return {
        usergroups: groups.map((group) =>
          groupPayload(group, args.flag('include_users') ?? false, args.flag('include_count') ?? false),
        ),
      };
    },
  },
  'usergroups.users.list': {
    tier: 2,
    token: 'bot',
    scopes: ['usergroups:read'],
    run(call) {
      const group = call.team.groups.get(call.args.need('usergroup'));
      if (group === undefined || (group.disabled && !call.args.flag('include_disabled')))
        return refuse('no_such_subteam');
      return { users: [...group.users] };
    },
  },
};
