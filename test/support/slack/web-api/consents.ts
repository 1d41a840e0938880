import { install } from '../installing.ts';
import type { Enterprise, Installation, Team, User, World } from '../world.ts';

const CODE_LIVES_MS = 10 * 60_000;

/** Somebody allowed the app on Slack's own page. */
interface Consent {
  readonly code: string;
  readonly into: Team | Enterprise;
  readonly installer: User;
  readonly scopes: readonly string[];
  readonly redirectUri: string | undefined;
  readonly at: number;
  used: boolean;
}

/** What a browser that comes to Slack's page is told. */
export type Page = { readonly status: number; readonly body: string } | { readonly location: string };

export interface Visitor {
  readonly user: User;
  /** Installs for the whole organisation. */
  readonly orgWide?: boolean;
  /** Clicks «Cancel». */
  readonly declines?: boolean;
}

/** Slack's side of OAuth: the page where people say yes, and the codes it hands out. */
export class Consents {
  private readonly world: World;
  private readonly consents = new Map<string, Consent>();

  constructor(world: World) {
    this.world = world;
  }

  /** `GET /oauth/v2/authorize`, as seen by whoever is signed in. */
  authorize(params: URLSearchParams, visitor: Visitor): Page {
    const { app } = this.world;
    if (params.get('client_id') !== app.clientId) return { status: 200, body: 'Invalid client_id parameter' };
    const scopes = (params.get('scope') ?? '').split(',').filter((scope) => scope !== '');
    if (scopes.length === 0) return { status: 200, body: 'No scopes requested' };
    const unknown = scopes.find((scope) => app.scopes !== undefined && !app.scopes.includes(scope));
    if (unknown !== undefined) {
      this.world.violation(`asked for the scope ${unknown}, which the manifest does not have`);
      return { status: 200, body: `Invalid permissions requested: ${unknown}` };
    }
    // Without one in the link, the first that is configured; with one, it has to begin with one of those.
    const redirectUri = params.get('redirect_uri') ?? undefined;
    const target = redirectUri ?? app.redirectUrls[0];
    const allowed = app.redirectUrls.some((one) => target?.startsWith(one));
    if (target === undefined || !allowed)
      return { status: 200, body: 'redirect_uri did not match any configured URIs' };
    const back = new URL(target);
    const state = params.get('state');
    if (state !== null) back.searchParams.set('state', state);
    if (visitor.declines) {
      back.searchParams.set('error', 'access_denied');
      return { location: back.toString() };
    }
    const { team } = visitor.user;
    const consent: Consent = {
      code: `${this.world.ids.word()}.${this.world.ids.word()}`,
      into: visitor.orgWide && team.enterprise !== undefined ? team.enterprise : team,
      installer: visitor.user,
      scopes,
      redirectUri,
      at: this.world.clock.now(),
      used: false,
    };
    this.consents.set(consent.code, consent);
    back.searchParams.set('code', consent.code);
    return { location: back.toString() };
  }

  /** Trades a code for an installation. The string is Slack's code why not. */
  exchange(
    code: string,
    redirectUri: string | undefined,
  ): { installation: Installation; installer: User } | string {
    const consent = this.consents.get(code);
    if (consent === undefined || consent.used || this.world.clock.now() - consent.at > CODE_LIVES_MS)
      return 'invalid_code';
    if (consent.redirectUri !== redirectUri) return 'bad_redirect_uri';
    consent.used = true;
    const { into, installer, scopes } = consent;
    return { installation: install(this.world, into, { scopes, installer }), installer };
  }
}
