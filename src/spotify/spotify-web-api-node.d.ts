// The parts of spotify-web-api-node that @types/spotify-web-api-node does not describe, as narrow as they are used.

declare module 'spotify-web-api-node/src/base-request.js' {
  export interface BuiltRequest {
    getURI(): string;
    /** Calls the method with this request and a callback, at once; the promise is what the callback gets. */
    execute(method: (request: BuiltRequest, callback: Callback) => void): Promise<Answered>;
  }

  export interface Answered {
    readonly body: unknown;
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly statusCode: number;
  }

  export type Callback = (error: unknown, answered?: Answered) => void;

  export interface RequestBuilder {
    withScheme(scheme: string): RequestBuilder;
    withHost(host: string): RequestBuilder;
    withPort(port: number): RequestBuilder;
    withPath(path: string): RequestBuilder;
    withHeaders(headers: Readonly<Record<string, string>>): RequestBuilder;
    withQueryParameters(parameters: Readonly<Record<string, string | number>>): RequestBuilder;
    withBodyParameters(parameters: object | string): RequestBuilder;
    build(): BuiltRequest;
  }
}

declare module 'spotify-web-api-node/src/webapi-request.js' {
  import type { RequestBuilder } from 'spotify-web-api-node/src/base-request.js';

  const webapi: { builder(accessToken: string): RequestBuilder };
  export default webapi;
}

declare module 'spotify-web-api-node/src/authentication-request.js' {
  import type { RequestBuilder } from 'spotify-web-api-node/src/base-request.js';

  const authentication: { builder(): RequestBuilder };
  export default authentication;
}

declare module 'spotify-web-api-node/src/http-manager.js' {
  import type { BuiltRequest, Callback } from 'spotify-web-api-node/src/base-request.js';

  /** What superagent makes: the few of its methods that are used. */
  export interface AgentRequest {
    timeout(options: { readonly deadline: number }): AgentRequest;
    redirects(most: number): AgentRequest;
    ok(judge: () => boolean): AgentRequest;
    buffer(whole: boolean): AgentRequest;
    maxResponseSize(bytes: number): AgentRequest;
    parse(
      parser: (response: NodeJS.ReadableStream, done: (error: null, body: unknown) => void) => void,
    ): AgentRequest;
    end(done: (error: unknown, response?: AgentResponse) => void): void;
  }

  export interface AgentResponse {
    readonly status: number;
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly body: unknown;
  }

  export type AgentMethod = (this: unknown, uri: string) => AgentRequest;

  export interface SendOptions {
    readonly query?: object;
    readonly headers?: Readonly<Record<string, string>>;
    readonly data?: unknown;
  }

  const manager: {
    get(request: BuiltRequest, callback: Callback): void;
    post(request: BuiltRequest, callback: Callback): void;
    put(request: BuiltRequest, callback: Callback): void;
    del(request: BuiltRequest, callback: Callback): void;
    /** Every request of the library goes through here: `method` is superagent's, called with superagent as `this`. */
    _makeRequest(method: AgentMethod, options: SendOptions, uri: string, callback: Callback): void;
  };
  export default manager;
}
