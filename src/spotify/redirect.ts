/** Where Spotify sends people back to, below the bot's own address. */
const CALLBACK_PATH = '/spotify/callback';

export interface LinkAddress {
  /** The bot's own address, without a slash at its end. */
  readonly base: string;
  /** Exactly what has to be registered at Spotify; a loopback address may be registered without its port. */
  readonly redirectUri: string;
  /** It leads only those to the bot who sit at its machine. */
  readonly onlyHere: boolean;
}

/**
 * The bot's address as Spotify accepts it: https, or http on a loopback literal, never `localhost`
 * (developer.spotify.com/documentation/web-api/concepts/redirect_uri). The settings see to it that there is one.
 */
export function linkAddress(at: {
  readonly host: string;
  readonly port: number;
  readonly publicUrl?: string;
}): LinkAddress {
  const base = at.publicUrl ?? `http://${at.host === '::1' ? '[::1]' : '127.0.0.1'}:${at.port}`;
  const { hostname } = new URL(base);
  return {
    base,
    redirectUri: `${base}${CALLBACK_PATH}`,
    onlyHere: hostname === '127.0.0.1' || hostname === '[::1]',
  };
}
