import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { Logger } from 'pino';
import { SECURITY_HEADERS } from '../http/headers.ts';
import type { HttpApp } from '../http/server.ts';
import type { Store } from '../store/store.ts';
import type { Invitations } from './invitations.ts';
import { createBrowserSecret } from './link.ts';
import {
  answeredPage,
  brokenPage,
  type LinkPage,
  nothingPage,
  pausedPage,
  refusedPage,
  resultPage,
  type Site,
  startPage,
} from './link-page.ts';
import type { Linking, LinkResult } from './linking.ts';

const COOKIE = 'reactune-link';
const COOKIE_SECONDS = 60 * 60;
/** What somebody sees who comes back to the last page. */
const RESULT_LIVES_MS = 10 * 60_000;

/** The room's card, and what only these pages have. */
const MORE_STYLE = `
.link-card { width: min(440px, calc(100vw - 32px)); }
.link-card > p { margin: 8px 0 0; overflow-wrap: anywhere; }
.link-card > p strong { color: var(--ink); }
.link-card ul { margin: 8px 0 0; padding-left: 1.3em; color: var(--quiet); }
.link-card form { margin-top: 4px; }
.link-card .link-note { margin-top: 16px; font-size: 0.88rem; }
`;

export interface LinkPagesParts {
  readonly app: HttpApp;
  readonly site: Site;
  /** Where the room's style and the logo are. */
  readonly clientDir: string;
  readonly store: Pick<Store, 'spotifyPause'>;
  readonly invitations: Invitations;
  readonly linking: Linking;
  readonly accountsUrl: string;
  readonly tasteAllowed: boolean;
  /** The address is https: the cookie is for nothing else. */
  readonly secure: boolean;
  readonly log: Logger;
  readonly now: () => number;
}

/** Chrome holds redirects of a form against `form-action`: from these pages it goes on to Spotify. */
function contentSecurityPolicy(accountsUrl: string): string {
  const { origin, hostname } = new URL(accountsUrl);
  const to = hostname.endsWith('.spotify.com') ? `${origin} https://*.spotify.com` : origin;
  return (SECURITY_HEADERS['Content-Security-Policy'] ?? '').replace(
    "form-action 'self'",
    `form-action 'self' ${to}`,
  );
}

