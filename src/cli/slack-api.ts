import { LogLevel, webApi } from '@slack/bolt';
import { z } from 'zod';

const PATIENCE_MS = 10_000;

const silent = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

/** What a call brought, and what the token may do. */
export interface SlackAnswer {
  readonly body: unknown;
  readonly scopes: readonly string[];
}

const withScopes = z.object({ scopes: z.array(z.string()).default([]) }).optional();

/** Calls for a command that somebody waits for: none is tried for long. */
export type SlackApi = (method: string, args?: Readonly<Record<string, unknown>>) => Promise<SlackAnswer>;

export function openSlackApi(token: string, apiUrl: string): SlackApi {
  const client = new webApi.WebClient(token, {
    slackApiUrl: apiUrl,
    timeout: PATIENCE_MS,
    retryConfig: { retries: 1, minTimeout: 300 },
    // A limit is told, not waited for.
    rejectRateLimitedCalls: true,
    logger: silent,
  });
  return async (method, args = {}) => {
    const body = await client.apiCall(method, { ...args });
    return { body, scopes: withScopes.parse(body.response_metadata)?.scopes ?? [] };
  };
}

const libraryError = z.object({
  code: z.string().optional(),
  statusCode: z.number().optional(),
  retryAfter: z.number().optional(),
  data: z.object({ error: z.string().optional(), needed: z.string().optional() }).optional(),
  original: z.object({ name: z.string().optional(), cause: z.unknown() }).optional(),
});

/** Slack's own word for a refusal, such as `channel_not_found`; undefined for everything else. */
export function refusalCode(error: unknown): string | undefined {
  const { data: { code, data } = {} } = libraryError.safeParse(error);
  if (code !== 'slack_webapi_platform_error') return undefined;
  // What somebody else says in Slack's place stands where Slack's word would.
  return /^[a-z0-9_]{1,60}$/.test(data?.error ?? '') ? data?.error : undefined;
}

/** What went wrong, and what to do about it. */
export interface SlackProblem {
  readonly what: string;
  readonly fix: string;
}

const REINSTALL =
  'install the app (again): api.slack.com/apps → your app → Install App, and put the token that it shows then into .env';

/**
 * @param whose the token, in words: the variable that it is in, or the workspace that gave it
 * @param revoked what to do when the token is no good
 */
function refusal(code: string, whose: string, revoked: string): SlackProblem {
  switch (code) {
    case 'invalid_auth':
    case 'not_authed':
      return { what: `Slack does not know ${whose}`, fix: revoked };
    case 'account_inactive':
    case 'token_revoked':
      return { what: `${whose} was revoked, or the app was removed from the workspace`, fix: revoked };
    case 'token_expired':
      return {
        what: `${whose} has expired`,
        fix: 'token rotation is on for the app and cannot be switched off: make the app anew from the manifest',
      };
    case 'org_login_required':
    case 'team_added_to_org':
      return { what: 'Slack is moving this workspace to an organisation', fix: 'try again later' };
    case 'ekm_access_denied':
    case 'access_denied':
    case 'enterprise_is_restricted':
      return { what: `The workspace's admins do not allow this (${code})`, fix: 'ask them to allow the app' };
    case 'accesslimited':
      return {
        what: 'Slack does not take this from your network',
        fix: "look at the app's allowed IP ranges (OAuth & Permissions)",
      };
    default:
      return { what: `Slack refused (${code})`, fix: 'if it stays so, report it with this line' };
  }
}

/**
 * Puts what a call threw into words.
 * @param whose names the token: `SLACK_BOT_TOKEN`, or what to call another one
 * @returns undefined for what is no failure of Slack or of the way there: that is a bug of ours
 */
export function slackProblem(
  error: unknown,
  { apiUrl, whose, revoked = REINSTALL }: { apiUrl: string; whose: string; revoked?: string },
): SlackProblem | undefined {
  const { host } = new URL(apiUrl);
  const somebodyElse = {
    what: `${host} does not answer as Slack does`,
    fix: 'correct SLACK_API_URL or leave it out; else a proxy or firewall answers in its place',
  };
  if (error instanceof z.ZodError) return somebodyElse;
  const { data: known } = libraryError.safeParse(error);
  switch (known?.code) {
    case 'slack_webapi_platform_error': {
      const code = refusalCode(error);
      return code === undefined ? somebodyElse : refusal(code, whose, revoked);
    }
    case 'slack_webapi_rate_limited_error':
      return {
        what: 'Slack asks to wait (too many requests)',
        fix: `run this again in ${known.retryAfter ?? 60} seconds`,
      };
    case 'slack_webapi_http_error':
      return (known.statusCode ?? 0) >= 500
        ? {
            what: `Slack has trouble (status ${known.statusCode})`,
            fix: 'see slack-status.com and try again later',
          }
        : somebodyElse;
    case 'slack_webapi_request_error': {
      const cause = known.original?.cause as NodeJS.ErrnoException | undefined;
      return {
        what: `${host} cannot be reached (${cause?.code ?? 'it does not answer'})`,
        fix: 'look after the network, a proxy or firewall, and SLACK_API_URL if you set it',
      };
    }
    default:
      return undefined;
  }
}
