import { refuse } from '../errors.ts';
import { revokeToken, uninstall } from '../installing.ts';
import { enterprisePayload } from '../payloads.ts';
import type { Call, Methods } from './method.ts';

/** The app's own credentials; Slack takes them in the form or as Basic authorization. */
function checkClient({ args, world }: Call): void {
  if (args.text('client_id') !== world.app.clientId) refuse('invalid_client_id');
  if (args.text('client_secret') !== world.app.clientSecret) refuse('bad_client_secret');
}

export const AUTH: Methods = {
  'auth.test': {
    tier: 'none',
    token: 'bot',
    run: ({ team, bot, installation }) => ({
      url: `https://${team.domain}.slack.com/`,
      team: team.name,
      user: bot.name,
      team_id: team.id,
      user_id: bot.id,
      bot_id: installation.botId,
      is_enterprise_install: installation.enterprise !== undefined,
      ...(team.enterprise && { enterprise_id: team.enterprise.id }),
    }),
  },
  'auth.teams.list': {
    tier: 2,
    token: 'bot',
    run({ installation, team }) {
      const teams = installation.enterprise === undefined ? [team] : [...installation.enterprise.teams];
      return { teams: teams.map(({ id, name }) => ({ id, name })), response_metadata: { next_cursor: '' } };
    },
  },
  'auth.revoke': {
    tier: 3,
    token: 'bot',
    run({ world, args, installation }) {
      if (args.flag('test')) return { revoked: false };
      revokeToken(world, installation);
      return { revoked: true };
    },
  },
  'apps.connections.open': {
    tier: 1,
    token: 'app',
    run({ world, sockets }) {
      if (!world.app.socketMode) return refuse('forbidden_team');
      return { url: sockets.ticketUrl() };
    },
  },
  'apps.uninstall': {
    tier: 1,
    token: 'bot',
    run(call) {
      checkClient(call);
      uninstall(call.world, call.installation);
      return {};
    },
  },
  'oauth.v2.access': {
    tier: 4,
    token: 'none',
    run(call) {
      const { args, consents, world } = call;
      checkClient(call);
      const grant = args.text('grant_type');
      if (grant === 'refresh_token') return refuse('invalid_refresh_token');
      if (grant !== undefined && grant !== 'authorization_code') return refuse('invalid_grant_type');
      const exchanged = consents.exchange(args.text('code') ?? '', args.text('redirect_uri'));
      if (typeof exchanged === 'string') return refuse(exchanged);
      const { installation, installer } = exchanged;
      const { team } = installation;
      return {
        app_id: world.app.id,
        authed_user: { id: installer.id },
        scope: [...installation.scopes].join(','),
        token_type: 'bot',
        access_token: installation.token,
        bot_user_id: installation.bot.id,
        team: team === undefined ? null : { id: team.id, name: team.name },
        enterprise: enterprisePayload(installation.enterprise ?? team?.enterprise),
        is_enterprise_install: installation.enterprise !== undefined,
      };
    },
  },
};
