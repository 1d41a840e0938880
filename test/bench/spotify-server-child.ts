import { signIn } from '../support/spotify/ask.ts';
import { openSpotify } from '../support/spotify/spotify.ts';

/** Who may push, and what: sent once at the beginning. */
export interface Ready {
  readonly apiUrl: string;
  readonly accountsUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly members: readonly { readonly name: string; readonly access: string; readonly refresh: string }[];
  readonly uris: readonly string[];
}

/** What came of it: the answer to any message. */
export interface Outcome {
  readonly playlists: number;
  /** With all the songs, in order. */
  readonly right: number;
  readonly calls: number;
  readonly refused: number;
  /** Playlists that were filled before the first call was refused. */
  readonly beforeLimit: number;
}

/** The tests' Spotify in a process of its own, so that a bot has its thread for itself. Ends with its parent. */
const people = Number(process.env.BENCH_PEOPLE);
const limit = process.env.BENCH_CALLS;
const spotify = await openSpotify({
  openApi: false,
  extended: true,
  ...(limit !== undefined && { callsPer30Seconds: Number(limit) }),
});
const persons = Array.from({ length: people }, (_, i) => spotify.account(`listener${i}`));
const members: Ready['members'][number][] = [];
for (const person of persons)
  members.push({ name: person.name, ...(await signIn(spotify, person, undefined, true)) });
const uris = spotify.tracks(50).map(({ uri }) => uri);
const since = spotify.requests.length;

process.on('message', () => {
  const requests = spotify.requests.slice(since);
  const limited = requests.findIndex(({ status }) => status === 429);
  const early = limited < 0 ? requests : requests.slice(0, limited);
  const playlists = persons.flatMap((person) => person.playlists());
  process.send?.({
    playlists: playlists.length,
    right: playlists.filter((playlist) => playlist.uris.join() === uris.join()).length,
    calls: requests.length,
    refused: requests.filter(({ status }) => status === 429).length,
    beforeLimit: early.filter(({ route, method }) => method === 'PUT' && route?.endsWith('/items')).length,
  } satisfies Outcome);
});
process.on('disconnect', () => process.exit());
const { apiUrl, accountsUrl, app } = spotify;
process.send?.({
  apiUrl,
  accountsUrl,
  clientId: app.clientId,
  clientSecret: app.clientSecret,
  members,
  uris,
} satisfies Ready);
