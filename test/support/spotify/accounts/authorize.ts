import { randomBytes } from 'node:crypto';
import { MINUTE } from '../clock.ts';
import type { Answer } from '../transport.ts';
import type { Account, App, World } from '../world.ts';
import { consentPage, loginPage, mistakePage } from './pages.ts';
import { isRegistered, whyNotRegistrable } from './redirect-uri.ts';
import { SCOPES } from './scopes.ts';

/** How long a code waits to be exchanged. Spotify does not say; OAuth recommends ten minutes at most. */
export const CODE_LIVES_MS = 10 * MINUTE;

const KNOWN = new Set([
  'client_id',
  'response_type',
  'redirect_uri',
  'state',
  'scope',
  'show_dialog',
  'code_challenge_method',
  'code_challenge',
]);

/** A well-formed request to be let in. */
interface Wish {
  readonly app: App;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly scopes: readonly string[];
  readonly challenge: string | undefined;
  readonly dialog: boolean;
}

const html = (status: number, text: string): Answer => ({
  status,
  type: 'text/html; charset=utf-8',
  // As Spotify's own pages: nobody frames them, and the address with its state goes nowhere.
  headers: { 'Cache-Control': 'no-store', 'X-Frame-Options': 'DENY', 'Referrer-Policy': 'no-referrer' },
  text,
});

const redirect = (to: string, headers: Record<string, string> = {}): Answer => ({
  status: 302,
  headers: { Location: to, 'Cache-Control': 'no-store', ...headers },
});

/** `/authorize`, the login before it and the decision after it. */
export class Authorization {
  private readonly world: World;
  private readonly mistakes: string[];
  private readonly sessions = new Map<string, Account>();
  private readonly tickets = new Map<string, { readonly wish: Wish; readonly account: Account }>();

  constructor(world: World, mistakes: string[]) {
    this.world = world;
    this.mistakes = mistakes;
  }

  authorize(query: URLSearchParams, address: string, cookie: string | undefined): Answer {
    for (const name of new Set(query.keys())) {
      if (!KNOWN.has(name)) this.mistakes.push(`GET /authorize: Spotify knows no parameter ${name}`);
      if (query.getAll(name).length > 1) this.mistakes.push(`GET /authorize: ${name} is given twice`);
    }
    const app = this.world.apps.get(query.get('client_id') ?? '');
    if (app === undefined) return html(400, mistakePage('INVALID_CLIENT: Invalid client'));
    const redirectUri = query.get('redirect_uri') ?? '';
    if (whyNotRegistrable(redirectUri) !== undefined)
      return html(400, mistakePage('INVALID_CLIENT: Insecure redirect URI'));
    if (!isRegistered(app, redirectUri))
      return html(400, mistakePage('INVALID_CLIENT: Invalid redirect URI'));
    const state = query.get('state') ?? undefined;
    const refused = whyRefused(query);
    if (refused !== undefined) return redirect(back(redirectUri, { error: refused, state }));
    const wish: Wish = {
      app,
      redirectUri,
      state,
      scopes: (query.get('scope') ?? '').split(' ').filter((scope) => scope !== ''),
      challenge: query.get('code_challenge') ?? undefined,
      dialog: query.get('show_dialog') === 'true',
    };
    const account = this.signedIn(cookie);
    if (account === undefined) {
      const open = [...this.world.accounts.values()].filter(({ closed }) => !closed);
      return html(200, loginPage(open, address));
    }
    // Who agreed before is sent straight back, unless the app asks to be asked.
    const agreed = account.consents.get(app.clientId);
    if (!wish.dialog && agreed !== undefined && wish.scopes.every((scope) => agreed.has(scope)))
      return this.grant(wish, account);
    const ticket = randomBytes(18).toString('base64url');
    this.tickets.set(ticket, { wish, account });
    return html(200, consentPage(app, account, wish.scopes, ticket));
  }

  login(form: URLSearchParams): Answer {
    const account = [...this.world.accounts.values()].find(({ id }) => id === form.get('account'));
    const next = form.get('next') ?? '';
    if (account === undefined || account.closed || !next.startsWith('/authorize?'))
      return html(400, mistakePage('There is no such account'));
    const session = randomBytes(18).toString('base64url');
    this.sessions.set(session, account);
    return redirect(next, { 'Set-Cookie': `spotify_session=${session}; Path=/; HttpOnly; SameSite=Lax` });
  }

  decide(form: URLSearchParams, cookie: string | undefined): Answer {
    const ticket = form.get('ticket') ?? '';
    const asked = this.tickets.get(ticket);
    this.tickets.delete(ticket);
    if (asked === undefined || asked.account !== this.signedIn(cookie))
      return html(400, mistakePage('This page has expired'));
    if (form.get('decision') === 'agree') return this.grant(asked.wish, asked.account);
    return redirect(back(asked.wish.redirectUri, { error: 'access_denied', state: asked.wish.state }));
  }

  private grant(wish: Wish, account: Account): Answer {
    const code = this.world.secret('AQ');
    const agreed = account.consents.get(wish.app.clientId) ?? new Set();
    account.consents.set(wish.app.clientId, new Set([...agreed, ...wish.scopes]));
    this.world.codes.set(code, {
      app: wish.app,
      account,
      redirectUri: wish.redirectUri,
      scopes: new Set(wish.scopes),
      challenge: wish.challenge,
      expiresAt: this.world.clock.now() + CODE_LIVES_MS,
      spent: false,
    });
    return redirect(back(wish.redirectUri, { code, state: wish.state }));
  }

  private signedIn(cookie: string | undefined): Account | undefined {
    const session = /(?:^|;\s*)spotify_session=([\w-]+)/.exec(cookie ?? '')?.[1];
    const account = session === undefined ? undefined : this.sessions.get(session);
    return account?.closed === true ? undefined : account;
  }
}

/** What is wrong with a request whose sender may be told. */
function whyRefused(query: URLSearchParams): string | undefined {
  // The implicit grant is gone since November 2025.
  if (query.get('response_type') !== 'code') return 'unsupported_response_type';
  const scopes = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  if (!scopes.every((scope) => SCOPES.has(scope))) return 'invalid_scope';
  const challenge = query.get('code_challenge');
  const method = query.get('code_challenge_method');
  if (challenge === null && method === null) return undefined;
  // Base64url of 32 bytes, without padding (RFC 7636, 4.2); `plain` was never offered.
  if (method !== 'S256' || !/^[\w-]{43}$/.test(challenge ?? '')) return 'invalid_request';
  return undefined;
}

function back(redirectUri: string, answer: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer))
    if (value !== undefined) url.searchParams.append(name, value);
  return url.href;
}
