import { RESTJSONErrorCodes } from 'discord.js';
import { RefusedRequest, refuse } from '../errors.ts';
import type { Interactions } from '../interactions.ts';
import { channelPermissions, has } from '../permissions.ts';
import { isSnowflake } from '../snowflake.ts';
import type { Channel, Guild, Message, World } from '../world.ts';

export interface UploadedFile {
  readonly filename: string;
  readonly contentType: string;
  readonly data: Buffer;
}

export interface GatewayInfo {
  readonly url: string;
  /** How many shards Discord recommends. */
  readonly shards: number;
  readonly maxConcurrency: number;
  /** Of the 1,000 IDENTIFYs a day. */
  readonly sessionsLeft: number;
}

export interface RestRequest {
  readonly world: World;
  readonly interactions: Interactions;
  readonly gatewayInfo: () => GatewayInfo;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** By their number: `files[0]`. */
  readonly files: ReadonlyMap<number, UploadedFile>;
}

export interface RestAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/** So many requests per window. */
export interface Limit {
  readonly requests: number;
  readonly perMs: number;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As in Discord's OpenAPI document. */
  readonly path: string;
  /** False: the token in the path is the credential. */
  readonly auth?: false;
  /** Routes of one name share their limit, as reactions do. */
  readonly bucket?: string;
  readonly limit?: Limit;
  /** True: not counted against the global limit. */
  readonly exempt?: boolean;
  handle(request: RestRequest): RestAnswer | Promise<RestAnswer>;
}

export const NO_CONTENT: RestAnswer = { status: 204 };

export function ok(body: unknown): RestAnswer {
  return { status: 200, body };
}

export function param(request: RestRequest, name: string): string {
  const value = request.params[name];
  if (value === undefined) throw new Error(`the route has no parameter ${name}`);
  return value;
}

function idParam(request: RestRequest, name: string): string {
  const value = param(request, name);
  if (isSnowflake(value)) return value;
  throw new RefusedRequest(RESTJSONErrorCodes.InvalidFormBodyOrContentType, {
    [name]: { _errors: [{ code: 'NUMBER_TYPE_COERCE', message: `Value "${value}" is not snowflake.` }] },
  });
}

export function findGuild(request: RestRequest): Guild {
  const guild = request.world.guilds.get(idParam(request, 'guild_id'));
  // A guild that the bot is not in does not exist for it.
  if (guild === undefined || !request.world.botMember(guild)) return refuse(RESTJSONErrorCodes.UnknownGuild);
  return guild;
}

/** The channel, if the bot sees it. */
export function findChannel(request: RestRequest): Channel {
  const channel = request.world.channels.get(idParam(request, 'channel_id'));
  if (channel === undefined) return refuse(RESTJSONErrorCodes.UnknownChannel);
  const guild = channel.guild;
  if (guild !== undefined && !request.world.botMember(guild)) return refuse(RESTJSONErrorCodes.MissingAccess);
  if (!has(botPermissions(request.world, channel), 'ViewChannel'))
    return refuse(RESTJSONErrorCodes.MissingAccess);
  return channel;
}

export function botPermissions(world: World, channel: Channel): bigint {
  return channelPermissions(channel, channel.guild && world.botMember(channel.guild));
}

/** A message that REST knows; ephemeral ones live behind their interaction's token alone. */
export function findMessage(request: RestRequest, channel: Channel): Message {
  const message = channel.messages.get(idParam(request, 'message_id'));
  if (message === undefined || message.ephemeralFor !== undefined)
    return refuse(RESTJSONErrorCodes.UnknownMessage);
  return message;
}

/** Application ids in paths have to be the bot's own. */
export function ownApplication(request: RestRequest): void {
  if (idParam(request, 'application_id') !== request.world.applicationId)
    refuse(RESTJSONErrorCodes.MissingAccess);
}