/** Adds the pages of linking to the web server: the one-time address, the way back from Spotify, and how it went. */
export async function addLinkPages(parts: LinkPagesParts): Promise<void> {
  const { site, invitations, linking, tasteAllowed, log, now } = parts;
  const pages = new Hono();
  const results = new Map<string, LinkResult & { readonly until: number }>();
  const policy = contentSecurityPolicy(parts.accountsUrl);
  const file = (name: string) => readFile(path.join(parts.clientDir, name), 'utf8').catch(() => '');
  const style = (await file('room.css')) + MORE_STYLE;
  const logo = await file('logo.svg');

  function show(c: Context, { status, body, retryAfterMs }: LinkPage): Response | Promise<Response> {
    c.header('Cache-Control', 'no-store');
    c.header('X-Robots-Tag', 'noindex, nofollow');
    c.header('Content-Security-Policy', policy);
    if (retryAfterMs !== undefined) c.header('Retry-After', String(Math.ceil(retryAfterMs / 1000)));
    return c.html(body, status);
  }

  function remember(c: Context, value: string): void {
    // Lax, because the way back from Spotify begins on another site.
    const options = {
      httpOnly: true,
      sameSite: 'Lax',
      path: `${site.root}/spotify`,
      maxAge: COOKIE_SECONDS,
    } as const;
    setCookie(c, COOKIE, value, { ...options, secure: parts.secure });
  }

  /** What this browser is known by, and the address that it has begun with. */
  function bondOf(c: Context): {
    readonly bond?: string;
    readonly browser?: string;
    readonly ticket: string;
  } {
    const bond = getCookie(c, COOKIE);
    const [, browser, ticket = ''] = /^([\w-]{32})(?:\.([\w.-]+))?$/.exec(bond ?? '') ?? [];
    return browser === undefined || bond === undefined ? { ticket } : { bond, browser, ticket };
  }

  function keep(bond: string, result: LinkResult): void {
    for (const [one, { until }] of results) if (until <= now()) results.delete(one);
    results.set(bond, { ...result, until: now() + RESULT_LIVES_MS });
  }

  // No address of these pages may reach the log, so that this does not go to the server's own handler.
  pages.onError((err, c) => {
    const id = randomBytes(3).toString('hex');
    log.error({ err, id }, 'a page of linking failed');
    return show(c, brokenPage(site, id));
  });

  pages.get('/page.css', (c) => {
    c.header('Cache-Control', 'no-cache');
    return c.body(style, 200, { 'Content-Type': 'text/css; charset=utf-8' });
  });
  pages.get('/logo.svg', (c) =>
    c.body(logo, 200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'no-cache' }),
  );

  pages.get('/link/:ticket', async (c) => {
    const sealed = c.req.param('ticket');
    const opened = await invitations.look(sealed);
    if (!opened.ok) return show(c, refusedPage(site, opened.why));
    remember(c, bondOf(c).bond ?? createBrowserSecret());
    const taste = opened.ticket.taste && tasteAllowed;
    return show(c, startPage(site, opened.ticket, sealed, taste, now()));
  });

  pages.post('/link/:ticket', async (c) => {
    const sealed = c.req.param('ticket');
    const looked = await invitations.look(sealed);
    if (!looked.ok) return show(c, refusedPage(site, looked.why));
    const { browser } = bondOf(c);
    if (browser === undefined) return show(c, refusedPage(site, 'no-cookie'));
    const pause = await parts.store.spotifyPause();
    if (pause !== undefined && pause.until > now()) return show(c, pausedPage(site, pause.until - now()));
    const opened = await invitations.begin(sealed, browser);
    if (!opened.ok) return show(c, refusedPage(site, opened.why));
    const bond = `${browser}.${sealed}`;
    remember(c, bond);
    c.header('Cache-Control', 'no-store');
    c.header('Content-Security-Policy', policy);
    return c.redirect(await linking.authorize(opened.ticket, bond), 303);
  });

  pages.get('/callback', async (c) => {
    const { bond, ticket } = bondOf(c);
    const { state, code, error } = c.req.query();
    const finished = await linking.finish(
      { ...(state && { state }), ...(code && { code }), ...(error && { error }) },
      bond,
      ticket,
    );
    if (!finished.ok) return show(c, refusedPage(site, finished.why));
    keep(bond ?? '', finished);
    // Away from the address with the code in it: reloading the page then does no harm.
    c.header('Cache-Control', 'no-store');
    return c.redirect(`${site.root}/spotify/result`, 303);
  });

  pages.get('/result', (c) => {
    const result = results.get(bondOf(c).bond ?? '');
    const gone = result === undefined || result.until <= now();
    return show(c, gone ? nothingPage(site) : resultPage(site, result));
  });

  pages.post('/answer', async (c) => {
    const { bond } = bondOf(c);
    const { question, answer } = await c.req.parseBody();
    const result = bond === undefined ? undefined : results.get(bond);
    if (bond === undefined || result === undefined || typeof question !== 'string')
      return show(c, answeredPage(site));
    if (answer !== 'same' && answer !== 'apart') return show(c, refusedPage(site, 'malformed'));
    const outcome = await linking.decide({ bond }, question, answer === 'same');
    if (outcome === undefined) return show(c, answeredPage(site));
    keep(bond, { ticket: result.ticket, outcome });
    c.header('Cache-Control', 'no-store');
    return c.redirect(`${site.root}/spotify/result`, 303);
  });

  pages.all('/*', (c) => show(c, nothingPage(site)));
  parts.app.route('/spotify', pages);
}
