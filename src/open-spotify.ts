import path from 'node:path';
import type { Logger } from 'pino';
import type { ChatPlatform } from './chat/platform.ts';
import type { Config } from './config.ts';
import type { Catalogue } from './domain/catalogue.ts';
import type { Taxonomy } from './domain/emotion.ts';
import { SHARED_ACCOUNT, type StoredPush } from './domain/spotify.ts';
import type { HttpServer, Listening } from './http/server.ts';
import { PACKAGE_ROOT } from './paths.ts';
import { pointOf } from './playlists/course-points.ts';
import type { Secrets } from './secrets/secrets.ts';
import { createAccounts } from './spotify/accounts.ts';
import { coverSvg } from './spotify/cover.ts';
import { drawCover } from './spotify/cover-thread.ts';
import { createGate } from './spotify/gate.ts';
import { createInvitations } from './spotify/invitations.ts';
import { openLibrary } from './spotify/library.ts';
import { addLinkPages } from './spotify/link-pages.ts';
import { createLinkRecords } from './spotify/link-records.ts';
import { outcomeMessage } from './spotify/link-words.ts';
import { createLinking } from './spotify/linking.ts';
import { createLinks, statusOf } from './spotify/links.ts';
import { createSongLookup } from './spotify/lookup.ts';
import { createOutbox } from './spotify/outbox.ts';
import { waitFor } from './spotify/pause.ts';
import type { PushNews } from './spotify/pushes.ts';
import { linkAddress } from './spotify/redirect.ts';
import { createReminders, REMIND_MS } from './spotify/reminders.ts';
import type { Spotify } from './spotify/spotify.ts';
import { createSpotifyTaste } from './spotify/taste.ts';
import { createTelling, type Tell } from './spotify/telling.ts';
import { createTokens } from './spotify/tokens.ts';
import { createWebApi } from './spotify/web-api.ts';
import type { SpotifyConfig } from './spotify-config.ts';
import type { Store } from './store/store.ts';
import type { Training } from './training/training.ts';

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
  readonly tell: Tell;
  /**
   * Takes up what was on its way to Spotify when the bot last stopped.
   * @param onUnseen a push is over, and the answer to whoever asked for it can no longer say so
   */
  begin(onUnseen: (news: PushNews) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
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
    catalogue,
    training,
    taxonomy,
    log,
    now,
  }: Pick<Config, 'host' | 'publicUrl'> & {
    readonly store: Store;
    readonly secrets: Secrets;
    readonly http: HttpServer;
    readonly platforms: readonly ChatPlatform[];
    readonly catalogue: () => Catalogue;
    readonly training: Pick<Training, 'model'>;
    readonly taxonomy: Taxonomy;
    readonly log: Logger;
    readonly now: () => number;
  },
): Promise<OpenedSpotify> {
  const library = openLibrary({ ...config, timeoutMs: TIMEOUT_MS });
  const accounts = createAccounts(library, config, now);
  const stopping = new AbortController();
  const webApi = createGate({
    api: createWebApi(library, now),
    store,
    log,
    now,
    wait: waitFor,
    signal: stopping.signal,
  });
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

  let onUnseen: ((news: PushNews) => Promise<void>) | undefined;
  const pushes = createOutbox({
    store,
    api: webApi,
    tokens,
    lookup: createSongLookup({ store, api: webApi, now }),
    catalogue,
    cover: (push) => coverOf(push, training, taxonomy),
    onUnseen: async (news) => onUnseen?.(news),
    log,
    now,
    wait: waitFor,
  });

  const links = createLinks({ store, invitations, linking, tokens, tasteAllowed, now });
  const taste = createSpotifyTaste({ links, tokens, api: webApi, catalogue, log, now, wait: waitFor });

  return {
    services: {
      links: {
        ...links,
        async unlink(memberId, as) {
          taste.forget(memberId);
          return links.unlink(memberId, as);
        },
        forget(memberId) {
          taste.forget(memberId);
          links.forget(memberId);
        },
      },
      pushes,
      tasteAllowed,
      likedBy: async (memberId) => (tasteAllowed ? taste.likedBy(memberId) : []),
    },
    listening(at) {
      port = at.port;
    },
    async onHour() {
      taste.tidy();
      await reminders.look();
    },
    tell,
    async begin(listener) {
      onUnseen = listener;
      await pushes.resume();
    },
    async stop() {
      stopping.abort();
      await pushes.stop();
    },
    async inviteShared() {
      if (!config.shared) return undefined;
      const status = statusOf(await store.spotifyLink(SHARED_ACCOUNT), now());
      if (status.kind === 'linked' && status.until - now() > REMIND_MS) return undefined;
      return (await invitations.create({ owner: SHARED_ACCOUNT, taste: false }, SHARED_INVITATION_MS)).url;
    },
  };
}

function coverOf(
  { songs, wish }: StoredPush,
  training: Pick<Training, 'model'>,
  taxonomy: Taxonomy,
): Promise<Uint8Array | undefined> {
  const model = training.model();
  const [from, to, and] = [wish?.from, wish?.to, wish?.and].map((key) => taxonomy.get(key ?? ''));
  const svg = coverSvg({
    points: songs.map((songId) => pointOf(songId, model, taxonomy)),
    ...(from && { from }),
    ...(to && { to }),
    ...(and && { and }),
  });
  return svg === undefined ? Promise.resolve(undefined) : drawCover(svg);
}
