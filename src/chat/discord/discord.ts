import { type Client, Events, RESTEvents } from 'discord.js';
import type { Logger } from 'pino';
import type { MessageRef } from '../../domain/post.ts';
import { createPictures } from '../picture-png.ts';
import { ChatError, type ChatHandlers, type ChatPlatform } from '../platform.ts';
import type { AudioFile } from '../sound.ts';
import { type ClientOptions, createClient } from './client.ts';
import { createDraw } from './draw.ts';
import { asStartError } from './errors.ts';
import { followGuilds, placesOf } from './guilds.ts';
import { followInteractions } from './interactions.ts';
import { discordLog } from './log.ts';
import { createMessenger, type Messenger } from './messenger.ts';
import { createPending, type Pending } from './pending.ts';
import { followReactions } from './reactions.ts';
import { readReactions } from './read-back.ts';
import { createSeeding, type Seeding } from './seeding.ts';
import { createShards, type Shards } from './shards.ts';
import { tell } from './telling.ts';

export interface DiscordOptions extends ClientOptions {
  readonly token: string;
  readonly log: Logger;
  readonly now: () => number;
  /** The sound of a song, if the bot may play it itself. */
  readonly audio: (songId: string) => Promise<AudioFile | undefined>;
  /** How long to try to connect; every shard takes some seconds more. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 60_000;
/** Discord lets one shard begin every five seconds. */
const PER_SHARD_MS = 6_000;
const STOP_MS = 5_000;

/** What lives from start to stop. */
interface Connection {
  readonly client: Client;
  readonly shards: Shards;
  readonly messenger: Messenger;
  readonly seeding: Seeding;
  readonly pending: Pending;
  /** Ends a start that is under way. */
  readonly stopping: AbortController;
}

/** Whatever the library reports of itself. None of it needs the token, and none of it is fatal once it runs. */
function listen(client: Client, log: Logger): void {
  client.on(Events.Error, (err) => log.error({ err }, 'Discord: something went wrong'));
  client.on(Events.Warn, (text) => log.warn(`Discord: ${text}`));
  client.on(Events.Invalidated, () => log.error('Discord: the session cannot be renewed; restart the bot'));
  client.on(Events.ShardError, (err, shard) => log.warn({ err, shard }, 'Discord: a connection broke'));
  client.on(Events.ShardReconnecting, (shard) => log.info({ shard }, 'Discord: connecting again'));
  client.on(Events.ShardResume, (shard, events) => log.info({ shard, events }, 'Discord: connected again'));
  client.on(Events.ShardDisconnect, ({ code }, shard) =>
    log.error(
      { shard, code },
      'Discord closed the connection for good: check DISCORD_TOKEN and restart the bot',
    ),
  );
  client.rest.on(RESTEvents.RateLimited, ({ method, route, timeToReset, global, scope }) =>
    // The address itself may carry the token of an interaction.
    log.debug({ method, route, ms: timeToReset, global, scope }, 'Discord asks to wait'),
  );
}

/** Resolves when every shard is ready; rejects when that cannot be, has not been for too long, or is given up. */
async function connect(
  { client, shards, stopping: { signal } }: Connection,
  token: string,
  patienceMs: number,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let giveUp: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  failed.catch(() => {});
  const wait = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => giveUp(new Error(`not connected after ${Math.round(ms / 1000)} s`)), ms);
  };
  signal.addEventListener('abort', () => giveUp(new ChatError('unreachable', 'The bot was stopped.')), {
    once: true,
  });
  const ready = new Promise<void>((resolve) => {
    client.once(Events.ClientReady, () => resolve());
  });
  wait(patienceMs);
  // As long as one shard after the other gets through, it is only large.
  const goOn = () => wait(patienceMs + PER_SHARD_MS);
  client.on(Events.ShardReady, goOn);
  try {
    await Promise.race([failed, Promise.all([client.login(token), ready])]);
  } catch (error) {
    await shards.end(client);
    throw asStartError(error);
  } finally {
    client.off(Events.ShardReady, goOn);
    clearTimeout(timer);
  }
}

/** A Discord bot as a chat platform; nothing is connected before it is started. */
export function createDiscord(options: DiscordOptions): ChatPlatform {
  const { token, now, audio, patienceMs = PATIENCE_MS } = options;
  const log = discordLog(options.log);
  const draw = createDraw({ audio, picture: createPictures(), log });
  const working = new Set<Promise<unknown>>();
  let connection: Connection | undefined;

  function background(work: Promise<void>): void {
    const settled = work
      .catch((err: unknown) => log.error({ err }, 'a handler failed'))
      .finally(() => working.delete(settled));
    working.add(settled);
  }

  function connected(): Connection {
    if (!connection) throw new ChatError('unreachable', 'The bot is not connected to Discord.');
    return connection;
  }

  async function start(handlers: ChatHandlers): Promise<void> {
    const shards = createShards(log);
    const client = createClient(options, shards.ws);
    const messenger = createMessenger({ client, draw, log });
    const seeding = createSeeding({ rest: client.rest, messenger, log });
    listen(client, log);
    followGuilds({ client, handlers, background });
    followReactions({ client, handlers, now, log, background });
    followInteractions({ client, handlers, messenger, now, log, background });
    // Handlers may answer and post before the last shard is ready.
    const stopping = new AbortController();
    const opened = { client, shards, messenger, seeding, pending: createPending(), stopping };
    connection = opened;
    try {
      await connect(opened, token, patienceMs);
    } catch (error) {
      connection = undefined;
      throw error;
    }
    log.info({ servers: client.guilds.cache.size, shards: client.ws.shards.size }, 'connected to Discord');
  }

  async function stop(): Promise<void> {
    if (!connection) return;
    const { client, shards, pending, stopping } = connection;
    stopping.abort();
    client.ws.removeAllListeners();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, STOP_MS);
    });
    await Promise.race([Promise.allSettled(working), patience]);
    clearTimeout(timer);
    connection = undefined;
    pending.giveUp();
    await shards.end(client);
  }

  return {
    name: 'discord',
    start,
    stop,
    async places() {
      return connection ? placesOf(connection.client) : [];
    },
    async post({ communityId, channel }, message): Promise<MessageRef> {
      const { messenger, seeding, pending } = connected();
      const id = await pending.track(messenger.post(channel, message));
      seeding.posted(id);
      return { platform: 'discord', communityId, channel, message: id };
    },
    async edit({ channel, message: id }, message) {
      const { messenger, pending } = connected();
      await pending.track(messenger.edit(channel, id, message));
    },
    async remove({ channel, message }) {
      const { messenger, pending } = connected();
      await pending.track(messenger.remove(channel, message));
    },
    async tell(identity, message, communityId) {
      const { messenger, pending } = connected();
      return pending.track(tell(messenger, identity, message, communityId));
    },
    async seedReactions(ref, emojis) {
      const { seeding, pending } = connected();
      await pending.track(seeding.seed(ref, emojis));
    },
    async reactions(ref) {
      const { client, messenger, pending } = connected();
      return pending.track(readReactions(client.rest, messenger, ref));
    },
    // Only “Manage Messages” would let the bot take other people's reactions away, and it does not ask for that.
    reactionsStay: true,
    async forget() {},
  };
}
