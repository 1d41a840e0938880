import { z } from 'zod';
import { type Library, parseJson, type RawAnswer } from './library.ts';
import { networkProblem, SpotifyError, tokenProblem } from './problem.ts';

/** The operator's Spotify app. */
export interface SpotifyClient {
  readonly clientId: string;
  /** With it refresh tokens are not used up by refreshing, so that a lost answer costs nobody their link. */
  readonly clientSecret?: string;
}

/** What playlists, their covers and finding them again need, and nothing else. */
export const PLAYLIST_SCOPES = [
  'playlist-modify-private',
  'playlist-read-private',
  'ugc-image-upload',
] as const;
/** On top, for members who let their Spotify library count as taste. */
export const TASTE_SCOPES = ['user-library-read', 'user-top-read'] as const;

export interface AuthorizeWish {
  readonly redirectUri: string;
  readonly state: string;
  /** S256 of the verifier (RFC 7636). */
  readonly challenge: string;
  readonly scopes: readonly string[];
  /** Asked also if they agreed before, which is where they can take another account. */
  readonly dialog?: boolean;
}

/**
 * Where a member agrees. Built here, because the library does not encode what it is given and knows no PKCE
 * (thelinmichael/spotify-web-api-node#384).
 */
export function authorizeUrl(accountsUrl: string, { clientId }: SpotifyClient, wish: AuthorizeWish): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: wish.redirectUri,
    state: wish.state,
    code_challenge_method: 'S256',
    code_challenge: wish.challenge,
  });
  if (wish.scopes.length > 0) query.set('scope', wish.scopes.join(' '));
  if (wish.dialog === true) query.set('show_dialog', 'true');
  return `${accountsUrl}/authorize?${query}`;
}

export interface SpotifyTokens {
  readonly accessToken: string;
  readonly expiresAt: number;
  /** After a refresh: undefined where the old one stays. Must be safe on the disk before the access token is used. */
  readonly refreshToken?: string;
  readonly scopes: readonly string[];
}

/** The accounts service. Every failure is a SpotifyError. */
export interface Accounts {
  exchangeCode(given: {
    readonly code: string;
    readonly verifier: string;
    readonly redirectUri: string;
  }): Promise<SpotifyTokens & { readonly refreshToken: string }>;
  refresh(refreshToken: string): Promise<SpotifyTokens>;
}

const tokenSchema = z.object({
  access_token: z.string().min(1),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).optional(),
  scope: z.string().optional(),
});

export function createAccounts(
  library: Library,
  client: SpotifyClient,
  now: () => number = Date.now,
): Accounts {
  async function token(form: Readonly<Record<string, string>>): Promise<SpotifyTokens> {
    const asked = `POST /api/token (${form.grant_type})`;
    const { clientId, clientSecret } = client;
    const headers: Record<string, string> = { 'Content-Type': 'application/x-www-form-urlencoded' };
    if (clientSecret !== undefined)
      headers.Authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
    // Who has no secret names itself in the body.
    const body = clientSecret === undefined ? { ...form, client_id: clientId } : form;
    const askedAt = now();
    let answer: RawAnswer;
    try {
      answer = await library.accounts('post', (builder) =>
        builder.withPath('/api/token').withHeaders(headers).withBodyParameters(body),
      );
    } catch (error) {
      throw new SpotifyError(asked, networkProblem(error));
    }
    if (answer.status !== 200)
      throw new SpotifyError(asked, tokenProblem(answer, now(), form.grant_type === 'refresh_token'));
    const parsed = tokenSchema.safeParse(parseJson(answer.text));
    if (!parsed.success)
      throw new SpotifyError(asked, { kind: 'unavailable', maybeDone: true, status: answer.status });
    const { access_token, expires_in, refresh_token, scope } = parsed.data;
    return {
      accessToken: access_token,
      expiresAt: askedAt + expires_in * 1000,
      ...(refresh_token !== undefined && { refreshToken: refresh_token }),
      scopes: (scope ?? '').split(' ').filter((one) => one !== ''),
    };
  }

  return {
    async exchangeCode({ code, verifier, redirectUri }) {
      const tokens = await token({
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
      });
      const { refreshToken } = tokens;
      if (refreshToken !== undefined) return { ...tokens, refreshToken };
      throw new SpotifyError('POST /api/token (authorization_code)', {
        kind: 'unavailable',
        maybeDone: true,
        status: 200,
      });
    },
    refresh: (refreshToken) => token({ grant_type: 'refresh_token', refresh_token: refreshToken }),
  };
}
