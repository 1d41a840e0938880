import path from 'node:path';
import type { Config } from '../../config.ts';
import { SHARED_ACCOUNT, type StoredSpotifyLink } from '../../domain/spotify.ts';
import { unseal } from '../../secrets/seal.ts';
import { keysAtHand } from '../../secrets/secrets.ts';
import { SecretsError } from '../../secrets/secrets-error.ts';
import { consentEnds } from '../../spotify/consent.ts';
import { NoAnswer, openLibrary, type RawAnswer } from '../../spotify/library.ts';
import { sealOf } from '../../spotify/link-seal.ts';
import { aboutHowLong, longDate } from '../../spotify/link-words.ts';
import { tokenProblem } from '../../spotify/problem.ts';
import { linkAddress } from '../../spotify/redirect.ts';
import { REMIND_MS } from '../../spotify/reminders.ts';
import type { SpotifyConfig } from '../../spotify-config.ts';
import { readStore, type StoreView } from '../../store/lowdb/read-store.ts';
import { StoreError } from '../../store/store.ts';
import { type Check, type Finding, fine, note, wrong } from './check.ts';
import { publicAddress } from './public-address.ts';

const TIMEOUT_MS = 10_000;
const MOST_SKEW_MS = 120_000;
/** So many people an app in development mode may serve. */
const DEVELOPMENT_USERS = 5;
const DASHBOARD = 'developer.spotify.com/dashboard → your app → Settings';

/**
 * Asks the accounts service for something that it gives, or refuses, without touching anybody's account: with a
 * secret a token of the app's own, without one what becomes of a refresh token that never was.
 */
async function askAccounts({ clientId, clientSecret, ...addresses }: SpotifyConfig): Promise<RawAnswer> {
  const library = openLibrary({ ...addresses, timeoutMs: TIMEOUT_MS });
  const form =
    clientSecret === undefined
      ? { grant_type: 'refresh_token', refresh_token: 'none', client_id: clientId }
      : { grant_type: 'client_credentials' };
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  return library.accounts('post', (builder) =>
    builder
      .withPath('/api/token')
      .withHeaders({
        'Content-Type': 'application/x-www-form-urlencoded',
        ...(clientSecret !== undefined && { Authorization: `Basic ${basic}` }),
      })
      .withBodyParameters(form),
  );
}

function clientFinding({ clientSecret }: SpotifyConfig, answer: RawAnswer, now: number): Finding {
  const what =
    clientSecret === undefined ? 'SPOTIFY_CLIENT_ID' : 'SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET';
  if (answer.status === 200) return fine(`${what}: Spotify takes them`);
  const problem = tokenProblem(answer, now, clientSecret === undefined);
  switch (problem.kind) {
    case 'revoked':
      return fine(`${what}: Spotify knows it`);
    case 'client':
      return wrong(
        `${what}: Spotify does not take ${clientSecret === undefined ? 'it' : 'them'}`,
        `copy anew from ${DASHBOARD}`,
      );
    case 'limited':
    case 'quota':
      return note(
        `${what}: Spotify wants a rest for ${aboutHowLong(problem.retryAfterMs)}`,
        'ask again later',
      );
    default:
      return note(
        `${what}: Spotify answered with ${answer.status}, which says nothing about them`,
        'ask again later',
      );
  }
}

function clockFinding(answer: RawAnswer, now: number): Finding | undefined {
  const theirs = Date.parse(answer.headers.date ?? '');
  if (!Number.isFinite(theirs)) return undefined;
  const skew = now - theirs;
  if (Math.abs(skew) <= MOST_SKEW_MS) return fine('Clock: agrees with Spotify’s');
  const how = `${Math.round(Math.abs(skew) / 60_000)} minutes ${skew > 0 ? 'ahead of' : 'behind'}`;
  return wrong(
    `Clock: this machine is ${how} Spotify`,
    'set its clock by the network (NTP): one-time addresses and reminders go by it',
  );
}

async function* accounts(spotify: SpotifyConfig): AsyncIterable<Finding> {
  let answer: RawAnswer;
  try {
    answer = await askAccounts(spotify);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    yield wrong(
      `Spotify cannot be reached at ${spotify.accountsUrl} (${error.code})`,
      'look at the network, a proxy or firewall, and SPOTIFY_ACCOUNTS_URL',
    );
    return;
  }
  const now = Date.now();
  yield clientFinding(spotify, answer, now);
  if (spotify.clientSecret === undefined) {
    yield note(
      'SPOTIFY_CLIENT_SECRET: not set; a crash at the wrong moment can then cost a member their link',
      `it is at ${DASHBOARD}`,
    );
  }
  const clock = clockFinding(answer, now);
  if (clock !== undefined) yield clock;
}

