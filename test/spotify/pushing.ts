import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { buildCatalogue } from '../../src/catalogue/catalogue.ts';
import type { Catalogue } from '../../src/domain/catalogue.ts';
import type { StoredPlaylist } from '../../src/domain/member.ts';
import type { Song } from '../../src/domain/song.ts';
import { SHARED_ACCOUNT, type SpotifyOwner, type StoredPush } from '../../src/domain/spotify.ts';
import { openSecrets } from '../../src/secrets/secrets.ts';
import { type Accounts, createAccounts } from '../../src/spotify/accounts.ts';
import { createGate } from '../../src/spotify/gate.ts';
import { openLibrary } from '../../src/spotify/library.ts';
import { createLinkRecords } from '../../src/spotify/link-records.ts';
import { createSongLookup } from '../../src/spotify/lookup.ts';
import { createOutbox } from '../../src/spotify/outbox.ts';
import type { Wait } from '../../src/spotify/pause.ts';
import { SpotifyError } from '../../src/spotify/problem.ts';
import { type Pushes, type PushNews, pushIdOf } from '../../src/spotify/pushes.ts';
import type { Tokens } from '../../src/spotify/spotify.ts';
import { createTokens } from '../../src/spotify/tokens.ts';
import { createWebApi, type WebApi } from '../../src/spotify/web-api.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import { signIn } from '../support/spotify/ask.ts';
import type { Person } from '../support/spotify/person.ts';
import { openSpotify, type Spotify, type SpotifyOptions } from '../support/spotify/spotify.ts';
import type { Track } from '../support/spotify/world.ts';

const silent = pino({ level: 'silent' });
const SCOPES = 'playlist-modify-private playlist-read-private ugc-image-upload';
/** The smallest thing that begins and ends like a JPEG. */
export const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0xff, 0xd9]);

/**
 * Time that passes when somebody waits for it: Spotify's clock jumps to the end of every wait. While it is held, those
 * who wait do so until the test lets it pass.
 */
export class Time {
  private readonly advance: (ms: number) => void;
  private held = false;
  private asleep: { readonly at: number; readonly ms: number; readonly wake: () => void }[] = [];
  readonly now: () => number;
  /** How long somebody waited, in order. */
  readonly waits: number[] = [];

  constructor(clock: { now(): number; advance(ms: number): void }) {
    this.now = () => clock.now();
    this.advance = (ms) => clock.advance(ms);
  }

  readonly wait: Wait = async (ms, signal) => {
    this.waits.push(ms);
    if (!this.held) {
      this.advance(ms);
      await turn();
      return;
    }
    await new Promise<void>((wake) => {
      this.asleep.push({ at: this.now() + ms, ms, wake });
      signal?.addEventListener('abort', () => wake(), { once: true });
    });
  };

  hold(): void {
    this.held = true;
  }

  /** Resolves when so many wait. */
  async sleepers(count: number): Promise<void> {
    while (this.asleep.length < count) await turn();
  }

  /** Lets time pass, and wakes whoever's wait is over. */
  async pass(ms: number): Promise<void> {
    this.advance(ms);
    const due = this.asleep.filter(({ at }) => at <= this.now());
    this.asleep = this.asleep.filter((one) => !due.includes(one));
    for (const { wake } of due) wake();
    await turn();
  }
}

export interface HouseOptions extends SpotifyOptions {
  /** The app proves itself with its secret, so that refresh tokens are not used up. Default: true. */
  readonly proven?: boolean;
  /** How long a request may take. */
  readonly timeoutMs?: number;
}

/** A bot's pushing half with a real store, against Spotify's rules; it can be killed and started again. */
export class House {
  readonly spotify: Spotify;
  readonly time: Time;
  readonly dir = mkdtempSync(path.join(os.tmpdir(), 'reactune-pushing-'));
  readonly proven: boolean;
  readonly timeoutMs: number;
  store!: Store;
  tokens!: Tokens;
  api!: WebApi;
  pushes!: Pushes;
  catalogue: Catalogue = catalogueOf([]);
  /** What was told of pushes, since the last start. */
  news: PushNews[] = [];
  /** Of it, what nobody watched. */
  unseen: PushNews[] = [];
  private lists = 0;
  /** Asked for and not heard of since. */
  private readonly pending = new Set<string>();
  private dying = false;
  private dead = false;
  private death: Promise<void> = Promise.resolve();
  private die: () => void = () => {};

  constructor(spotify: Spotify, options: HouseOptions) {
    this.spotify = spotify;
    this.time = new Time(spotify.clock);
    this.proven = options.proven ?? true;
    this.timeoutMs = options.timeoutMs ?? 5000;
  }

  /** Starts the bot, on what an earlier one left. */
  async start(): Promise<void> {
    const { spotify, time, dir } = this;
    this.dying = false;
    this.dead = false;
    this.death = new Promise((resolve) => {
      this.die = resolve;
    });
    this.news = [];
    this.unseen = [];
    const now = time.now;
    this.store = await openLowdbStore({ dir: path.join(dir, 'store'), log: silent, now });
    const secrets = await openSecrets({ stateDir: dir, keys: [], sealed: [] });
    const client = {
      clientId: spotify.app.clientId,
      ...(this.proven && { clientSecret: spotify.app.clientSecret }),
    };
    const library = openLibrary({
      apiUrl: spotify.apiUrl,
      accountsUrl: spotify.accountsUrl,
      timeoutMs: this.timeoutMs,
    });
    const accounts = this.mortal(createAccounts(library, client, now)) as Accounts;
    this.tokens = createTokens({
      records: createLinkRecords(this.store),
      secrets,
      accounts,
      proven: this.proven,
      log: silent,
      now,
    });
    const { store, tokens } = this;
    this.api = createGate({
      api: this.mortal(createWebApi(library, now)) as WebApi,
      store,
      log: silent,
      now,
      wait: time.wait,
    });
    const { api } = this;
    this.pushes = createOutbox({
      store,
      api,
      tokens,
      lookup: createSongLookup({ store, api, now }),
      catalogue: () => this.catalogue,
      cover: async () => JPEG,
      onUnseen: async (news) => {
        this.unseen.push(news);
        this.hear(news);
      },
      log: silent,
      now,
      wait: time.wait,
    });
    for (const { id } of await this.store.openPushes()) this.pending.add(id);
    await this.pushes.resume();
  }

