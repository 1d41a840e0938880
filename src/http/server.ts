import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import type { Logger } from 'pino';
import { addressesOf } from './addresses.ts';
import { createGuard, type Refusal } from './guard.ts';
import { SECURITY_HEADERS, securityHeaders } from './headers.ts';

export type HttpApp = Hono<{ Bindings: HttpBindings }>;
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface Listening {
  /** Where the operator opens it: the public address, else this machine's own. */
  readonly url: string;
  readonly port: number;
  /** What to pass on to others; undefined when only this machine can reach it. */
  readonly networkUrl?: string;
}

export interface HttpServer {
  readonly app: HttpApp;
  /** Hands WebSocket upgrades of one path to a handler; they have passed the Host and Origin checks. */
  onUpgrade(path: string, handler: UpgradeHandler): void;
  /**
   * Hands every request below a path, as Node has it, to somebody who reads and answers it alone; before `listen`.
   * They see to it themselves how much they read, up to four megabytes.
   */
  mount(path: string, handle: (request: IncomingMessage, response: ServerResponse) => void): void;
  /**
   * Opens the port.
   * @throws HttpServerError when it is taken, not allowed, or the address does not exist here
   */
  listen(): Promise<Listening>;
  /** Stops taking requests, lets running ones end (two seconds at most), closes every socket. */
  close(): Promise<void>;
}

/** The server cannot start. `message` says why and what to do. */
export class HttpServerError extends Error {
  readonly code: 'port-taken' | 'not-allowed' | 'no-such-address' | 'failed';
  constructor(code: HttpServerError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HttpServerError';
    this.code = code;
  }
}

/** Longest body of a plain request; messages travel over the WebSocket and have a limit of their own. */
const MAX_BODY_BYTES = 64 * 1024;
const MAX_MOUNTED_BYTES = 4 * 1024 * 1024;
const GRACE_MS = 2_000;

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): HttpServerError {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new HttpServerError(
        'port-taken',
        `Port ${port} is already in use on ${host}. Stop the other program, or choose another port: set PORT=${port + 1}.`,
        { cause },
      );
    case 'EACCES':
      return new HttpServerError(
        'not-allowed',
        `This user may not open port ${port}. Ports below 1024 need special rights: set PORT=3000, for example.`,
        { cause },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new HttpServerError(
        'no-such-address',
        `This machine has no address ${host}. Set HOST=127.0.0.1 (only this machine) or HOST=0.0.0.0 (the network).`,
        { cause },
      );
    default:
      return new HttpServerError('failed', `The web server could not start on ${host}:${port}.`, { cause });
  }
}

/** Answers an upgrade that will not happen. */
export function refuseUpgrade(socket: Duplex, status: string, reason: string): void {
  const headers = Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(reason)}\r\n${headers.join('')}\r\n${reason}`,
  );
}

/**
 * The one web server of the bot: security headers on every answer, the Host and Origin checks before every
 * request and upgrade, `/health`. Everything else is added to `app` by its owner before `listen`.
 * @param options.port 0 lets the system choose
 * @param options.publicUrl the address visitors use when a proxy stands in front
 */
export function createHttpServer(options: {
  readonly host: string;
  readonly port: number;
  readonly log: Logger;
  readonly publicUrl?: string;
}): HttpServer {
  const { host, port, log } = options;
  const guard = createGuard(options);
  const upgrades = new Map<string, UpgradeHandler>();
  /** Open sockets, each with the number of requests under way. */
  const sockets = new Map<Duplex, number>();
  const mounted: string[] = [];
  const app: HttpApp = new Hono<{ Bindings: HttpBindings }>();

  function check(request: IncomingMessage, upgrade: boolean): Refusal | undefined {
    const site = request.headers['sec-fetch-site'];
    return guard({
      method: request.method ?? 'GET',
      host: request.headers.host,
      origin: request.headers.origin,
      fetchSite: typeof site === 'string' ? site : undefined,
      upgrade,
    });
  }

  app.use(securityHeaders);
  app.use(async (c, next) => {
    const refusal = check(c.env.incoming, false);
    if (refusal !== undefined) return c.text(refusal.reason, refusal.status);
    return next();
  });
  app.use(async (c, next) => {
    // Browsers always say how long a body is; one without a length would have to be read to be limited.
    if (c.env.incoming.headers['transfer-encoding'] !== undefined) {
      return c.text('Please say how long the request is.', 411, { Connection: 'close' });
    }
    const length = Number(c.env.incoming.headers['content-length'] ?? 0);
    const most = mounted.some((path) => c.req.path.startsWith(`${path}/`))
      ? MAX_MOUNTED_BYTES
      : MAX_BODY_BYTES;
    if (length > most) return c.text('That is too much.', 413, { Connection: 'close' });
    return next();
  });
  app.get('/health', (c) => c.json({ status: 'ok' }, 200, { 'Cache-Control': 'no-store' }));
  app.notFound((c) => c.text('There is nothing here.', 404));
  app.onError((error, c) => {
    log.error({ err: error, path: c.req.path }, 'a web request failed');
    return c.text('Something went wrong here. Please try again.', 500);
  });

  const server: Server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  server.on('connection', (socket) => {
    sockets.set(socket, 0);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (request, answer) => {
    const { socket } = request;
    sockets.set(socket, (sockets.get(socket) ?? 0) + 1);
    answer.once('close', () => {
      const left = (sockets.get(socket) ?? 1) - 1;
      if (sockets.has(socket)) sockets.set(socket, left);
    });
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', (error) => log.debug({ err: error }, 'a socket broke'));
    const refusal = check(request, true);
    if (refusal !== undefined) {
      refuseUpgrade(socket, `${refusal.status} Refused`, refusal.reason);
      return;
    }
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const handler = upgrades.get(path);
    if (handler === undefined) {
      refuseUpgrade(socket, '404 Not Found', 'There is nothing here.');
      return;
    }
    handler(request, socket, head);
  });

  return {
    app,
    onUpgrade(path, handler) {
      upgrades.set(path, handler);
    },
    mount(path, handle) {
      mounted.push(path);
      app.all(`${path}/*`, (c) => {
        handle(c.env.incoming, c.env.outgoing as ServerResponse);
        return RESPONSE_ALREADY_SENT;
      });
    },
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', (error) => reject(listenError(error, host, port)));
        server.listen(port, host, () => {
          server.on('error', (error) => log.error({ err: error }, 'the web server reported a problem'));
          const chosen = (server.address() as AddressInfo).port;
          resolve({ port: chosen, ...addressesOf(host, chosen, options.publicUrl) });
        });
      }),
    close: () =>
      new Promise((resolve) => {
        const grace = setTimeout(() => server.closeAllConnections(), GRACE_MS);
        server.close(() => {
          clearTimeout(grace);
          resolve();
        });
        // Node's closeIdleConnections leaves sockets open that a browser opened ahead of need.
        for (const [socket, requests] of sockets) if (requests === 0) socket.destroy();
      }),
  };
}
