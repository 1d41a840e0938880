import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { whyNotRegistrable } from './accounts/redirect-uri.ts';
import { AccountsServer } from './accounts/server.ts';
import { ApiServer } from './api/server.ts';
import { type Clock, createClock } from './clock.ts';
import { Faults } from './faults.ts';
import { spotifyId } from './ids.ts';
import { Limits } from './limits.ts';
import { OpenApi } from './openapi.ts';
import { Person } from './person.ts';
import { type LoggedRequest, Transport } from './transport.ts';
import { type App, type Track, World } from './world.ts';

export interface SpotifyOptions {
  /** The time; the real one by default. Moved by `clock.advance`. */
  readonly now?: () => number;
  /** Calls per app in a rolling window of 30 seconds; unlimited by default, as Spotify does not publish its number. */
  readonly callsPer30Seconds?: number;
  /** What `Retry-After` says at the limit, instead of what is left of the window: hours are real. */
  readonly penaltySeconds?: number;
  /** Refresh tokens of clients without a secret are used up by refreshing. Default: true. */
  readonly rotation?: boolean;
  /** So long a new playlist is missing from `GET /me/playlists`. Default: 0. */
  readonly listLagMs?: number;
  readonly redirectUris?: readonly string[];
  /** The app has extended quota: anybody may use it. */
  readonly extended?: boolean;
  /** False: requests are not held against Spotify's OpenAPI document. */
  readonly openApi?: boolean;
}

export interface AccountOptions {
  /** On the app's list of five. Default: true. */
  readonly allowed?: boolean;
  readonly premium?: boolean;
  readonly country?: string;
}

export interface TrackOptions {
  readonly album?: string;
  readonly isrc?: string;
  readonly durationMs?: number;
  /** Where it may be played; everywhere by default. */
  readonly markets?: readonly string[];
}

/** Spotify on this machine: what a bot connects to, what people do, and what goes wrong. */
export class Spotify {
  /** In place of https://api.spotify.com. */
  readonly apiUrl: string;
  /** In place of https://accounts.spotify.com. */
  readonly accountsUrl: string;
  readonly clock: Clock;
  readonly world: World;
  readonly faults: Faults;
  /** Every request to either service, in order. */
  readonly requests: LoggedRequest[];
  /** The app that is registered from the start. */
  readonly app: App;
  private readonly limits: Limits;
  private readonly openApi: OpenApi | undefined;
  private readonly mistakes: readonly string[];
  private readonly people = new Map<string, Person>();
  private readonly shutDown: () => Promise<void>;

  constructor(parts: {
    readonly apiUrl: string;
    readonly accountsUrl: string;
    readonly world: World;
    readonly faults: Faults;
    readonly requests: LoggedRequest[];
    readonly limits: Limits;
    readonly openApi: OpenApi | undefined;
    readonly mistakes: readonly string[];
    readonly options: SpotifyOptions;
    readonly shutDown: () => Promise<void>;
  }) {
    this.apiUrl = parts.apiUrl;
    this.accountsUrl = parts.accountsUrl;
    this.world = parts.world;
    this.clock = parts.world.clock;
    this.faults = parts.faults;
    this.requests = parts.requests;
    this.limits = parts.limits;
    this.openApi = parts.openApi;
    this.mistakes = parts.mistakes;
    this.shutDown = parts.shutDown;
    this.app = this.registers('Reactune', {
      redirectUris: parts.options.redirectUris ?? ['http://127.0.0.1/spotify/callback'],
      extended: parts.options.extended ?? false,
    });
  }

  /** Registers an app; an address that Spotify's dashboard refuses throws. */
  registers(name: string, options: { redirectUris: readonly string[]; extended?: boolean }): App {
    for (const address of options.redirectUris) {
      const why = whyNotRegistrable(address);
      if (why !== undefined) throw new Error(`Spotify does not register ${address}: ${why}`);
    }
    const hex = (what: string) => createHash('md5').update(`${what} ${name}`).digest('hex');
    const app: App = {
      name,
      clientId: hex('client'),
      clientSecret: hex('secret'),
      redirectUris: options.redirectUris,
      extended: options.extended ?? false,
      ownerPremium: true,
    };
    this.world.apps.set(app.clientId, app);
    this.world.secrets.add(app.clientSecret);
    return app;
  }

  /** Somebody by name: made at the first call, the same one ever after. */
  account(name: string, options: AccountOptions = {}): Person {
    let person = this.people.get(name);
    if (person === undefined) {
      const account = {
        accountId: spotifyId(`account ${name}`),
        id: `${name}-${spotifyId(`user ${name}`).slice(0, 6).toLowerCase()}`,
        name,
        premium: options.premium ?? true,
        country: options.country ?? 'DE',
        closed: false,
        saved: [],
        top: [],
        playlists: [],
        consents: new Map(),
      };
      this.world.accounts.set(account.id, account);
      person = new Person(this.world, account, () => this.app);
      this.people.set(name, person);
      if ((options.allowed ?? true) && !this.app.extended) person.allowed(true);
    }
    return person;
  }

