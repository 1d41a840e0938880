import { createHash, randomBytes } from 'node:crypto';
import type { Person } from './person.ts';
import type { Spotify } from './spotify.ts';
import type { App } from './world.ts';

export interface Asked {
  readonly status: number;
  /** Parsed; the bare text where it is no JSON; undefined without a body. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
  readonly headers: Headers;
}

export const REDIRECT = 'http://127.0.0.1:4567/spotify/callback';

async function answer(response: Response): Promise<Asked> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: response.status,
    body: text === '' ? undefined : isJson ? JSON.parse(text) : text,
    headers: response.headers,
  };
}

/** One bare request to the Web API, for rules that a well-behaved library never breaks. */
export async function ask(
  spotify: Spotify,
  token: string | undefined,
  method: string,
  path: string,
  body?: unknown,
  type = 'application/json',
): Promise<Asked> {
  return answer(
    await fetch(`${spotify.apiUrl}/v1${path}`, {
      method,
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'Content-Type': type }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }),
  );
}

/** One bare request to `/api/token`. */
export async function askToken(
  spotify: Spotify,
  form: Record<string, string>,
  secretOf?: App,
): Promise<Asked> {
  const headers: Record<string, string> =
    secretOf === undefined
      ? {}
      : {
          Authorization: `Basic ${Buffer.from(`${secretOf.clientId}:${secretOf.clientSecret}`).toString('base64')}`,
        };
  return answer(
    await fetch(`${spotify.accountsUrl}/api/token`, {
      method: 'POST',
      headers,
      body: new URLSearchParams(form),
    }),
  );
}

/** An address of `/authorize`; what is undefined is left out. */
export function authorizeUrl(spotify: Spotify, changes: Record<string, string | undefined> = {}): string {
  const url = new URL('/authorize', spotify.accountsUrl);
  const query = {
    client_id: spotify.app.clientId,
    response_type: 'code',
    redirect_uri: REDIRECT,
    state: 'a state',
    ...changes,
  };
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

export function pkcePair(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export interface SignedIn {
  readonly access: string;
  readonly refresh: string;
}

/** The whole way: consent, code, tokens; with PKCE and, if wished, the secret on top. */
export async function signIn(
  spotify: Spotify,
  person: Person,
  scope = 'playlist-modify-private playlist-modify-public playlist-read-private ugc-image-upload',
  proven = false,
): Promise<SignedIn> {
  const { verifier, challenge } = pkcePair();
  const arrival = await person.consents(
    authorizeUrl(spotify, { scope, code_challenge: challenge, code_challenge_method: 'S256' }),
  );
  const { body, status } = await askToken(
    spotify,
    {
      grant_type: 'authorization_code',
      code: arrival.url.searchParams.get('code') ?? '',
      redirect_uri: REDIRECT,
      code_verifier: verifier,
      ...(!proven && { client_id: spotify.app.clientId }),
    },
    proven ? spotify.app : undefined,
  );
  if (status !== 200) throw new Error(`no token: ${JSON.stringify(body)}`);
  return { access: body.access_token, refresh: body.refresh_token };
}
