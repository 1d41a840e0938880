import {
  ChannelType,
  type Client,
  Events,
  GatewayDispatchEvents,
  type Guild,
  type GuildBasedChannel,
} from 'discord.js';
import { z } from 'zod';
import type { ChatHandlers, Place } from '../platform.ts';
import { missingIn } from './permissions.ts';

const ready = z.object({ guilds: z.array(z.object({ id: z.string() })) });

const communityIdOf = (guildId: string) => `discord:${guildId}`;

/** From top to bottom, as people see the channels: those outside of categories come first. */
function position(channel: GuildBasedChannel): number {
  const own = 'rawPosition' in channel ? channel.rawPosition : 0;
  return (channel.parent ? channel.parent.rawPosition + 1 : 0) * 10_000 + own;
}

/** Where a word to the moderators is fitting: where Discord itself greets people, else the first channel to write in. */
function greetingChannel(client: Client, guild: Guild): string | undefined {
  const mayWrite = ({ id }: GuildBasedChannel) =>
    missingIn(client, id, ['View Channel', 'Send Messages']).length === 0;
  const { systemChannel } = guild;
  if (systemChannel && mayWrite(systemChannel)) return systemChannel.id;
  return [...guild.channels.cache.values()]
    .filter((channel) => channel.type === ChannelType.GuildText)
    .sort((one, other) => position(one) - position(other) || (BigInt(one.id) < BigInt(other.id) ? -1 : 1))
    .find(mayWrite)?.id;
}

function placeOf(client: Client, guild: Guild): Place {
  const greeting = guild.available ? greetingChannel(client, guild) : undefined;
  return {
    communityId: communityIdOf(guild.id),
    // The name of a server in an outage is not known before it is back.
    name: guild.name ?? `Server ${guild.id}`,
    ...(greeting !== undefined && { greetingChannel: greeting }),
  };
}

/** Every server of every shard, those in an outage too. */
export function placesOf(client: Client): Place[] {
  return client.guilds.cache.map((guild) => placeOf(client, guild));
}

/** `unseen`: in an outage since the bot started; `awaited`: a new session began, and it has not come in yet. */
type State = 'here' | 'unseen' | 'outage' | 'awaited';

/** Tells where the bot comes to and goes from, and whose events may have been missed. */
export function followGuilds({
  client,
  handlers,
  background,
}: {
  client: Client;
  handlers: Pick<ChatHandlers, 'joined' | 'left' | 'missed'>;
  background: (work: Promise<void>) => void;
}): void {
  const known = new Map<string, State>();
  const begun = new Set<number>();
  let started = false;

  const join = (guild: Guild) => {
    known.set(guild.id, 'here');
    // Whatever is wrong with a server must not break the connection that tells of it.
    background((async () => handlers.joined(placeOf(client, guild)))());
  };
  const leave = (guildId: string) => {
    if (known.delete(guildId)) background(handlers.left(communityIdOf(guildId)));
  };
  const missed = (guildIds: readonly string[]) => {
    if (guildIds.length > 0) background(handlers.missed(guildIds.map(communityIdOf)));
  };

  client.once(Events.ClientReady, () => {
    started = true;
    for (const guild of client.guilds.cache.values())
      known.set(guild.id, guild.available ? 'here' : 'unseen');
  });

  client.ws.on(GatewayDispatchEvents.Ready, (payload: unknown, shardId: number) => {
    const parsed = ready.safeParse(payload);
    if (!started || !parsed.success) return;
    const still = new Set(parsed.data.guilds.map(({ id }) => id));
    for (const guild of [...client.guilds.cache.values()]) {
      if (guild.shardId !== shardId) continue;
      if (still.has(guild.id)) {
        if (known.get(guild.id) !== 'unseen') known.set(guild.id, 'awaited');
        continue;
      }
      // The library keeps servers that the bot was removed from while a shard was away.
      for (const channel of guild.channels.cache.keys()) client.channels.cache.delete(channel);
      client.guilds.cache.delete(guild.id);
      leave(guild.id);
    }
  });

  client.on(Events.GuildCreate, (guild) => {
    if (guild.available) join(guild);
  });
  client.on(Events.GuildAvailable, (guild) => {
    if (!started) return;
    const before = known.get(guild.id);
    if (before === undefined || before === 'unseen') join(guild);
    else known.set(guild.id, 'here');
    // The servers of a new session are read back together.
    if (before === 'outage' || before === 'unseen') missed([guild.id]);
  });
  client.on(Events.GuildUnavailable, (guild) => {
    if (known.get(guild.id) === 'here') known.set(guild.id, 'outage');
  });
  client.on(Events.GuildDelete, (guild) => leave(guild.id));

  client.on(Events.ShardReady, (shardId) => {
    const guilds = [...client.guilds.cache.values()].filter((guild) => guild.shardId === shardId);
    for (const { id } of guilds) if (known.get(id) === 'awaited') known.set(id, 'outage');
    if (begun.has(shardId)) missed(guilds.filter(({ available }) => available).map(({ id }) => id));
    begun.add(shardId);
  });
}
