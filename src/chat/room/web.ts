import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from 'hono';
import { setCookie } from 'hono/cookie';
import type { HttpApp } from '../../http/server.ts';
import { type AudioFile, looksLikePath, serveAudio } from './audio.ts';
import { createBucket, createBuckets } from './limits.ts';
import { loginPage } from './login-page.ts';
import type { Sessions, Visitor } from './sessions.ts';
import type { StoredMessage } from './state.ts';
import { mayRead } from './view.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
};
const COOKIE_SECONDS = 400 * 24 * 60 * 60;

/** The browser's code, read once: name → answer. */
async function readClient(
  folder: string,
): Promise<Map<string, { body: Uint8Array<ArrayBuffer>; type: string }>> {
  const files = new Map<string, { body: Uint8Array<ArrayBuffer>; type: string }>();
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const type = TYPES[path.extname(name)];
    if (type !== undefined)
      files.set(name, { body: new Uint8Array(await readFile(path.join(folder, name))), type });
  }
  return files;
}

/** Adds the room's pages to the web server: the page itself, sessions, claim and login, sounds and files. */
export async function addRoomPages(options: {
  readonly app: HttpApp;
  readonly clientDir: string;
  readonly sessions: Sessions;
  readonly audio: (songId: string) => Promise<AudioFile | undefined>;
  readonly message: (id: number) => StoredMessage | undefined;
  /** Cookies only over https. */
  readonly secure: boolean;
  readonly brand: string;
  readonly now: () => number;
  /** Somebody became a moderator by the link. */
  readonly claimed: (person: string) => void;
}): Promise<void> {
  const { app, sessions, brand } = options;
  const files = await readClient(options.clientDir);
  const perAddress = createBuckets({ burst: 200, perSecond: 2, keys: 5_000 }, options.now);
  const guesses = createBuckets({ burst: 5, perSecond: 0.1, keys: 5_000 }, options.now);
  const allGuesses = createBucket(50, 0.5, options.now);

  const visitorOf = (c: Context): Visitor | undefined => sessions.visitorOf(c.req.header('cookie'));
  const addressOf = (c: Context): string => c.env.incoming.socket.remoteAddress ?? '';
  const mayEnter = (c: Context): boolean => sessions.open || visitorOf(c) !== undefined;

  function giveCookie(c: Context, token: string): void {
    setCookie(c, sessions.cookieName, token, {
      httpOnly: true,
      sameSite: 'Strict',
      secure: options.secure,
      path: '/',
      maxAge: COOKIE_SECONDS,
    });
  }

  function file(c: Context, name: string): Response | Promise<Response> {
    const found = files.get(name);
    if (found === undefined) return c.notFound();
    return c.body(found.body, 200, { 'Content-Type': found.type, 'Cache-Control': 'no-cache' });
  }

  app.get('/', (c) => {
    if (!mayEnter(c)) return c.html(loginPage(brand), 401, { 'Cache-Control': 'no-store' });
    if (!files.has('index.html')) {
      return c.text('The room has not been built yet. Run: npm run build', 503);
    }
    return file(c, 'index.html');
  });

  // The login form has no action, so that the fragment of a claim link survives it.
  app.post('/', async (c) => {
    if (sessions.open) return c.redirect('/', 303);
    if (!guesses(addressOf(c)).take() || !allGuesses.take()) {
      const page = loginPage(brand, 'That was a few tries too many. Wait a little, then try again.');
      return c.html(page, 429, { 'Retry-After': '10' });
    }
    const form = await c.req.parseBody();
    if (typeof form.password !== 'string' || !sessions.checkPassword(form.password)) {
      return c.html(loginPage(brand, 'That is not the password. Try again?'), 401, {
        'Cache-Control': 'no-store',
      });
    }
    giveCookie(c, sessions.begin(true).token);
    return c.redirect('/', 303);
  });

  for (const name of files.keys()) if (name !== 'index.html') app.get(`/${name}`, (c) => file(c, name));

  app.post('/api/session', (c) => {
    c.header('Cache-Control', 'no-store');
    const known = visitorOf(c);
    if (known !== undefined) return c.json({ ok: true });
    if (!sessions.open) return c.json({ ok: false }, 401);
    if (!perAddress(addressOf(c)).take()) return c.json({ ok: false }, 429);
    giveCookie(c, sessions.begin(false).token);
    return c.json({ ok: true });
  });

  app.post('/api/claim', async (c) => {
    c.header('Cache-Control', 'no-store');
    const visitor = visitorOf(c);
    if (visitor === undefined) return c.json({ ok: false }, 401);
    if (!perAddress(addressOf(c)).take()) return c.json({ ok: false }, 429);
    const body: unknown = await c.req.json().catch(() => undefined);
    const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
    if (typeof token !== 'string' || !(await sessions.claim(visitor.id, token))) {
      return c.json({ ok: false }, 403);
    }
    options.claimed(visitor.id);
    return c.json({ ok: true });
  });

  app.get('/audio/:songId', async (c) => {
    if (!mayEnter(c)) return c.text('Please log in first.', 401);
    const songId = c.req.param('songId');
    const found = looksLikePath(songId) ? undefined : await options.audio(songId);
    if (found === undefined) return c.text('There is no such sound.', 404);
    return serveAudio(found, c.req.method, c.req.raw.headers);
  });

  app.get('/files/:message/:index', (c) => {
    const visitor = visitorOf(c);
    if (visitor === undefined) return c.text('Please open the room first.', 401);
    const message = options.message(Number(c.req.param('message')));
    const found = message?.body.files?.[Number(c.req.param('index'))];
    if (message === undefined || found === undefined || !mayRead(message, visitor.id)) {
      return c.text('There is no such file.', 404);
    }
    const plain = found.name.replace(/[^\w. -]/g, '_');
    const disposition = `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(found.name)}`;
    return c.body(found.content, 200, {
      'Content-Type': found.mediaType,
      'Content-Disposition': disposition,
      'Cache-Control': 'private, no-store',
    });
  });
}
