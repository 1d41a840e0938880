import type { IncomingMessage, ServerResponse } from 'node:http';
import { RefusedGrant } from '../errors.ts';
import { type Answer, jsonAnswer, type LoggedRequest, type Transport } from '../transport.ts';
import { Authorization } from './authorize.ts';
import { type TokenOptions, Tokens } from './token.ts';

const ROUTES = new Set(['GET /authorize', 'POST /login', 'POST /authorize/decide', 'POST /api/token']);

/** accounts.spotify.com: where people let apps in, and apps get their keys. */
export class AccountsServer {
  private readonly transport: Transport;
  private readonly authorization: Authorization;
  private readonly tokens: Tokens;
  private readonly mistakes: string[];

  constructor(options: TokenOptions & { readonly transport: Transport }) {
    this.transport = options.transport;
    this.mistakes = options.mistakes;
    this.authorization = new Authorization(options.world, options.mistakes);
    this.tokens = new Tokens(options);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const known = ROUTES.has(`${request.method} ${url.pathname}`);
    await this.transport.handle(
      'accounts',
      known ? url.pathname : undefined,
      request,
      response,
      (raw, logged) => this.serve(url, request, raw, logged),
    );
  }

  private serve(url: URL, request: IncomingMessage, raw: Buffer, logged: LoggedRequest): Answer {
    const { cookie } = request.headers;
    if (logged.route === '/authorize')
      return this.authorization.authorize(url.searchParams, `${url.pathname}${url.search}`, cookie);
    if (logged.route === undefined) {
      // Browsers ask for it by themselves.
      if (url.pathname !== '/favicon.ico')
        this.mistakes.push(`${logged.method} ${url.pathname}: Spotify's accounts service has no such route`);
      return { status: 404 };
    }
    const form = new URLSearchParams(raw.toString('utf8'));
    logged.body = Object.fromEntries(form);
    if (logged.route === '/login') return this.authorization.login(form);
    if (logged.route === '/authorize/decide') return this.authorization.decide(form, cookie);
    return this.token(url, request, form);
  }

  private token(url: URL, request: IncomingMessage, form: URLSearchParams): Answer {
    // Keys in an address end up in logs.
    if (url.search !== '') this.mistakes.push('POST /api/token: parameters belong into the body');
    const type = request.headers['content-type']?.split(';')[0];
    if (type !== 'application/x-www-form-urlencoded') return { status: 415 };
    try {
      const body = this.tokens.answer(form, request.headers.authorization);
      return jsonAnswer(200, body, { 'Cache-Control': 'no-store' });
    } catch (error) {
      if (!(error instanceof RefusedGrant)) throw error;
      return jsonAnswer(error.status, error.body);
    }
  }
}
