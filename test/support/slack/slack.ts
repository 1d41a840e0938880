import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { type AppOptions, configureApp } from './app-config.ts';
import { type Clock, createClock } from './clock.ts';
import { Deliveries, type Delivery } from './deliveries.ts';
import { Faults } from './faults.ts';
import { HttpTransport } from './http-transport.ts';
import { install, revokeToken } from './installing.ts';
import { Limits } from './limits.ts';
import type { SlackParts } from './parts.ts';
import type { Person } from './people/person.ts';
import { type NewChannel, Workspace } from './people/workspace.ts';
import { addEnterprise, addTeam } from './places.ts';
import { Reference } from './reference.ts';
import { handleResponse } from './respond.ts';
import { SocketMode } from './socket-mode.ts';
import { Triggers } from './triggers.ts';
import { Views } from './views.ts';
import { Consents } from './web-api/consents.ts';
import { type LoggedCall, WebApi } from './web-api/server.ts';
import { Uploads } from './web-api/uploads.ts';
import { type AppConfig, type Enterprise, type Message, World } from './world.ts';

export interface SlackOptions {
  readonly app?: AppOptions;
  /** The time; the real one by default. Moved by `advance`. */
  readonly now?: () => number;
  /** Rate limits: off, on as Slack's, or on and so many times as fast. Default: off. */
  readonly limits?: 'off' | 'on' | { readonly speed: number };
  /** False: calls are not held against slack-api-ref. */
  readonly reference?: boolean;
  /** How many of the latest deliveries are kept in the log. */
  readonly keepDeliveries?: number;
}

export interface WorkspaceOptions {
  readonly name?: string;
  readonly channels?: readonly (string | NewChannel)[];
  /** False: the app is not installed. */
  readonly installed?: boolean;
  readonly scopes?: readonly string[];
  readonly enterprise?: Enterprise;
}

/** Slack on this machine: what a bot connects to, what people do, and what goes wrong. */
export class Slack {
  /** For `clientOptions: { slackApiUrl }`. */
  readonly api: string;
  /** For `installerOptions: { authorizationUrl }`. */
  readonly authorizeUrl: string;
  readonly clock: Clock;
  readonly world: World;
  readonly faults: Faults;
  readonly sockets: SocketMode;
  readonly http: HttpTransport;
  readonly deliveries: Deliveries;
  private readonly parts: SlackParts;
  private readonly webApi: WebApi;
  private readonly shutDown: () => Promise<void>;
  private workspaces = 0;

  constructor(
    parts: SlackParts & {
      readonly faults: Faults;
      readonly sockets: SocketMode;
      readonly http: HttpTransport;
      readonly webApi: WebApi;
      readonly shutDown: () => Promise<void>;
    },
  ) {
    this.parts = parts;
    this.world = parts.world;
    this.clock = parts.world.clock;
    this.api = `${parts.world.origin}/api/`;
    this.authorizeUrl = `${parts.world.origin}/oauth/v2/authorize`;
    this.faults = parts.faults;
    this.sockets = parts.sockets;
    this.http = parts.http;
    this.deliveries = parts.deliveries;
    this.webApi = parts.webApi;
    this.shutDown = parts.shutDown;
  }

  /** The app's credentials and configuration. */
  get app(): AppConfig {
    return this.world.app;
  }

  /** Every call of the Web API, in order. */
  get requests(): readonly LoggedCall[] {
    return this.webApi.requests;
  }

  /** What the app should not have done. `close` fails if there is anything left. */
  get violations(): readonly string[] {
    return this.world.violations;
  }

  /** The violations so far, which are then forgiven: for tests that provoke them. */
  forgives(): readonly string[] {
    const forgiven = this.world.violations.splice(0);
    // Mistakes of this server are not the app's to be forgiven.
    const own = forgiven.filter((violation) => violation.startsWith('the test server'));
    this.world.violations.push(...own);
    return forgiven;
  }

  /** A workspace with the app in it; the bot is in its channels. */
  workspace(options: WorkspaceOptions = {}): Workspace {
    this.workspaces += 1;
    const team = addTeam(this.world, options.name ?? `Workspace ${this.workspaces}`, options.enterprise);
    const workspace = new Workspace(this.parts, team);
    if (options.installed !== false && options.enterprise?.installation === undefined)
      workspace.installs(options.scopes);
    // An organisation's bot is a user of every workspace.
    const bot = options.enterprise?.installation?.bot;
    if (bot !== undefined) team.users.set(bot.id, bot);
    for (const channel of options.channels ?? [{ name: 'general', general: true }])
      workspace.addChannel(channel);
    return workspace;
  }

  /** An organisation on Enterprise Grid. Its workspaces name it. */
  enterprise(name = 'Grid'): Enterprise {
    return addEnterprise(this.world, name);
  }

  /** The app is installed for the whole organisation. */
  installsOrgWide(enterprise: Enterprise, scopes?: readonly string[]): void {
    install(this.world, enterprise, { scopes });
  }

  /** A token dies; the app stays installed. */
  revokes(token: string): void {
    const installation = this.world.installations.get(token);
    if (installation === undefined) throw new Error('there is no such token');
    revokeToken(this.world, installation);
  }

  /** From now on events, commands and interactions go to this address. False: it failed the hand-shake. */
  async postsTo(url: string): Promise<boolean> {
    this.http.url = url;
    return this.http.verify();
  }

  advance(ms: number): void {
    this.clock.advance(ms);
  }

  limitNext(...given: Parameters<Faults['limitNext']>): void {
    this.faults.limitNext(...given);
  }

