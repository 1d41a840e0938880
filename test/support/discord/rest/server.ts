import type { IncomingMessage, ServerResponse } from 'node:http';
import { RESTJSONErrorCodes } from 'discord.js';
import { RefusedRequest } from '../errors.ts';
import type { Faults } from '../faults.ts';
import type { Interactions } from '../interactions.ts';
import { bucketOf, DEFAULT_LIMIT, type Limits, majorParameter, type Refusal } from '../limits.ts';
import type { OpenApi } from '../openapi.ts';
import type { World } from '../world.ts';
import { commandRoutes } from './commands.ts';
import { guildRoutes } from './guilds.ts';
import { interactionRoutes } from './interactions.ts';
import { messageRoutes } from './messages.ts';
import { parseBody } from './multipart.ts';
import { reactionRoutes } from './reactions.ts';
import type { GatewayInfo, Limit, RestAnswer, Route } from './route.ts';
import { userRoutes } from './users.ts';

/** One request that came, for tests and benchmarks that count. */
export interface LoggedRequest {
  readonly method: string;
  /** The route, as in Discord's document; undefined for what is none. */
  readonly route: string | undefined;
  readonly path: string;
  readonly body: unknown;
  readonly at: number;
  status: number;
  /** The limit that it counted against; undefined where none applies. */
  counted?: { readonly bucket: string; readonly limit: Limit; readonly global: boolean };
  /** Discord's error code, if it was refused. */
  code?: number;
}

interface Compiled {
  readonly route: Route;
  readonly steps: readonly string[];
}

export interface RestOptions {
  readonly world: World;
  readonly interactions: Interactions;
  readonly limits: Limits;
  readonly faults: Faults;
  readonly openApi: OpenApi | undefined;
  readonly gatewayInfo: () => GatewayInfo;
}

/** Every operation that this server knows. */
export const ROUTES: readonly Compiled[] = [
  ...userRoutes,
  ...guildRoutes,
  ...messageRoutes,
  ...reactionRoutes,
  ...commandRoutes,
  ...interactionRoutes,
]
  .map((route) => ({ route, steps: route.path.split('/').slice(1) }))
  // Literal steps win over parameters: `@me` is nobody's id.
  .sort((one, other) => parameters(one.steps) - parameters(other.steps));

function parameters(steps: readonly string[]): number {
  return steps.filter((step) => step.startsWith('{')).length;
}

function match(method: string, path: string): { route: Route; params: Record<string, string> } | undefined {
  // discord.js sends `%40original`, others `@original`.
  const given = path.split('/').slice(1).map(decodeURIComponent);
  for (const { route, steps } of ROUTES) {
    if (route.method !== method || steps.length !== given.length) continue;
    const params: Record<string, string> = {};
    const fits = steps.every((step, index) => {
      const value = given[index] ?? '';
      if (!step.startsWith('{')) return step === value;
      params[step.slice(1, -1)] = value;
      return value !== '';
    });
    if (fits) return { route, params };
  }
  return undefined;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Discord's REST API v10 over one world. */
export class RestServer {
  readonly requests: LoggedRequest[] = [];
  private readonly options: RestOptions;

  constructor(options: RestOptions) {
    this.options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { world } = this.options;
    const url = new URL(request.url ?? '/', 'http://localhost');
    const file = /^\/attachments\/\d+\/(\d+)\//.exec(url.pathname)?.[1];
    if (file !== undefined) return this.serveAttachment(file, response);
    const path = /^\/api\/v10(\/.*)$/.exec(url.pathname)?.[1];
    const raw = await readBody(request);
    const method = request.method ?? 'GET';
    const found = path === undefined ? undefined : match(method, path);
    const logged: LoggedRequest = {
      method,
      route: found?.route.path,
      path: `${path ?? url.pathname}${url.search}`,
      body: undefined,
      at: world.clock.now(),
      status: 0,
    };
    this.requests.push(logged);
    world.wake();
    const { answer, headers } = await this.answer(found, request, raw, url, logged);
    logged.status = answer.status;
    world.wake();
    if (answer.status === -1) {
      response.destroy();
      return;
    }
    const text = answer.body === undefined ? undefined : JSON.stringify(answer.body);
    response.writeHead(answer.status, {
      ...headers,
      // 204 carries no type: clients take it for a body.
      ...(text !== undefined && { 'Content-Type': 'application/json' }),
    });
    response.end(text);
  }

  private async answer(
    found: { route: Route; params: Record<string, string> } | undefined,
    request: IncomingMessage,
    raw: Buffer,
    url: URL,
    logged: LoggedRequest,
  ): Promise<{ answer: RestAnswer; headers: Record<string, string> }> {
    let headers: Record<string, string> = {};
    try {
      if (found === undefined) {
        this.options.openApi?.unknown(logged.method, logged.path);
        throw new RefusedRequest(RESTJSONErrorCodes.GeneralError);
      }
      const { route, params } = found;
      if (route.auth !== false) this.authorize(request);
      const fault = this.options.faults.next(route);
      if (fault.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      if (fault.code !== undefined) throw new RefusedRequest(fault.code);
      if (fault.refusal !== undefined) return limited(fault.refusal, {}, logged);
      if (fault.status !== undefined)
        return {
          answer: { status: fault.status, body: { message: 'Internal Server Error', code: 0 } },
          headers,
        };
      const counted = this.options.limits.count(route, params);
      headers = counted.headers;
      logged.counted = {
        bucket: `${bucketOf(route)} ${majorParameter(params)}`,
        limit: route.limit ?? DEFAULT_LIMIT,
        global: !route.exempt,
      };
      if (counted.refused !== undefined) return limited(counted.refused, headers, logged);
      const { body, files } = await parseBody(raw, request.headers['content-type'] ?? '');
      Object.assign(logged, { body });
      this.options.openApi?.check(route, logged.path, url.searchParams, body);
      const answer = await route.handle({ ...this.options, params, query: url.searchParams, body, files });
      this.options.openApi?.checkAnswer(route, answer.status, answer.body);
      return { answer: fault.hangUp ? { status: -1 } : answer, headers };
    } catch (error) {
      if (!(error instanceof RefusedRequest)) throw error;
      logged.code = error.code;
      return { answer: { status: error.status, body: error.body }, headers };
    }
  }

  private authorize(request: IncomingMessage): void {
    // Discord answers a wrong token with code 0.
    if (request.headers.authorization === `Bot ${this.options.world.token}`) return;
    throw new RefusedRequest(0, undefined, 401);
  }

  private serveAttachment(id: string, response: ServerResponse): void {
    for (const channel of this.options.world.channels.values())
      for (const message of channel.messages.values())
        for (const attachment of message.attachments)
          if (attachment.id === id) {
            response.writeHead(200, { 'Content-Type': attachment.contentType });
            response.end(attachment.data);
            return;
          }
    response.writeHead(404).end();
  }
}

function limited(
  refusal: Refusal,
  headers: Record<string, string>,
  logged: LoggedRequest,
): { answer: RestAnswer; headers: Record<string, string> } {
  const seconds = refusal.retryAfterMs / 1000;
  logged.code = 0;
  return {
    answer: {
      status: 429,
      body: {
        message: 'You are being rate limited.',
        retry_after: seconds,
        global: refusal.scope === 'global',
      },
    },
    headers: {
      ...headers,
      // Fractions as clients parse them, so that a short limit is a short one.
      'Retry-After': String(seconds),
      'X-RateLimit-Scope': refusal.scope,
      ...(refusal.scope === 'global' && { 'X-RateLimit-Global': 'true' }),
    },
  };
}
