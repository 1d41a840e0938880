import { refuse } from '../errors.ts';
import { READ_SCOPES } from '../events.ts';
import { TS } from '../ids.ts';
import type { Tier } from '../limits.ts';
import type { SocketMode } from '../socket-mode.ts';
import type { Triggers } from '../triggers.ts';
import type { Views } from '../views.ts';
import type { Channel, Installation, Message, Payload, Team, User, World } from '../world.ts';
import type { Args } from './arguments.ts';
import type { Consents } from './consents.ts';
import type { Uploads } from './uploads.ts';

/** What methods work with. */
export interface Services {
  readonly world: World;
  readonly views: Views;
  readonly triggers: Triggers;
  readonly sockets: SocketMode;
  readonly uploads: Uploads;
  readonly consents: Consents;
}

/** One call of the bot, checked as far as every method needs it. */
export interface Call extends Services {
  readonly args: Args;
  readonly installation: Installation;
  readonly bot: User;
  /** The workspace that is meant. */
  readonly team: Team;
  warn(code: string): void;
}

export interface Method {
  readonly tier: Tier;
  /** Who may call it: the bot, the app itself (`xapp-`), or anybody without a token. */
  readonly token: 'bot' | 'app' | 'none';
  /** Any of these is enough. Absent: no scope needed. */
  readonly scopes?: readonly string[];
  /** The argument that names the channel, for limits per channel and faults. */
  readonly channelArgument?: string;
  run(call: Call): Payload | Promise<Payload>;
}

export type Methods = Readonly<Record<string, Method>>;

/** A channel that the bot may know of; private ones only from inside. */
export function findChannel({ world, team, bot }: Call, given: string): Channel {
  let channel = world.channels.get(given);
  if (channel === undefined && given.startsWith('#'))
    channel = [...team.channels.values()].find(({ name, kind }) => name === given.slice(1) && kind !== 'im');
  if (channel === undefined) return refuse('channel_not_found');
  const inTeam = [...channel.teams].some(
    (one) => one === team || (team.enterprise !== undefined && one.enterprise === team.enterprise),
  );
  if (!inTeam) return refuse('channel_not_found');
  if (channel.kind !== 'public' && !channel.members.has(bot.id)) return refuse('channel_not_found');
  return channel;
}

/** A channel in which the bot is; from outside Slack says that there is none. */
export function memberChannel(call: Call, given: string): Channel {
  const channel = findChannel(call, given);
  return channel.members.has(call.bot.id) ? channel : refuse('channel_not_found');
}

/** Conversations of each kind have a scope of their own. */
export function needsScopeFor(
  call: Call,
  channel: Channel,
  scopes: Readonly<Record<Channel['kind'], string>> = READ_SCOPES,
): void {
  const needed = scopes[channel.kind];
  if (!call.installation.scopes.has(needed))
    refuse('missing_scope', { needed, provided: [...call.installation.scopes].join(',') });
}

export function findMessage(channel: Channel, ts: string): Message {
  const message = channel.messages.get(ts);
  // Ephemeral messages have a ts too, but no method knows them by it.
  return message === undefined || message.ephemeralFor !== undefined ? refuse('message_not_found') : message;
}

export function requireTs(ts: string, code: string): string {
  return TS.test(ts) ? ts : refuse(code);
}

/** People the bot's workspace knows: its own, and those in channels shared with it. */
export function isKnown({ team }: Call, user: User): boolean {
  return (
    team.users.has(user.id) ||
    (team.enterprise !== undefined && user.team.enterprise === team.enterprise) ||
    [...team.channels.values()].some((channel) => channel.teams.size > 1 && channel.members.has(user.id))
  );
}

export function findUser(call: Call, id: string): User {
  const user = call.world.users.get(id);
  if (user === undefined) return refuse('user_not_found');
  return isKnown(call, user) ? user : refuse('user_not_visible');
}

/** A page of a list, by cursor. */
export function page<T>(
  call: Call,
  items: readonly T[],
  most = 1000,
): { items: readonly T[]; response_metadata: Payload } {
  const limit = call.args.number('limit');
  if (limit !== undefined && (limit < 1 || limit > most)) refuse('invalid_limit');
  const cursor = call.args.text('cursor');
  const start =
    cursor === undefined || cursor === ''
      ? 0
      : Number(/^from:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())?.[1]);
  if (Number.isNaN(start)) refuse('invalid_cursor');
  const end = start + (limit ?? 100);
  const next = end < items.length ? Buffer.from(`from:${end}`).toString('base64') : '';
  return { items: items.slice(start, end), response_metadata: { next_cursor: next } };
}
