import type { App } from '../world.ts';

const LOOPBACK = new Set(['127.0.0.1', '[::1]']);

/**
 * Why an address cannot be registered, by the rules of 2025: https, or http on a loopback literal; never `localhost`
 * (developer.spotify.com/documentation/web-api/concepts/redirect_uri).
 */
export function whyNotRegistrable(address: string): string | undefined {
  const url = tryParse(address);
  if (url === undefined) return 'it is no address';
  if (url.hash !== '' || address.includes('#')) return 'it has a fragment';
  if (url.hostname === 'localhost') return 'localhost is not allowed: use 127.0.0.1 or [::1]';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:') return 'it is neither https nor http';
  if (!LOOPBACK.has(url.hostname)) return 'it is not secure: http is for 127.0.0.1 and [::1] alone';
  // n8n-io/n8n#25805.
  if (url.pathname.includes('-')) return 'a loopback address with a hyphen in its path is refused';
  return undefined;
}

/** Exactly as registered; a loopback address that was registered without a port may come with any. */
export function isRegistered(app: App, given: string): boolean {
  if (app.redirectUris.includes(given)) return true;
  const url = tryParse(given);
  if (url === undefined || url.protocol !== 'http:' || !LOOPBACK.has(url.hostname)) return false;
  return app.redirectUris.some((registered) => {
    const known = new URL(registered);
    return known.port === '' && LOOPBACK.has(known.hostname) && withoutPort(given, url) === registered;
  });
}

function tryParse(address: string): URL | undefined {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}

function withoutPort(given: string, { port, hostname }: URL): string {
  return port === '' ? given : given.replace(`${hostname}:${port}`, hostname);
}
