import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { GatewayCloseCodes, GatewayDispatchEvents, GatewayIntentBits, GatewayOpcodes } from 'discord.js';
import type { WebSocket } from 'ws';
import { judgeIdentify, membersChunk, resumeSchema } from './handshake.ts';
import { guildCreatePayload, userPayload } from './payloads.ts';
import { channelPermissions, has } from './permissions.ts';
import { Session } from './session.ts';
import { shardOf } from './snowflake.ts';
import type { Dispatch, Guild, World } from './world.ts';

export interface GatewayOptions {
  readonly world: World;
  readonly heartbeatIntervalMs: number;
  /** From this many guilds on, one shard is refused (4011), as Discord does at 2,500. */
  readonly shardingFrom: number;
  /** Where this gateway listens: `ws://…`. */
  readonly url: () => string;
}

/** Which connections a fault concerns: all of them, or those of one shard. */
export interface Which {
  readonly shard?: number;
}

/** Discord's gateway v10, JSON, uncompressed, and the faults that tests ask of it. */
export class Gateway {
  /** False: heartbeats are heard but never acknowledged, as on a connection that died silently. */
  acknowledgesHeartbeats = true;
  /** False: new connections are cut before HELLO. */
  accepts = true;
  /** False: whoever identifies is heard, and never answered. */
  welcomes = true;
  /** How many IDENTIFYs and RESUMEs came. */
  identifies = 0;
  resumes = 0;
  heartbeats = 0;
  private readonly options: GatewayOptions;
  private readonly sessions = new Map<string, Session>();
  private readonly sockets = new Set<WebSocket>();
  private repeats: { readonly t: string | undefined; left: number }[] = [];
  private held: { readonly t: string | undefined; readonly dispatches: Dispatch[] }[] = [];

  constructor(options: GatewayOptions) {
    this.options = options;
    options.world.deliver = (dispatch) => this.take(dispatch);
  }

  /** The sessions that live, connected or waiting to be resumed. */
  get live(): readonly Session[] {
    return [...this.sessions.values()];
  }

  get connected(): readonly Session[] {
    return this.live.filter((session) => session.socket !== undefined);
  }

  connect(socket: WebSocket, request: IncomingMessage): void {
    const query = new URL(request.url ?? '/', 'ws://localhost').searchParams;
    if (!this.accepts) {
      socket.terminate();
      return;
    }
    this.sockets.add(socket);
    if (query.get('v') !== '10') {
      socket.close(GatewayCloseCodes.InvalidAPIVersion, 'Invalid API version');
      return;
    }
    if (query.get('encoding') !== 'json' || query.has('compress')) {
      socket.close(GatewayCloseCodes.DecodeError, 'only uncompressed JSON is spoken here');
      return;
    }
    let session: Session | undefined;
    socket.on('message', (data) => {
      // An invalidated session has left its connection, which may identify or resume again.
      const current = session?.socket === socket ? session : undefined;
      session = this.receive(socket, current, String(data)) ?? session;
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', (code) => {
      this.sockets.delete(socket);
      if (session?.socket === socket) {
        session.socket = undefined;
        // A client that says goodbye (1000, 1001) ends its session; anything else may be resumed.
        if (code === 1000 || code === 1001) this.sessions.delete(session.id);
      }
      this.options.world.wake();
    });
    send(socket, GatewayOpcodes.Hello, {
      heartbeat_interval: this.options.heartbeatIntervalMs,
      _trace: [],
    });
  }

  private receive(socket: WebSocket, session: Session | undefined, text: string): Session | undefined {
    let frame: { op?: unknown; d?: unknown };
    try {
      frame = JSON.parse(text) as typeof frame;
    } catch {
      socket.close(GatewayCloseCodes.DecodeError, 'Error while decoding payload');
      return undefined;
    }
    if (text.length > 4096) socket.close(GatewayCloseCodes.DecodeError, 'payload over 4096 bytes');
    else if (frame.op === GatewayOpcodes.Heartbeat) this.beat(socket, session, frame.d);
    else if (frame.op === GatewayOpcodes.Identify) return this.identify(socket, session, frame.d);
    else if (frame.op === GatewayOpcodes.Resume) return this.resume(socket, session, frame.d);
    else if (session === undefined) socket.close(GatewayCloseCodes.NotAuthenticated, 'Not authenticated');
    else if (frame.op === GatewayOpcodes.RequestGuildMembers) this.requestMembers(socket, session, frame.d);
    else if (frame.op !== GatewayOpcodes.PresenceUpdate && frame.op !== GatewayOpcodes.VoiceStateUpdate)
      socket.close(GatewayCloseCodes.UnknownOpcode, 'Unknown opcode');
    return undefined;
  }