  failNext(...given: Parameters<Faults['failNext']>): void {
    this.faults.failNext(...given);
  }

  delayNext(...given: Parameters<Faults['delayNext']>): void {
    this.faults.delayNext(...given);
  }

  hangUpNext(...given: Parameters<Faults['hangUpNext']>): void {
    this.faults.hangUpNext(...given);
  }

  /** Too much happens in a workspace: the app is told that, and no more. Again for each minute of it. */
  holdsBack({ team }: Workspace): void {
    this.deliveries.heldBack.add(team);
    this.deliveries.tellOfLimit(team);
  }

  /** Everything is told again. */
  letsThrough({ team }: Workspace): void {
    this.deliveries.heldBack.delete(team);
  }

  /** The latest event of a kind, to be delivered again. */
  latest(name: string): Delivery {
    const found = this.deliveries.log.findLast((delivery) => delivery.name === name);
    if (found === undefined) throw new Error(`no ${name} was sent`);
    return found;
  }

  /** A trigger id as an interaction of this person would bring it, for tests of views alone. */
  triggerFor({ user }: Person): string {
    const installation = this.world.installationOf(user.team);
    if (installation === undefined) throw new Error(`the app is not installed in ${user.team.name}`);
    return this.parts.triggers.trigger(user, installation);
  }

  /** How often each method was called: `{ 'chat.postMessage': 3 }`. */
  counts(since = 0): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { method } of this.requests.slice(since)) counts[method] = (counts[method] ?? 0) + 1;
    return counts;
  }

  message(channel: string, ts: string): Message | undefined {
    return this.world.channels.get(channel)?.messages.get(ts);
  }

  /** Waits until something is true of this world. */
  until<T>(look: () => T | undefined | false, what = 'a change in the world'): Promise<T> {
    return this.world.until(look, what);
  }

  /** Waits until the app has a socket open. */
  connected(count = 1): Promise<unknown> {
    return this.until(() => this.sockets.connections.length >= count, `${count} sockets`);
  }

  /** Fails if the app did anything that it should not have done. */
  check(): void {
    if (this.violations.length > 0) throw new Error(`Slack does not allow:\n${this.violations.join('\n')}`);
  }

  async close(): Promise<void> {
    await this.shutDown();
    this.check();
  }
}

/** Starts Slack on a free port of 127.0.0.1. */
export async function openSlack(options: SlackOptions = {}): Promise<Slack> {
  const clock = createClock(options.now);
  const world = new World(clock, (ids) => configureApp(ids, options.app ?? {}));
  const faults = new Faults();
  const sockets = new SocketMode(world);
  const http = new HttpTransport(world);
  const views = new Views(world);
  const triggers = new Triggers(world);
  const uploads = new Uploads(world);
  const consents = new Consents(world);
  const deliveries = new Deliveries(
    world,
    () => (http.url === undefined ? sockets : http),
    options.keepDeliveries ?? 10_000,
  );
  const reference = options.reference === false ? undefined : Reference.open();
  const checkedEvents = new Set<string>();
  world.publish = (event) => {
    if (!checkedEvents.has(event.name)) {
      checkedEvents.add(event.name);
      const doubt = reference?.doubtAbout(event.name, event.scopes);
      if (doubt !== undefined) world.violation(`the test server is wrong: ${doubt}`);
    }
    deliveries.publish(event);
  };
  const limits = options.limits ?? 'off';
  const webApi = new WebApi({
    world,
    views,
    triggers,
    sockets,
    uploads,
    consents,
    faults,
    limits: new Limits({ clock, on: limits !== 'off', speed: typeof limits === 'object' ? limits.speed : 1 }),
    reference,
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const { pathname } = new URL(request.url ?? '/', 'http://slack');
    const contentType = request.headers['content-type'] ?? '';
    const [, root = '', ...rest] = pathname.split('/');
    if (root === 'api') return webApi.handle(rest.join('/'), request, response, body);
    if (root === 'commands' || root === 'actions') {
      const answer = handleResponse(world, triggers.use(pathname), contentType, body.toString());
      world.wake();
      response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(answer.body);
      return;
    }
    if (root === 'upload') {
      const answer = uploads.receive(rest.at(-1) ?? '', await uploadedBytes(contentType, body));
      response.writeHead(answer.status, { 'Content-Type': 'text/plain' }).end(answer.body);
      return;
    }
    response.writeHead(404).end('not found');
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      // A mistake in this server must not look like one of Slack's bad days.
      world.violation(
        `the test server broke at ${request.url}: ${error instanceof Error ? error.stack : String(error)}`,
      );
      response.writeHead(500).end();
    });
  });
  const socketServer = new WebSocketServer({ server, autoPong: false });
  socketServer.on('connection', (socket, request) => sockets.connect(socket, request));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  world.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new Slack({
    world,
    views,
    triggers,
    deliveries,
    consents,
    faults,
    sockets,
    http,
    webApi,
    async shutDown() {
      clock.close();
      sockets.close();
      http.close();
      socketServer.close();
      server.closeAllConnections();
      if (server.listening) {
        server.close();
        await once(server, 'close');
      }
    },
  });
}

/** Uploads come as they are, or as the one file of a form. */
async function uploadedBytes(contentType: string, body: Buffer): Promise<Buffer> {
  if (!contentType.startsWith('multipart/form-data')) return body;
  const form = await new Response(new Uint8Array(body), {
    headers: { 'Content-Type': contentType },
  }).formData();
  for (const [, value] of form) if (typeof value !== 'string') return Buffer.from(await value.arrayBuffer());
  return body;
}
