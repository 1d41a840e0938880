import { type Arrival, Browser } from './browser.ts';
import type { Account, App, Playlist, Track, World } from './world.ts';

/** A playlist as its owner sees it. */
export interface SeenPlaylist {
  readonly id: string;
  readonly url: string;
  readonly name: string;
  readonly description: string;
  readonly public: boolean;
  /** `Title – Artist`, in order. */
  readonly songs: readonly string[];
  readonly uris: readonly string[];
  readonly cover: Buffer | undefined;
}

/** Somebody with a Spotify account, in front of a browser of their own. */
export class Person {
  readonly account: Account;
  readonly browser = new Browser();
  private readonly world: World;
  private readonly defaultApp: () => App;

  constructor(world: World, account: Account, defaultApp: () => App) {
    this.world = world;
    this.account = account;
    this.defaultApp = defaultApp;
  }

  get name(): string {
    return this.account.name;
  }

  /** Opens an address that leads to Spotify, logs in if asked, agrees, and follows to the end. */
  consents(address: string | URL): Promise<Arrival> {
    return this.decides(address, 'agree');
  }

  /** The same, but cancels. */
  declines(address: string | URL): Promise<Arrival> {
    return this.decides(address, 'cancel');
  }

  /** The playlists in the library, newest first. */
  playlists(): SeenPlaylist[] {
    return this.account.playlists.map((playlist) => this.seen(playlist));
  }

  /** «Delete» takes a playlist out of the library; who knows its id can still write to it. */
  deletes(playlist: { readonly id: string }): void {
    const at = this.account.playlists.findIndex(({ id }) => id === playlist.id);
    if (at < 0) throw new Error(`${this.name} has no such playlist`);
    this.account.playlists.splice(at, 1);
  }

  /** Saves songs to the library; the last one is the newest. */
  saves(...tracks: readonly Track[]): void {
    for (const { uri } of tracks) this.account.saved.unshift({ uri, at: this.world.clock.now() });
  }

  /** Has these songs as the most played, the first above all. */
  listensTo(...tracks: readonly Track[]): void {
    this.account.top = tracks.map(({ uri }) => uri);
  }

  /** Ends an app's access, under «Apps» in the account's settings. */
  revokes(app: App = this.defaultApp()): void {
    this.world.revoke(app, this.account);
  }

  /** Is put on an app's list of five, or taken off it. */
  allowed(yes: boolean, app: App = this.defaultApp()): void {
    const list = this.world.allowed.get(app.clientId) ?? new Set();
    this.world.allowed.set(app.clientId, list);
    if (!yes) list.delete(this.account);
    else if (list.size >= 5 && !list.has(this.account))
      throw new Error('Spotify allows five people in development mode');
    else list.add(this.account);
  }

  /** Closes the account for good. */
  closes(): void {
    this.account.closed = true;
  }

  private async decides(address: string | URL, decision: 'agree' | 'cancel'): Promise<Arrival> {
    return this.decidesOn(await this.browser.get(address), decision);
  }

  /** The same from where the browser is already. */
  async decidesOn(arrived: Arrival, decision: 'agree' | 'cancel'): Promise<Arrival> {
    let page = arrived;
    if (page.text.includes('action="/login"'))
      page = await this.browser.click(page, 'account', this.account.id);
    if (page.text.includes('action="/authorize/decide"'))
      page = await this.browser.click(page, 'decision', decision);
    return page;
  }

  private seen(playlist: Playlist): SeenPlaylist {
    return {
      id: playlist.id,
      url: `https://open.spotify.com/playlist/${playlist.id}`,
      name: playlist.name,
      description: playlist.description,
      public: playlist.public,
      songs: playlist.items.map(({ uri }) => {
        const track = this.world.tracks.get(uri);
        return track === undefined ? uri : `${track.title} – ${track.artists.join(', ')}`;
      }),
      uris: playlist.items.map(({ uri }) => uri),
      cover: playlist.cover,
    };
  }
}
