import { NoAnswer, parseJson, type RawAnswer } from './library.ts';

/** Why Spotify did not do what it was asked. Each has a message and a way out of its own. */
export type SpotifyProblem =
  /** Too many calls of the app; hours are real. */
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
  /** The quota of the developer account is used up. */
  | { readonly kind: 'quota'; readonly retryAfterMs: number }
  /** The person is not on the app's list of five: the operator has to add them. */
  | { readonly kind: 'not-allowed' }
  /** The owner of the app no longer pays for Premium, so the app stands still. */
  | { readonly kind: 'premium' }
  /** The access token is an hour old, or its person ended the access: refreshing tells which. */
  | { readonly kind: 'expired' }
  /** The refresh token is worth nothing any more: revoked, six months old, used, or the account is gone. */
  | { readonly kind: 'revoked' }
  /** Nobody has linked an account, or it was unlinked. */
  | { readonly kind: 'unlinked' }
  /** The person agreed to less than is needed: they have to link again. */
  | { readonly kind: 'scope' }
  /** Client id or secret are wrong. */
  | { readonly kind: 'client' }
  /** A song or a playlist is not there (any more). */
  | { readonly kind: 'gone'; readonly what: 'song' | 'playlist' }
  /** No answer, or none that can be read. `maybeDone`: it may have been carried out all the same. */
  | {
      readonly kind: 'unavailable';
      readonly maybeDone: boolean;
      readonly status?: number;
      readonly code?: string;
    }
  /** Anything else: a mistake of ours. */
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string };

/** A request to Spotify failed. Holds no key: neither the request nor the library's error hang on it. */
export class SpotifyError extends Error {
  readonly problem: SpotifyProblem;
  /** What was asked, as in `POST /v1/me/playlists`. */
  readonly asked: string;

  constructor(asked: string, problem: SpotifyProblem) {
    super(`${asked}: ${inWords(problem)}`);
    this.name = 'SpotifyError';
    this.asked = asked;
    this.problem = problem;
  }
}

/** For the operator's log. */
function inWords(problem: SpotifyProblem): string {
  switch (problem.kind) {
    case 'limited':
      return `too many calls, Spotify wants ${Math.ceil(problem.retryAfterMs / 1000)} s of rest`;
    case 'quota':
      return 'the quota of the Spotify developer account is used up';
    case 'not-allowed':
      return 'this person is not among the users of the Spotify app: add them at developer.spotify.com/dashboard';
    case 'premium':
      return 'the owner of the Spotify app needs an active Premium subscription';
    case 'expired':
      return 'the access token is no longer valid';
    case 'revoked':
      return 'the refresh token is no longer valid';
    case 'unlinked':
      return 'no account is linked';
    case 'scope':
      return 'the person agreed to less than this needs';
    case 'client':
      return 'SPOTIFY_CLIENT_ID or SPOTIFY_CLIENT_SECRET is wrong';
    case 'gone':
      return `a ${problem.what} is not there any more`;
    case 'unavailable':
      return `no usable answer (${problem.status ?? problem.code ?? 'unknown'})`;
    case 'refused':
      return `refused with ${problem.status}: ${problem.reason}`;
  }
}

/** When a 429 does not say how long: the length of Spotify's window. */
const WINDOW_MS = 30_000;
/** When a used-up quota does not say how long. Spotify does not publish its period. */
const QUOTA_PAUSE_MS = 3_600_000;

/** These mean that nothing was sent. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** What the failure of a request to the Web API means. */
export function apiProblem(answer: RawAnswer, now: number): SpotifyProblem {
  const { message, reason } = readError(answer.text);
  const { status } = answer;
  if (status === 429) {
    const quota = reason === 'QUOTA_EXCEEDED';
    const fallback = quota ? QUOTA_PAUSE_MS : WINDOW_MS;
    return {
      kind: quota ? 'quota' : 'limited',
      retryAfterMs: retryAfter(answer.headers['retry-after'], now) ?? fallback,
    };
  }
  if (status === 408 || status >= 500) return { kind: 'unavailable', maybeDone: true, status };
  if (status === 401) return { kind: 'expired' };
  // Spotify has no codes for these, only sentences, and has changed them over the years.
  if (status === 403 && /premium/i.test(message)) return { kind: 'premium' };
  if (status === 403 && /registered|not approved|developer\.spotify\.com\/dashboard/i.test(message))
    return { kind: 'not-allowed' };
  if (status === 403 && /scope/i.test(message)) return { kind: 'scope' };
  if (status === 404) return { kind: 'gone', what: 'playlist' };
  if (status === 400 && /non-existing id/i.test(message)) return { kind: 'gone', what: 'song' };
  return { kind: 'refused', status, reason: message };
}

/** What the failure of a request for tokens means. */
export function tokenProblem(answer: RawAnswer, now: number, refreshing: boolean): SpotifyProblem {
  const { message, reason } = readError(answer.text);
  if (reason === 'invalid_client' || reason === 'unauthorized_client') return { kind: 'client' };
  if (reason === 'invalid_grant' && refreshing) return { kind: 'revoked' };
  const problem = apiProblem(answer, now);
  const vague = ['limited', 'quota', 'unavailable'].includes(problem.kind);
  if (vague) return problem;
  return { kind: 'refused', status: answer.status, reason: `${reason ?? 'unknown'} ${message}`.trim() };
}

/** What a request that ended without an answer means; other errors are thrown on. */
export function networkProblem(error: unknown): SpotifyProblem {
  if (!(error instanceof NoAnswer)) throw error;
  return { kind: 'unavailable', maybeDone: !NEVER_SENT.has(error.code), code: error.code };
}

/** Either of Spotify's two shapes, `{ error: { message, reason } }` and `{ error, error_description }`, or bare text. */
function readError(text: string): { message: string; reason?: string } {
  const body = parseJson(text);
  if (body === undefined) return { message: short(text) };
  const error = field(body, 'error');
  if (typeof error === 'string')
    return { message: short(String(field(body, 'error_description') ?? '')), reason: short(error) };
  const reason = field(error, 'reason');
  return {
    message: short(String(field(error, 'message') ?? '')),
    ...(typeof reason === 'string' && { reason: short(reason) }),
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Enough to recognise, and without anything as long as a key, should an answer ever quote one. */
function short(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\w.~+/=-]{40,}/g, '[hidden]')
    .slice(0, 200);
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
