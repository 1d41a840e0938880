import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { Message } from '../../src/chat/message.ts';
import type { ChatPlatform } from '../../src/chat/platform.ts';
import type { IdentityId, PlatformName } from '../../src/domain/member.ts';
import type { Whereabouts } from '../../src/domain/spotify.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { openSpotify as openBotSpotify } from '../../src/open-spotify.ts';
import { openSecrets } from '../../src/secrets/secrets.ts';
import type { LinkOutcome } from '../../src/spotify/spotify.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import { type Arrival, Browser } from '../support/spotify/browser.ts';
import type { Person } from '../support/spotify/person.ts';
import { openSpotify, type SpotifyOptions } from '../support/spotify/spotify.ts';

export interface HouseOptions {
  readonly spotify?: SpotifyOptions;
  readonly secret?: boolean;
  readonly taste?: boolean;
  readonly shared?: boolean;
  /** Who cannot be told anything alone. */
  readonly closed?: readonly IdentityId[];
  /** In place of our own accounts service. */
  readonly accountsUrl?: string;
  /** Where the bot is reached, through a proxy that nobody has set up here. */
  readonly publicUrl?: string;
  /** One that is open already, and closed by whoever opened it. */
  readonly store?: Store;
}

/** A one-time address, and what the chat has heard of it so far. */
export interface Invited {
  readonly url: string;
  readonly heard: LinkOutcome[];
}

/** Spotify, and everything of the bot that has to do with linking: its web server, store, secrets; without a chat. */
export async function openHouse(options: HouseOptions = {}) {
  const spotify = await openSpotify(options.spotify);
  const dir = await mkdtemp(path.join(tmpdir(), 'reactune-link-'));
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const now = () => spotify.clock.now();
  const told: { readonly identity: IdentityId; readonly message: Message }[] = [];
  const posted: { readonly channel: string; readonly message: Message }[] = [];
  const platform = (name: PlatformName) =>
    ({
      name,
      async tell(identity: IdentityId, message: Message) {
        if (options.closed?.includes(identity)) return false;
        told.push({ identity, message });
        return true;
      },
      async post({ communityId, channel }, message) {
        posted.push({ channel, message });
        return { platform: name, communityId, channel, message: String(posted.length) };
      },
    }) satisfies Partial<ChatPlatform> as unknown as ChatPlatform;

  async function start(port = 0) {
    const store = options.store ?? (await openLowdbStore({ dir: path.join(dir, 'store'), log, now }));
    const { publicUrl } = options;
    const http = createHttpServer({ host: '127.0.0.1', port, log, ...(publicUrl && { publicUrl }) });
    const { clientId, clientSecret } = spotify.app;
    const opened = await openBotSpotify(
      {
        clientId,
        ...(options.secret && { clientSecret }),
        apiUrl: spotify.apiUrl,
        accountsUrl: options.accountsUrl ?? spotify.accountsUrl,
        shared: options.shared ?? false,
        taste: options.taste ?? false,
      },
      {
        host: '127.0.0.1',
        publicUrl,
        store,
        secrets: await openSecrets({ stateDir: dir, keys: [], sealed: [] }),
        http,
        platforms: (['discord', 'slack', 'room'] as const).map(platform),
        log,
        now,
      },
    );
    const listening = await http.listen();
    opened.listening(listening);
    return { store, http, opened, ...listening, url: `http://127.0.0.1:${listening.port}` };
  }

  let running = await start();

  const house = {
    spotify,
    lines,
    told,
    posted,
    get store() {
      return running.store;
    },
    get url() {
      return running.url;
    },
    get opened() {
      return running.opened;
    },
    get links() {
      return running.opened.services.links;
    },
    where: (identity: IdentityId): Whereabouts => ({
      identity,
      communityId: `${identity.split(':')[0]}:1`,
      channel: 'general',
    }),
    memberId: async (identity: IdentityId) => (await running.store.memberOf(identity)).id,
    async invites(identity: IdentityId, { taste = false } = {}): Promise<Invited> {
      const heard: LinkOutcome[] = [];
      const { url } = await running.opened.services.links.invite(
        {
          memberId: await house.memberId(identity),
          where: house.where(identity),
          taste,
          name: identity.split(':').at(-1) ?? '',
        },
        async (outcome) => void heard.push(outcome),
      );
      return { url, heard };
    },
    /** Opens a one-time address and goes on to Spotify; where that leads. */
    async goesOn(person: Person, url: string): Promise<Arrival> {
      await person.browser.get(url);
      return person.browser.submit(url);
    },
    /** The whole way, up to the page that says how it went. */
    async linksWith(person: Person, url: string, decision: 'agree' | 'cancel' = 'agree'): Promise<Arrival> {
      const page = await house.goesOn(person, url);
      return person.decidesOn(page, decision);
    },
    status: async (identity: IdentityId) =>
      running.opened.services.links.status(await house.memberId(identity)),
    newBrowser: () => new Browser(),
    /** Stops and starts on the same port, with what is on the disk. */
    async restarts(): Promise<void> {
      await running.http.close();
      await running.store.close();
      running = await start(running.port);
    },
    async close(): Promise<void> {
      await running.http.close();
      if (options.store === undefined) await running.store.close();
      await spotify.close();
      await rm(dir, { recursive: true, force: true });
    },
    dir,
  };
  return house;
}

export type House = Awaited<ReturnType<typeof openHouse>>;