  /** A song that can be found, saved and put into playlists. */
  track(title: string, artists: string | readonly string[], options: TrackOptions = {}): Track {
    const names = typeof artists === 'string' ? [artists] : artists;
    const id = spotifyId(`track ${title} by ${names.join(', ')} on ${options.album ?? ''}`);
    const track: Track = {
      id,
      uri: `spotify:track:${id}`,
      title,
      artists: names,
      album: options.album ?? title,
      durationMs: options.durationMs ?? 200_000,
      ...(options.isrc !== undefined && { isrc: options.isrc }),
      ...(options.markets !== undefined && { markets: options.markets }),
      gone: false,
    };
    this.world.tracks.set(track.uri, track);
    return track;
  }

  /** So many songs, `Song 1` by `Artist 1` and on. */
  tracks(count: number): Track[] {
    return Array.from({ length: count }, (_, index) =>
      this.track(`Song ${index + 1}`, `Artist ${index + 1}`),
    );
  }

  /** A song is taken down everywhere. */
  takesDown(track: Track): void {
    track.gone = true;
  }

  /** The owner stops paying: the app stops. */
  premiumLapses(app: App = this.app): void {
    app.ownerPremium = false;
  }

  premiumReturns(app: App = this.app): void {
    app.ownerPremium = true;
  }

  /** The quota of the owner's developer account is used up for so long. */
  exhaustsQuota(seconds: number, app: App = this.app): void {
    this.limits.exhaustQuota(app, seconds);
  }

  /** Every call of the app is answered with 429 for so long. */
  blocks(seconds: number, app: App = this.app): void {
    this.limits.block(app, seconds);
  }

  /** What was asked against Spotify's document or rules. `close` fails if there is anything. */
  get violations(): readonly string[] {
    return [...(this.openApi?.violations ?? []), ...this.mistakes];
  }

  /** Every key that was ever given out, for tests that look for them where they must not be. */
  get secrets(): readonly string[] {
    return [...this.world.secrets];
  }

  /** How often each route was asked since: `{ 'POST /me/playlists': 1 }`. */
  counts(since = 0): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { method, route, path } of this.requests.slice(since)) {
      const name = `${method} ${route ?? path}`;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  /** What a piece of work costs: the requests that came while it ran, in order. */
  async during(work: () => Promise<unknown>): Promise<string[]> {
    const since = this.requests.length;
    await work();
    return this.requests.slice(since).map(({ method, route, path }) => `${method} ${route ?? path}`);
  }

  /** Fails if any request broke Spotify's document or rules. */
  check(): void {
    if (this.violations.length > 0)
      throw new Error(`Spotify's document or rules do not allow:\n${this.violations.join('\n')}`);
  }

  async close(): Promise<void> {
    await this.shutDown();
    this.check();
  }
}

async function listen(
  mistakes: string[],
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      // The client went away in the middle: no mistake of this server.
      if (request.destroyed && !request.complete) return;
      // A mistake in this server must not look like one of Spotify's bad days.
      mistakes.push(`the test server broke at ${request.method} ${request.url}: ${String(error)}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Starts Spotify on free ports of 127.0.0.1. */
export async function openSpotify(options: SpotifyOptions = {}): Promise<Spotify> {
  const clock = createClock(options.now);
  const world = new World(clock);
  const faults = new Faults();
  const requests: LoggedRequest[] = [];
  const mistakes: string[] = [];
  const openApi = options.openApi === false ? undefined : OpenApi.open();
  const limits = new Limits({
    clock,
    calls: options.callsPer30Seconds,
    ...(options.penaltySeconds !== undefined && { penaltySeconds: options.penaltySeconds }),
  });
  const transport = new Transport({ clock, faults, requests });
  let origin = '';
  const api = new ApiServer({
    world,
    limits,
    openApi,
    transport,
    mistakes: options.openApi === false ? undefined : mistakes,
    listLagMs: options.listLagMs ?? 0,
    origin: () => origin,
  });
  const accounts = new AccountsServer({ world, transport, mistakes, rotation: options.rotation ?? true });
  const servers = await Promise.all([
    listen(mistakes, (request, response) => api.handle(request, response)),
    listen(mistakes, (request, response) => accounts.handle(request, response)),
  ]);
  const [{ url: apiUrl }, { url: accountsUrl }] = servers;
  origin = apiUrl;
  return new Spotify({
    apiUrl,
    accountsUrl,
    world,
    faults,
    requests,
    limits,
    openApi,
    mistakes,
    options,
    async shutDown() {
      for (const { server } of servers) {
        server.closeAllConnections();
        if (!server.listening) continue;
        server.close();
        await once(server, 'close');
      }
    },
  });
}
