import { addUser } from './places.ts';
import type { Enterprise, Installation, Team, User, World } from './world.ts';

/** What a bot like ours asks for. */
export const USUAL_SCOPES = [
  'app_mentions:read',
  'channels:history',
  'channels:join',
  'channels:read',
  'chat:write',
  'commands',
  'emoji:read',
  'files:write',
  'groups:history',
  'groups:read',
  'im:history',
  'im:read',
  'im:write',
  'reactions:read',
  'reactions:write',
  'team:read',
  'usergroups:read',
  'users:read',
];

export interface InstallOptions {
  readonly scopes?: readonly string[];
  readonly installer?: User;
}

/** Installs the app in a workspace, or in all workspaces of an organisation. Installing again adds scopes and keeps the token. */
export function install(world: World, into: Team | Enterprise, options: InstallOptions = {}): Installation {
  const team = 'users' in into ? into : undefined;
  const enterprise = 'users' in into ? undefined : into;
  const home = team ?? [...enterprise!.teams][0];
  if (home === undefined) throw new Error('an organisation needs a workspace before it can install an app');
  const before = into.installation;
  const scopes = new Set(options.scopes ?? world.app.scopes ?? USUAL_SCOPES);
  const alive = before !== undefined && before.dead === undefined;
  // The bot user stays the same over uninstalling and installing again; the token does not.
  const bot =
    before?.bot ??
    addUser(world, home, world.app.name.toLowerCase(), {
      kind: 'bot',
      realName: world.app.name,
      appId: world.app.id,
    });
  bot.deleted = false;
  for (const one of enterprise?.teams ?? []) one.users.set(bot.id, bot);
  const installation: Installation = {
    id: world.ids.next('I'),
    team,
    enterprise,
    bot,
    botId: bot.botId!,
    scopes: alive ? new Set([...before.scopes, ...scopes]) : scopes,
    token: alive ? before.token : world.ids.secret('xoxb-'),
    dead: undefined,
    installer: options.installer,
  };
  into.installation = installation;
  world.installations.set(installation.token, installation);
  world.wake();
  return installation;
}

function tokensRevoked(world: World, installation: Installation): void {
  const teams = installation.team ? [installation.team] : [...installation.enterprise!.teams].slice(0, 1);
  world.emit({
    name: 'tokens_revoked',
    scopes: [],
    teams,
    from: teams[0]!,
    farewell: installation,
    event: {
      type: 'tokens_revoked',
      tokens: { oauth: [], bot: [installation.bot.id] },
      event_ts: world.ids.ts(),
    },
  });
}

/** Only the token dies; the app stays installed. */
export function revokeToken(world: World, installation: Installation): void {
  installation.dead = 'token_revoked';
  tokensRevoked(world, installation);
}

/** The app is removed from the workspace. */
export function uninstall(world: World, installation: Installation): void {
  installation.dead = 'account_inactive';
  installation.bot.deleted = true;
  const teams = installation.team ? [installation.team] : [...installation.enterprise!.teams];
  for (const team of teams) {
    for (const channel of team.channels.values()) channel.members.delete(installation.bot.id);
  }
  // Slack sends both and promises no order.
  world.emit({
    name: 'app_uninstalled',
    scopes: [],
    teams: teams.slice(0, 1),
    from: teams[0]!,
    farewell: installation,
    event: { type: 'app_uninstalled', event_ts: world.ids.ts() },
  });
  tokensRevoked(world, installation);
}
