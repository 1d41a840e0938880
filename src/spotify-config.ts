import { z } from 'zod';

/** How the bot is with Spotify. */
export interface SpotifyConfig {
  readonly clientId: string;
  /** With it refresh tokens are not used up by refreshing. */
  readonly clientSecret?: string;
  /** Without the version. */
  readonly apiUrl: string;
  readonly accountsUrl: string;
  /** The bot has an account of its own, in which it makes playlists for everybody. */
  readonly shared: boolean;
  /** Members may let their Spotify library count as taste. */
  readonly taste: boolean;
}

const DASHBOARD = 'developer.spotify.com/dashboard → your app → Settings';
const API = 'https://api.spotify.com';
const ACCOUNTS = 'https://accounts.spotify.com';

/** The value itself is never part of a message. */
const hex32 = (what: string) =>
  z
    .string()
    .trim()
    .regex(/^[0-9a-f]{32}$/i, `does not look like one (32 of 0-9 and a-f). The ${what} is at ${DASHBOARD}`)
    .optional();

const address = (example: string) =>
  z
    .url({ protocol: /^https?$/, error: `must be an address such as ${example}` })
    .transform((url) => url.replace(/\/+$/, ''));

const onOff = z.enum(['on', 'off'], { error: 'must be on or off' }).default('off');

const variables = z.object({
  SPOTIFY_CLIENT_ID: hex32('client ID'),
  SPOTIFY_CLIENT_SECRET: hex32('client secret'),
  SPOTIFY_API_URL: address(API)
    .refine((url) => !/\/v\d+$/.test(url), `must end before the version: ${API}, without /v1`)
    .default(API),
  SPOTIFY_ACCOUNTS_URL: address(ACCOUNTS).default(ACCOUNTS),
  SPOTIFY_SHARED: onOff,
  SPOTIFY_TASTE: onOff,
});

type Given = Readonly<Record<string, string | undefined>>;

/** Where the bot's own address comes from that Spotify sends people back to. */
export interface ReachedAt {
  readonly host: string;
  readonly publicUrl?: string;
}

/**
 * Why Spotify would not send anybody back to this bot: it wants https, or http on a loopback literal, and refuses
 * `localhost` (developer.spotify.com/documentation/web-api/concepts/redirect_uri).
 */
export function redirectProblem({ host, publicUrl }: ReachedAt): string | undefined {
  if (publicUrl !== undefined) {
    if (!URL.canParse(publicUrl)) return undefined;
    const { protocol, hostname } = new URL(publicUrl);
    if (protocol === 'https:' || hostname === '127.0.0.1' || hostname === '[::1]') return undefined;
    if (hostname === 'localhost')
      return `PUBLIC_URL=${publicUrl} cannot be where Spotify sends members back to: it refuses the name localhost. Write ${publicUrl.replace('localhost', '127.0.0.1')}.`;
    return `PUBLIC_URL=${publicUrl} cannot be where Spotify sends members back to: it takes http only at 127.0.0.1 and [::1]. Set an https address.`;
  }
  if (['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host)) return undefined;
  const instead = host === 'localhost' ? 'HOST=127.0.0.1' : 'HOST=0.0.0.0';
  return `HOST=${host} leaves Spotify no address to send members back to: it takes http only at 127.0.0.1 and [::1]. Set ${instead}, or PUBLIC_URL to the https address of this bot.`;
}

function combinationProblems(given: Given, reached: ReachedAt): string[] {
  const id = given.SPOTIFY_CLIENT_ID?.trim();
  if (id === undefined) {
    const meant = ['SPOTIFY_CLIENT_SECRET', 'SPOTIFY_SHARED', 'SPOTIFY_TASTE'].filter(
      (name) => given[name] !== undefined && given[name] !== 'off',
    );
    if (meant.length === 0) return [];
    const many = meant.length > 1;
    return [
      `SPOTIFY_CLIENT_ID is missing: ${meant.join(' and ')} ${many ? 'have' : 'has'} no meaning without it. The client ID is at ${DASHBOARD}; without Spotify, leave ${many ? 'them' : 'it'} out.`,
    ];
  }
  const unreachable = redirectProblem(reached);
  return [
    ...(id !== '' && id === given.SPOTIFY_CLIENT_SECRET?.trim()
      ? [`SPOTIFY_CLIENT_SECRET is the client ID once more. The client secret is at ${DASHBOARD}.`]
      : []),
    ...(unreachable === undefined ? [] : [unreachable]),
  ];
}

/**
 * What the environment says about Spotify; nothing without a client ID.
 * @param given without empty variables
 */
export function readSpotifyConfig(
  given: Given,
): { readonly problems: readonly string[] } | { readonly spotify?: SpotifyConfig } {
  const parsed = variables.safeParse(given);
  const reached = {
    host: given.HOST ?? '127.0.0.1',
    ...(given.PUBLIC_URL !== undefined && { publicUrl: given.PUBLIC_URL }),
  };
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')} ${issue.message}.`),
    ...combinationProblems(given, reached),
  ];
  if (problems.length > 0 || !parsed.success) return { problems };
  const values = parsed.data;
  if (values.SPOTIFY_CLIENT_ID === undefined) return {};
  return {
    spotify: {
      clientId: values.SPOTIFY_CLIENT_ID,
      ...(values.SPOTIFY_CLIENT_SECRET !== undefined && { clientSecret: values.SPOTIFY_CLIENT_SECRET }),
      apiUrl: values.SPOTIFY_API_URL,
      accountsUrl: values.SPOTIFY_ACCOUNTS_URL,
      shared: values.SPOTIFY_SHARED === 'on',
      taste: values.SPOTIFY_TASTE === 'on',
    },
  };
}
