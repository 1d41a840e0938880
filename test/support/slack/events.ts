import type { Channel, ChannelKind, Installation, Payload, Team, World, WorldEvent } from './world.ts';

/** `message.channels` and what it takes to see messages there. */
export const MESSAGE_EVENTS: Readonly<Record<ChannelKind, { name: string; scope: string; type: string }>> = {
  public: { name: 'message.channels', scope: 'channels:history', type: 'channel' },
  private: { name: 'message.groups', scope: 'groups:history', type: 'group' },
  im: { name: 'message.im', scope: 'im:history', type: 'im' },
  mpim: { name: 'message.mpim', scope: 'mpim:history', type: 'mpim' },
};

/** What it takes to know about conversations of a kind. */
export const READ_SCOPES: Readonly<Record<ChannelKind, string>> = {
  public: 'channels:read',
  private: 'groups:read',
  im: 'im:read',
  mpim: 'mpim:read',
};

export function emitAbout(
  world: World,
  channel: Channel,
  from: Team,
  event: Omit<WorldEvent, 'teams' | 'from' | 'channel'>,
): void {
  world.emit({ ...event, teams: channel.teams, from, channel });
}

/** The installation that an event goes to. In a shared channel with several, Slack picks one of them. */
export function receiverOf(
  world: World,
  event: WorldEvent,
): { installation: Installation; team: Team } | undefined {
  const { app } = world;
  if (app.events !== undefined && !app.events.includes(event.name)) return undefined;
  for (const team of event.teams) {
    const installation = event.farewell ?? world.installationOf(team);
    if (installation === undefined) continue;
    if (event.farewell === undefined) {
      if (event.scopes.length > 0 && !event.scopes.some((scope) => installation.scopes.has(scope))) continue;
      if (event.channel !== undefined && !event.channel.members.has(installation.bot.id)) continue;
    }
    return { installation, team };
  }
  return undefined;
}

/** The outer payload of the Events API. */
export function eventCallback(
  world: World,
  event: WorldEvent,
  receiver: { installation: Installation; team: Team },
): Payload {
  const { installation, team } = receiver;
  const { app, ids, clock } = world;
  const shared = (event.channel?.teams.size ?? 0) > 1;
  const enterprise = team.enterprise;
  return {
    token: app.verificationToken,
    // In a shared channel this is the workspace of whoever acted, not always one that knows the app.
    team_id: shared ? event.from.id : team.id,
    ...(enterprise && { enterprise_id: enterprise.id }),
    ...(event.channel !== undefined && {
      context_team_id: team.id,
      context_enterprise_id: enterprise?.id ?? null,
    }),
    api_app_id: app.id,
    event: event.event,
    type: 'event_callback',
    event_id: ids.next('Ev'),
    event_time: Math.floor(clock.now() / 1000),
    ...(event.farewell === undefined && {
      authorizations: [
        {
          enterprise_id: enterprise?.id ?? null,
          team_id: team.id,
          user_id: installation.bot.id,
          is_bot: true,
          is_enterprise_install: installation.enterprise !== undefined,
        },
      ],
      is_ext_shared_channel: shared,
      event_context: `4-${ids.word()}`,
    }),
  };
}
