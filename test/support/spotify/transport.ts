import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';

/** One request that came, for tests and benchmarks that count. */
export interface LoggedRequest {
  readonly service: 'accounts' | 'api';
  readonly method: string;
  /** As in Spotify's document (`/playlists/{playlist_id}/items`, `/api/token`); undefined for what is none. */
  readonly route: string | undefined;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed, if it was JSON or a form. */
  body: unknown;
  readonly at: number;
  /** -1 = the line was cut, 0 = not answered. */
  status: number;
  /** The person behind the token. */
  account?: string;
  /** The client went away before there was an answer. */
  abandoned: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly text?: string;
}

export interface TransportOptions {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly requests: LoggedRequest[];
}

/** Reads a request, lets faults happen to it, and answers it. */
export class Transport {
  private readonly options: TransportOptions;

  constructor(options: TransportOptions) {
    this.options = options;
  }

  async handle(
    service: LoggedRequest['service'],
    route: string | undefined,
    request: IncomingMessage,
    response: ServerResponse,
    serve: (raw: Buffer, logged: LoggedRequest) => Answer,
  ): Promise<void> {
    const { clock, faults, requests } = this.options;
    const method = request.method ?? 'GET';
    const logged: LoggedRequest = {
      service,
      method,
      route,
      path: request.url ?? '/',
      headers: request.headers,
      body: undefined,
      at: clock.now(),
      status: 0,
      abandoned: false,
    };
    requests.push(logged);
    response.once('close', () => {
      logged.abandoned = !response.writableFinished && logged.status !== -1;
    });
    const raw = await readBody(request);
    const fault = faults.next(`${method} ${route ?? logged.path}`);
    if (fault.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault.hang === true) return;
    if (fault.drip === true) {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      const dripping = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(dripping));
      return;
    }
    if (fault.kill === 'before') {
      cut(response, logged);
      return;
    }
    const answer = fault.answer ?? serve(raw, logged);
    if (fault.kill === 'after') {
      cut(response, logged);
      return;
    }
    if (fault.kill === 'halfway') {
      const text = answer.text ?? '';
      response.writeHead(answer.status, {
        'Content-Type': answer.type ?? 'text/plain',
        'Content-Length': Buffer.byteLength(text) + 1,
      });
      response.write(text.slice(0, text.length / 2), () => cut(response, logged));
      return;
    }
    logged.status = answer.status;
    response.writeHead(answer.status, {
      ...(answer.type !== undefined && { 'Content-Type': answer.type }),
      ...answer.headers,
    });
    response.end(answer.text);
  }
}

function cut(response: ServerResponse, logged: LoggedRequest): void {
  logged.status = -1;
  response.destroy();
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers,
    type: 'application/json; charset=utf-8',
    text: JSON.stringify(body),
  };
}
