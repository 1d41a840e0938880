/**
 * The one file that touches spotify-web-api-node, last released in January 2021. What is wrong with it, and what is
 * done about it here:
 *
 * - **No option for its hosts**: they are written into its request builders. Addresses are changed on the way out.
 * - **No time-out**: every request gets one, and is torn down when it is over.
 * - **An error answer whose body is the JSON `null` is an uncaught exception**, which ends the process: it reads
 *   `response.body.error` outside of its promise. Its reading of answers is therefore never run; they leave here as
 *   status, headers and text.
 * - **A plain-text answer loses its text** (`[object Object]`), and that text is all there is to tell a lapsed Premium
 *   from a person who is not on the list.
 * - **Redirects would be followed with the token in the header**: they are not followed.
 * - **Half its methods call what Spotify removed** in 2024 and 2026. `LivingMethods` are those that still work; the
 *   rest cannot be named in our code, and test/spotify/broken-methods.test.ts holds the list. Items of playlists go
 *   to their new address through its request builder.
 * - **Its superagent 6 pulls a vulnerable formidable**: package.json overrides it with a maintained one.
 *
 * All its requests pass `_makeRequest` of one module, and synchronously so. For the length of that one synchronous
 * call the function is ours, and then again its own: whoever else uses the library in this process notices nothing.
 */
import SpotifyWebApi from 'spotify-web-api-node';
import authentication from 'spotify-web-api-node/src/authentication-request.js';
import type { Answered, RequestBuilder } from 'spotify-web-api-node/src/base-request.js';
import manager, { type AgentMethod, type AgentRequest } from 'spotify-web-api-node/src/http-manager.js';
import webapi from 'spotify-web-api-node/src/webapi-request.js';

/** The methods of the library that call what is still there in 2026. */
export type LivingMethods = Pick<
  SpotifyWebApi,
  | 'getMe'
  | 'createPlaylist'
  | 'changePlaylistDetails'
  | 'uploadCustomPlaylistCoverImage'
  | 'searchTracks'
  | 'getMySavedTracks'
  | 'getMyTopTracks'
> & {
  /** With a name in front it calls what was removed. */
  getUserPlaylists(options: { readonly limit: number; readonly offset: number }): Promise<unknown>;
};

/** An answer of any status, as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** The body of an answer; undefined if it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** There was no answer. Carries the system's code and nothing of the request, which holds keys. */
export class NoAnswer extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`Spotify did not answer (${code})`);
    this.name = 'NoAnswer';
    this.code = code;
  }
}

export interface LibraryOptions {
  /** In place of https://api.spotify.com. */
  readonly apiUrl: string;
  /** In place of https://accounts.spotify.com. */
  readonly accountsUrl: string;
  readonly timeoutMs: number;
}

type Method = 'get' | 'post' | 'put' | 'del';

export interface Library {
  /** A method of the library, with somebody's token. */
  call(accessToken: string, use: (methods: LivingMethods) => Promise<unknown>): Promise<RawAnswer>;
  /** A request of our own to the Web API, for what the library gets wrong. */
  webApi(
    accessToken: string,
    method: Method,
    build: (builder: RequestBuilder) => RequestBuilder,
  ): Promise<RawAnswer>;
  /** A request of our own to the accounts service. */
  accounts(method: Method, build: (builder: RequestBuilder) => RequestBuilder): Promise<RawAnswer>;
}

const API_HOST = 'https://api.spotify.com';
const ACCOUNTS_HOST = 'https://accounts.spotify.com';

/** No answer that is asked for comes near it. */
const LONGEST_ANSWER_BYTES = 4 * 1024 * 1024;

export function openLibrary(options: LibraryOptions): Library {
  const send = async (start: () => Promise<unknown>): Promise<RawAnswer> => {
    const answer = (await borrowed(options, start)) as Answered;
    return { status: answer.statusCode, headers: answer.headers, text: textOf(answer.body) };
  };
  const methods: Record<Method, typeof manager.get> = {
    get: (request, callback) => manager.get(request, callback),
    post: (request, callback) => manager.post(request, callback),
    put: (request, callback) => manager.put(request, callback),
    del: (request, callback) => manager.del(request, callback),
  };
  return {
    call: (accessToken, use) =>
      send(() => {
        const library = new SpotifyWebApi();
        library.setAccessToken(accessToken);
        return use(library);
      }),
    webApi: (accessToken, method, build) =>
      send(() => build(webapi.builder(accessToken)).build().execute(methods[method])),
    accounts: (method, build) => send(() => build(authentication.builder()).build().execute(methods[method])),
  };
}

/** Runs `start` while requests of the library pass through our hands. */
function borrowed(options: LibraryOptions, start: () => Promise<unknown>): Promise<unknown> {
  const original = manager._makeRequest;
  let passed = 0;
  manager._makeRequest = (method, sent, uri, callback) => {
    passed += 1;
    original.call(manager, tamed(method, options.timeoutMs, callback), sent, redirected(uri, options), () => {
      // Its own reading of the answer, which is where it crashes. Never reached: `tamed` listens instead.
    });
  };
  try {
    const answer = start();
    // Otherwise the library changed, and what is promised above no longer holds.
    if (passed === 1) return answer;
    answer.catch(() => {});
    throw new Error(`spotify-web-api-node made ${passed} requests at once where 1 was due`);
  } finally {
    manager._makeRequest = original;
  }
}

function redirected(uri: string, { apiUrl, accountsUrl }: LibraryOptions): string {
  if (uri.startsWith(`${API_HOST}/`)) return apiUrl + uri.slice(API_HOST.length);
  if (uri.startsWith(`${ACCOUNTS_HOST}/`)) return accountsUrl + uri.slice(ACCOUNTS_HOST.length);
  throw new Error(`spotify-web-api-node asks for an unknown host: ${uri}`);
}

/** A method of superagent's whose requests end in time, never throw, and hand over what came as it came. */
function tamed(
  method: AgentMethod,
  timeoutMs: number,
  callback: (error: unknown, answered?: Answered) => void,
): AgentMethod {
  return function (this: unknown, uri: string): AgentRequest {
    const request = method
      .call(this, uri)
      // The deadline is for everything up to the last byte; superagent destroys the socket then.
      .timeout({ deadline: timeoutMs })
      .redirects(0)
      .ok(() => true)
      .buffer(true)
      .maxResponseSize(LONGEST_ANSWER_BYTES)
      .parse(readText);
    const end = request.end.bind(request);
    request.end = () =>
      end((error, response) => {
        if (response === undefined || (error !== null && error !== undefined)) {
          callback(new NoAnswer(codeOf(error)));
          return;
        }
        callback(null, { body: response.body, headers: response.headers, statusCode: response.status });
      });
    return request;
  };
}

function readText(response: NodeJS.ReadableStream, done: (error: null, body: unknown) => void): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => done(null, { text: Buffer.concat(chunks).toString('utf8') }));
  // An 'error' is superagent's to handle: told twice, it warns on standard error.
}

function textOf(body: unknown): string {
  return typeof body === 'object' && body !== null && 'text' in body ? String(body.text) : '';
}

/** `ECONNREFUSED`, `ECONNABORTED` (the time-out) and the like; never a message, which may quote the request. */
function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z_0-9]+$/.test(code) ? code : 'unknown';
}
