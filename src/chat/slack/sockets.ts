import { type App, type Receiver, SocketModeReceiver } from '@slack/bolt';
import type { Logger } from 'pino';
import { asFailure, clientOptions } from './api.ts';
import { asStartError, SlackFailure } from './errors.ts';
import { boltLogger } from './log.ts';

export interface SocketOptions {
  readonly appToken: string;
  readonly apiUrl: string;
  readonly log: Logger;
  /** Events may have been lost: there was a time without a connection, or one ended with answers on their way. */
  onReconnect(): void;
  /** Between two tries to connect again, the first time; doubled up to half a minute. */
  readonly retryMs?: number;
}

/** Socket Mode: Slack's events over connections that the bot opens. Also ends what `start` has begun. */
export interface Sockets extends Receiver {
  /** @throws ChatError */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const RETRY_MS = 1_000;
const MOST_PATIENCE_MS = 30_000;
/** Slack says hello at once, or not at all. */
const HELLO_MS = 15_000;
/** How long a goodbye may take. */
const GOODBYE_MS = 500;
/** Twice what the library waits: a machine that trains a model may be busy for a moment. */
const PING_TIMEOUT_MS = 10_000;

/** One connection: the library's, which is never used again once it has ended. */
type Connection = SocketModeReceiver;

function pause(ms: number, given: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    given.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** What Slack sends in place of an event, such as that it holds some back, as an event of its own kind. */
function asEvent(data: string): string {
  if (data.includes('"event"') || !data.includes('"events_api"')) return data;
  const frame = JSON.parse(data) as { type?: unknown; payload?: { type?: unknown } | null };
  if (frame.type !== 'events_api' || typeof frame.payload?.type !== 'string') return data;
  return JSON.stringify({ ...frame, payload: { ...frame.payload, event: { type: frame.payload.type } } });
}

/**
 * The library takes it for granted that there is an event in what it reads; where there is none, its rejection is
 * nobody's and would end the process (@slack/socket-mode 3.0.1).
 */
function takeCarefully(client: SocketModeReceiver['client'], log: Logger): void {
  const takers = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  client.on('ws_message', async (data: unknown, isBinary: unknown) => {
    try {
      const read = typeof data === 'string' ? asEvent(data) : data;
      for (const take of takers) await take.call(client, read, isBinary);
    } catch (err) {
      log.warn({ err }, 'something that Slack sent could not be read');
    }
  });
}

/**
 * Keeps one connection open. The library's own way of coming back is left alone: it waits five seconds first, gives up
 * for good when a request fails, and brings the process down when it is stopped meanwhile (@slack/socket-mode 3.0.1).
 * Here a new connection is opened as soon as Slack announces the end of the old one, which still says goodbye.
 */
export function createSockets({
  appToken,
  apiUrl,
  log,
  onReconnect,
  retryMs = RETRY_MS,
}: SocketOptions): Sockets {
  let app: App | undefined;
  let current: Connection | undefined;
  const open = new Set<Connection>();
  let stopping = new AbortController();
  let coming: Promise<void> | undefined;

  function end(connection: Connection): Promise<void> {
    open.delete(connection);
    const goodbye = connection.client.disconnect().catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, GOODBYE_MS);
    });
    return Promise.race([goodbye, patience]).finally(() => clearTimeout(timer));
  }

  /** It ended, or is about to: another one takes its place. */
  function over(connection: Connection, why: string): void {
    if (connection !== current || stopping.signal.aborted) return;
    current = undefined;
    log.info({ why }, 'the connection to Slack ended; connecting again');
    coming = comeBack();
  }

  async function connect(): Promise<void> {
    const connection = new SocketModeReceiver({
      appToken,
      logger: boltLogger(log),
      autoReconnectEnabled: false,
      clientPingTimeout: PING_TIMEOUT_MS,
      installerOptions: { clientOptions: clientOptions(apiUrl, log) },
    });
    if (app) connection.init(app);
    const { client } = connection;
    takeCarefully(client, log);
    let ended = false;
    client.on('disconnected', () => {
      ended = true;
      over(connection, 'closed');
    });
    client.on('ws_message', (data: unknown) => {
      if (typeof data === 'string' && /"type":\s*"disconnect"/.test(data.slice(0, 300)))
        over(connection, 'refresh');
    });
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new SlackFailure('unreachable', 'hello')), HELLO_MS);
    });
    // Taken as the current one from the beginning: it may end before it has begun.
    open.add(connection);
    try {
      const started = client.start();
      // The library rejects with nothing when a connection ends before Slack said hello.
      started.catch(() => {});
      await Promise.race([started, patience]);
    } catch (error) {
      await end(connection);
      throw error === undefined
        ? new SlackFailure('unreachable', 'hello')
        : asFailure('apps.connections.open', error);
    } finally {
      clearTimeout(timer);
    }
    if (stopping.signal.aborted) return end(connection);
    current = connection;
    if (ended) return over(connection, 'closed');
    for (const old of open) if (old !== connection) void end(old);
  }

  /** Until it works, or the bot is stopped. Never rejects. */
  async function comeBack(): Promise<void> {
    const { signal } = stopping;
    for (let wait = retryMs; !signal.aborted; wait = Math.min(2 * wait, MOST_PATIENCE_MS)) {
      try {
        await connect();
        if (signal.aborted) return;
        log.info('connected to Slack again');
        onReconnect();
        return;
      } catch (err) {
        const { message } = asStartError(err, 'app');
        log.warn({ err, again: `in ${Math.round(wait / 1000)} s` }, message);
        await pause(wait, signal);
      }
    }
  }

  return {
    init(bolt) {
      app = bolt;
    },
    async start() {
      stopping = new AbortController();
      try {
        await connect();
      } catch (error) {
        throw asStartError(error, 'app');
      }
    },
    async stop() {
      stopping.abort();
      current = undefined;
      await Promise.all([...open].map(end));
      // A connection that is still being made is closed when it is there.
      await Promise.race([coming, pause(GOODBYE_MS, new AbortController().signal)]);
    },
  };
}