async function* redirect(config: Config): AsyncIterable<Finding> {
  const { host, port, publicUrl } = config;
  const { redirectUri, onlyHere } = linkAddress({
    host,
    port,
    ...(publicUrl !== undefined && { publicUrl }),
  });
  // A loopback address that is registered without its port stands for all ports.
  const free = port === 0 && publicUrl === undefined;
  const shown = free ? redirectUri.replace(':0/', '/') : redirectUri;
  yield note(
    `Redirect address: ${shown}. Spotify does not show whether it is registered`,
    `it has to stand at ${DASHBOARD} → Redirect URIs, to the letter`,
  );
  if (onlyHere) {
    yield note(
      'Linking works for people on this machine only',
      'for all others set PUBLIC_URL to the https address of this bot',
    );
  }
  if (publicUrl !== undefined) yield await publicAddress(publicUrl, 'members');
}

function modes({ shared, taste, apiUrl, accountsUrl }: SpotifyConfig): Finding[] {
  const emulated = [apiUrl, accountsUrl].filter(
    (url) => !/^https:\/\/(api|accounts)\.spotify\.com$/.test(url),
  );
  return [
    fine(
      `Mode: ${shared ? 'members’ own accounts, and the bot’s own for everybody' : 'members’ own accounts'}`,
    ),
    ...(taste ? [fine('SPOTIFY_TASTE: members may let their library count as taste')] : []),
    ...(emulated.length > 0 ? [note(`Not the real Spotify: ${emulated.join(', ')}`)] : []),
  ];
}

/** Whether all tokens open with the keys at hand. */
async function tokensOpen(config: Config, links: readonly StoredSpotifyLink[]): Promise<Finding | undefined> {
  const { stateDir, encryptionKeys } = config;
  try {
    const keys = await keysAtHand({ stateDir, keys: encryptionKeys });
    for (const link of links) if (link.sealed !== undefined) unseal(link.sealed, keys, sealOf(link));
    return undefined;
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return wrong(`Tokens: ${error.message}`, 'then run this again');
  }
}

function standing(link: StoredSpotifyLink, now: number): 'good' | 'soon' | 'ended' {
  const until = consentEnds(link.authorizedAt);
  if (link.endedAt !== undefined || until <= now) return 'ended';
  return until - now <= REMIND_MS ? 'soon' : 'good';
}

function* links(spotify: SpotifyConfig, view: StoreView, now: number): Iterable<Finding> {
  const members = view.spotifyLinks.filter(({ owner }) => owner !== SHARED_ACCOUNT);
  const count = (which: 'good' | 'soon' | 'ended') =>
    members.filter((one) => standing(one, now) === which).length;
  const linked = members.length - count('ended');
  yield linked <= DEVELOPMENT_USERS
    ? fine(`Linked members: ${linked}; an app in development mode serves ${DEVELOPMENT_USERS}`)
    : note(
        `Linked members: ${linked}, which takes an app with extended quota: in development mode Spotify serves ${DEVELOPMENT_USERS}`,
      );
  if (count('soon') > 0)
    yield note(`Links that end within two weeks: ${count('soon')}; the members are reminded`);
  if (count('ended') > 0) yield note(`Links that have ended: ${count('ended')}; the members were told`);

  const shared = view.spotifyLinks.find(({ owner }) => owner === SHARED_ACCOUNT);
  if (spotify.shared) {
    const restart = 'start the bot: its first lines hold an address to link it at';
    if (shared === undefined) yield wrong('The bot’s own account: not linked', restart);
    else if (standing(shared, now) === 'ended')
      yield wrong('The bot’s own account: its link has ended', restart);
    else {
      const until = longDate(consentEnds(shared.authorizedAt));
      yield standing(shared, now) === 'soon'
        ? note(`The bot’s own account: its link ends on ${until}`, restart)
        : fine(`The bot’s own account: linked until ${until}`);
    }
  }
  const { spotifyPause: pause } = view;
  if (pause !== undefined && pause.until > now) {
    const why =
      pause.why === 'quota' ? 'the quota of the developer account is used up' : 'there were too many calls';
    yield note(
      `Spotify wants a rest for ${aboutHowLong(pause.until - now)}: ${why}`,
      'nothing; the bot goes on by itself',
    );
  }
}

export const spotifyCheck: Check = {
  title: 'Spotify',
  async *run(config) {
    const { spotify, stateDir } = config;
    if (spotify === undefined) {
      yield note('off: there is no client ID', 'docs/spotify.md shows how to set it up');
      return;
    }
    yield* modes(spotify);
    yield* accounts(spotify);
    yield* redirect(config);
    let view: StoreView | undefined;
    try {
      view = await readStore(path.join(stateDir, 'store'));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      yield wrong(`Store: ${error.message}`, 'then run this again');
      return;
    }
    const found = view ?? { communities: [], installations: [], spotifyLinks: [] };
    yield* links(spotify, found, Date.now());
    const sealed = await tokensOpen(config, found.spotifyLinks);
    if (sealed !== undefined) yield sealed;
  },
};
