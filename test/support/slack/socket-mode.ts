import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { Envelope, Outcome, Transport } from './envelope.ts';
import type { Payload, World } from './world.ts';

/** Slack keeps up to ten connections of one app. */
const MAX_CONNECTIONS = 10;
const PING_EVERY_MS = 10_000;
const LIVES_ABOUT_S = 18_060;

/** One connection of the app. */
export class SocketConnection {
  readonly number: number;
  readonly socket: WebSocket;
  /** Told to go: gets nothing new while there is another one. */
  draining = false;
  /** False: the server is silent on this connection, as through a dead network address translator. */
  alive = true;
  /** False: acknowledgements are lost on the way. */
  hears = true;
  delivered = 0;
  readonly waiting = new Map<
    string,
    { readonly envelope: Envelope; readonly settle: (outcome: Outcome) => void }
  >();

  constructor(number: number, socket: WebSocket) {
    this.number = number;
    this.socket = socket;
  }

  /** The network breaks: no goodbye in either direction. */
  drops(): void {
    this.socket.terminate();
  }

  /** Slack says that it will close, and why. The app is expected to open a new one. */
  disconnects(reason: 'warning' | 'refresh_requested' | 'link_disabled'): void {
    this.draining = true;
    this.write({ type: 'disconnect', reason, debug_info: { host: `applink-${this.number}` } });
  }

  write(frame: Payload): void {
    this.socket.send(JSON.stringify(frame));
  }
}

/** Socket Mode: events and interactions over WebSockets that the app opens. */
export class SocketMode implements Transport {
  /** Those that are open now. */
  readonly connections: SocketConnection[] = [];
  /** How many there have been. */
  opened = 0;
  /**
   * True: new connections stay open below the goodbye, as Slack's do (https://github.com/slackapi/node-slack-sdk/issues/2752);
   * a client of version 3.0 then takes its whole ping time-out to hang up.
   */
  lingers = false;
  private readonly world: World;
  private readonly tickets = new Set<string>();
  private readonly pings: NodeJS.Timeout;
  private turn = 0;

  constructor(world: World) {
    this.world = world;
    this.pings = setInterval(() => {
      for (const one of this.connections) if (one.alive) one.socket.ping();
    }, PING_EVERY_MS);
    this.pings.unref();
  }

  /** What `apps.connections.open` answers: good for one connection. */
  ticketUrl(): string {
    const ticket = this.world.ids.word();
    this.tickets.add(ticket);
    return `${this.world.origin.replace('http', 'ws')}/link/?ticket=${ticket}&app_id=${this.world.app.id}`;
  }

  connect(socket: WebSocket, request: IncomingMessage): void {
    const ticket = new URL(request.url ?? '/', 'http://slack').searchParams.get('ticket') ?? '';
    if (!this.tickets.delete(ticket)) {
      this.world.violation(`a socket was opened with a ticket that is unknown or used: ${ticket}`);
      socket.close(1008, 'invalid_ticket');
      return;
    }
    this.opened += 1;
    const connection = new SocketConnection(this.opened, socket);
    if (this.lingers) request.socket.end = () => request.socket;
    socket.on('message', (data) => this.take(connection, String(data)));
    // The server answers pings itself, so that a test can let it fall silent.
    socket.on('ping', (data) => {
      if (connection.alive) socket.pong(data);
    });
    socket.on('close', () => this.forget(connection));
    socket.on('error', () => this.forget(connection));
    if (this.connections.length >= MAX_CONNECTIONS) {
      connection.write({ type: 'disconnect', reason: 'too_many_websockets', debug_info: {} });
      socket.close();
      return;
    }
    this.connections.push(connection);
    connection.write({
      type: 'hello',
      num_connections: this.connections.length,
      debug_info: {
        host: `applink-${connection.number}`,
        build_number: 1,
        approximate_connection_time: LIVES_ABOUT_S,
      },
      connection_info: { app_id: this.world.app.id },
    });
    socket.ping();
    this.world.wake();
  }

  send(envelope: Envelope, settle: (outcome: Outcome) => void): void {
    const connection = this.next();
    if (connection === undefined) {
      settle({ acknowledged: false, reason: 'connection_failed' });
      return;
    }
    connection.waiting.set(envelope.id, { envelope, settle });
    connection.delivered += 1;
    connection.write({
      envelope_id: envelope.id,
      payload: envelope.payload,
      type: envelope.kind,
      accepts_response_payload: envelope.kind !== 'events_api',
      ...(envelope.kind === 'events_api' && {
        retry_attempt: envelope.retryAttempt,
        retry_reason: envelope.retryReason,
      }),
    });
  }

  close(): void {
    clearInterval(this.pings);
    for (const { socket } of this.connections) socket.terminate();
  }

  /** Each in turn; one that is on its way out only if there is no other. */
  private next(): SocketConnection | undefined {
    const open = this.connections.filter(({ socket }) => socket.readyState === socket.OPEN);
    const fresh = open.filter(({ draining }) => !draining);
    const choice = fresh.length > 0 ? fresh : open;
    this.turn += 1;
    return choice[this.turn % Math.max(1, choice.length)];
  }

  private take(connection: SocketConnection, text: string): void {
    if (!connection.hears) return;
    const frame = parseFrame(text);
    if (frame === undefined) {
      this.world.violation(`not an acknowledgement: ${text.slice(0, 200)}`);
      return;
    }
    const sent = connection.waiting.get(frame.id);
    if (sent === undefined) {
      this.world.violation(`acknowledged an envelope that this connection did not get: ${frame.id}`);
      return;
    }
    if (sent.envelope.kind === 'events_api' && Object.keys(frame.answer).length > 0)
      this.world.violation('answered an event with a payload, which events do not accept');
    connection.waiting.delete(frame.id);
    sent.settle({ acknowledged: true, answer: frame.answer });
  }

  private forget(connection: SocketConnection): void {
    const at = this.connections.indexOf(connection);
    if (at >= 0) this.connections.splice(at, 1);
    const lost = [...connection.waiting.values()];
    connection.waiting.clear();
    for (const { settle } of lost) settle({ acknowledged: false, reason: 'timeout' });
    this.world.wake();
  }
}

function parseFrame(text: string): { id: string; answer: Payload } | undefined {
  try {
    const frame = JSON.parse(text) as { envelope_id?: unknown; payload?: unknown };
    if (typeof frame.envelope_id !== 'string') return undefined;
    return { id: frame.envelope_id, answer: (frame.payload ?? {}) as Payload };
  } catch {
    return undefined;
  }
}
