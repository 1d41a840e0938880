import { createHash } from 'node:crypto';
import { addMonths, HOUR } from '../clock.ts';
import { RefusedGrant } from '../errors.ts';
import type { App, Grant, World } from '../world.ts';

export const ACCESS_LIVES_MS = HOUR;
export const REFRESH_LIVES_MONTHS = 6;

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  authorization_code: ['grant_type', 'code', 'redirect_uri', 'client_id', 'client_secret', 'code_verifier'],
  refresh_token: ['grant_type', 'refresh_token', 'client_id', 'client_secret'],
  client_credentials: ['grant_type', 'client_id', 'client_secret'],
};

export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly refresh_token?: string;
  readonly scope?: string;
}

interface Client {
  readonly app: App;
  /** It showed the secret. */
  readonly proven: boolean;
}

export interface TokenOptions {
  readonly world: World;
  /**
   * Whether a refresh token of a client without a secret is used up by refreshing. It was so for years; since July
   * 2026 people report that none comes back any more (aome510/spotify-player#1041), so clients have to bear both.
   */
  readonly rotation: boolean;
  readonly mistakes: string[];
}

/** `POST /api/token`: codes and refresh tokens become access tokens. */
export class Tokens {
  private readonly options: TokenOptions;

  constructor(options: TokenOptions) {
    this.options = options;
  }

  answer(form: URLSearchParams, authorization: string | undefined): TokenAnswer {
    const type = form.get('grant_type') ?? '';
    const known = KNOWN[type];
    if (known === undefined)
      throw new RefusedGrant('unsupported_grant_type', 'grant_type parameter is missing or not supported');
    for (const name of new Set(form.keys())) {
      if (!known.includes(name)) this.mistake(`Spotify knows no parameter ${name} for ${type}`);
      if (form.getAll(name).length > 1) this.mistake(`${name} is given twice`);
    }
    const client = this.client(form, authorization);
    if (type === 'client_credentials') return this.forItself(client);
    return type === 'authorization_code' ? this.exchange(form, client) : this.refresh(form, client);
  }

  private client(form: URLSearchParams, authorization: string | undefined): Client {
    const invalid = () => new RefusedGrant('invalid_client', 'Invalid client');
    const { world } = this.options;
    if (authorization !== undefined) {
      const basic = /^Basic ([A-Za-z0-9+/]+=*)$/.exec(authorization)?.[1];
      const [id, secret] = Buffer.from(basic ?? '', 'base64')
        .toString('utf8')
        .split(':');
      const app = world.apps.get(id ?? '');
      if (app === undefined) throw invalid();
      if (app.clientSecret !== secret) throw new RefusedGrant('invalid_client', 'Invalid client secret');
      if ((form.get('client_id') ?? id) !== id) throw invalid();
      return { app, proven: true };
    }
    const app = world.apps.get(form.get('client_id') ?? '');
    if (app === undefined) throw invalid();
    const secret = form.get('client_secret');
    if (secret !== null && secret !== app.clientSecret)
      throw new RefusedGrant('invalid_client', 'Invalid client secret');
    return { app, proven: secret !== null };
  }

  /** A token of the app's own, with which nobody's account can be touched. */
  private forItself({ proven }: Client): TokenAnswer {
    if (!proven) throw new RefusedGrant('invalid_client', 'Invalid client');
    return {
      access_token: this.options.world.secret('BQ'),
      token_type: 'Bearer',
      expires_in: ACCESS_LIVES_MS / 1000,
    };
  }

  private exchange(form: URLSearchParams, { app, proven }: Client): TokenAnswer {
    const { world } = this.options;
    const code = world.codes.get(form.get('code') ?? '');
    if (code === undefined || code.app !== app || code.account.closed)
      throw new RefusedGrant('invalid_grant', 'Invalid authorization code');
    if (code.spent) throw new RefusedGrant('invalid_grant', 'Invalid authorization code');
    if (code.expiresAt <= world.clock.now())
      throw new RefusedGrant('invalid_grant', 'Authorization code expired');
    if (code.redirectUri !== form.get('redirect_uri'))
      throw new RefusedGrant('invalid_grant', 'Invalid redirect URI');
    const verifier = form.get('code_verifier');
    if (code.challenge !== undefined) {
      if (verifier === null) throw new RefusedGrant('invalid_request', 'code_verifier must be supplied');
      // RFC 7636, 4.1.
      if (!/^[\w.~-]{43,128}$/.test(verifier) || challengeOf(verifier) !== code.challenge)
        throw new RefusedGrant('invalid_grant', 'code_verifier was incorrect');
    } else if (!proven) throw new RefusedGrant('invalid_client', 'Invalid client');
    code.spent = true;
    const grant: Grant = {
      app,
      account: code.account,
      scopes: code.scopes,
      authorizedAt: world.clock.now(),
      publicClient: !proven,
      revoked: false,
    };
    return { ...this.access(grant), refresh_token: this.refreshToken(grant) };
  }

  private refresh(form: URLSearchParams, { app, proven }: Client): TokenAnswer {
    const { world, rotation } = this.options;
    const token = world.refreshTokens.get(form.get('refresh_token') ?? '');
    const refused = (why: string) => new RefusedGrant('invalid_grant', why);
    if (token === undefined || token.grant.app !== app) throw refused('Invalid refresh token');
    const { grant } = token;
    if (!proven && !grant.publicClient) throw new RefusedGrant('invalid_client', 'Invalid client');
    if (grant.account.closed) throw refused('Invalid refresh token');
    // Used up and revoked sound the same: ramsayleung/rspotify#396.
    if (grant.revoked || token.spent) throw refused('Refresh token revoked');
    if (addMonths(grant.authorizedAt, REFRESH_LIVES_MONTHS) <= world.clock.now())
      throw refused('Refresh token expired');
    if (!grant.publicClient || !rotation) return this.access(grant);
    token.spent = true;
    return { ...this.access(grant), refresh_token: this.refreshToken(grant) };
  }

  private access(grant: Grant): TokenAnswer {
    const { world } = this.options;
    const token = world.secret('BQ');
    world.accessTokens.set(token, { grant, expiresAt: world.clock.now() + ACCESS_LIVES_MS });
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: ACCESS_LIVES_MS / 1000,
      scope: [...grant.scopes].join(' '),
    };
  }

  private refreshToken(grant: Grant): string {
    const token = this.options.world.secret('AQ');
    this.options.world.refreshTokens.set(token, { grant, spent: false });
    return token;
  }

  private mistake(what: string): void {
    this.options.mistakes.push(`POST /api/token: ${what}`);
  }
}

export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