  private beat(socket: WebSocket, session: Session | undefined, seq: unknown): void {
    this.heartbeats += 1;
    if (seq !== null && typeof seq !== 'number') {
      socket.close(GatewayCloseCodes.DecodeError, 'Error while decoding payload');
      return;
    }
    if (session !== undefined && seq !== null) session.acknowledge(seq);
    if (this.acknowledgesHeartbeats) send(socket, GatewayOpcodes.HeartbeatAck, null);
    this.options.world.wake();
  }

  private identify(socket: WebSocket, session: Session | undefined, data: unknown): Session | undefined {
    if (session !== undefined) {
      socket.close(GatewayCloseCodes.AlreadyAuthenticated, 'Already authenticated.');
      return undefined;
    }
    const judged = judgeIdentify(this.options.world, this.options.shardingFrom, data);
    if ('code' in judged) {
      socket.close(judged.code, judged.reason);
      return undefined;
    }
    this.identifies += 1;
    const opened = new Session(randomUUID().replaceAll('-', ''), judged.shard, judged.shards, judged.intents);
    opened.socket = socket;
    this.sessions.set(opened.id, opened);
    if (this.welcomes) this.welcome(opened, judged.guilds);
    this.options.world.wake();
    return opened;
  }

  private welcome(session: Session, guilds: readonly Guild[]): void {
    const { world } = this.options;
    const ready = {
      v: 10,
      user: { ...userPayload(world.bot), verified: true, mfa_enabled: true, email: null, flags: 0 },
      guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
      session_id: session.id,
      session_type: 'normal',
      resume_gateway_url: this.options.url(),
      shard: [session.shard, session.shards],
      application: { id: world.applicationId, flags: world.applicationFlags },
      private_channels: [],
      user_settings: {},
      relationships: [],
      _trace: [],
    };
    session.dispatch(GatewayDispatchEvents.Ready, JSON.stringify(ready));
    if ((session.intents & GatewayIntentBits.Guilds) === 0) return;
    const all = (session.intents & GatewayIntentBits.GuildMembers) !== 0;
    for (const guild of guilds) {
      // A guild in an outage stays unavailable until it is back.
      if (!guild.available) continue;
      session.dispatch(
        GatewayDispatchEvents.GuildCreate,
        JSON.stringify(guildCreatePayload(guild, world, all)),
      );
    }
  }

  private resume(socket: WebSocket, current: Session | undefined, data: unknown): Session | undefined {
    const { world } = this.options;
    const parsed = resumeSchema.safeParse(data);
    if (current !== undefined || !parsed.success) {
      socket.close(current ? GatewayCloseCodes.AlreadyAuthenticated : GatewayCloseCodes.DecodeError);
      return undefined;
    }
    if (parsed.data.token !== world.token) {
      socket.close(GatewayCloseCodes.AuthenticationFailed, 'Authentication failed.');
      return undefined;
    }
    this.resumes += 1;
    const session = this.sessions.get(parsed.data.session_id);
    if (session === undefined || !session.resumable) {
      this.sessions.delete(parsed.data.session_id);
      send(socket, GatewayOpcodes.InvalidSession, false);
      return undefined;
    }
    if (parsed.data.seq > session.seq) {
      socket.close(GatewayCloseCodes.InvalidSeq, 'Invalid seq');
      return undefined;
    }
    // A zombie's old socket may still hang on: the session moves over.
    if (session.socket !== socket) session.socket?.terminate();
    session.socket = socket;
    session.replay(parsed.data.seq);
    session.dispatch(GatewayDispatchEvents.Resumed, '{"_trace":[]}');
    world.wake();
    return session;
  }

