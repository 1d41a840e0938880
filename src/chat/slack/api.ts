import { webApi } from '@slack/bolt';
import type { Logger } from 'pino';
import { ChatError } from '../platform.ts';
import { SlackFailure } from './errors.ts';
import { createLimits, type Outcome } from './limits.ts';
import { boltLogger } from './log.ts';

/** In whose name a call is made. */
export interface Account {
  readonly id: string;
  readonly token: string;
  /** The token is an organisation's: each call says which of its workspaces is meant. */
  readonly orgWide: boolean;
}

/** Calls of Slack's Web API, inside its limits. */
export interface Api {
  /**
   * @param urgent somebody waits for it
   * @throws SlackFailure
   */
  call(
    as: Account,
    method: string,
    args?: Readonly<Record<string, unknown>>,
    options?: { readonly urgent?: boolean },
  ): Promise<Readonly<Record<string, unknown>>>;
  /** Answers an interaction at the address that came with it. @throws SlackFailure */
  respond(url: string, body: Readonly<Record<string, unknown>>): Promise<void>;
  /** Sends the bytes of a file. @throws SlackFailure */
  upload(url: string, data: Buffer): Promise<void>;
  /** A token is used no more. */
  forget(token: string): void;
  /** Whatever waits fails from now on. */
  close(): void;
}

const TIMEOUT_MS = 10_000;
const UPLOAD_TIMEOUT_MS = 60_000;
/** Pauses before another try when Slack did not answer. */
const AGAIN_AFTER_MS = [300, 1_500];
/** Done twice, these would be there twice: they are tried again only if they never arrived. */
const ONCE = new Set([
  'chat.postMessage',
  'chat.postEphemeral',
  'files.completeUploadExternal',
  'views.open',
]);
const NEVER_ARRIVED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
const TROUBLE = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);

/**
 * What every client of the library is made with, on purpose and each time anew, because Socket Mode changes what it is
 * given: its own defaults are no time limit, a hundred retries, and one 429 that stops all that the client does.
 */
export function clientOptions(apiUrl: string, log: Logger) {
  return {
    slackApiUrl: apiUrl,
    timeout: TIMEOUT_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: boltLogger(log),
  };
}

/** What the library throws, by the codes that it gives its errors. */
interface LibraryError {
  readonly code?: string;
  readonly data?: { readonly error?: string; readonly needed?: string };
  readonly retryAfter?: number;
  readonly original?: { readonly cause?: { readonly code?: string } };
}

/** Milliseconds to wait if Slack asks for it. */
function patienceOf(error: unknown): number | undefined {
  const { code, retryAfter } = error as LibraryError;
  return code === 'slack_webapi_rate_limited_error' ? Math.max(50, (retryAfter ?? 1) * 1000) : undefined;
}

export function asFailure(method: string, cause: unknown): SlackFailure {
  if (cause instanceof SlackFailure) return cause;
  const { code, data } = cause as LibraryError;
  if (code === 'slack_webapi_rate_limited_error') return new SlackFailure('limited', method, { cause });
  if (code === 'slack_webapi_platform_error' && !TROUBLE.has(data?.error ?? '')) {
    return new SlackFailure('refused', method, {
      cause,
      ...(data?.error !== undefined && { code: data.error }),
      ...(data?.needed !== undefined && { needed: data.needed }),
    });
  }
  return new SlackFailure('unreachable', method, { cause });
}

function mayTryAgain(method: string, failure: SlackFailure): boolean {
  if (failure.kind !== 'unreachable') return false;
  const reason = (failure.cause as LibraryError | undefined)?.original?.cause?.code ?? '';
  return !ONCE.has(method) || NEVER_ARRIVED.has(reason);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export function createApi({ apiUrl, log }: { readonly apiUrl: string; readonly log: Logger }): Api {
  const clients = new Map<string, webApi.WebClient>();
  const limits = createLimits();
  let closed = false;

  function clientOf(token: string): webApi.WebClient {
    let client = clients.get(token);
    if (client === undefined) {
      client = new webApi.WebClient(token, clientOptions(apiUrl, log));
      clients.set(token, client);
    }
    return client;
  }

  /** Once, and again after trouble that passes. */
  async function attempt(
    as: Account,
    method: string,
    args: Readonly<Record<string, unknown>>,
  ): Promise<Outcome<Readonly<Record<string, unknown>>>> {
    for (let tries = 0; ; tries++) {
      try {
        return { value: { ...(await clientOf(as.token).apiCall(method, args)) } };
      } catch (error) {
        const waitMs = patienceOf(error);
        if (waitMs !== undefined) {
          log.debug({ method, team: as.id, ms: waitMs }, 'Slack asks to wait');
          return { waitMs };
        }
        const failure = asFailure(method, error);
        const again = AGAIN_AFTER_MS[tries];
        if (again === undefined || closed || !mayTryAgain(method, failure)) throw failure;
        await pause(again);
      }
    }
  }

  async function send(what: string, url: string, init: RequestInit, timeoutMs: number): Promise<Response> {
    try {
      return await fetch(url, {
        ...init,
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (cause) {
      throw new SlackFailure('unreachable', what, { cause });
    }
  }

  return {
    call: (as, method, args = {}, { urgent = false } = {}) =>
      limits.run(
        {
          team: as.id,
          method,
          ...(typeof args.channel === 'string' && { channel: args.channel }),
        },
        () => attempt(as, method, as.orgWide ? { team_id: as.id, ...args } : args),
        { urgent, tooLong: () => new SlackFailure('limited', method) },
      ),
    async respond(url, body) {
      const response = await send(
        'an answer',
        url,
        { headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) },
        TIMEOUT_MS,
      );
      const text = await response.text();
      if (response.ok && !/"ok":\s*false/.test(text)) return;
      if (response.status === 429) throw new SlackFailure('limited', 'an answer');
      if (response.status >= 500) throw new SlackFailure('unreachable', 'an answer');
      throw new SlackFailure('refused', 'an answer', {
        code: /"error":\s*"(\w+)"/.exec(text)?.[1] ?? `http_${response.status}`,
      });
    },
    async upload(url, data) {
      const response = await send('a file', url, { body: new Uint8Array(data) }, UPLOAD_TIMEOUT_MS);
      if (!response.ok) throw new SlackFailure('unreachable', 'a file', { code: `http_${response.status}` });
    },
    forget: (token) => void clients.delete(token),
    close() {
      closed = true;
      limits.close(new ChatError('unreachable', 'The bot was stopped.'));
      clients.clear();
    },
  };
}
