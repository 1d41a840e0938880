import { setImmediate as turn } from 'node:timers/promises';
import { createPushTelling } from '../../commands/push-telling.ts';
import { isLink } from '../../src/chat/buttons.ts';
import type { LinkButton, Message } from '../../src/chat/message.ts';
import type { Song } from '../../src/domain/song.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { type OpenedSpotify, openSpotify as openBotSpotify } from '../../src/open-spotify.ts';
import { openSecrets } from '../../src/secrets/secrets.ts';
import { plantedSongs, silent, taxonomy } from '../playlists/planted-model.ts';
import type { Person } from '../support/spotify/person.ts';
import { openSpotify, type SpotifyOptions } from '../support/spotify/spotify.ts';
import type { Track } from '../support/spotify/world.ts';
import { openChat, type Seen } from './chat.ts';

export interface SpotifyChatOptions extends SpotifyOptions {
  /** Songs of the catalogue have their Spotify addresses. Default: true. */
  readonly addresses?: boolean;
  readonly demo?: boolean;
  readonly shared?: boolean;
  readonly taste?: boolean;
}

/** The commands with everything behind them, and a Spotify that has all the songs. */
export async function openSpotifyChat(options: SpotifyChatOptions = {}) {
  const spotify = await openSpotify(options);
  const now = () => spotify.clock.now();
  const planted = plantedSongs(8);
  const tracks = new Map<string, Track>(
    planted.map(({ id, title, artists, album, features }) => [
      id,
      spotify.track(title, artists, {
        ...(album !== undefined && { album }),
        ...(features.durationMs !== undefined && { durationMs: features.durationMs }),
      }),
    ]),
  );
  const songs = planted.map(
    (song): Song => (options.addresses === false ? song : { ...song, spotifyUri: tracks.get(song.id)!.uri }),
  );
  let opened!: OpenedSpotify;
  let http!: HttpServer;
  const chat = await openChat({
    songs,
    demo: options.demo ?? false,
    now,
    async more({ platform, store, stateDir, catalogue, training }) {
      http = createHttpServer({ host: '127.0.0.1', port: 0, log: silent });
      const { clientId, clientSecret } = spotify.app;
      opened = await openBotSpotify(
        {
          clientId,
          clientSecret,
          apiUrl: spotify.apiUrl,
          accountsUrl: spotify.accountsUrl,
          shared: options.shared ?? false,
          taste: options.taste ?? false,
        },
        {
          host: '127.0.0.1',
          publicUrl: undefined,
          store,
          secrets: await openSecrets({ stateDir, keys: [], sealed: [] }),
          http,
          platforms: [platform],
          catalogue,
          training,
          taxonomy,
          log: silent,
          now,
        },
      );
      opened.listening(await http.listen());
      return { spotify: opened.services };
    },
  });
  await opened.begin(createPushTelling(chat.services, opened.tell));

  return {
    ...chat,
    spotify,
    tracks,
    /** A member who has linked an account, by going the whole way. */
    async linked(name: string, person: Person = spotify.account(name)) {
      const member = chat.member(name);
      const { answer } = await member.types('/link');
      await goesTheWay(person, linkIn(answer).url);
      return member;
    },
    /** The operator links the bot's own account. */
    async linkShared(person: Person) {
      const url = await opened.inviteShared();
      if (url === undefined) throw new Error('there is no shared account to link');
      await goesTheWay(person, url);
    },
    async close() {
      await opened.stop();
      await http.close();
      await chat.close();
      await spotify.close();
    },
  };
}

/** Opens a one-time address, goes on to Spotify, agrees, and comes back. */
export async function goesTheWay(person: Person, url: string): Promise<void> {
  await person.browser.get(url);
  const page = await person.browser.submit(url);
  await person.decidesOn(page, 'agree');
}

export type SpotifyChat = Awaited<ReturnType<typeof openSpotifyChat>>;

/** A button that leads to the web; by its label, or the only one. */
export function linkIn(message: Message, label?: string): LinkButton {
  const links = (message.buttons ?? []).filter(isLink);
  const found = label === undefined ? links[0] : links.find((button) => button.label === label);
  if (found === undefined) throw new Error(`there is no link ${label ?? ''} in: ${message.text}`);
  return found;
}

export const labels = ({ buttons = [] }: Message) => buttons.map(({ label }) => label);

/** Waits until what somebody sees says so. */
export async function says(seen: Seen, text: string | RegExp): Promise<Message> {
  for (;;) {
    const last = seen.edits.at(-1) ?? seen.messages.at(-1);
    const fits = typeof text === 'string' ? last?.text.includes(text) : last && text.test(last.text);
    if (last !== undefined && fits) return last;
    await turn();
  }
}