  /** The next request that fails without an answer takes the process with it: nothing is done or written after it. */
  diesWithNextCut(): void {
    this.dying = true;
  }

  /** The process that was killed is started again. */
  async restart(): Promise<void> {
    if (this.dying) await this.death;
    else await this.pushes.stop();
    await this.store.close();
    await this.start();
  }

  /** Every call of a process that was killed in its middle never comes back. */
  private mortal<T extends object>(calls: T): object {
    return Object.fromEntries(
      Object.entries(calls).map(([name, call]: [string, (...given: never[]) => Promise<unknown>]) => [
        name,
        async (...given: never[]) => {
          const { die } = this;
          if (this.dead) await new Promise(() => {});
          try {
            return await call(...given);
          } catch (error) {
            if (!this.dying || !(error instanceof SpotifyError) || error.problem.kind !== 'unavailable')
              throw error;
            this.dead = true;
            die();
            return new Promise(() => {});
          }
        },
      ]),
    );
  }

  /** A member whose account is linked; with `shared` the account is the bot's. */
  async member(
    person: Person,
    { scopes = SCOPES, owner }: { scopes?: string; owner?: typeof SHARED_ACCOUNT } = {},
  ) {
    const identity = `room:${person.name}`;
    const { id } = await this.store.memberOf(identity);
    const { access, refresh } = await signIn(this.spotify, person, scopes, this.proven);
    await this.tokens.keep(
      {
        owner: owner ?? id,
        accountId: person.account.accountId,
        name: person.name,
        scopes: scopes.split(' '),
        authorizedAt: this.time.now(),
      },
      { accessToken: access, refreshToken: refresh, expiresAt: this.time.now() + 3_600_000 },
    );
    return id;
  }

  /** Songs of the catalogue for tracks of Spotify's; with their addresses, unless told otherwise. */
  has(tracks: readonly Track[], { withAddresses = true, demo = false } = {}): Song[] {
    const songs = tracks.map(
      (track): Song => ({
        id: `song-${track.id}`,
        title: track.title,
        artists: track.artists,
        features: { durationMs: track.durationMs },
        ...(withAddresses && { spotifyUri: track.uri }),
        snippet: { kind: 'none' },
      }),
    );
    this.catalogue = catalogueOf(songs, demo);
    return songs;
  }

  /** A list of a member's, as `/playlist` leaves it in the store. */
  async list(
    memberId: string,
    songs: readonly Song[],
    wish: StoredPlaylist['wish'] = { from: 'calm' },
  ): Promise<StoredPlaylist> {
    this.lists += 1;
    const playlist: StoredPlaylist = {
      id: `list${String(this.lists).padStart(8, '0')}`,
      memberId,
      communityId: 'room:main',
      songs: songs.map(({ id }) => id),
      createdAt: this.time.now(),
      kept: false,
      ...(wish !== undefined && { wish }),
    };
    await this.store.savePlaylist(playlist);
    return playlist;
  }

  async push(
    playlist: StoredPlaylist,
    { owner = playlist.memberId, ...rest }: { owner?: SpotifyOwner; updates?: string; name?: string } = {},
  ): Promise<PushNews> {
    const id = pushIdOf(playlist.id, owner === SHARED_ACCOUNT);
    this.pending.add(id);
    this.pushes.watch(id, async (news) => {
      this.hear(news);
      return true;
    });
    const news = await this.pushes.push({
      playlist,
      owner,
      where: { identity: 'room:ana', communityId: 'room:main', channel: 'songs' },
      name: 'Calm · 25 Nov',
      description: 'Fifteen songs.',
      ...rest,
    });
    if (isOver(news)) this.pending.delete(id);
    return news;
  }

  private hear(news: PushNews): void {
    this.news.push(news);
    if (isOver(news)) this.pending.delete(news.push.id);
  }

  /** When nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.pending.size > 0 || (await this.store.openPushes()).length > 0) await turn();
  }

  async pushed(id: string): Promise<StoredPush> {
    const push = await this.store.push(id);
    if (push === undefined) throw new Error(`there is no push ${id}`);
    return push;
  }

  async close(): Promise<void> {
    if (!this.dead) await this.pushes.stop();
    await this.store.close();
    rmSync(this.dir, { recursive: true, force: true });
    // Fails the test if a request broke Spotify's document.
    await this.spotify.close();
  }
}

const isOver = ({ state }: PushNews) => state.kind === 'done' || state.kind === 'failed';

function catalogueOf(songs: readonly Song[], demo = false): Catalogue {
  return buildCatalogue({ name: 'Songs', demo, songs, listeners: [], labels: [] });
}

export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const house = new House(await openSpotify(options), options);
  await house.start();
  return house;
}
