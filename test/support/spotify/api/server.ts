import type { IncomingMessage, ServerResponse } from 'node:http';
import { RefusedRequest, refuse, WORDS } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { OpenApi } from '../openapi.ts';
import { type Answer, jsonAnswer, type LoggedRequest, type Transport } from '../transport.ts';
import type { Grant, World } from '../world.ts';
import { meRoutes } from './me.ts';
import { playlistRoutes } from './playlists.ts';
import { isRemoved } from './removed.ts';
import { type Route, UnknownForm } from './route.ts';
import { songRoutes } from './songs.ts';

interface Compiled {
  readonly route: Route;
  readonly steps: readonly string[];
}

/** Every operation that this server knows. */
export const ROUTES: readonly Compiled[] = [...meRoutes, ...playlistRoutes, ...songRoutes]
  .map((route) => ({ route, steps: route.path.split('/').slice(1) }))
  // Literal steps win over parameters.
  .sort((one, other) => parameters(one.steps) - parameters(other.steps));

function parameters(steps: readonly string[]): number {
  return steps.filter((step) => step.startsWith('{')).length;
}

interface Found {
  readonly route: Route;
  readonly params: Record<string, string>;
}

function match(method: string, path: string): Found | undefined {
  // The library asks for `/v1/search/`, and Spotify does not mind.
  const given = path.replace(/\/$/, '').split('/').slice(1).map(decodeURIComponent);
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

export interface ApiOptions {
  readonly world: World;
  readonly limits: Limits;
  readonly openApi: OpenApi | undefined;
  readonly transport: Transport;
  /** Where a request that Spotify has no (more) answer for is remembered when the document is not at hand. */
  readonly mistakes: string[] | undefined;
  readonly listLagMs: number;
  readonly origin: () => string;
}

/** Spotify's Web API, v1, over one world. */
export class ApiServer {
  private readonly options: ApiOptions;

  constructor(options: ApiOptions) {
    this.options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = /^\/v1(\/.*)$/.exec(url.pathname)?.[1];
    const method = request.method ?? 'GET';
    const found = path === undefined ? undefined : match(method, path);
    await this.options.transport.handle('api', found?.route.path, request, response, (raw, logged) => {
      try {
        return this.serve(found, path ?? url.pathname, url, request, raw, logged);
      } catch (error) {
        if (!(error instanceof RefusedRequest)) throw error;
        if (error.plain)
          return { status: error.status, headers: error.headers, type: 'text/plain', text: error.message };
        return jsonAnswer(error.status, error.body, { ...error.headers });
      }
    });
  }

  private serve(
    found: Found | undefined,
    path: string,
    url: URL,
    request: IncomingMessage,
    raw: Buffer,
    logged: LoggedRequest,
  ): Answer {
    const { world, limits, openApi, listLagMs, origin, mistakes } = this.options;
    if (found === undefined && openApi !== undefined)
      openApi.unknown(logged.method, `${path.replace(/\/$/, '')}${url.search}`);
    else if (found === undefined)
      mistakes?.push(`${logged.method} ${path}: this server has no such route, or it was removed`);
    const grant = this.authorize(request.headers.authorization);
    const { app, account } = grant;
    logged.account = account.name;
    limits.count(app);
    if (!app.extended && !app.ownerPremium) throw new RefusedRequest(403, WORDS.premium, { plain: true });
    if (!world.isAllowed(app, account)) refuse(403, WORDS.notAllowed);
    if (found === undefined)
      return isRemoved(logged.method, path) ? refuse(403, WORDS.removed) : refuse(404, 'Service not found');
    const { route, params } = found;
    const body = parse(route, request.headers['content-type'], raw);
    logged.body = Buffer.isBuffer(body) ? `${body.length} bytes` : body;
    openApi?.check(route, path.replace(/\/$/, ''), url.searchParams, body);
    if (route.scopes !== undefined && !route.scopes.some((scope) => grant.scopes.has(scope)))
      refuse(403, WORDS.scope);
    try {
      const answer = route.handle({
        world,
        origin: origin(),
        grant,
        account,
        params,
        query: url.searchParams,
        body,
        listLagMs,
      });
      openApi?.checkAnswer(route, answer.status, answer.body);
      return answer.body === undefined ? { status: answer.status } : jsonAnswer(answer.status, answer.body);
    } catch (error) {
      if (error instanceof UnknownForm) throw openApi?.violation(route, [error.message]) ?? error;
      throw error;
    }
  }

  private authorize(header: string | undefined): Grant {
    if (header === undefined) return refuse(401, 'No token provided');
    const token = /^Bearer (\S+)$/.exec(header)?.[1];
    if (token === undefined) return refuse(400, 'Only valid bearer authentication supported');
    const known = this.options.world.accessTokens.get(token);
    if (known === undefined || known.grant.revoked || known.grant.account.closed)
      return refuse(401, WORDS.invalidToken);
    if (known.expiresAt <= this.options.world.clock.now()) return refuse(401, WORDS.expired);
    return known.grant;
  }
}

/** The body in the type that the route takes. */
function parse(route: Route, type: string | undefined, raw: Buffer): unknown {
  if (route.takes !== undefined) {
    if (type?.split(';')[0] !== route.takes) refuse(415, 'Unsupported Media Type');
    return raw;
  }
  if (raw.length === 0) return undefined;
  // superagent sends `{}` with a GET that has a JSON header: nothing, said at length.
  if (route.method === 'GET' && ['{}', '[]'].includes(raw.toString())) return undefined;
  if (type?.split(';')[0] !== 'application/json') refuse(400, 'Error parsing JSON.');
  try {
    return JSON.parse(raw.toString('utf8')) as unknown;
  } catch {
    return refuse(400, 'Error parsing JSON.');
  }
}
