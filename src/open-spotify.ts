import path from 'node:path';
import type { Logger } from 'pino';
import type { ChatPlatform } from './chat/platform.ts';
import type { Config } from './config.ts';
import { SHARED_ACCOUNT } from './domain/spotify.ts';
import type { HttpServer, Listening } from './http/server.ts';
import { PACKAGE_ROOT } from './paths.ts';
import type { Secrets } from './secrets/secrets.ts';
import { createAccounts } from './spotify/accounts.ts';
import { createInvitations } from './spotify/invitations.ts';
import { openLibrary } from './spotify/library.ts';
import { addLinkPages } from './spotify/link-pages.ts';
import { createLinkRecords } from './spotify/link-records.ts';
import { outcomeMessage } from './spotify/link-words.ts';
import { createLinking } from './spotify/linking.ts';
import { createLinks, statusOf } from './spotify/links.ts';
import { linkAddress } from './spotify/redirect.ts';
import { createReminders, REMIND_MS } from './spotify/reminders.ts';
import type { Spotify } from './spotify/spotify.ts';
import { createTelling } from './spotify/telling.ts';
import { createTokens } from './spotify/tokens.ts';
import { createWebApi } from './spotify/web-api.ts';
import type { SpotifyConfig } from './spotify-config.ts';
import type { Store } from './store/store.ts';

const BRAND = 'Reactune';
const TIMEOUT_MS = 15_000;
/** An operator reads the bot's first lines some time after they were printed. */
const SHARED_INVITATION_MS = 24 * 3_600_000;

export interface OpenedSpotify {
  readonly services: Spotify;
  /** The port is known now, and with it the bot's own address. */
  listening(at: Pick<Listening, 'port'>): void;
  /** Once an hour. */
  onHour(): Promise<void>;
  /** A one-time address at which the operator links the bot's own account; undefined where there is no need. */
  inviteShared(): Promise<string | undefined>;
}

/** Everything that has to do with Spotify, put together. Its pages are added to the web server. */
export async function openSpotify(
  config: SpotifyConfig,
  {
    host,
    publicUrl,
    store,
    secrets,
    http,
    platforms,
    log,
    now,
  }: Pick<Config, 'host' | 'publicUrl'> & {
    readonly store: Store;
    readonly secrets: Secrets;
    readonly http: HttpServer;
    readonly platforms: readonly ChatPlatform[];
    readonly log: Logger;
    readonly now: () => number;
  },
): Promise<OpenedSpotify> {
  const library = openLibrary({ ...config, timeoutMs: TIMEOUT_MS });
  const accounts = createAccounts(library, config, now);
  const webApi = createWebApi(library, now);
  const records = createLinkRecords(store);
  const proven = config.clientSecret !== undefined;
  const tokens = createTokens({ records, secrets, accounts, proven, log, now });
  const tell = createTelling(platforms, log);

  let port = 0;
  const address = () => linkAddress({ host, port, ...(publicUrl !== undefined && { publicUrl }) });
  const key = () => secrets.derive('spotify links');
  const invitations = createInvitations({ store, key, address, log, now });
  const { accountsUrl, taste: tasteAllowed } = config;
  const linking = createLinking({
    store,
    accounts,
    webApi,
    tokens,
    invitations,
    client: config,
    accountsUrl,
    tasteAllowed,
    key,
    redirectUri: () => address().redirectUri,
    onOutcome(ticket, outcome) {
      const { where } = ticket;
      if (where === undefined) return;
      // A reminder's address, or one from before a restart: nobody waits for it in the chat.
      void invitations.heard(ticket, outcome).then((heard) => heard || tell(where, outcomeMessage(outcome)));
    },
    log,
    now,
  });
  await addLinkPages({
    app: http.app,
    site: {
      brand: BRAND,
      root: publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, ''),
    },
    clientDir: path.join(PACKAGE_ROOT, 'dist', 'client'),
    store,
    invitations,
    linking,
    accountsUrl,
    tasteAllowed,
    secure: publicUrl?.startsWith('https:') ?? false,
    log,
    now,
  });
  const reminders = createReminders({ store, records, invitations, tell, log, now });

  return {
    services: {
      links: createLinks({ store, invitations, linking, tokens, tasteAllowed, now }),
      tasteAllowed,
    },
    listening(at) {
      port = at.port;
    },
    onHour: () => reminders.look(),
    async inviteShared() {
      if (!config.shared) return undefined;
      const status = statusOf(await store.spotifyLink(SHARED_ACCOUNT), now());
      if (status.kind === 'linked' && status.until - now() > REMIND_MS) return undefined;
      return (await invitations.create({ owner: SHARED_ACCOUNT, taste: false }, SHARED_INVITATION_MS)).url;
    },
  };
}
