import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type GatewayIntentBits, type PermissionsString, RESTJSONErrorCodes } from 'discord.js';
import { WebSocketServer } from 'ws';
import { type Clock, createClock } from './clock.ts';
import { Faults } from './faults.ts';
import { Gateway } from './gateway.ts';
import {
  createGuild,
  type GuildOptions,
  INVITED_WITH,
  joinGuild,
  leaveGuild,
  setAvailable,
} from './guild-changes.ts';
import { GuildHandle } from './guild-handle.ts';
import { Interactions } from './interactions.ts';
import { leastTime } from './least-time.ts';
import { Limits } from './limits.ts';
import { OpenApi } from './openapi.ts';
import { type LoggedRequest, RestServer } from './rest/server.ts';
import { type Message, type User, World } from './world.ts';

export interface DiscordOptions {
  readonly token?: string;
  readonly botName?: string;
  /** The time; the real one by default. Moved by `clock.advance`. */
  readonly now?: () => number;
  /** Rate limits: off (headers only), on as Discord's, or on and so many times as fast. Default: off. */
  readonly limits?: 'off' | 'on' | { readonly speed: number };
  /** How many shards Discord recommends. */
  readonly shards?: number;
  readonly maxConcurrency?: number;
  /** From this many guilds on one shard is refused. Discord's 2,500 by default. */
  readonly shardingFrom?: number;
  readonly heartbeatIntervalMs?: number;
  readonly privilegedIntents?: readonly GatewayIntentBits[];
  /** False: requests are not held against Discord's OpenAPI document. */
  readonly openApi?: boolean;
}

export const TEST_TOKEN = 'MTA0MDAwMDAwMDAwMDAwMDAwMA.Gtest.a-token-of-the-discord-server-in-test';

/** Discord on this machine: what a bot connects to, what people do, and what goes wrong. */
export class Discord {
  /** For `new Client({ rest: { api } })`. */
  readonly api: string;
  readonly token: string;
  readonly clock: Clock;
  readonly world: World;
  readonly gateway: Gateway;
  readonly faults: Faults;
  /** Every REST request, in order. */
  readonly requests: LoggedRequest[];
  private readonly openApi: OpenApi | undefined;
  private readonly mistakes: readonly string[];
  private readonly interactions: Interactions;
  private readonly shutDown: () => Promise<void>;
  private readonly handles = new Map<string, GuildHandle>();
  private readonly people = new Map<string, User>();

  constructor(parts: {
    readonly api: string;
    readonly world: World;
    readonly gateway: Gateway;
    readonly faults: Faults;
    readonly rest: RestServer;
    readonly openApi: OpenApi | undefined;
    readonly mistakes: readonly string[];
    readonly interactions: Interactions;
    readonly shutDown: () => Promise<void>;
  }) {
    this.api = parts.api;
    this.world = parts.world;
    this.token = parts.world.token;
    this.clock = parts.world.clock;
    this.gateway = parts.gateway;
    this.faults = parts.faults;
    this.requests = parts.rest.requests;
    this.openApi = parts.openApi;
    this.mistakes = parts.mistakes;
    this.interactions = parts.interactions;
    this.shutDown = parts.shutDown;
  }

  /** What was asked against Discord's OpenAPI document. `close` fails if there is anything. */
  get violations(): readonly string[] {
    return [...(this.openApi?.violations ?? []), ...this.mistakes];
  }

  /** A guild; the bot is in it unless `joined: false`. */
  guild(options: GuildOptions | string = {}): GuildHandle {
    const guild = createGuild(this.world, typeof options === 'string' ? { name: options } : options);
    const handle = new GuildHandle({
      world: this.world,
      interactions: this.interactions,
      guild,
      user: (name, bot) => this.user(name, bot),
    });
    this.handles.set(guild.id, handle);
    return handle;
  }

  /** Somebody by name: the same one in every guild, as names are unique on Discord. */
  user(name: string, bot = false): User {
    let user = this.people.get(name);
    if (user === undefined) {
      user = this.world.addUser(name, { bot });
      this.people.set(name, user);
    }
    return user;
  }

