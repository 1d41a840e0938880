import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** What a request says about where it comes from. */
export interface RequestSource {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  /** A WebSocket upgrade. */
  readonly upgrade?: boolean;
}

export type Refusal = { readonly status: 403 | 421; readonly reason: string };

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return (
    LOOPBACK_NAMES.has(host) || host === '::1' || (isIP(host) === 4 && host.startsWith('127.')) || host === ''
  );
}

function hostnameOf(authority: string): string | undefined {
  try {
    return new URL(`http://${authority}`).hostname;
  } catch {
    return undefined;
  }
}

/**
 * Refuses what a foreign web page could make a browser send: names that were rebound to this address by DNS
 * (the Host header has to be ours), and requests that another site started.
 * An IP literal in Host is always harmless: rebinding needs a name.
 */
export function createGuard(options: {
  readonly host: string;
  readonly publicUrl?: string;
}): (source: RequestSource) => Refusal | undefined {
  const publicUrl = options.publicUrl === undefined ? undefined : new URL(options.publicUrl);
  const names = new Set([hostname().toLowerCase(), `${hostname().toLowerCase()}.local`]);
  const local = isLoopback(options.host);

  function knownHost(name: string): boolean {
    if (name === publicUrl?.hostname || LOOPBACK_NAMES.has(name)) return true;
    if (local) return isLoopback(name);
    return names.has(name) || isIP(name.replace(/^\[|\]$/g, '')) !== 0;
  }

  return ({ method, host, origin, fetchSite, upgrade }) => {
    const name = host === undefined ? undefined : hostnameOf(host);
    if (name === undefined || !knownHost(name)) {
      return { status: 421, reason: 'This address is not served here. Set PUBLIC_URL if it should be.' };
    }
    const reads = (method === 'GET' || method === 'HEAD') && !upgrade;
    if (reads) return undefined;
    if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none') {
      return { status: 403, reason: 'Another site may not do that here.' };
    }
    // Browsers always name the origin of an upgrade; other programs carry no visitor's cookie.
    if (origin === undefined)
      return upgrade ? { status: 403, reason: 'The Origin header is missing.' } : undefined;
    const sameHost = URL.canParse(origin) && new URL(origin).host === new URL(`http://${host}`).host;
    if (!sameHost && origin !== publicUrl?.origin) {
      return { status: 403, reason: 'Another site may not do that here.' };
    }
    return undefined;
  };
}
