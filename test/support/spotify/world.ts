import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';
import { snapshotId, spotifyId } from './ids.ts';

/** A registered app, as in Spotify's developer dashboard. */
export interface App {
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Exactly as registered; a loopback literal without a port stands for every port. */
  readonly redirectUris: readonly string[];
  /** Development mode: five people, the owner needs Premium, the routes of 2026. */
  extended: boolean;
  ownerPremium: boolean;
}

export interface Account {
  /** What links of people who merged or renamed rest on: the same for ever, and public. */
  readonly accountId: string;
  readonly id: string;
  readonly name: string;
  premium: boolean;
  /** ISO 3166-1, where the account is registered. */
  readonly country: string;
  /** Closed for good. */
  closed: boolean;
  readonly saved: { readonly uri: string; readonly at: number }[];
  top: string[];
  /** Playlists in the library, newest first. One that is "deleted" leaves the library and lives on. */
  readonly playlists: Playlist[];
  /** App by client id → scopes that this account agreed to. */
  readonly consents: Map<string, Set<string>>;
}

export interface Track {
  readonly id: string;
  readonly uri: string;
  readonly title: string;
  readonly artists: readonly string[];
  readonly album: string;
  readonly durationMs: number;
  readonly isrc?: string;
  /** Where it may be played; undefined = everywhere. */
  readonly markets?: readonly string[];
  /** Taken down: its id no longer exists. */
  gone: boolean;
}

export interface PlaylistItem {
  readonly uri: string;
  readonly at: number;
}

export interface Playlist {
  readonly id: string;
  readonly uri: string;
  readonly owner: Account;
  name: string;
  description: string;
  public: boolean;
  collaborative: boolean;
  items: PlaylistItem[];
  version: number;
  readonly createdAt: number;
  cover: Buffer | undefined;
}

/** One agreement of a person with an app, made by exchanging a code. Its tokens live and die with it. */
export interface Grant {
  readonly app: App;
  readonly account: Account;
  readonly scopes: ReadonlySet<string>;
  /** Six months count from here, whatever is refreshed in between. */
  readonly authorizedAt: number;
  /** True for an app that proved itself with PKCE alone: refresh tokens that are used are used up. */
  readonly publicClient: boolean;
  revoked: boolean;
}

export interface AccessToken {
  readonly grant: Grant;
  readonly expiresAt: number;
}

export interface RefreshToken {
  readonly grant: Grant;
  spent: boolean;
}

export interface Code {
  readonly app: App;
  readonly account: Account;
  readonly redirectUri: string;
  readonly scopes: ReadonlySet<string>;
  readonly challenge: string | undefined;
  readonly expiresAt: number;
  spent: boolean;
}

/** Everything that Spotify knows: apps, people, songs, playlists and keys. */
export class World {
  readonly clock: Clock;
  readonly apps = new Map<string, App>();
  readonly accounts = new Map<string, Account>();
  readonly tracks = new Map<string, Track>();
  readonly playlists = new Map<string, Playlist>();
  readonly codes = new Map<string, Code>();
  readonly accessTokens = new Map<string, AccessToken>();
  readonly refreshTokens = new Map<string, RefreshToken>();
  /** By client id: who may use the app while it is in development mode. */
  readonly allowed = new Map<string, Set<Account>>();
  /** Every key that was ever given out: nothing of it may turn up in a log, an error or a chat. */
  readonly secrets = new Set<string>();
  private counter = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** A key that looks like Spotify's: `AQ…` for codes and refresh tokens, `BQ…` for access tokens. */
  secret(prefix: 'AQ' | 'BQ'): string {
    // Hyphens and underscores occur, as in the real ones.
    const secret = `${prefix}${randomBytes(60).toString('base64url')}`;
    this.secrets.add(secret);
    return secret;
  }

  nextId(kind: string): string {
    this.counter += 1;
    return spotifyId(`${kind} ${this.counter}`);
  }

  createPlaylist(
    owner: Account,
    details: { name: string; description: string; public: boolean; collaborative: boolean },
  ): Playlist {
    const id = this.nextId('playlist');
    const playlist: Playlist = {
      id,
      uri: `spotify:playlist:${id}`,
      owner,
      ...details,
      items: [],
      version: 1,
      createdAt: this.clock.now(),
      cover: undefined,
    };
    this.playlists.set(id, playlist);
    owner.playlists.unshift(playlist);
    return playlist;
  }

  /** After every change; the new snapshot id. */
  touch(playlist: Playlist): string {
    playlist.version += 1;
    return snapshotOf(playlist);
  }

  isAllowed(app: App, account: Account): boolean {
    return app.extended || (this.allowed.get(app.clientId)?.has(account) ?? false);
  }

  /** A person ends an app's access: its keys are worth nothing from now on. */
  revoke(app: App, account: Account): void {
    account.consents.delete(app.clientId);
    const grants = [...this.accessTokens.values(), ...this.refreshTokens.values()].map(({ grant }) => grant);
    for (const grant of grants) if (grant.app === app && grant.account === account) grant.revoked = true;
  }
}

export function snapshotOf(playlist: Playlist, version = playlist.version): string {
  return snapshotId(playlist.id, version);
}
