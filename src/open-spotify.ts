import type { Logger } from 'pino';
import type { HttpServer } from './http/server.ts';
import type { Secrets } from './secrets/secrets.ts';
import { createAccounts } from './spotify/accounts.ts';
import { openLibrary } from './spotify/library.ts';
import { createLinkRecords } from './spotify/link-records.ts';
import type { Spotify, Tokens } from './spotify/spotify.ts';
import { createTokens } from './spotify/tokens.ts';
import type { SpotifyConfig } from './spotify-config.ts';
import type { Store } from './store/store.ts';

const TIMEOUT_MS = 15_000;

export interface OpenedSpotify {
  readonly tokens: Tokens;
  readonly services: Spotify;
}

/** Everything that has to do with Spotify, put together. Its pages are added to the web server. */
export function openSpotify(
  config: SpotifyConfig,
  {
    store,
    secrets,
    log,
    now,
  }: {
    readonly store: Store;
    readonly secrets: Secrets;
    readonly http: HttpServer;
    readonly log: Logger;
    readonly now: () => number;
  },
): OpenedSpotify {
  const library = openLibrary({ ...config, timeoutMs: TIMEOUT_MS });
  const accounts = createAccounts(library, config, now);
  const proven = config.clientSecret !== undefined;
  const tokens = createTokens({ records: createLinkRecords(store), secrets, accounts, proven, log, now });
  return { tokens, services: { tasteAllowed: config.taste } };
}