  private requestMembers(socket: WebSocket, session: Session, data: unknown): void {
    const chunk = membersChunk(this.options.world, data);
    if (chunk === undefined) socket.close(GatewayCloseCodes.DecodeError, 'Error while decoding payload');
    else session.dispatch(GatewayDispatchEvents.GuildMembersChunk, JSON.stringify(chunk));
  }

  private take(dispatch: Dispatch): void {
    const hold = this.held.find(({ t }) => t === undefined || t === dispatch.t);
    if (hold !== undefined) {
      hold.dispatches.push(dispatch);
      return;
    }
    this.deliver(dispatch);
    const repeat = this.repeats.find(({ t, left }) => left > 0 && (t === undefined || t === dispatch.t));
    if (repeat === undefined) return;
    repeat.left -= 1;
    this.deliver(dispatch);
  }

  private deliver({ t, d, redacted, intents, guild, channel }: Dispatch): void {
    const { world } = this.options;
    if (this.sessions.size === 0) return;
    if (guild !== undefined) {
      const bot = world.botMember(guild);
      if (bot === undefined || !guild.available) return;
      if (channel !== undefined && !has(channelPermissions(channel, bot), 'ViewChannel')) return;
    }
    let [full, bare]: (string | undefined)[] = [];
    for (const session of this.sessions.values()) {
      if (session.shard !== (guild === undefined ? 0 : shardOf(guild.id, session.shards))) continue;
      if (intents !== 0 && (session.intents & intents) === 0) continue;
      if (redacted === undefined || (session.intents & GatewayIntentBits.MessageContent) !== 0) {
        full ??= JSON.stringify(d);
        session.dispatch(t, full);
      } else {
        bare ??= JSON.stringify(redacted);
        session.dispatch(t, bare);
      }
    }
  }

  private concerned({ shard }: Which): Session[] {
    return this.connected.filter((session) => shard === undefined || session.shard === shard);
  }

  /** Cuts connections: with a close code as Discord would, without one as a cable does. Sessions stay resumable. */
  drop(options: Which & { readonly code?: number } = {}): void {
    for (const session of this.concerned(options)) {
      const socket = session.socket;
      session.socket = undefined;
      if (options.code === undefined) socket?.terminate();
      else socket?.close(options.code);
    }
  }

  /** Tells clients to reconnect and resume (op 7), as before a deployment of Discord's. */
  asksToReconnect(which: Which = {}): void {
    for (const { socket } of this.concerned(which)) if (socket) send(socket, GatewayOpcodes.Reconnect, null);
  }

  /** Declares sessions invalid (op 9); not resumable ones are forgotten. */
  invalidates(options: Which & { readonly resumable: boolean }): void {
    for (const session of this.concerned(options)) {
      const { socket } = session;
      session.socket = undefined;
      if (!options.resumable) this.sessions.delete(session.id);
      if (socket) send(socket, GatewayOpcodes.InvalidSession, options.resumable);
    }
  }

  /** Whoever tries to resume what lives now starts anew. What happens meanwhile is lost for it. */
  forbidsResume(which: Which = {}): void {
    for (const session of this.live)
      if (which.shard === undefined || session.shard === which.shard) session.resumable = false;
  }

  /** The next events (of this kind) arrive twice. */
  repeatsNext(t?: string, times = 1): void {
    this.repeats.push({ t, left: times });
  }

  /** Keeps back events (of this kind) until released. */
  holds(t?: string): { release(): void } {
    const hold = { t, dispatches: [] as Dispatch[] };
    this.held.push(hold);
    return {
      release: () => {
        this.held = this.held.filter((one) => one !== hold);
        for (const dispatch of hold.dispatches) this.take(dispatch);
      },
    };
  }

  close(): void {
    for (const socket of this.sockets) socket.terminate();
    this.sessions.clear();
  }
}

function send(socket: WebSocket, op: GatewayOpcodes, d: unknown): void {
  if (socket.readyState === 1) socket.send(JSON.stringify({ op, t: null, s: null, d }));
}