  /** The bot is invited with these permissions. */
  joins(guild: GuildHandle, permissions: readonly PermissionsString[] = INVITED_WITH): void {
    joinGuild(this.world, guild.data, permissions);
  }

  /** The bot is thrown out. */
  kicks(guild: GuildHandle): void {
    leaveGuild(this.world, guild.data);
  }

  /** The guild is out of order until `over`. */
  outage(guild: GuildHandle): { over(): void } {
    setAvailable(this.world, guild.data, false);
    return { over: () => setAvailable(this.world, guild.data, true) };
  }

  /** How often each route was asked: `{ 'POST /channels/{channel_id}/messages': 3 }`. */
  counts(since = 0): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { method, route, path } of this.requests.slice(since)) {
      const name = `${method} ${route ?? path}`;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  /**
   * The least time that Discord's limits leave for the requests since: what a benchmark calls simulated time. It is
   * exact for a client that keeps every bucket busy, as discord.js does when everything is asked at once.
   */
  leastTime(since = 0): { readonly ms: number; readonly bottleneck: string } {
    return leastTime(this.requests.slice(since));
  }

  /** A message by its id, wherever it is. */
  message(id: string): Message | undefined {
    for (const channel of this.world.channels.values()) {
      const message = channel.messages.get(id);
      if (message !== undefined) return message;
    }
    return undefined;
  }

  /** Waits until something is true of this world. */
  until<T>(look: () => T | undefined | false, what = 'a change in the world'): Promise<T> {
    return this.world.until(look, what);
  }

  /** Fails if any request broke Discord's own document. */
  check(): void {
    if (this.violations.length > 0)
      throw new Error(`Discord's OpenAPI document does not allow:\n${this.violations.join('\n')}`);
  }

  async close(): Promise<void> {
    await this.shutDown();
    this.check();
  }
}

/** Starts Discord on a free port of 127.0.0.1. */
export async function openDiscord(options: DiscordOptions = {}): Promise<Discord> {
  const clock = createClock(options.now, () => world.wake());
  const world: World = new World({
    clock,
    token: options.token ?? TEST_TOKEN,
    botName: options.botName ?? 'Reactune',
    privilegedIntents: (options.privilegedIntents ?? []).reduce<number>((all, bit) => all | bit, 0),
  });
  let gatewayUrl = '';
  const gateway = new Gateway({
    world,
    heartbeatIntervalMs: options.heartbeatIntervalMs ?? 41_250,
    shardingFrom: options.shardingFrom ?? 2500,
    url: () => gatewayUrl,
  });
  const limits = options.limits ?? 'off';
  const faults = new Faults();
  const mistakes: string[] = [];
  const interactions = new Interactions(world);
  const openApi = options.openApi === false ? undefined : OpenApi.open();
  const rest = new RestServer({
    world,
    interactions,
    faults,
    openApi,
    limits: new Limits({ clock, on: limits !== 'off', speed: typeof limits === 'object' ? limits.speed : 1 }),
    gatewayInfo: () => ({
      url: gatewayUrl,
      shards: options.shards ?? 1,
      maxConcurrency: options.maxConcurrency ?? 16,
      sessionsLeft: Math.max(0, 1000 - gateway.identifies),
    }),
  });
  const http = createServer((request, response) => {
    rest.handle(request, response).catch((error: unknown) => {
      // A mistake in this server must not look like one of Discord's bad days.
      mistakes.push(`the test server broke at ${request.method} ${request.url}: ${String(error)}`);
      response
        .writeHead(500)
        .end(JSON.stringify({ code: RESTJSONErrorCodes.GeneralError, message: String(error) }));
    });
  });
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (socket, request) => gateway.connect(socket, request));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  gatewayUrl = `ws://127.0.0.1:${port}`;
  world.origin = `http://127.0.0.1:${port}`;
  return new Discord({
    api: `http://127.0.0.1:${port}/api`,
    world,
    gateway,
    faults,
    rest,
    openApi,
    mistakes,
    interactions,
    async shutDown() {
      gateway.close();
      sockets.close();
      http.closeAllConnections();
      if (http.listening) {
        http.close();
        await once(http, 'close');
      }
    },
  });
}
