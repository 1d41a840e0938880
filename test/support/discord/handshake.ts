import { GatewayCloseCodes, GatewayIntentBits } from 'discord.js';
import { z } from 'zod';
import { memberPayload } from './payloads.ts';
import { shardOf } from './snowflake.ts';
import type { Guild, World } from './world.ts';

const PRIVILEGED =
  GatewayIntentBits.GuildMembers | GatewayIntentBits.GuildPresences | GatewayIntentBits.MessageContent;
const KNOWN_INTENTS = Object.values(GatewayIntentBits)
  .filter((bit): bit is GatewayIntentBits => typeof bit === 'number')
  .reduce((all, bit) => all | bit, 0);

const identifySchema = z.object({
  token: z.string(),
  intents: z.number().int(),
  shard: z.tuple([z.number().int(), z.number().int()]).optional(),
  properties: z.object({}).loose(),
  compress: z.boolean().optional(),
  large_threshold: z.number().int().min(50).max(250).optional(),
  presence: z.unknown().optional(),
});

export const resumeSchema = z.object({ token: z.string(), session_id: z.string(), seq: z.number().int() });

const requestMembersSchema = z.object({
  guild_id: z.string(),
  query: z.string().optional(),
  limit: z.number().int().optional(),
  user_ids: z.union([z.string(), z.array(z.string())]).optional(),
  nonce: z.string().optional(),
  presences: z.boolean().optional(),
});

/** Why the gateway closes a connection. */
export interface Closing {
  readonly code: GatewayCloseCodes;
  readonly reason: string;
}

export interface Identity {
  readonly shard: number;
  readonly shards: number;
  readonly intents: number;
  /** The bot's guilds on this shard. */
  readonly guilds: readonly Guild[];
}

/** Who identifies with what, or why not. From so many guilds on a shard on, there have to be more shards. */
export function judgeIdentify(world: World, shardingFrom: number, data: unknown): Identity | Closing {
  const parsed = identifySchema.safeParse(data);
  if (!parsed.success) return { code: GatewayCloseCodes.DecodeError, reason: 'Error while decoding payload' };
  const { token, intents, shard = [0, 1] as const } = parsed.data;
  const [id, shards] = shard;
  if (token !== world.token)
    return { code: GatewayCloseCodes.AuthenticationFailed, reason: 'Authentication failed.' };
  if (intents < 0 || (intents & ~KNOWN_INTENTS) !== 0)
    return { code: GatewayCloseCodes.InvalidIntents, reason: 'Invalid intent(s).' };
  if ((intents & PRIVILEGED & ~world.privilegedIntents) !== 0)
    return { code: GatewayCloseCodes.DisallowedIntents, reason: 'Disallowed intent(s).' };
  if (id < 0 || shards < 1 || id >= shards)
    return { code: GatewayCloseCodes.InvalidShard, reason: 'Invalid shard.' };
  const guilds = [...world.guilds.values()].filter(
    (guild) => world.botMember(guild) !== undefined && shardOf(guild.id, shards) === id,
  );
  if (guilds.length >= shardingFrom)
    return { code: GatewayCloseCodes.ShardingRequired, reason: 'Sharding required.' };
  return { shard: id, shards, intents, guilds };
}

/** The answer to REQUEST_GUILD_MEMBERS; undefined if it is no proper question. */
export function membersChunk(world: World, data: unknown): object | undefined {
  const parsed = requestMembersSchema.safeParse(data);
  const guild = parsed.success ? world.guilds.get(parsed.data.guild_id) : undefined;
  if (!parsed.success || guild === undefined) return undefined;
  const { query, user_ids: ids, limit = 0, nonce } = parsed.data;
  if ((query === undefined) === (ids === undefined)) return undefined;
  const wanted = ids === undefined ? undefined : new Set([ids].flat());
  const members = [...guild.members.values()].filter((member) =>
    wanted === undefined ? member.user.username.startsWith(query ?? '') : wanted.has(member.user.id),
  );
  return {
    guild_id: guild.id,
    members: (limit > 0 ? members.slice(0, limit) : members).map(memberPayload),
    chunk_index: 0,
    chunk_count: 1,
    not_found: [...(wanted ?? [])].filter((id) => !guild.members.has(id)),
    ...(nonce !== undefined && { nonce }),
  };
}
